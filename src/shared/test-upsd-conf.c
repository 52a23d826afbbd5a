/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "upsd-conf.h"

#include <string.h>
#include <syslog.h>

#include "test-util.h"
#include "time-util.h"

typedef struct Report {
        size_t n_errors, n_warnings;
        unsigned last_line;
        char *last;
} Report;

static void collect(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Report *r = userdata;

        if (level <= LOG_ERR)
                r->n_errors++;
        else
                r->n_warnings++;
        r->last_line = line;
        ASSERT_OK(free_and_strdup(&r->last, message));
}

static UpsdConf *parse(const char *text, Report *report) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        UpsdConf *c = NULL;

        ASSERT_OK(conf_parse("upsd.conf", text, strlen(text), collect, report, &lines));
        ASSERT_OK(upsd_conf_from_lines(lines, collect, report, &c));
        return c;
}

static void test_defaults(void) {
        Report report = {};
        _cleanup_(upsd_conf_freep) UpsdConf *c = parse("", &report);

        ASSERT_EQ(c->max_age_usec, 15 * USEC_PER_SEC);
        ASSERT_EQ(c->tracking_delay_usec, 3600 * USEC_PER_SEC);
        ASSERT_EQ(c->fsd_clear_delay_usec, 120 * USEC_PER_SEC);
        ASSERT_EQ(c->max_connections, UPSD_CONNECTIONS_MAX);
        ASSERT_EQ(c->n_listens, 0);
        ASSERT_EQ(report.n_errors + report.n_warnings, 0);
}

static void test_everything(void) {
        static const char text[] =
                "LISTEN 127.0.0.1\n"
                "LISTEN [::1] 3494\n"
                "LISTEN * 1\n"
                "LISTEN LocalHost 65535 # all\n"
                "MAXAGE 30\n"
                "TRACKINGDELAY 20\n"
                "FSDCLEARDELAY -1\n"
                "MAXCONN 512\n"
                "MAXCONNPERHOST 3\n"
                "ALLOW_NO_DEVICE true\n"
                "ALLOW_NOT_ALL_LISTENERS on\n"
                "STATEPATH /run/nut\n"
                "DATAPATH /usr/share/nut\n"
                "debug_min 2\n";
        Report report = {};
        _cleanup_(upsd_conf_freep) UpsdConf *c = parse(text, &report);

        ASSERT_EQ(report.n_errors + report.n_warnings, 0);
        ASSERT_EQ(c->n_listens, 4);
        ASSERT_STREQ(c->listens[0].address, "127.0.0.1");
        ASSERT_EQ(c->listens[0].port, 3493);
        ASSERT_STREQ(c->listens[1].address, "::1");
        ASSERT_EQ(c->listens[1].port, 3494);
        ASSERT_EQ(c->listens[1].line, 2);
        ASSERT_STREQ(c->listens[2].address, "*");
        ASSERT_STREQ(c->listens[3].address, "localhost");
        ASSERT_EQ(c->listens[3].port, 65535);
        ASSERT_EQ(c->max_age_usec, 30 * USEC_PER_SEC);
        ASSERT_EQ(c->tracking_delay_usec, 20 * USEC_PER_SEC);
        ASSERT_TRUE(c->fsd_clear_delay_usec == USEC_INFINITY);
        ASSERT_EQ(c->max_connections, 512);
        ASSERT_EQ(c->max_connections_per_host, 3);
        ASSERT_TRUE(c->allow_no_device);
        ASSERT_TRUE(c->allow_not_all_listeners);
        ASSERT_STREQ(c->state_path, "/run/nut");
        ASSERT_EQ(c->debug_min, 2);
}

typedef struct Mistake {
        const char *text;
        size_t errors, warnings;
        const char *message; /* part of the last one */
} Mistake;

