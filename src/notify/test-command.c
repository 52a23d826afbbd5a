/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "test-util.h"

static const struct {
        const char *command;
        int result;
        const char *line[8];
} cases[] = {
        { "/bin/echo", 0, { "/bin/echo", "a $message" } },
        { "/usr/bin/notifyme -x foo", 0, { "/usr/bin/notifyme", "-x", "foo", "a $message" } },
        { "  notifyme\t-x ", 0, { "notifyme", "-x", "a $message" } },
        { "logger -t 'power news'", 0,
          { "/bin/sh", "-c", "logger -t 'power news' \"$@\"", "sh", "a $message" } },
        { "'/usr/bin/x' '-a b'", 0, { "/bin/sh", "-c", "'/usr/bin/x' '-a b' \"$@\"", "sh", "a $message" } },
        { "A=b notifyme", 0, { "/bin/sh", "-c", "A=b notifyme \"$@\"", "sh", "a $message" } },
        { "notifyme --to=me", 0, { "notifyme", "--to=me", "a $message" } },
        { "", -EINVAL },
        { " \t ", -EINVAL },
};

static void test_lines(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_strv_free_ char **l = NULL;

                ASSERT_EQ(command_line(cases[i].command, "a $message", &l), cases[i].result);
                for (size_t k = 0; cases[i].result == 0 && k <= strv_length(l); k++)
                        ASSERT_STREQ(l[k], cases[i].line[k]);
        }
}

/* What is there under the whole name is meant, blanks and all. */
static void test_file_with_blanks(void) {
        char directory[] = "/tmp/test-command-XXXXXX";
        _cleanup_free_ char *path = NULL;
        _cleanup_strv_free_ char **before = NULL, **after = NULL;

        ASSERT_TRUE(mkdtemp(directory));
        path = strjoin(directory, "/my script");
        ASSERT_OK(command_line(path, "m", &before));
        ASSERT_EQ(strv_length(before), 3);

        FILE *f = fopen(path, "w");
        ASSERT_TRUE(f);
        ASSERT_EQ(fclose(f), 0);
        ASSERT_OK(command_line(path, "m", &after));
        ASSERT_EQ(strv_length(after), 2);
        ASSERT_STREQ(after[0], path);

        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(rmdir(directory), 0);
}

static void test_upssched(void) {
        static const struct {
                const char *command;
                bool is;
        } names[] = {
                { "upssched", true },
                { "/sbin/upssched", true },
                { "/usr/local/ups/bin/upssched -D", true },
                { "'/sbin/upssched'", true },
                { "\"/sbin/upssched\" -x", true },
                { " /sbin/upssched", true },
                { "/sbin/upssched-cmd", false },
                { "/sbin/my-upssched", false },
                { "/upssched/run", false },
                { "run /sbin/upssched", false },
                { "", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                ASSERT_EQ(command_is_upssched(names[i].command), names[i].is);
}

static void test_environment(void) {
        _cleanup_strv_free_ char **l = NULL, **of_timer = NULL;
        _cleanup_(timers_freep) Timers *t = timers_new();
        static const TimerEvent a = { "ONBATT", "a", "a is" }, b = { "ONBATT", "b@far", "b is" };

        ASSERT_EQ(setenv("NOTIFY_SOCKET", "/nowhere", 1), 0);
        ASSERT_EQ(setenv("UPSNAME", "other", 1), 0);
        ASSERT_EQ(setenv("MY_OWN", "kept", 1), 0);
        ASSERT_OK(command_environment(&(TimerEvent) { "SHUTDOWN", "", "Auto logout" }, &l));
        ASSERT_TRUE(strv_contains(l, "MY_OWN=kept"));
        ASSERT_FALSE(strv_contains(l, "NOTIFY_SOCKET=/nowhere"));
        ASSERT_FALSE(strv_contains(l, "UPSNAME=other"));
        ASSERT_TRUE(strv_contains(l, "UPSNAME="));
        ASSERT_TRUE(strv_contains(l, "NOTIFYTYPE=SHUTDOWN"));
        ASSERT_TRUE(strv_contains(l, "NOTIFYMSG=Auto logout"));

        ASSERT_OK(timers_start(t, "x", 0, true, &a));
        ASSERT_OK(timers_start(t, "x", 0, true, &b));
        ASSERT_OK(command_timer_environment(timers_get(t, 0), &of_timer));
        ASSERT_TRUE(strv_contains(of_timer, "UPSNAME=a,b@far"));
        ASSERT_TRUE(strv_contains(of_timer, "NOTIFYTYPE=ONBATT"));
        ASSERT_TRUE(strv_contains(of_timer, "NOTIFYMSG=a is.\tb is"));
}

int main(void) {
        test_lines();
        test_file_with_blanks();
        test_upssched();
        test_environment();
        return EXIT_SUCCESS;
}
