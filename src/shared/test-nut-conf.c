/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-conf.h"

#include "test-conf-report.h"
#include "test-file.h"
#include "time-util.h"

#define MINUTE (60 * USEC_PER_SEC)

static NutConf parse(const char *text, TestReport *report) {
        NutConf c;

        ASSERT_OK(nut_conf_parse("nut.conf", text, strlen(text), test_report_collect, report, &c));
        ASSERT_TRUE(c.exists);
        return c;
}

static void test_values(void) {
        static const struct {
                const char *text;
                NutMode mode;
                uint64_t wait_usec;
                bool quiet;
        } cases[] = {
                { "",                                      NUT_MODE_NONE,       0,           false },
                { "MODE=none\n",                           NUT_MODE_NONE,       0,           false },
                { "MODE=standalone",                       NUT_MODE_STANDALONE, 0,           false },
                { "# MODE=standalone\n  MODE=netserver\r\n", NUT_MODE_NETSERVER, 0,          false },
                { "MODE=\"netclient\" # here\n",           NUT_MODE_NETCLIENT,  0,           false },
                { "MODE='netclient'\n",                    NUT_MODE_NETCLIENT,  0,           false },
                { "MODE=net\"cli\"'ent'\n",                NUT_MODE_NETCLIENT,  0,           false },
                { "MODE=net\\client\n",                    NUT_MODE_NETCLIENT,  0,           false },
                { "export MODE=NetClient\n",               NUT_MODE_NETCLIENT,  0,           false },
                { "MODE=controlled\nMODE=manual\n",        NUT_MODE_MANUAL,     0,           false },
                { "MODE=netclient\nMODE=\n",               NUT_MODE_NONE,       0,           false },
                { "POWEROFF_WAIT=15m\nPOWEROFF_QUIET=true", NUT_MODE_NONE,      15 * MINUTE, true  },
                { "POWEROFF_WAIT=90\n",                    NUT_MODE_NONE,       90 * USEC_PER_SEC, false },
                { "POWEROFF_WAIT='1.5m'\n",                NUT_MODE_NONE,       90 * USEC_PER_SEC, false },
                { "POWEROFF_WAIT=30s\n",                   NUT_MODE_NONE,       30 * USEC_PER_SEC, false },
                { "POWEROFF_WAIT=2h\n",                    NUT_MODE_NONE,       120 * MINUTE, false },
                { "POWEROFF_WAIT=1e9d\n",                  NUT_MODE_NONE,       1440 * MINUTE, false },
                { "POWEROFF_WAIT=\n",                      NUT_MODE_NONE,       0,           false },
                { "UPSD_OPTIONS=\"-4 $X\"\nexport Y=`date`\nA=1 B=2\n", NUT_MODE_NONE, 0,    false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                NutConf c = parse(cases[i].text, &report);

                bool cut = cases[i].wait_usec > 75 * USEC_PER_SEC;

                test_report_check(&report, 0, cut, cut ? "cut to 75 seconds" : NULL);
                ASSERT_EQ(c.mode, cases[i].mode);
                ASSERT_EQ(c.poweroff_wait_usec, cases[i].wait_usec);
                ASSERT_EQ(c.poweroff_quiet, cases[i].quiet);
        }
}

static void test_mistakes(void) {
        static const struct {
                const char *text;
                size_t errors, warnings;
                const char *message;
                NutMode mode;
        } cases[] = {
                { "\nMODE=server",               1, 0, "MODE wants none, standalone", NUT_MODE_NONE },
                { "\nMODE = netclient",          0, 1, "no blanks around the =", NUT_MODE_NETCLIENT },
                { "\nMODE= netclient",           0, 1, "no blanks around the =", NUT_MODE_NETCLIENT },
                { "\nMODE=$X",                   1, 0, "no plain text", NUT_MODE_NONE },
                { "\nMODE=`echo netclient`",     1, 0, "no plain text", NUT_MODE_NONE },
                { "\nMODE=\"$(echo netclient)\"", 1, 0, "no plain text", NUT_MODE_NONE },
                { "\nMODE=netclient; reboot",    1, 0, "no plain text", NUT_MODE_NONE },
                { "\nMODE=netclient reboot",     1, 0, "no plain text", NUT_MODE_NONE },
                { "\nMODE=\"netclient",          1, 0, "no plain text", NUT_MODE_NONE },
                { "\nreboot",                    0, 1, "no NAME=value", NUT_MODE_NONE },
                { "\nif [ -e x ]; then",         0, 1, "no NAME=value", NUT_MODE_NONE },
                { "\n2MODE=netclient",           0, 1, "no NAME=value", NUT_MODE_NONE },
                { "\nPOWEROFF_WAIT=soon",        1, 0, "number of seconds", NUT_MODE_NONE },
                { "\nPOWEROFF_WAIT=-1",          1, 0, "number of seconds", NUT_MODE_NONE },
                { "\nPOWEROFF_WAIT=infinity",    1, 0, "number of seconds", NUT_MODE_NONE },
                { "\nPOWEROFF_QUIET=perhaps",    1, 0, "true or false", NUT_MODE_NONE },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                NutConf c = parse(cases[i].text, &report);

                test_report_check(&report, cases[i].errors, cases[i].warnings, cases[i].message);
                ASSERT_EQ(report.last_line, 2);
                ASSERT_EQ(c.mode, cases[i].mode);
                ASSERT_EQ(c.poweroff_wait_usec, 0);
        }
}

static void test_nul(void) {
        static const char text[] = "MODE=net\0client\nMODE=netclient";
        _cleanup_(test_report_done) TestReport report = {};
        NutConf c;

        ASSERT_OK(nut_conf_parse("nut.conf", text, sizeof(text) - 1, test_report_collect, &report, &c));
        test_report_check(&report, 1, 0, "NUL");
        ASSERT_EQ(c.mode, NUT_MODE_NETCLIENT);
}

static void test_file(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_free_ char *large = new0(char, 1 << 17);
        NutConf c = { .mode = NUT_MODE_MANUAL };

        ASSERT_EQ(setenv("NUT_CONFPATH", directory, 1), 0);
        ASSERT_OK(nut_conf_load(test_report_collect, &report, &c));
        ASSERT_FALSE(c.exists);
        ASSERT_EQ(c.mode, NUT_MODE_NONE);

        test_write_file("nut.conf", "MODE=netclient\n");
        ASSERT_OK(nut_conf_load(test_report_collect, &report, &c));
        ASSERT_TRUE(c.exists);
        ASSERT_EQ(c.mode, NUT_MODE_NETCLIENT);
        test_report_check(&report, 0, 0, NULL);

        memset(large, '#', (1 << 17) - 1);
        test_write_file("nut.conf", large);
        ASSERT_ERROR(nut_conf_load(test_report_collect, &report, &c), EFBIG);
        test_report_check(&report, 1, 0, "cannot be read");
        ASSERT_EQ(c.mode, NUT_MODE_NETCLIENT);

        ASSERT_EQ(unlink("nut.conf"), 0);
        ASSERT_EQ(mkdir("nut.conf", 0755), 0);
        ASSERT_ERROR(nut_conf_load(test_report_collect, &report, &c), EINVAL);
        test_report_check(&report, 2, 0, "cannot be read");
}

int main(void) {
        for (NutMode m = 0; m < _NUT_MODE_MAX; m++)
                ASSERT_EQ(nut_mode_from_string(nut_mode_to_string(m)), m);
        ASSERT_STREQ(nut_mode_to_string(_NUT_MODE_INVALID), NULL);

        test_values();
        test_mistakes();
        test_nul();
        test_file();
        return 0;
}
