/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upssched-conf.h"

#include "test-conf-report.h"
#include "test-file.h"
#include "time-util.h"

static UpsschedConf *parse(const char *text, TestReport *report) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        UpsschedConf *c = NULL;

        ASSERT_OK(conf_parse("upssched.conf", text, strlen(text), test_report_collect, report, &lines));
        ASSERT_OK(upssched_conf_from_lines(lines, test_report_collect, report, &c));
        return c;
}

static void check_rule(const UpsschedRule *r, NotifyType type, const char *system, UpsschedAction action,
                const char *name, unsigned seconds, const char *command) {
        ASSERT_EQ(r->type, type);
        ASSERT_STREQ(r->system, system);
        ASSERT_EQ(r->action, action);
        ASSERT_STREQ(r->name, name);
        ASSERT_EQ(r->delay_usec, seconds * USEC_PER_SEC);
        ASSERT_STREQ(r->command, command);
        ASSERT_STREQ(r->file, "upssched.conf");
}

static void test_everything(void) {
        static const char text[] =
                "CMDSCRIPT /bin/upssched-cmd --verbose \"it's\"\n"
                "PIPEFN /run/nut/upssched.pipe\n"
                "LOCKFN /run/nut/upssched.lock\n"
                "AT ONBATT * START-TIMER onbattwarn 30\n"
                "AT onbatt ups@nas START-TIMER-SHARED \"all of them\" 0\n"
                "AT ONLINE * CANCEL-TIMER onbattwarn\n"
                "AT ONLINE ups CANCEL-TIMER onbattwarn ups-back\n"
                "AT ONLINE * CANCEL-TIMER-MATCHED onbattwarn \"\"\n"
                "AT LOWBATT * EXECUTE low # now\n"
                "Debug_Min 3\n";
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upssched_conf_freep) UpsschedConf *c = parse(text, &report);

        test_report_check(&report, 0, 0, NULL);
        ASSERT_TRUE(c->exists);
        ASSERT_STREQ(c->command_script, "/bin/upssched-cmd '--verbose' 'it'\\''s'");
        ASSERT_STREQ(c->pipe, "/run/nut/upssched.pipe");
        ASSERT_STREQ(c->lock, "/run/nut/upssched.lock");
        ASSERT_EQ(c->n_rules, 6);
        check_rule(c->rules + 0, NOTIFY_ONBATT, NULL, UPSSCHED_START_TIMER, "onbattwarn", 30, NULL);
        check_rule(c->rules + 1, NOTIFY_ONBATT, "ups@nas", UPSSCHED_START_TIMER_SHARED, "all of them", 0,
                        NULL);
        check_rule(c->rules + 2, NOTIFY_ONLINE, NULL, UPSSCHED_CANCEL_TIMER, "onbattwarn", 0, NULL);
        check_rule(c->rules + 3, NOTIFY_ONLINE, "ups", UPSSCHED_CANCEL_TIMER, "onbattwarn", 0, "ups-back");
        check_rule(c->rules + 4, NOTIFY_ONLINE, NULL, UPSSCHED_CANCEL_TIMER_MATCHED, "onbattwarn", 0, NULL);
        check_rule(c->rules + 5, NOTIFY_LOWBATT, NULL, UPSSCHED_EXECUTE, "low", 0, NULL);
        ASSERT_EQ(c->rules[5].line, 9);
}

