/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsmon-conf.h"

#include <math.h>

#include "test-conf-report.h"
#include "test-file.h"
#include "time-util.h"
#include "upsmon-conf-internal.h"

static UpsmonConf *parse(const char *text, TestReport *report) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        UpsmonConf *c = NULL;

        ASSERT_OK(conf_parse("upsmon.conf", text, strlen(text), test_report_collect, report, &lines));
        ASSERT_OK(upsmon_conf_from_lines(lines, test_report_collect, report, &c));
        return c;
}

static void test_defaults(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse("", &report);

        test_report_check(&report, 0, 0, NULL);
        ASSERT_EQ(c->n_supplies, 0);
        ASSERT_EQ(c->min_supplies, 1);
        ASSERT_TRUE(isnan(c->rules.charge_limit_percent));
        ASSERT_TRUE(c->rules.runtime_limit_usec == UPSMON_NEVER);
        ASSERT_TRUE(c->rules.on_battery_limit_usec == UPSMON_NEVER);
        ASSERT_EQ(c->on_battery_delay_usec, 15 * USEC_PER_SEC);
        ASSERT_EQ(c->lost_policy, LOST_COUNTS_ON_BATTERY);
        ASSERT_EQ(c->poll_usec, 5 * USEC_PER_SEC);
        ASSERT_EQ(c->poll_alert_usec, 5 * USEC_PER_SEC);
        ASSERT_EQ(c->dead_time_usec, 15 * USEC_PER_SEC);
        ASSERT_EQ(c->host_sync_usec, 15 * USEC_PER_SEC);
        ASSERT_EQ(c->final_delay_usec, 5 * USEC_PER_SEC);
        ASSERT_EQ(c->replace_battery_warn_usec, 43200 * USEC_PER_SEC);
        ASSERT_EQ(c->no_comm_warn_usec, 300 * USEC_PER_SEC);
        ASSERT_EQ(c->off_duration_usec, 30 * USEC_PER_SEC);
        ASSERT_TRUE(c->over_duration_usec == UPSMON_NEVER);
        ASSERT_EQ(c->low_battery_duration_usec, 0);
        ASSERT_EQ(c->shutdown_exit_usec, 0);
        ASSERT_EQ(c->mains_stable_usec, 60 * USEC_PER_SEC);
        ASSERT_EQ(c->lease_max_usec, 300 * USEC_PER_SEC);
        ASSERT_TRUE(c->alarm_critical && !c->allow_sleep_on_battery && !c->force_ssl && !c->cert_verify);
        ASSERT_STREQ(c->shutdown_command, NULL);
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++) {
                ASSERT_EQ(c->notify_flags[t], NOTIFY_TO_SYSLOG | NOTIFY_TO_WALL);
                ASSERT_STREQ(c->notify_messages[t], NULL);
        }
}

static const char everything[] =
        "RUN_AS_USER nut\n"
        "MONITOR ups@localhost 2 admin pass1 primary\n"
        "MONITOR far@nas.example:3494 1 \"user name\" \"pass word\" SLAVE\n"
        "MONITOR v6@[2001:db8::1] 0 u p secondary\n"
        "MINSUPPLIES 2\n"
        "SHUTDOWNCMD \"/usr/local/bin/down --now\" \"it's\" late\n"
        "SHUTDOWNEXIT 7\n"
        "NOTIFYCMD /sbin/upssched\n"
        "POWERDOWNFLAG /etc/killpower\n"
        "POLLFREQ 3\nPOLLFREQALERT 2\nHOSTSYNC 20\nDEADTIME 25\nFINALDELAY 0\n"
        "RBWARNTIME 100\nNOCOMMWARNTIME 200\n"
        "POLLFAIL_LOG_THROTTLE_MAX 100\n"
        "OFFDURATION -1\nOVERDURATION 0\nOBLBDURATION -9\n"
        "ALARMCRITICAL 0\n"
        "NOTIFYMSG ONBATT \"Battery: %s\"\n"
        "NOTIFYFLAG ONBATT SYSLOG+EXEC\nNOTIFYFLAG lowbatt IGNORE\nNOTIFYFLAG FSD EXEC\n"
        "CERTPATH /etc/ssl\nCERTFILE /etc/ssl/x.pem\nCERTIDENT me secret\n"
        "CERTHOST nas.example \"The NAS\" 1 0\nCERTVERIFY 1\nFORCESSL 1\n"
        "debug_min 3\n"
        "CHARGELIMIT 30\nCHARGELIMIT 40.5% far@nas.example:3494\nRUNTIMELIMIT 300\n"
        "RUNTIMELIMIT off UPS\nONBATTLIMIT 10min\nONBATTDELAY 20\n"
        "LOSTPOLICY Always\nMAINSSTABLE 30\nLEASEMAX 0\nSLEEPONBATTERY yes\n";

