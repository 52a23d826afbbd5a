/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The small things of a profile's grammar: numbers, ranges, attributes, each=. */

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "parse-util.h"
#include "profile-loader.h"
#include "string-util.h"
#include "time-util.h"

#define NUMBERS_MAX 64U

/* The largest whole number that a double holds exactly. */
#define NUMBER_MAX (INT64_C(1) << 53)

static void loader_vreport(Loader *l, const ConfLine *line, int level, const char *fmt, va_list ap)
        __attribute__((__format__(__printf__, 4, 0)));

static void loader_vreport(Loader *l, const ConfLine *line, int level, const char *fmt, va_list ap) {
        char *message = NULL;
        ConfLine place;

        if (!l->report)
                return;
        if (vasprintf(&message, fmt, ap) < 0)
                message = NULL;

        profile_place(line->file, l->included, line->line, &place);
        l->report(l->userdata, level, place.file, place.line, message ?: "Out of memory");
        free(message);
}

int loader_error(Loader *l, const ConfLine *line, const char *fmt, ...) {
        va_list ap;

        l->failed = true;
        va_start(ap, fmt);
        loader_vreport(l, line, LOG_ERR, fmt, ap);
        va_end(ap);
        return 0;
}

void loader_warn(Loader *l, const ConfLine *line, const char *fmt, ...) {
        va_list ap;

        va_start(ap, fmt);
        loader_vreport(l, line, LOG_WARNING, fmt, ap);
        va_end(ap);
}

int loader_error_unknown(
                Loader *l,
                const ConfLine *line,
                const char *kind,
                const char *name,
                const char *const *known) {
        const char *nearest = conf_nearest_key(name, known);

        return loader_error(l, line, "Unknown %s \"%s\"%s%s%s", kind, name, nearest ? ", did you mean " : "",
                        strempty(nearest), nearest ? "?" : "");
}

int profile_integer_parse(const char *s, int64_t *ret) {
        const char *digits = startswith(s, "0x");
        uint64_t n = 0;

        if (!digits)
                return parse_int64(s, -NUMBER_MAX, NUMBER_MAX, ret);
        if (isempty(digits) || strlen(digits) > 13)
                return -EINVAL;

        for (; *digits; digits++) {
                static const char hex[] = "0123456789abcdef";
                const char *found = strchr(hex, *digits | 0x20);

                if (!found || !*found)
                        return -EINVAL;
                n = n << 4 | (uint64_t) (found - hex);
        }

        *ret = (int64_t) n;
        return 0;
}

int profile_number_parse(const char *s, double *ret) {
        int64_t n;
        int r;

        if (!startswith(s, "0x"))
                return parse_double(s, ret);

        r = profile_integer_parse(s, &n);
        if (r < 0)
                return r;

        *ret = (double) n;
        return 0;
}

/* "MIN..MAX" into its two halves, the first in the buffer. */
static const char *split_range(const char *s, char *first, size_t size) {
        const char *dots = strstr(s, "..");

        if (!dots || (size_t) (dots - s) >= size)
                return NULL;

        memcpy(first, s, (size_t) (dots - s));
        first[dots - s] = '\0';
        return dots + 2;
}

int profile_range_parse(const char *s, double *ret_min, double *ret_max) {
        char first[64];
        const char *second = split_range(s, first, sizeof(first));
        double min, max;

        if (!second || profile_number_parse(first, &min) < 0 || profile_number_parse(second, &max) < 0)
                return -EINVAL;
        if (min > max)
                return -ERANGE;

        *ret_min = min;
        *ret_max = max;
        return 0;
}

int profile_integer_range_parse(const char *s, int64_t *ret_min, int64_t *ret_max) {
        char first[64];
        const char *second = split_range(s, first, sizeof(first));
        int64_t min, max;

        if (!second || profile_integer_parse(first, &min) < 0 || profile_integer_parse(second, &max) < 0)
                return -EINVAL;
        if (min > max)
                return -ERANGE;

        *ret_min = min;
        *ret_max = max;
        return 0;
}

int profile_numbers_parse(const char *s, double **ret, size_t *ret_n) {
        _cleanup_strv_free_ char **parts = NULL;
        _cleanup_free_ double *numbers = NULL;
        size_t n;
        int r;

        r = strv_split(s, ",", &parts);
        if (r < 0)
                return r;

        n = strv_length(parts);
        if (n == 0 || n > NUMBERS_MAX)
                return -EINVAL;

        numbers = new(double, n);
        if (!numbers)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                r = profile_number_parse(parts[i], &numbers[i]);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(numbers);
        *ret_n = n;
        return 0;
}

