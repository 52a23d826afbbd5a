/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes over the wire for each command and each setting, byte by byte: DIRECTORY/NAME.orders, for the
 * profile NAME in one of the directories of profiles, and the device in DIRECTORY/NAME.recording. NAME@WHAT
 * is another device for the profile NAME.
 *
 *     test-orders DIRECTORY PROFILES...
 *
 *     option NAME [VALUE]          a driver option, before all orders
 *     answer TEXT                  what the device says to what the recording does not know: silence without
 *     start -> WHAT                what the options make of the start; before all other orders
 *     COMMAND [ARGUMENT] -> WHAT
 *     VARIABLE = VALUE -> WHAT
 *
 * WHAT are the requests as "TEXT\r", and behind them, if it fails, invalid, unsupported, refused, silent or
 * busy. Requests that are also sent without any order do not count. */

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "io-util.h"
#include "line-engine.h"
#include "string-util.h"
#include "test-conf-report.h"

#define ORDERS_SIZE 65536U

typedef struct Link {
        LineLink link;
        LineLink *inner;
        bool started;
        char **usual; /* what is sent without orders */
        char *orders; /* what else is, as in the file */
        char *answer; /* with its end; NULL: silence */
} Link;

typedef struct Given {
        char **options; /* NAME=VALUE */
} Given;

static char *to_text(const uint8_t *p, size_t n) {
        char *s = new(char, 4 * n + 3), *q = s;

        ASSERT_TRUE(s);
        *q++ = '"';
        for (size_t i = 0; i < n; i++)
                if (p[i] == '\r')
                        q += snprintf(q, 3, "\\r");
                else if (p[i] < 0x20 || p[i] > 0x7e)
                        q += snprintf(q, 5, "\\x%02x", p[i]);
                else
                        *q++ = (char) p[i];
        *q++ = '"';
        *q = '\0';
        return s;
}

static void note(Link *l, const char *text) {
        char *longer = strjoin(strempty(l->orders), isempty(l->orders) ? "" : " ", text);

        ASSERT_TRUE(longer);
        free(l->orders);
        l->orders = longer;
}

static int on_exchange(LineLink *link,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        Link *l = (Link *) link;
        _cleanup_free_ char *text = to_text(request, n);
        int r = line_link_exchange(l->inner, request, n, framing, answer, size);

        if (!l->started)
                ASSERT_OK(strv_extend(&l->usual, text));
        if (strv_contains(l->usual, text))
                return r;

        note(l, text);
        if (r != 0 && r != -EPIPE)
                return r;
        if (!l->answer)
                return 0;
        memcpy(answer, l->answer, strlen(l->answer));
        return (int) strlen(l->answer);
}

static void on_free(LineLink *link) {
        line_link_free(((Link *) link)->inner);
}

static const char *on_option(const void *userdata, const char *name) {
        const Given *g = userdata;

        STRV_FOREACH(o, g->options)
                if (startswith(*o, name) && (*o)[strlen(name)] == '=')
                        return *o + strlen(name) + 1;
        return NULL;
}

static void on_pause(const void *userdata, uint64_t usec) {
}

static const char *error_name(int r) {
        static const struct {
                int error;
                const char *name;
        } names[] = {
                { -EINVAL, "invalid" },   { -EOPNOTSUPP, "unsupported" }, { -EPIPE, "refused" },
                { -ETIMEDOUT, "silent" }, { -EBUSY, "busy" },
        };

        if (r >= 0)
                return "";
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (names[i].error == r)
                        return names[i].name;
        return strerror(-r);
}

/* One order; what it came to, as in the file. */
static char *obey(LineEngine *e, Link *l, char *order) {
        _cleanup_(update_freep) Update *u = update_new();
        char *value = strstr(order, " = "), *what;
        const char *error;
        int r;

        ASSERT_TRUE(u);
        if (streq(order, "start"))
                return strdup(strempty(l->orders));
        free(TAKE_PTR(l->orders));
        if (value) {
                *value = '\0';
                r = line_engine_set(e, order, value + 3, u);
        } else {
                value = strchr(order, ' ');
                if (value)
                        *value++ = '\0';
                r = line_engine_command(e, order, value, u);
        }
        error = error_name(r);
        what = strjoin(strempty(l->orders), isempty(l->orders) || isempty(error) ? "" : " ", error);
        ASSERT_TRUE(what);
        return what;
}