static void test_everything(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(everything, &report);

        test_report_check(&report, 0, 0, NULL);
        ASSERT_STREQ(c->run_as_user, "nut");
        ASSERT_EQ(c->min_supplies, 2);
        ASSERT_STREQ(c->shutdown_command, "/usr/local/bin/down --now 'it'\\''s' 'late'");
        ASSERT_EQ(c->shutdown_exit_usec, 7 * USEC_PER_SEC);
        ASSERT_STREQ(c->notify_command, "/sbin/upssched");
        ASSERT_STREQ(c->power_down_flag, "/etc/killpower");
        ASSERT_EQ(c->poll_usec, 3 * USEC_PER_SEC);
        ASSERT_EQ(c->poll_alert_usec, 2 * USEC_PER_SEC);
        ASSERT_EQ(c->host_sync_usec, 20 * USEC_PER_SEC);
        ASSERT_EQ(c->dead_time_usec, 25 * USEC_PER_SEC);
        ASSERT_EQ(c->final_delay_usec, 0);
        ASSERT_EQ(c->replace_battery_warn_usec, 100 * USEC_PER_SEC);
        ASSERT_EQ(c->no_comm_warn_usec, 200 * USEC_PER_SEC);
        ASSERT_TRUE(c->off_duration_usec == UPSMON_NEVER);
        ASSERT_EQ(c->over_duration_usec, 0);
        ASSERT_EQ(c->low_battery_duration_usec, 0);
        ASSERT_FALSE(c->alarm_critical);
        ASSERT_STREQ(c->notify_messages[NOTIFY_ONBATT], "Battery: %s");
        ASSERT_EQ(c->notify_flags[NOTIFY_ONBATT], NOTIFY_TO_SYSLOG | NOTIFY_TO_EXEC);
        ASSERT_EQ(c->notify_flags[NOTIFY_LOWBATT], 0);
        ASSERT_EQ(c->notify_flags[NOTIFY_FSD], NOTIFY_TO_EXEC);
        ASSERT_EQ(c->notify_flags[NOTIFY_ONLINE], NOTIFY_FLAGS_DEFAULT);
        ASSERT_STREQ(c->cert_path, "/etc/ssl");
        ASSERT_STREQ(c->cert_file, "/etc/ssl/x.pem");
        ASSERT_STREQ(c->cert_ident_name, "me");
        ASSERT_STREQ(c->cert_ident_password, "secret");
        ASSERT_EQ(c->n_cert_hosts, 1);
        ASSERT_STREQ(c->cert_hosts[0].host, "nas.example");
        ASSERT_STREQ(c->cert_hosts[0].name, "The NAS");
        ASSERT_TRUE(c->cert_hosts[0].verify && !c->cert_hosts[0].force);
        ASSERT_TRUE(c->cert_verify && c->force_ssl);
        ASSERT_EQ(c->on_battery_delay_usec, 20 * USEC_PER_SEC);
        ASSERT_EQ(c->lost_policy, LOST_COUNTS_ALWAYS);
        ASSERT_EQ(c->mains_stable_usec, 30 * USEC_PER_SEC);
        ASSERT_EQ(c->lease_max_usec, 0);
        ASSERT_TRUE(c->allow_sleep_on_battery);
}