static void test_mistakes(void) {
        static const struct {
                const char *line;
                size_t errors, warnings;
                const char *message;
                size_t n_rules;
        } cases[] = {
                { "AT ONBAT * EXECUTE x",            1, 0, "no notices of type \"ONBAT\"", 0 },
                { "AT ONBATT * START-TIMR x 3",      1, 0, "did you mean START-TIMER?", 0 },
                { "AT ONBATT * start-timer x 3",     1, 0, "did you mean START-TIMER?", 0 },
                { "AT ONBATT * START-TIMER x",       1, 0, "number of seconds", 0 },
                { "AT ONBATT * START-TIMER x soon",  1, 0, "whole number", 0 },
                { "AT ONBATT * START-TIMER x -5",    0, 1, "from 0 to", 1 },
                { "AT ONBATT * START-TIMER \"\" 5",  1, 0, "name of a timer", 0 },
                { "AT ONBATT * EXECUTE \"\"",        1, 0, "wants a command", 0 },
                { "AT ONBATT \"\" EXECUTE x",        1, 0, "wants a device", 0 },
                { "AT ONBATT * EXECUTE x y",         0, 1, "ignoring the rest", 1 },
                { "AT ONBATT * EXECUTE x y z",       0, 2, "ignoring the rest", 1 },
                { "AT ONBATT *",                     1, 0, "wants more values", 0 },
                { "AT",                              1, 0, "wants more values", 0 },
                { "CMDSCRIPT",                       1, 0, "wants a value", 0 },
                { "CMDSCRIPT \" \"",                 1, 0, "wants a command", 0 },
                { "CMDSCRPT /bin/x",                 1, 0, "did you mean CMDSCRIPT?", 0 },
                { "PIPEFN = x",                      1, 0, "without =", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = strjoin("CMDSCRIPT /bin/x\n", cases[i].line, "\n");
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(upssched_conf_freep) UpsschedConf *c = parse(text, &report);

                test_report_check(&report, cases[i].errors, cases[i].warnings, cases[i].message);
                ASSERT_EQ(report.last_line, 2);
                ASSERT_EQ(c->n_rules, cases[i].n_rules);
                ASSERT_STREQ(c->command_script, "/bin/x");
        }

        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upssched_conf_freep) UpsschedConf *c = parse("\nAT FSD * EXECUTE x\n", &report);
        test_report_check(&report, 1, 0, "There is no CMDSCRIPT");
        ASSERT_EQ(report.last_line, 2);
        ASSERT_EQ(c->n_rules, 1);
}

static void test_matches(void) {
        static const struct {
                const char *rule, *system;
                bool matches;
        } cases[] = {
                { NULL,            "ups",           true  },
                { NULL,            "",              true  },
                { "ups",           "ups",           true  },
                { "ups",           "UPS@localhost", true  },
                { "ups",           "ups@localhost:3493", true },
                { "ups@localhost:3493", "ups@Localhost", true },
                { "ups@LOCALHOST", "ups",           true  },
                { "ups",           "ups@nas",       false },
                { "ups@nas",       "ups@NAS",       true  },
                { "ups@nas",       "ups",           false },
                { "ups",           "ups2",          false },
                { "@localhost",    "",              false },
                { "ups",           "",              false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                UpsschedRule r = { .type = NOTIFY_ONBATT, .system = (char *) cases[i].rule };

                ASSERT_EQ(upssched_rule_matches(&r, NOTIFY_ONBATT, cases[i].system), cases[i].matches);
                ASSERT_FALSE(upssched_rule_matches(&r, NOTIFY_ONLINE, cases[i].system));
        }
}

static void test_file(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_(test_report_done) TestReport report = {};
        UpsschedConf *c;

        ASSERT_EQ(setenv("NUT_CONFPATH", directory, 1), 0);
        ASSERT_OK(upssched_conf_load(test_report_collect, &report, &c));
        ASSERT_FALSE(c->exists);
        ASSERT_EQ(c->n_rules, 0);
        c = upssched_conf_free(c);

        test_write_file("upssched.conf", "CMDSCRIPT /bin/x\n");
        ASSERT_OK(upssched_conf_load(test_report_collect, &report, &c));
        ASSERT_TRUE(c->exists);
        ASSERT_STREQ(c->command_script, "/bin/x");
        c = upssched_conf_free(c);
        test_report_check(&report, 0, 0, NULL);
}

int main(void) {
        for (UpsschedAction a = 0; a < _UPSSCHED_ACTION_MAX; a++)
                ASSERT_EQ(upssched_action_from_string(upssched_action_to_string(a)), a);
        ASSERT_STREQ(upssched_action_to_string(_UPSSCHED_ACTION_INVALID), NULL);

        test_everything();
        test_mistakes();
        test_matches();
        test_file();
        return 0;
}