int loader_number(Loader *l, const ConfLine *line, const char *what, const char *s, double *ret) {
        if (profile_number_parse(s, ret) < 0)
                return loader_error(l, line, "%s wants a number, not \"%s\"", what, s);

        return 1;
}

int loader_range(
                Loader *l, const ConfLine *line, const char *what, const char *s, double *ret_min,
                double *ret_max) {
        if (profile_range_parse(s, ret_min, ret_max) < 0)
                return loader_error(l, line, "%s wants a range as 0..100, not \"%s\"", what, s);

        return 1;
}

int loader_integer(
                Loader *l,
                const ConfLine *line,
                const char *what,
                const char *s,
                int64_t min,
                int64_t max,
                int64_t *ret) {
        int64_t n;

        if (profile_integer_parse(s, &n) < 0 || n < min || n > max)
                return loader_error(l, line, "%s wants a whole number from %lld to %lld, not \"%s\"", what,
                                (long long) min, (long long) max, s);

        *ret = n;
        return 1;
}

int loader_seconds(
        Loader *l, const ConfLine *line, const char *what, const char *s, unsigned max, uint64_t *ret) {
        uint64_t usec;

        if (parse_seconds(s, &usec) < 0 || usec == 0 || usec > max * USEC_PER_SEC)
                return loader_error(
                        l, line, "%s wants seconds, more than 0 and up to %u, not \"%s\"", what, max, s);

        *ret = usec;
        return 1;
}

int loader_format(Loader *l, const ConfLine *line, const char *s, char **ret) {
        bool fraction = s[0] == '%' && s[1] == '.' && s[2] >= '0' && s[2] <= '9' && streq(s + 3, "f");

        if (!fraction && !streq(s, "%d") && !streq(s, "%s") && !streq(s, "%x"))
                return loader_error(l, line,
                                "\"%s\" is no format: there are %%.0f to %%.9f, %%d, %%x and %%s", s);

        return free_and_strdup(ret, s);
}

int loader_value(Loader *l, const ConfLine *line, const char **ret) {
        if (!line->assignment || line->n_words != 3)
                return loader_error(l, line, "\"%s\" wants a = and one value, in quotes if it has blanks",
                                line->words[0]);

        *ret = line->words[2];
        return 1;
}

int loader_attributes(
                Loader *l,
                const ConfLine *line,
                size_t first,
                Attribute attributes[static ATTRIBUTES_MAX]) {
        size_t n = 0;

        for (size_t i = first; i < line->n_words; n++) {
                bool assigned = i + 1 < line->n_words && streq(line->words[i + 1], "=");

                if (n >= ATTRIBUTES_MAX || streq(line->words[i], "=") ||
                                (assigned && i + 2 >= line->n_words)) {
                        (void) loader_error(l, line, "A = wants a word before it and a value behind it");
                        return -EINVAL;
                }

                attributes[n] = (Attribute) {
                        .name = line->words[i],
                        .value = assigned ? line->words[i + 2] : NULL,
                };
                i += assigned ? 3 : 1;
        }

        return (int) n;
}

/* Whether a % begins the format of a value inside a word, as in a template. */
static bool is_format(const char *start, const char *s) {
        static const char attribute[] = "format=";
        size_t n = sizeof(attribute) - 1;

        return (size_t) (s - start) >= n && memcmp(s - n, attribute, n) == 0;
}

/* Replaces % by a number, %+N and %-N by one that is N more or less, and %% by one %. NULL without memory;
 * *ret_bad when a number would be negative. */
static char *expand_word(const char *s, int64_t number, bool *ret_bad) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;

        for (const char *start = s; *s;) {
                int64_t n = number;

                if (*s != '%' || is_format(start, s)) {
                        fputc(*s++, f);
                        continue;
                }

                s++;
                if (*s == '%') {
                        fputc(*s++, f);
                        continue;
                }
                if ((s[0] == '+' || s[0] == '-') && s[1] >= '0' && s[1] <= '9') {
                        n += s[0] == '+' ? s[1] - '0' : '0' - s[1];
                        s += 2;
                }
                *ret_bad = *ret_bad || n < 0;
                fprintf(f, "%lld", (long long) n);
        }

        if (fclose(f) == EOF)
                return NULL;
        return TAKE_PTR(text);
}