static void test_supplies(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(everything, &report);
        const UpsmonSupply *s;

        ASSERT_EQ(c->n_supplies, 3);
        s = c->supplies;
        ASSERT_STREQ(s->system, "ups@localhost");
        ASSERT_STREQ(s->device, "ups");
        ASSERT_STREQ(s->host, "localhost");
        ASSERT_TRUE(s->local && s->primary);
        ASSERT_EQ(s->power_value, 2);
        ASSERT_STREQ(s->user, "admin");
        ASSERT_STREQ(s->password, "pass1");
        ASSERT_EQ(s->line, 2);
        ASSERT_TRUE(fabs(s->rules.charge_limit_percent - 30) < 0.01);
        ASSERT_TRUE(s->rules.runtime_limit_usec == UPSMON_NEVER);
        ASSERT_EQ(s->rules.on_battery_limit_usec, 600 * USEC_PER_SEC);

        s = upsmon_conf_find(c, "FAR@nas.example:3494");
        ASSERT_TRUE(s == c->supplies + 1);
        ASSERT_STREQ(s->ups, "far");
        ASSERT_STREQ(s->host, "nas.example");
        ASSERT_EQ(s->port, 3494);
        ASSERT_TRUE(!s->local && !s->primary);
        ASSERT_STREQ(s->user, "user name");
        ASSERT_STREQ(s->password, "pass word");
        ASSERT_TRUE(fabs(s->rules.charge_limit_percent - 40.5) < 0.01);
        ASSERT_EQ(s->rules.runtime_limit_usec, 300 * USEC_PER_SEC);

        s = c->supplies + 2;
        ASSERT_STREQ(s->device, "v6@[2001:db8::1]");
        ASSERT_STREQ(s->host, "2001:db8::1");
        ASSERT_EQ(s->port, 3493);
        ASSERT_EQ(s->power_value, 0);
        ASSERT_TRUE(upsmon_conf_find(c, "none") == NULL);
}

