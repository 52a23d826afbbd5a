/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

#include "file-writer.h"
#include "file.h"
#include "history.h"
#include "memory.h"
#include "policy.h"
#include "string-util.h"
#include "test-util.h"
#include "time-util.h"

#define BOOT "0123456789abcdef0123456789abcdef"

/* What is kept in files: history and policy. */

static void count(void *userdata, int level, const char *file, unsigned line, const char *message) {
        (*(unsigned *) userdata)++;
}

static History *read_history(const char *text, unsigned *ret_complaints) {
        _cleanup_(conf_freep) Conf *c = NULL;
        History *h;

        *ret_complaints = 0;
        ASSERT_OK(conf_parse("history", text, strlen(text), count, ret_complaints, &c));
        ASSERT_OK(history_from_lines(c, count, ret_complaints, &h));
        return h;
}

static void test_history(void) {
        _cleanup_(history_freep) History *h = history_new(), *again = NULL;
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        unsigned complaints;
        Shutdown *s;

        ASSERT_TRUE(!history_open(h, BOOT));
        ASSERT_OK(history_begin(h, BOOT, 17, &s));
        ASSERT_OK(free_and_strdup(&s->reason, "UPS \"a\\b\" [x] = # \001 done"));
        ASSERT_OK(shutdown_add_value(s, "battery.charge", "9"));
        ASSERT_OK(shutdown_add_value(s, "ups.alarm", ""));
        ASSERT_OK(shutdown_add_event(s, 18, "it \"began\""));
        ASSERT_TRUE(history_open(h, BOOT) == s);
        ASSERT_TRUE(!history_open(h, "ffffffffffffffffffffffffffffffff"));

        ASSERT_OK(history_format(h, &text));
        again = read_history(text, &complaints);
        ASSERT_EQ(complaints, 0);
        ASSERT_EQ(again->n_shutdowns, 1);
        ASSERT_STREQ(again->shutdowns[0]->reason, "UPS \"a\\b\" [x] = #   done");
        ASSERT_STREQ(again->shutdowns[0]->values[1].value, "");
        ASSERT_STREQ(again->shutdowns[0]->events[0].text, "it \"began\"");
        ASSERT_EQ(again->shutdowns[0]->outcome, OUTCOME_OPEN);
        ASSERT_OK(history_format(again, &text_again));
        *strchr(s->reason, '\001') = ' ';
        free(text);
        ASSERT_OK(history_format(h, &text));
        ASSERT_STREQ(text_again, text);
}

static void test_history_bounds(void) {
        _cleanup_(history_freep) History *h = history_new();
        Shutdown *s = NULL;

        for (unsigned i = 0; i < 3 * HISTORY_SHUTDOWNS_MAX; i++)
                ASSERT_OK(history_begin(h, BOOT, i, &s));
        ASSERT_EQ(h->n_shutdowns, HISTORY_SHUTDOWNS_MAX);
        ASSERT_EQ(h->shutdowns[0]->time_usec, 2 * HISTORY_SHUTDOWNS_MAX);
        for (unsigned i = 0; i < 2 * HISTORY_EVENTS_MAX; i++) {
                ASSERT_OK(shutdown_add_event(s, i, "x"));
                ASSERT_OK(shutdown_add_value(s, "x", "y"));
        }
        ASSERT_EQ(s->n_events, HISTORY_EVENTS_MAX);
        ASSERT_EQ(s->n_values, HISTORY_VALUES_MAX);
        shutdown_clear_values(s);
        ASSERT_EQ(s->n_values, 0);
}

static void test_history_nonsense(void) {
        static const char *const lines[] = {
                "event 1 x\n",
                "value a b\n",
                "shutdown\n",
                "shutdown 1 short powered-off 1 1 a b c\n",
                "shutdown 1 " BOOT " exploded 1 1 a b c\n",
                "shutdown x " BOOT " cancelled 1 1 a b c\n",
                "shutdown 1 " BOOT " cancelled 1 99999999999999999999 a b c\n",
                "shutdown 1 " BOOT " cancelled 1 1 a b c d\n",
                "something else\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                unsigned complaints;
                _cleanup_(history_freep) History *h = read_history(lines[i], &complaints);

                ASSERT_EQ(complaints, 1);
                ASSERT_EQ(h->n_shutdowns, 0);
        }
}