static void check_mistake(const Mistake *m) {
        Report report = {};
        _cleanup_(upsd_conf_freep) UpsdConf *c = parse(m->text, &report);

        ASSERT_EQ(report.n_errors, m->errors);
        ASSERT_EQ(report.n_warnings, m->warnings);
        ASSERT_EQ(report.last_line, 2);
        if (!strstr(report.last, m->message))
                TEST_FAIL("\"%s\" lacks \"%s\"", report.last, m->message);
        ASSERT_EQ(c->max_age_usec, 15 * USEC_PER_SEC);
        free(report.last);
}

static void test_mistakes(void) {
        static const Mistake table[] = {
                { "\nMAXAG 5\n", 1, 0, "did you mean MAXAGE?" },
                { "\nmaxage 5\n", 1, 0, "did you mean MAXAGE?" },
                { "\nXYZZYXYZZY 5\n", 1, 0, "Unknown directive \"XYZZYXYZZY\"" },
                { "\nMAXAGE 0\n", 1, 0, "MAXAGE must be from 1 to 86400, not 0" },
                { "\nMAXAGE 5s\n", 1, 0, "wants a whole number, not \"5s\"" },
                { "\nMAXAGE\n", 1, 0, "wants a value" },
                { "\nMAXAGE 5 6\n", 1, 0, "too many values" },
                { "\nMAXAGE = 5\n", 1, 0, "without =" },
                { "\nMAXCONN 0\n", 1, 0, "from 1 to" },
                { "\nLISTEN 127.0.0.1 0\n", 1, 0, "port must be" },
                { "\nLISTEN 127.0.0.1 65536\n", 1, 0, "port must be" },
                { "\nLISTEN \"\"\n", 1, 0, "wants an address" },
                { "\nLISTEN nas.example\n", 1, 0, "\"nas.example\" is none. Names are not looked up" },
                { "\nLISTEN 192.0.2.300\n", 1, 0, "use the address" },
                { "\nLISTEN 192.0.2.1%eth0\n", 1, 0, "use the address" },
                { "\nLISTEN \"::1]:1 x\"\n", 1, 0, "use the address" },
                { "\nLISTEN fe80::1%\n", 1, 0, "use the address" },
                { "\nLISTEN fe80::1%abcdefghijklmnop\n", 1, 0, "use the address" },
                { "LISTEN ::1\nLISTEN [::1] 3493\n", 0, 1, "there already" },
                { "LISTEN 2001:DB8:0::1\nLISTEN 2001:db8::1\n", 0, 1, "there already" },
                { "LISTEN localhost\nLISTEN LOCALHOST\n", 0, 1, "there already" },
                { "\nSTATEPATH run\n", 1, 0, "absolute path" },
                { "\nALLOW_NO_DEVICE perhaps\n", 1, 0, "yes or no" },
                { "[x]\nMAXAGE 5\n", 1, 0, "no sections" },
                { "\nLISTEN fe80::1\n", 1, 0, "needs its interface: fe80::1%eth0" },
                { "\nLISTEN [FE80::2]\n", 1, 0, "needs its interface: fe80::2%eth0" },
                { "\nCERTPATH sql:/etc/nut/db\n", 0, 1, "\"sql:/etc/nut/db\" is a database of NSS" },
                { "\nCERTPATH dbm:/etc/nut/db\n", 0, 1, "is a database of NSS, which is not read here" },
                { "\nCERTPATH db\n", 1, 0, "absolute path" },
                { "APPLIANCE qnap a 10.0.0.0/8\nAPPLIANCE qnap b 10.0.0.1\n", 0, 1,
                  "APPLIANCE qnap b: upsd.conf:1 has addresses of this line already" },
                { "APPLIANCE qnap a 10.0.0.1\nAPPLIANCE qnap b 192.0.2.1 10.0.0.1\n", 0, 1, "first" },
                { "\nCERTREQUEST 3\n", 1, 0, "CERTREQUEST: wants 0 (NO), 1 (REQUEST) or 2 (REQUIRE)" },
                { "\nDISABLE_WEAK_SSL no\n", 0, 1, "TLS 1.2 is the least" },
                { "\nAPPLIANCE synology ups\n", 1, 0, "wants a value" },
                { "\nAPPLIANCE nas ups 192.0.2.1\n", 1, 0, "synology and qnap" },
                { "\nAPPLIANCE qnap u@h 192.0.2.2\n", 1, 0, "name of a UPS" },
                { "\nAPPLIANCE qnap ups nas.example\n", 1, 0, "\"nas.example\" is none. Names" },
                { "\nAPPLIANCE qnap ups 0.0.0.0/0\n", 1, 0, "\"0.0.0.0/0\" lets nearly everybody" },
                { "\nAPPLIANCE qnap ups ::/0\n", 1, 0, "lets nearly everybody" },
                { "\nAPPLIANCE qnap ups any\n", 1, 0, "lets nearly everybody" },
                { "\nAPPLIANCE qnap ups 192.0.2.1 128.0.0.0/1\n", 1, 0, "\"128.0.0.0/1\" lets" },
                { "\nAPPLIANCE qnap ups 2000::/3\n", 1, 0, "lets nearly everybody" },
                { "\nACL all 0.0.0.0/0\n", 0, 1, "obsolete" },
                { "\nACCEPT a b\n", 0, 1, "obsolete" },
                { "\nREJECT all\n", 0, 1, "obsolete" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check_mistake(table + i);
}

static void test_appliances(void) {
        static const char text[] =
                "APPLIANCE synology rack 192.0.2.7 2001:db8::/64\n"
                "APPLIANCE QNAP ups 10.0.0.0/8 fe80::/10 localhost\n"
                "APPLIANCE qnap ups 10.0.0.1 0.0.0.0/0\n";
        Report report = {};
        _cleanup_(upsd_conf_freep) UpsdConf *c = parse(text, &report);

        ASSERT_EQ(report.n_errors, 1);
        ASSERT_EQ(report.last_line, 3);
        ASSERT_EQ(c->n_appliances, 2); /* one that is wrong in part is not there at all */
        ASSERT_STREQ(c->appliances[0].kind->user, "monuser");
        ASSERT_STREQ(c->appliances[0].kind->ups, "ups");
        ASSERT_STREQ(c->appliances[0].device, "rack");
        ASSERT_EQ(c->appliances[0].addresses.n_ranges, 2);
        ASSERT_STREQ(c->appliances[1].kind->ups, "qnapups");
        ASSERT_EQ(c->appliances[1].line, 2);
        ASSERT_EQ(c->appliances[1].addresses.n_ranges, 4);
        free(report.last);
}

static bool is_device(void *userdata, const char *name) {
        return strv_find_nocase(userdata, name) >= 0;
}

static void test_devices_of_appliances(void) {
        static const struct {
                const char *line, *devices, *message;
        } table[] = {
                { "APPLIANCE synology rack 192.0.2.7\n", "rack other qnapups", NULL },
                { "APPLIANCE synology Ups 192.0.2.7\n", "UPS rack", NULL },
                { "\nAPPLIANCE synology rack 192.0.2.7\n", "other", "\"rack\" is not there" },
                { "\nAPPLIANCE synology rack 192.0.2.7\n", "rack UPS", "a device \"ups\" as well" },
                { "\nAPPLIANCE qnap ups 192.0.2.7\n", "ups qnapups", "a device \"qnapups\" as well" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Report report = {};
                _cleanup_(upsd_conf_freep) UpsdConf *c = parse(table[i].line, &report);
                _cleanup_strv_free_ char **devices = NULL;

                ASSERT_OK(strv_split(table[i].devices, " ", &devices));
                upsd_conf_report_devices(c, is_device, devices, collect, &report);
                ASSERT_EQ(report.n_errors, 0);
                ASSERT_EQ(!!report.last, !!table[i].message);
                if (table[i].message) {
                        ASSERT_EQ(report.last_line, 2);
                        ASSERT_TRUE(strstr(report.last, table[i].message));
                }
                free(report.last);
        }
}

int main(void) {
        test_defaults();
        test_everything();
        test_mistakes();
        test_appliances();
        test_devices_of_appliances();
        return 0;
}