static void test_systems(void) {
        static const struct {
                const char *system, *device; /* NULL: cannot be one */
                bool local;
        } cases[] = {
                { "ups",                  "ups",                 true  },
                { "ups@LocalHost",        "ups",                 true  },
                { "ups@127.0.0.1",        "ups",                 true  },
                { "ups@127.8.9.1:3493",   "ups",                 true  },
                { "ups@[::1]:3493",       "ups",                 true  },
                { "ups@::1",              "ups",                 true  },
                { "ups@localhost:3494",   "ups@localhost:3494",  false },
                { "ups@[::1]:3494",       "ups@[::1]:3494",      false },
                { "ups@128.0.0.1",        "ups@128.0.0.1",       false },
                { "ups@nas:3493",         "ups@nas",             false },
                { "ups@NAS",              "ups@NAS",             false },
                { "ups@fe80::1%eth0",     "ups@[fe80::1%eth0]",  false },
                { "ups@my_nas.local",     "ups@my_nas.local",    false },
                { "@nas",                 NULL, false },
                { "ups@",                 NULL, false },
                { "ups@nas:",             NULL, false },
                { "ups@nas:0",            NULL, false },
                { "ups@nas:65536",        NULL, false },
                { "ups@nas:http",         NULL, false },
                { "ups:3493",             NULL, false },
                { "ups@a@b",              NULL, false },
                { "ups@[::1",             NULL, false },
                { "ups@[::1]x",           NULL, false },
                { "ups@[]",               NULL, false },
                { "ups@::x",              NULL, false },
                { "ups@-nas",             NULL, false },
                { "ups@n/as",             NULL, false },
                { "\"ups@n as\"",         NULL, false },
                { "\"u ps@nas\"",         NULL, false },
                { "\"\"",                 NULL, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = strjoin("MONITOR ", cases[i].system, " 1 u p primary\n");
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(text, &report);

                if (c->n_supplies != (cases[i].device ? 1 : 0))
                        TEST_FAIL("%s: %zu supplies", cases[i].system, c->n_supplies);
                if (!cases[i].device) {
                        test_report_check(&report, 1, 0, "NAME@HOST:PORT");
                        continue;
                }
                test_report_check(&report, 0, 0, NULL);
                ASSERT_STREQ(c->supplies[0].device, cases[i].device);
                ASSERT_EQ(c->supplies[0].local, cases[i].local);
                ASSERT_EQ(device_name_is_link(c->supplies[0].device), !cases[i].local);
                ASSERT_TRUE(upsmon_conf_find(c, cases[i].device) == c->supplies);
        }
}

static const struct {
        const char *text;
        size_t errors, warnings;
        const char *message;
        size_t n_supplies;
} mistakes[] = {
        { "\nPOLLFRQ 5",                       1, 0, "did you mean POLLFREQ?", 0 },
        { "\npollfreq 5",                      1, 0, "did you mean POLLFREQ?", 0 },
        { "\nPOLLFREQ",                        1, 0, "wants a value", 0 },
        { "\nPOLLFREQ 5s",                     1, 0, "whole number", 0 },
        { "\nPOLLFREQ 0",                      0, 1, "from 1 to 3600, taking 1", 0 },
        { "\nHOSTSYNC -3",                     0, 1, "from 0 to 86400, taking 0", 0 },
        { "\nDEADTIME 99999999999999999999",   0, 1, "taking 86400", 0 },
        { "\nFINALDELAY 5 6",                  0, 1, "no more than 1 value", 0 },
        { "\nFINALDELAY = 5",                  1, 0, "without =", 0 },
        { "\nMINSUPPLIES many",                1, 0, "whole number", 0 },
        { "[x]\nPOLLFREQ 5",                   1, 0, "no sections", 0 },
        { "\nSHUTDOWNCMD \"\"",                1, 0, "wants a command", 0 },
        { "\nSHUTDOWNEXIT perhaps",            1, 0, "yes, no or a number", 0 },
        { "\nPOWERDOWNFLAG killpower",         1, 0, "absolute path", 0 },
        { "\nALARMCRITICAL 2",                 1, 0, "yes or no", 0 },
        { "\nRUN_AS_USER \"a b\"",             1, 0, "name of a user", 0 },
        { "\nRUN_AS_USER -x",                  1, 0, "name of a user", 0 },
        { "\nLOSTPOLICY sometimes",            1, 0, "battery, always or never", 0 },
        { "\nNOTIFYMSG ONBAT x",               1, 0, "did you mean ONBATT?", 0 },
        { "\nNOTIFYMSG ONBATT on battery",     0, 1, "not in quotes", 0 },
        { "\nNOTIFYFLAG ONBATT wall",          1, 0, "takes SYSLOG, WALL, EXEC", 0 },
        { "\nNOTIFYFLAG ONBATT SYSLOG + EXEC", 0, 1, "not one word", 0 },
        { "\nNOTIFYFLAG ONBATT +",             1, 0, "wants flags", 0 },
        { "\nNOTIFYFLAG ONBATT",               1, 0, "wants more values", 0 },
        { "\nFORCESSL maybe",                  1, 0, "taking 1 to be safe", 0 },
        { "MONITOR x@a 1 u p master\nCERTHOST a b 1 maybe", 1, 0, "as value 4, taking 1", 1 },
        { "MONITOR x@a 1 u p master\nCERTHOST b b 1 1", 1, 0, "no MONITOR line is about b", 1 },
        { "MONITOR x@a 1 u p master\nCERTHOST a:3494 b 1 1", 1, 0, "about a at that port", 1 },
        { "MONITOR x@a 1 u p master\nCERTHOST A. b 1 1", 0, 0, NULL, 1 },
        { "\nFORCESSL",                        1, 0, "taking 1 to be safe", 0 },
        { "\nforcessl 1",                      0, 0, NULL, 0 },
        { "\nCERTVERIFY = 1",                  1, 0, "written without =, taking all", 0 },
        { "\nCERTHOST -a b 0 0",               1, 0, "about every host that no other", 0 },
        { "\nCERTHOST a",                      1, 0, "wants more values, taking all", 0 },
        { "\nCHARGELIMIT 101",                 1, 0, "charge from 0 to 100", 0 },
        { "\nCHARGELIMIT nan",                 1, 0, "charge from 0 to 100", 0 },
        { "\nCHARGELIMIT 20 ups@host",         1, 0, "no MONITOR line is about \"ups@host\"", 0 },
        { "\nRUNTIMELIMIT soon",               1, 0, "number of seconds, or off", 0 },
        { "\nMONITOR ups 1 u pass",            1, 0, "SYSTEM POWERVALUE USER PASSWORD", 0 },
        { "\nMONITOR ups",                     1, 0, "wants more values", 0 },
        { "\nMONITOR ups x u pass primary",    1, 0, "power value", 0 },
        { "\nMONITOR ups -1 u pass primary",   1, 0, "power value", 0 },
        { "\nMONITOR ups 1 u pass boss",       1, 0, "primary or secondary", 0 },
        { "\nMONITOR ups 1 u pass primary x",  0, 1, "no more than 5", 1 },
        { "\nMONITOR ups@nas 1 pass master",   1, 0, "has no user", 0 },
        { "\nMONITOR ups 1 pass master",       0, 0, NULL, 1 },
        { "MONITOR ups 1 u pass primary\nMONITOR UPS@localhost 1 u pass primary", 1, 0,
          "there already in line 1", 1 },
};

static void test_mistakes(void) {
        for (size_t i = 0; i < ELEMENTSOF(mistakes); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(mistakes[i].text, &report);

                test_report_check(&report, mistakes[i].errors, mistakes[i].warnings, mistakes[i].message);
                if (mistakes[i].message)
                        ASSERT_EQ(report.last_line, 2);
                ASSERT_EQ(c->n_supplies, mistakes[i].n_supplies);
                if (strstr(strempty(report.all), "pass "))
                        TEST_FAIL("a password was shown: %s", report.all);
        }
}

/* Whatever is at the wrong place of a MONITOR line may be the password. */
static void test_no_secret_is_shown(void) {
        static const char *const lines[] = {
                "MONITOR ups@nas 1 user Xyzzy", "MONITOR ups@nas Xyzzy user primary",
                "MONITOR ups@nas 1 user primary Xyzzy", "MONITOR ups@nas Xyzzy u p primary",
                "MONITOR ups@nas 1 user Xyzzy primary extra", "MONITOR \"ups@na s\" 1 user Xyzzy primary",
                "CERTIDENT Xyzzy", "CERTIDENT me Xyzzy more",
        };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                (void) upsmon_conf_free(parse(lines[i], &report));

                ASSERT_EQ(report.n_errors + report.n_warnings, 1);
                if (strstr(report.all, "Xyzzy"))
                        TEST_FAIL("a secret was shown: %s", report.all);
        }
}