static void test_stop_time(void) {
        _cleanup_(history_freep) History *h = history_new();
        static const unsigned seconds[] = { 500, 10, 0, 20, 30, 0, 40, 8 };
        Shutdown *s;

        ASSERT_EQ(history_stop_usec(h), 0);
        for (size_t i = 0; i < ELEMENTSOF(seconds); i++) {
                ASSERT_OK(history_begin(h, BOOT, i, &s));
                s->stop_usec = seconds[i] * USEC_PER_SEC;
        }
        /* The second longest of the last five, and a quarter. */
        ASSERT_EQ(history_stop_usec(h), 37500 * (USEC_PER_SEC / 1000));
        ASSERT_OK(history_begin(h, BOOT, 0, &s));
        s->stop_usec = 3000 * USEC_PER_SEC;
        ASSERT_EQ(history_stop_usec(h), 50 * USEC_PER_SEC);

        /* Two that were slow are believed, within bounds. */
        ASSERT_OK(history_begin(h, BOOT, 0, &s));
        s->stop_usec = 3000 * USEC_PER_SEC;
        ASSERT_EQ(history_stop_usec(h), 600 * USEC_PER_SEC);
}

static void test_policy(void) {
        _cleanup_(policy_table_freep) PolicyTable *t = policy_table_new(), *again = NULL;
        _cleanup_(conf_freep) Conf *c = NULL;
        _cleanup_free_ char *text = NULL;
        unsigned complaints = 0;
        double v;

        ASSERT_FALSE(policy_table_get(t, "ups", RULE_CHARGE, &v));
        ASSERT_OK(policy_table_set(t, "ups", RULE_CHARGE, 30));
        ASSERT_OK(policy_table_set(t, "a \"b\\", RULE_RUNTIME, 0.1));
        ASSERT_OK(policy_table_set(t, "", RULE_ON_BATTERY, -17));
        ASSERT_TRUE(policy_table_get(t, "UPS", RULE_CHARGE, &v) && v == 30);
        ASSERT_FALSE(policy_table_get(t, "ups", RULE_RUNTIME, &v));

        ASSERT_OK(policy_table_format(t, &text));
        ASSERT_OK(conf_parse("policy", text, strlen(text), count, &complaints, &c));
        ASSERT_OK(policy_table_from_lines(c, count, &complaints, &again));
        ASSERT_EQ(complaints, 0);
        ASSERT_EQ(again->n_entries, 3);
        ASSERT_TRUE(policy_table_get(again, "a \"b\\", RULE_RUNTIME, &v) && v == 0.1);
        ASSERT_TRUE(policy_table_get(again, "", RULE_ON_BATTERY, &v) && v == -1);

        ASSERT_OK(policy_table_set(t, "ups", RULE_CHARGE, NAN));
        ASSERT_OK(policy_table_set(t, "ups", RULE_CHARGE, NAN));
        ASSERT_FALSE(policy_table_get(t, "ups", RULE_CHARGE, &v));
}

static void test_policy_refused(void) {
        _cleanup_(policy_table_freep) PolicyTable *t = policy_table_new();

        ASSERT_ERROR(policy_table_set(t, "ups", RULE_CHARGE, 100.5), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "ups", RULE_CHARGE, INFINITY), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "ups", RULE_RUNTIME, 1e12), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "ups", RULE_ON_BATTERY_DELAY, 1), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "", RULE_ON_BATTERY_DELAY, -1), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "", _RULE_INVALID, 1), EINVAL);
        ASSERT_ERROR(policy_table_set(t, "", _RULE_MAX, 1), EINVAL);
        ASSERT_EQ(t->n_entries, 0);
        for (unsigned i = 0; i < POLICY_ENTRIES_MAX; i++) {
                _cleanup_free_ char *name = strprintf("%u", i);

                ASSERT_OK(policy_table_set(t, name, RULE_CHARGE, 1));
        }
        ASSERT_ERROR(policy_table_set(t, "one more", RULE_CHARGE, 1), E2BIG);
        for (PolicyRule r = 0; r < _RULE_MAX; r++)
                ASSERT_EQ(policy_rule_from_string(policy_rule_to_string(r)), r);
        ASSERT_EQ(policy_rule_from_string("x"), _RULE_INVALID);
}

static void test_file(void) {
        char directory[] = "/tmp/test-records-XXXXXX";
        _cleanup_free_ char *path = NULL, *below = NULL, *data = NULL;
        struct stat st;
        size_t n;

        ASSERT_TRUE(mkdtemp(directory));
        path = strjoin(directory, "/file");
        below = strjoin(directory, "/none/file");
        ASSERT_OK(file_write_atomic(path, "one", 3, 0644));
        ASSERT_OK(file_write_atomic(path, "three", 5, 0640));
        ASSERT_OK(file_read(path, 5, &data, &n));
        ASSERT_STREQ(data, "three");
        ASSERT_ERROR(file_read(path, 4, &data, &n), E2BIG);
        ASSERT_EQ(stat(path, &st), 0);
        ASSERT_EQ(st.st_mode & 07777, 0640);
        ASSERT_ERROR(file_write_atomic(below, "x", 1, 0644), ENOENT);
        ASSERT_ERROR(file_read(below, 5, &data, &n), ENOENT);

        /* A link where the new file is to be made is not followed. */
        _cleanup_free_ char *new_path = strjoin(path, ".new");
        ASSERT_EQ(symlink("/dev/null", new_path), 0);
        ASSERT_ERROR(file_write_atomic(path, "x", 1, 0644), ELOOP);
        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(rmdir(directory), 0);
}

