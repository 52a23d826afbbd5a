/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-format.h"

#include <time.h>

#include "string-util.h"

typedef void (*Print)(const char *argument, const LogSubject *subject, FILE *out);

typedef struct Part {
        Print print;
        char *argument; /* or NULL */
} Part;

struct LogFormat {
        Part *parts;
        size_t n_parts, n_allocated;
};

/*** What there is ***/

static void print_text(const char *argument, const LogSubject *subject, FILE *out) {
        fputs(strempty(argument), out);
}

static void print_host(const char *argument, const LogSubject *subject, FILE *out) {
        char name[256] = "";

        if (gethostname(name, sizeof(name) - 1) < 0)
                print_text("NA", subject, out);
        print_text(name, subject, out);
}

static void print_ups_host(const char *argument, const LogSubject *subject, FILE *out) {
        print_text(subject->ups_host, subject, out);
}

static void print_pid(const char *argument, const LogSubject *subject, FILE *out) {
        fprintf(out, "%ld", (long) getpid());
}

static void print_seconds(const char *argument, const LogSubject *subject, FILE *out) {
        fprintf(out, "%lld", (long long) time(NULL));
}

/* argument is a format of strftime(), with @ for %. */
static void print_time(const char *argument, const LogSubject *subject, FILE *out) {
        _cleanup_free_ char *format = argument ? strdup(argument) : NULL;
        time_t now = time(NULL);
        char text[512] = "";
        struct tm tm;

        if (isempty(format)) {
                print_text(format ? "" : "INVALID", subject, out);
                return;
        }

        for (char *s = format; *s; s++)
                if (*s == '@')
                        *s = '%';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        if (localtime_r(&now, &tm) && strftime(text, sizeof(text), format, &tm) == 0)
                text[0] = '\0';
#pragma GCC diagnostic pop
        print_text(text, subject, out);
}

static void print_variable(const char *argument, const LogSubject *subject, FILE *out) {
        _cleanup_free_ char *value = NULL;

        if (!argument || !strchr(argument, '.')) {
                print_text("INVALID", subject, out);
                return;
        }

        value = subject->get(subject->userdata, argument);
        print_text(value ?: "NA", subject, out);
}

/* The first one that an escape begins with. */
static const struct {
        const char *name;
        Print print;
} escapes[] = {
        { "HOST",    print_host     },
        { "UPSHOST", print_ups_host },
        { "PID",     print_pid      },
        { "TIME",    print_time     },
        { "VAR",     print_variable },
        { "ETIME",   print_seconds  },
};

/*** Reading ***/

/* Owns the argument from then on, also on failure. */
static int format_add(LogFormat *f, Print print, char *argument) {
        if (!GREEDY_REALLOC(f->parts, f->n_allocated, f->n_parts + 1)) {
                free(argument);
                return -ENOMEM;
        }

        f->parts[f->n_parts++] = (Part) { print, argument };
        return 0;
}

static int format_add_text(LogFormat *f, const char *text, size_t n) {
        char *copy = strndup(text, n);

        return copy ? format_add(f, print_text, copy) : -ENOMEM;
}

/* text[0 .. n) is what stands between two %. */
static int format_add_escape(LogFormat *f, const char *text, size_t n) {
        _cleanup_free_ char *escape = strndup(text, n);
        char *argument;

        if (!escape)
                return -ENOMEM;
        argument = strchr(escape, ' ');
        if (argument)
                *argument++ = '\0';

        for (size_t i = 0; i < ELEMENTSOF(escapes); i++) {
                char *copy = NULL;

                if (!startswith_nocase(escape, escapes[i].name))
                        continue;
                if (argument) {
                        copy = strdup(argument);
                        if (!copy)
                                return -ENOMEM;
                }
                return format_add(f, escapes[i].print, copy);
        }
        return format_add_text(f, "INVALID", strlen("INVALID"));
}

/* Takes one part off the text, and returns how long it was. */
static ssize_t format_take(LogFormat *f, const char *text) {
        size_t n = strcspn(text, "%");
        const char *end;
        int r;

        if (n > 0)
                r = format_add_text(f, text, n);
        else if (text[1] == '%' || (text[1] == 't' && !startswith_nocase(text + 1, "time"))) {
                r = format_add_text(f, text[1] == 't' ? "\t" : "%", 1);
                n = 2;
        } else {
                end = strchr(text + 1, '%');
                if (end) {
                        r = format_add_escape(f, text + 1, (size_t) (end - text) - 1);
                        n = (size_t) (end - text) + 1;
                } else {
                        /* A lone % spoils nothing but itself. */
                        r = format_add_text(f, "INVALID", strlen("INVALID"));
                        n = 1;
                }
        }
        return r < 0 ? r : (ssize_t) n;
}

int log_format_new(const char *text, LogFormat **ret) {
        _cleanup_(log_format_freep) LogFormat *f = new0(LogFormat, 1);

        if (!f)
                return -ENOMEM;
        while (*text) {
                ssize_t n = format_take(f, text);

                if (n < 0)
                        return (int) n;
                text += n;
        }

        *ret = TAKE_PTR(f);
        return 0;
}

LogFormat *log_format_free(LogFormat *f) {
        if (!f)
                return NULL;

        for (size_t i = 0; i < f->n_parts; i++)
                free(f->parts[i].argument);
        free(f->parts);
        free(f);
        return NULL;
}

void log_format_print(const LogFormat *f, const LogSubject *subject, FILE *out) {
        for (size_t i = 0; i < f->n_parts; i++)
                f->parts[i].print(f->parts[i].argument, subject, out);
}