int loader_each_number(Loader *l, const ConfLine *line, int64_t number, LoaderLine run, void *userdata) {
        _cleanup_strv_free_ char **words = new0(char *, line->n_words + 1);
        ConfLine expanded = *line;
        bool bad = false;

        if (!words)
                return -ENOMEM;

        for (size_t i = 0; i < line->n_words; i++) {
                bool format = i >= 2 && streq(line->words[i - 1], "=") &&
                                streq(line->words[i - 2], "format");

                words[i] = format ? strdup(line->words[i]) : expand_word(line->words[i], number, &bad);
                if (!words[i])
                        return -ENOMEM;
        }
        if (bad)
                return loader_error(l, line, "each= makes a number that is less than 0");

        expanded.words = words;
        return run(l, &expanded, userdata);
}

/* Removes n words of a copied vector from i on. */
static void remove_words(char **words, size_t i, size_t n) {
        for (size_t k = i; k < i + n; k++)
                free(words[k]);
        do
                words[i] = words[i + n];
        while (words[i++]);
}

static int parse_each(Loader *l, const ConfLine *line, const char *s, int64_t *ret_min, int64_t *ret_max) {
        int r = profile_integer_range_parse(s, ret_min, ret_max);

        if (r < 0 || *ret_min < 0 || *ret_max > 1000 || *ret_max - *ret_min >= PROFILE_EACH_MAX)
                return loader_error(l, line, "each= wants numbers as 1..8, at most %u, not \"%s\"",
                                PROFILE_EACH_MAX, s);
        return 1;
}

/* Runs for each number. One mistake is told once. */
static int run_each(
                Loader *l,
                const ConfLine *line,
                int64_t min,
                int64_t max,
                int (*run)(Loader *l, const ConfLine *line, int64_t n, void *userdata),
                void *userdata) {
        bool failed = l->failed;
        int r = 0;

        l->failed = false;
        for (int64_t n = min; n <= max && !l->failed && r >= 0; n++)
                r = run(l, line, n, userdata);
        l->failed = l->failed || failed;
        return MIN(r, 0);
}

typedef struct EachLine {
        LoaderLine run;
        void *userdata;
} EachLine;

static int run_line(Loader *l, const ConfLine *line, int64_t n, void *userdata) {
        const EachLine *each = userdata;

        return loader_each_number(l, line, n, each->run, each->userdata);
}

int loader_each(Loader *l, const ConfLine *line, LoaderLine run, void *userdata) {
        _cleanup_strv_free_ char **words = NULL;
        EachLine each = { run, userdata };
        ConfLine rest = *line;
        int64_t min, max;
        size_t i;
        int r;

        for (i = 2; i + 2 < line->n_words; i++)
                if (streq(line->words[i], "each") && streq(line->words[i + 1], "="))
                        break;
        if (i + 2 >= line->n_words)
                return run(l, line, userdata);

        r = parse_each(l, line, line->words[i + 2], &min, &max);
        if (r <= 0)
                return r;
        r = strv_copy(line->words, &words);
        if (r < 0)
                return r;

        remove_words(words, i, 3);
        rest.words = words;
        rest.n_words -= 3;
        return run_each(l, &rest, min, max, run_line, &each);
}

bool loader_is_each(const ConfLine *line) {
        return streq(line->words[0], "each") && line->assignment && line->n_words == 3;
}

typedef struct EachSection {
        LoaderWhole run;
        size_t first, last;
        int64_t number;
} EachSection;

static int run_section_line(Loader *l, const ConfLine *head, void *userdata) {
        const EachSection *s = userdata;

        return s->run(l, head, s->first, s->last, &s->number);
}

static int run_section(Loader *l, const ConfLine *head, int64_t n, void *userdata) {
        EachSection *s = userdata;

        s->number = n;
        return loader_each_number(l, head, n, run_section_line, s);
}

int loader_each_section(Loader *l, const char *name, size_t first, size_t last, LoaderWhole run) {
        char *words[] = { (char *) "each", (char *) "=", (char *) name, NULL };
        EachSection section = { .run = run, .first = first, .last = last };
        ConfLine head = l->lines[first];
        const ConfLine *each = NULL;
        int64_t min, max;
        int r;

        head.words = words;
        head.n_words = 3;
        for (size_t i = first; i <= last; i++) {
                const ConfLine *line = &l->lines[i];

                if (loader_is_each(line) && each)
                        return loader_error(l, line, "each stands here twice");
                if (loader_is_each(line))
                        each = line;
        }
        if (!each)
                return run(l, &head, first, last, NULL);

        r = parse_each(l, each, each->words[2], &min, &max);
        return r <= 0 ? r : run_each(l, &head, min, max, run_section, &section);
}
