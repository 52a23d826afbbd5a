/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "args.h"

#include <signal.h>

#include "test-util.h"

static const Driver driver = { .name = "fake", .description = "Fake", .version = "1" };

/* The words up to NULL as a command line. */
static int parse(const char *const *words, Args *ret) {
        char *argv[16] = { (char *) "fake" };
        int argc = 1;

        for (; words[argc - 1]; argc++)
                argv[argc] = (char *) words[argc - 1];
        return args_parse(&driver, argc, argv, ret);
}

static void test_accepted(void) {
        static const struct {
                const char *words[8];
                Action action;
        } table[] = {
                { { "-a", "ups" }, ACTION_RUN },
                { { "-a", "ups", "-a", "other", "-DD" }, ACTION_RUN },
                { { "--all", "-q" }, ACTION_RUN },
                { { "--group", "rack", "-q" }, ACTION_RUN },
                { { "-s", "t", "-x", "port=x", "-F" }, ACTION_RUN },
                { { "-a", "ups", "-FF", "-B" }, ACTION_RUN },
                { { "-s", "t", "-d", "3", "-x", "port=x" }, ACTION_DUMP },
                { { "-k", "-a", "ups" }, ACTION_POWER_OFF },
                { { "-k", "--all" }, ACTION_POWER_OFF },
                { { "-c", "reload", "-P", "12" }, ACTION_SIGNAL },
                { { "-L" }, ACTION_LIST_OPTIONS },
                { { "-V" }, ACTION_VERSION },
                { { "--version" }, ACTION_VERSION },
                { { "-h" }, ACTION_HELP },
                { { "--help" }, ACTION_HELP },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(args_done) Args a = {};

                ASSERT_OK(parse(table[i].words, &a));
                ASSERT_EQ(a.action, table[i].action);
        }
}

static void test_refused(void) {
        static const char *const table[][8] = {
                { NULL },
                { "-a", "ups", "--all" },
                { "-a", "ups", "-s", "t" },
                { "-a" },
                { "-a", "ups", "extra" },
                { "-a", "ups", "-Z" },
                { "-a", "ups", "--nonsense" },
                { "-a", "ups", "-i", "0" },
                { "-a", "ups", "-i", "soon" },
                { "-a", "ups", "-d", "0" },
                { "-a", "ups", "-a", "b", "-d", "1" },
                { "--all", "-d", "1" },
                { "--all", "--group", "rack" },
                { "-a", "ups", "--group", "rack" },
                { "--group", "rack", "-d", "1" },
                { "--group" },
                { "-a", "ups", "-r", "/srv" },
                { "-c", "reload" },
                { "-c", "dance", "-P", "1" },
                { "-c", "exit", "-P", "0" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Args a = { .quiet = 77 };

                ASSERT_ERROR(parse(table[i], &a), EINVAL);
                ASSERT_EQ(a.quiet, 77);
        }
}

static void test_values(void) {
        static const char *const words[] = { "-a", "one", "-a", "two", "-x", "mode=dummy", "-i", "5", "-DDD",
                "-u", "nobody", "-g", "nogroup", NULL };
        static const char *const signals[] = { "-c", "exit", "-P", "4711", NULL };
        _cleanup_(args_done) Args a = {}, b = {};

        ASSERT_OK(parse(words, &a));
        ASSERT_EQ(strv_length(a.devices), 2);
        ASSERT_STREQ(a.devices[1], "two");
        ASSERT_STREQ(a.pairs[0], "mode=dummy");
        ASSERT_STREQ(a.pairs[1], "pollinterval=5");
        ASSERT_EQ(a.debug, 3);
        ASSERT_STREQ(a.user, "nobody");
        ASSERT_STREQ(a.group, "nogroup");

        ASSERT_OK(parse(signals, &b));
        ASSERT_EQ(b.signal, SIGTERM);
        ASSERT_EQ(b.pid, 4711);
}

int main(void) {
        test_accepted();
        test_refused();
        test_values();
        return 0;
}