static void test_min_supplies(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c =
                parse("MONITOR a 1 u p primary\nMONITOR b 0 u p primary\nMINSUPPLIES 2\n", &report);

        test_report_check(&report, 1, 0, "make 1: taking 1");
        ASSERT_EQ(c->min_supplies, 1);
        ASSERT_FALSE(c->incomplete);
}

/* Only MINSUPPLIES 0 takes the protection away, no mistake does. */
static void test_incomplete(void) {
        static const struct {
                const char *text;
                unsigned min_supplies;
                bool incomplete;
        } cases[] = {
                { "",                                                               1, false },
                { "MONITOR a 1 u p primary\n",                                     1, false },
                { "MONITOR a 0 u p primary\nMINSUPPLIES 0\n",                      0, false },
                { "MONITOR a one u p primary\nMINSUPPLIES 0\n",                    0, false },
                { "MONITOR a 0 u p primary\n",                                     1, true  },
                { "MONITOR a 0 u p primary\nMINSUPPLIES -1\n",                     1, true  },
                { "MONITOR a one u p primary\nMONITOR rack 0 u p primary\n",       1, true  },
                { "MONITOR a one u p primary\nMONITOR b 1 u p primary\n",          1, true  },
                { "MONITOR a\nMONITOR b 1 u p primary\n",                          1, true  },
                { "MONITOR a@ 1 u p primary\nMONITOR b 1 u p primary\n",           1, true  },
                { "MONITRO a 1 u p primary\nMONITOR b 1 u p primary\n",            1, true  },
                { "monitor a 1 u p primary\nMONITOR b 1 u p primary\n",            1, true  },
                { "MONITOR a 1 u p primary\nMONITOR a@localhost 1 u p primary\n",  1, false },
                { "POLLFREQ many\nMONITOR a 1 u p primary\n",                      1, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(cases[i].text, &report);

                ASSERT_EQ(c->min_supplies, cases[i].min_supplies);
                ASSERT_EQ(c->incomplete, cases[i].incomplete);
        }
}

/* By its own name it is this machine. */
static void test_own_name(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_free_ char *text = NULL;
        char name[256] = {}, bare[256] = {};

        ASSERT_OK(gethostname(name, sizeof(name) - 1));
        memcpy(bare, name, strcspn(name, "."));
        text = strprintf("MONITOR a@%s 1 u p primary\nMONITOR b@%s 1 u p primary\n"
                         "MONITOR c@%s:3494 1 u p primary\nMONITOR d@x%s 1 u p primary\n", name, bare, name,
                         name);
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(text, &report);

        test_report_check(&report, 0, 0, NULL);
        ASSERT_EQ(c->n_supplies, 4);
        ASSERT_STREQ(c->supplies[0].device, "a");
        ASSERT_TRUE(c->supplies[0].local && c->supplies[1].local);
        ASSERT_FALSE(c->supplies[2].local || c->supplies[3].local);
}

static void test_strict(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c =
                parse("MONITOR x@a 1 u p master\nFORCESSL 10\nCERTVERIFY x\nCERTHOST a b x y\n", &report);
        static const char *const others[] = {
                "FORCESSL\nCERTVERIFY\n", "FORCESSL \"\"\nCERTVERIFY \"\"\n", "FORCESSL = 1\nCERTVERIFY =\n",
                "forcessl yes\ncertverify on\n", "[odd]\nFORCESSL 1\nCERTVERIFY 1\n",
        };

        ASSERT_EQ(report.n_errors, 4);
        ASSERT_TRUE(c->force_ssl && c->cert_verify && c->cert_hosts[0].verify && c->cert_hosts[0].force);

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                _cleanup_(test_report_done) TestReport reports = {};
                _cleanup_(upsmon_conf_freep) UpsmonConf *other = parse(others[i], &reports);

                ASSERT_TRUE(other->force_ssl && other->cert_verify);
        }
}