static void play(const char *name, LineEngine *e, Link *l, char *text) {
        unsigned number = 0;
        bool failed = false;
        char *line;

        while ((line = strsep(&text, "\n"))) {
                _cleanup_free_ char *order = NULL, *what = NULL;
                char *arrow = strstr(line, " ->");

                number++;
                if (!arrow || line[0] == '#')
                        continue;
                order = strndup(line, (size_t) (arrow - line));
                ASSERT_TRUE(order);
                what = obey(e, l, order);
                arrow += strlen(" ->");
                arrow += strspn(arrow, " ");
                if (!streq(what, arrow)) {
                        fprintf(stderr, "%s:%u: %s: %s in place of %s\n", name, number, line, what, arrow);
                        failed = true;
                }
        }
        if (failed)
                TEST_FAIL("%s is not what was done", name);
}

/* The lines in front of the orders. */
static void prepare(Link *l, Given *g, const char *text) {
        for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
                _cleanup_free_ char *line = strndup(p, strcspn(p, "\n"));
                const char *rest;

                ASSERT_TRUE(line);
                if ((rest = startswith(line, "answer "))) {
                        l->answer = strjoin(rest, "\r");
                        ASSERT_TRUE(l->answer);
                } else if ((rest = startswith(line, "option "))) {
                        _cleanup_free_ char *option = strjoin(rest, strchr(rest, ' ') ? "" : "=");

                        ASSERT_TRUE(option);
                        if (strchr(option, ' '))
                                *strchr(option, ' ') = '=';
                        ASSERT_OK(strv_extend(&g->options, option));
                }
        }
}

static char *read_text(const char *path) {
        char *text = new0(char, ORDERS_SIZE);

        ASSERT_TRUE(text);
        if (path_read(path, text, ORDERS_SIZE - 1) < 0)
                TEST_FAIL("%s cannot be read", path);
        return text;
}

static LineProfile *load(char *const *directories, const char *recording) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_free_ char *name = strndup(recording, strcspn(recording, "@"));
        LineProfile *profile = NULL;

        STRV_FOREACH(directory, directories) {
                _cleanup_free_ char *path = strjoin(*directory, "/", name, ".profile");

                ASSERT_TRUE(path);
                if (access(path, F_OK) < 0)
                        continue;
                if (line_profile_load(path, test_report_collect, &report, &profile) < 0)
                        TEST_FAIL("%s: %s", path, strempty(report.all));
                return profile;
        }
        TEST_FAIL("there is no profile %s", name);
        return NULL;
}

static LineEngine *start(Link *l, LineProfile *profile, const LineEngineOptions *options) {
        _cleanup_(update_freep) Update *u = update_new();
        LineEngine *e = NULL;

        ASSERT_TRUE(u);
        ASSERT_OK(line_engine_new(&l->link, profile, options, &e));
        ASSERT_OK(line_engine_start(e, u));
        ASSERT_OK(line_engine_poll(e, true, u));
        return e;
}

static void test_orders(char *const *profiles, const char *directory, const char *name) {
        _cleanup_free_ char *recording = strjoin(directory, "/", name, ".recording"),
                            *orders = strjoin(directory, "/", name, ".orders"), *text = NULL, *error = NULL;
        _cleanup_(line_profile_unrefp) LineProfile *profile = load(profiles, name);
        _cleanup_(line_engine_freep) LineEngine *e = NULL;
        static const LineLinkOps ops = { .name = "recording", .exchange = on_exchange, .free = on_free };
        Given given = {};
        LineEngineOptions plain = { .pause = on_pause, .userdata = &given },
                          options = { .option = on_option, .pause = on_pause, .userdata = &given };
        Link *l = new0(Link, 1);

        ASSERT_TRUE(recording && orders && l);
        l->link.ops = &ops;
        text = read_text(orders);
        prepare(l, &given, text);
        if (line_link_new_recording(recording, &l->inner, &error) < 0)
                TEST_FAIL("%s", strempty(error));
        e = start(l, profile, &plain);
        l->started = true;
        if (given.options) {
                (void) line_engine_steal_link(e);
                line_engine_free(e);
                e = start(l, profile, &options);
        }
        play(orders, e, l, text);

        strv_free(l->usual);
        free(l->orders);
        free(l->answer);
        strv_free(given.options);
}

int main(int argc, char **argv) {
        unsigned n = 0;
        DIR *d;

        ASSERT_TRUE(argc >= 3);
        d = opendir(argv[1]);
        ASSERT_TRUE(d);
        for (struct dirent *entry; (entry = readdir(d));) {
                _cleanup_free_ char *name = strdup(entry->d_name);
                char *end = name ? strstr(name, ".orders") : NULL;

                if (!end || !streq(end, ".orders"))
                        continue;
                *end = '\0';
                test_orders(argv + 2, argv[1], name);
                n++;
        }
        closedir(d);
        ASSERT_TRUE(n > 0);
        return EXIT_SUCCESS;
}
