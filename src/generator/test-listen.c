/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen.h"

#include "test-util.h"

static void count_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        unsigned *n = userdata;

        ASSERT_TRUE(line > 0);
        ASSERT_FALSE(isempty(message));
        (*n)++;
}

static void test_one(const char *text, const char *expected, unsigned n_expected_reports) {
        _cleanup_(conf_freep) Conf *lines = NULL;
        _cleanup_(upsd_conf_freep) UpsdConf *c = NULL;
        _cleanup_strv_free_ char **streams = NULL;
        _cleanup_free_ char *joined = NULL;
        unsigned n_reports = 0;

        ASSERT_OK(conf_parse("upsd.conf", text, strlen(text), count_report, &n_reports, &lines));
        ASSERT_OK(upsd_conf_from_lines(lines, count_report, &n_reports, &c));
        ASSERT_OK(listen_streams(c, &streams));

        joined = strv_join(streams, " ");
        ASSERT_STREQ(joined, expected);
        ASSERT_EQ(n_reports, n_expected_reports);
}

int main(void) {
        static const struct {
                const char *text, *streams;
                unsigned n_reports;
        } table[] = {
                { "", "", 0 },
                { "LISTEN 192.0.2.1\n", "192.0.2.1:3493", 0 },
                { "LISTEN 192.0.2.1 3500\nLISTEN 192.0.2.1\n", "192.0.2.1:3500 192.0.2.1:3493", 0 },
                { "LISTEN *\n", "0.0.0.0:3493 [::]:3493", 0 },
                { "LISTEN 127.0.0.1\nLISTEN ::1\nLISTEN *\n", "0.0.0.0:3493 [::]:3493", 0 },
                { "LISTEN 127.0.0.1\nLISTEN 0.0.0.0\nLISTEN ::1\n", "0.0.0.0:3493 [::1]:3493", 0 },
                { "LISTEN * 3500\nLISTEN 127.0.0.1\n", "0.0.0.0:3500 [::]:3500 127.0.0.1:3493", 0 },
                { "LISTEN localhost\nLISTEN 127.0.0.1\n", "127.0.0.1:3493 [::1]:3493", 0 },
                { "LISTEN 2001:DB8:0::1\nLISTEN 2001:db8::1\n", "[2001:db8::1]:3493", 1 },
                { "LISTEN fe80::1%eth0\n", "", 0 },
                { "LISTEN fe80::1%eth0\nLISTEN ::1\nLISTEN fe80::2%1 3500\n", "[::1]:3493", 0 },
                { "LISTEN 127.0.0.1%eth0\n", "", 1 },
                { "LISTEN power.example.org\nLISTEN 192.0.2.1\n", "192.0.2.1:3493", 1 },
                { "LISTEN \"::1]:1 x\"\n", "", 1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                test_one(table[i].text, table[i].streams, table[i].n_reports);

        return EXIT_SUCCESS;
}