static void test_shutdown_commands(void) {
        static const struct {
                const char *value;
                bool plain;
        } cases[] = {
                { "\"/sbin/shutdown -h +0\"",          true  },
                { "\"/usr/sbin/shutdown -h now\"",     true  },
                { "\"shutdown -P now\"",               true  },
                { "\"shutdown now\"",                  true  },
                { "shutdown -h +0",                    true  },
                { "/sbin/shutdown \"-h\" \"+0\"",      true  },
                { "\"sudo -n /sbin/shutdown -h now\"", true  },
                { "poweroff",                          true  },
                { "/sbin/poweroff",                    true  },
                { "\"halt -p\"",                       true  },
                { "\"init 0\"",                        true  },
                { "\"systemctl poweroff\"",            true  },
                { "\"/bin/systemctl poweroff -i\"",    true  },
                { "\"shutdown -h +1\"",                false },
                { "\"shutdown -h\"",                   false },
                { "\"shutdown -r now\"",               false },
                { "\"shutdown -H now\"",               false },
                { "\"shutdown -h now; sync\"",         false },
                { "\"shutdown -h 'now\"",              false },
                { "\"sync; poweroff\"",                false },
                { "\"poweroff -f\"",                   false },
                { "halt",                              false },
                { "\"systemctl hibernate\"",           false },
                { "\"systemctl\"",                     false },
                { "\"init 6\"",                        false },
                { "sudo",                              false },
                { "/usr/local/sbin/shutdown -h now",   false },
                { "/opt/poweroff",                     false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = strjoin("SHUTDOWNCMD ", cases[i].value, "\n");
                _cleanup_(test_report_done) TestReport report = {};
                _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(text, &report);

                test_report_check(&report, 0, 0, NULL);
                if (cases[i].plain == (c->shutdown_command != NULL))
                        TEST_FAIL("%s is taken for %s", cases[i].value, strempty(c->shutdown_command));
        }
}

static void test_files(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c = NULL;

        ASSERT_EQ(setenv("NUT_CONFPATH", directory, 1), 0);
        ASSERT_OK(upsmon_conf_load(test_report_collect, &report, &c));
        ASSERT_FALSE(c->exists);
        c = upsmon_conf_free(c);

        /* What a drop-in says of the same device goes before the main file. */
        test_write_file("upsmon.conf", "MONITOR ups 1 u p secondary\nPOLLFREQ 7\n");
        ASSERT_EQ(mkdir("upsmon.conf.d", 0755), 0);
        test_write_file("upsmon.conf.d/10.conf", "MONITOR ups@localhost 2 u p primary\nPOLLFREQ 8\n");
        ASSERT_OK(upsmon_conf_load(test_report_collect, &report, &c));
        test_report_check(&report, 0, 0, NULL);
        ASSERT_TRUE(c->exists);
        ASSERT_EQ(c->n_supplies, 1);
        ASSERT_EQ(c->supplies[0].power_value, 2);
        ASSERT_TRUE(c->supplies[0].primary);
        ASSERT_EQ(c->poll_usec, 8 * USEC_PER_SEC);
}

static void test_many(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_free_ char *text = strdup("");

        for (unsigned i = 0; i < 1003; i++) {
                _cleanup_free_ char *front = text;

                text = strprintf("%sMONITOR u%u 1 u p primary\n", front, i);
                ASSERT_TRUE(text != NULL);
        }

        _cleanup_(upsmon_conf_freep) UpsmonConf *c = parse(text, &report);
        test_report_check(&report, 3, 0, "1000 is the most");
        ASSERT_EQ(c->n_supplies, 1000);
}

/* What is written holds without MONITOR lines too. */
static void test_implied(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *none = parse("MINSUPPLIES x\nRUNTIMELIMIT 60\n", &report);

        test_report_check(&report, 1, 0, "MINSUPPLIES");
        ASSERT_FALSE(none->min_supplies_set);
        ASSERT_EQ(upsmon_conf_implied_rules(none, "a")->runtime_limit_usec, 60 * USEC_PER_SEC);

        _cleanup_(test_report_done) TestReport more = {};
        _cleanup_(upsmon_conf_freep) UpsmonConf *c =
                parse("CHARGELIMIT 45 a\nRUNTIMELIMIT 60\nONBATTLIMIT 5 A@localhost\nMINSUPPLIES 0\n",
                      &more);
        test_report_check(&more, 0, 0, NULL);
        ASSERT_TRUE(c->min_supplies_set && c->min_supplies == 0 && c->n_implied == 1);
        ASSERT_EQ(upsmon_conf_implied_rules(c, "A")->charge_limit_percent, 45);
        ASSERT_EQ(upsmon_conf_implied_rules(c, "a")->runtime_limit_usec, 60 * USEC_PER_SEC);
        ASSERT_EQ(upsmon_conf_implied_rules(c, "a")->on_battery_limit_usec, 5 * USEC_PER_SEC);
        ASSERT_TRUE(isnan(upsmon_conf_implied_rules(c, "b")->charge_limit_percent));
}

int main(void) {
        test_defaults();
        test_everything();
        test_supplies();
        test_systems();
        test_mistakes();
        test_no_secret_is_shown();
        test_min_supplies();
        test_incomplete();
        test_own_name();
        test_strict();
        test_shutdown_commands();
        test_files();
        test_many();
        test_implied();
        return 0;
}