/* A pipe without a reader is like a disk that hangs. */
static void test_file_writer(void) {
        char directory[] = "/tmp/test-records-XXXXXX";
        _cleanup_free_ char *path = NULL, *new_path = NULL, *data = NULL;
        FileWriter *w;
        size_t n;

        ASSERT_OK(file_writer_new(NULL, 0644, &w));
        ASSERT_ERROR(file_writer_write(w, "x"), ENOENT);
        file_writer_free(w);

        ASSERT_TRUE(mkdtemp(directory));
        path = strjoin(directory, "/file");
        new_path = strjoin(path, ".new");
        ASSERT_OK(file_writer_new(path, 0644, &w));
        ASSERT_OK(file_writer_write(w, "zero"));
        ASSERT_OK(file_writer_write(w, "one"));
        ASSERT_OK(file_read(path, 5, &data, &n));
        ASSERT_STREQ(data, "one");

        ASSERT_EQ(mkfifo(new_path, 0600), 0);
        uint64_t begin = now_usec(CLOCK_MONOTONIC);
        ASSERT_ERROR(file_writer_write(w, "two"), ETIMEDOUT);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - begin >= 1900 * USEC_PER_MSEC);
        begin = now_usec(CLOCK_MONOTONIC);
        ASSERT_ERROR(file_writer_write(w, "three"), ETIMEDOUT);
        ASSERT_ERROR(file_writer_write(w, "four"), ETIMEDOUT);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - begin < USEC_PER_SEC);

        /* It comes back; the last word holds, whatever is written behind it. */
        _cleanup_close_ int fd = open(new_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ASSERT_TRUE(fd >= 0);
        int r = -ETIMEDOUT;
        for (unsigned i = 0; i < 10000 && r < 0; i++) {
                r = file_writer_write(w, "five");
                (void) usleep(1000);
        }
        ASSERT_OK(r);
        free(data);
        ASSERT_OK(file_read(path, 5, &data, &n));
        ASSERT_STREQ(data, "five");
        file_writer_free(w);
        ASSERT_EQ(unlink(path), 0);
        ASSERT_EQ(rmdir(directory), 0);
}

/* What a process leaves for the next one comes out as it went in; that of another boot does not. */
static void test_memory(void) {
        static const char text[] =
                "boot " BOOT "\n"
                "device \"ups\" \"OB RB ALARM OTHER\" \"ignored silent\" 5 0 "
                "\"say \\\"a\\\"\" \"OVERHEAT\"\n"
                "device \"ups@host\" \"\" \"\" 0 0 \"\" \"\"\n";
        static const char amiss[] = "device x OB silent 0 0 a b\nboot " BOOT "\n"
                                    "device x OB silent many 0 a b\ndevice y\nnonsense\n";
        _cleanup_(memory_freep) Memory *t = NULL, *none = NULL, *other = NULL;
        _cleanup_(conf_freep) Conf *c = NULL, *d = NULL;
        _cleanup_free_ char *again = NULL;

        ASSERT_OK(conf_parse("memory", text, strlen(text), NULL, NULL, &c));
        ASSERT_OK(memory_from_lines(c, BOOT, &t));
        ASSERT_EQ(t->n_entries, 2);
        const MemoryEntry *e = memory_find(t, "UPS");
        ASSERT_TRUE(e && e->ignored && e->silent && e->replace_usec == 5);
        ASSERT_EQ(e->said, STATUS_OB | STATUS_RB | STATUS_ALARM | STATUS_OTHER);
        ASSERT_STREQ(e->alarms, "say \"a\"");
        ASSERT_OK(memory_format(t, BOOT, &again));
        ASSERT_STREQ(again, text);

        ASSERT_OK(memory_from_lines(c, "0", &none));
        ASSERT_EQ(none->n_entries, 0);
        ASSERT_OK(conf_parse("memory", amiss, strlen(amiss), NULL, NULL, &d));
        ASSERT_OK(memory_from_lines(d, BOOT, &other));
        ASSERT_EQ(other->n_entries, 0);
}

int main(void) {
        test_file_writer();
        test_history();
        test_history_bounds();
        test_history_nonsense();
        test_stop_time();
        test_policy();
        test_policy_refused();
        test_memory();
        test_file();
        return 0;
}
