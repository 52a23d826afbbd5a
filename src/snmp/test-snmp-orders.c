/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the profiles of the tree, whose directory $BUSBAR_PROFILES names, send to switch off a UPS and to
 * bring it back, and what one of them makes of units. */

#include "test-snmp-fake.h"

#define IETF "1.3.6.1.2.1.33.1."
#define XUPS "1.3.6.1.4.1.534.1."
#define CPQ "1.3.6.1.4.1.232.165.3."
#define APC "1.3.6.1.4.1.318.1.1.1."
#define PX2 "1.3.6.1.4.1.13742.6."

static const char *const delays[] = {"offdelay", "120", "ondelay", "30", NULL};

static void open_profile(Bench *b, const char *id, const char *lines) {
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
        _cleanup_free_ char *path = strjoin(getenv("BUSBAR_PROFILES"), "/snmp/", id, ".profile");

        ASSERT_TRUE(path);
        ASSERT_OK(snmp_profile_load(path, NULL, NULL, &p));
        b->options = delays;
        bench_open_profile(b, p, lines, false, NULL);
        ASSERT_OK(bench_start(b));
}

/* Numbers are seconds from the SET on where the device counts so: output off after 120, on 30 later. */
static const struct {
        const char *profile, *agent, *command, *wire;
} orders[] = {
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n" IETF "8.5.0|2|2\n",
                "shutdown.return", IETF "8.5.0=1 " IETF "8.3.0=150 " IETF "8.2.0=120 "},
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n" IETF "8.5.0|2|1\n",
                "shutdown.return", IETF "8.3.0=150 " IETF "8.2.0=120 "},
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.5.0|2|2\n",
                "shutdown.return", IETF "8.5.0=1 " IETF "8.2.0=120 "},
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n" IETF "8.5.0|2|1\n",
                "shutdown.stayoff", IETF "8.3.0=-1 " IETF "8.5.0=2 " IETF "8.2.0=120 "},
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n",
                "shutdown.stayoff", IETF "8.3.0=-1 " IETF "8.2.0=120 "},
        {"ietf", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.5.0|2|1\n",
                "shutdown.stayoff", IETF "8.5.0=2 " IETF "8.2.0=120 "},
        {"liebert_gp", IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n",
                "shutdown.return", IETF "8.3.0=150 " IETF "8.2.0=120 "},
        {"eaton_pw_nm2", XUPS "4.5.0|2|3\n" XUPS "9.1.0|2|0\n" XUPS "9.2.0|2|0\n",
                "shutdown.return", XUPS "9.2.0=150 " XUPS "9.1.0=120 "},
        {"eaton_pw_nm2", XUPS "4.5.0|2|3\n" XUPS "9.1.0|2|0\n" XUPS "9.2.0|2|0\n",
                "shutdown.stayoff", XUPS "9.2.0=0 " XUPS "9.1.0=120 "},
        {"eaton_pw_nm2", XUPS "4.5.0|2|3\n" XUPS "9.1.0|2|0\n",
                "shutdown.stayoff", XUPS "9.1.0=120 "},
        {"eaton_pw_nm2", XUPS "4.5.0|2|3\n" XUPS "9.1.0|2|0\n" XUPS "9.2.0|2|0\n",
                "shutdown.stop", XUPS "9.1.0=0 " XUPS "9.2.0=0 "},
        {"eaton_pw_nm2", XUPS "4.5.0|2|3\n" XUPS "9.1.0|2|0\n" XUPS "9.6.0|2|0\n",
                "shutdown.return", XUPS "9.6.0=120 "},
        {"cpqpower", CPQ "8.1.0|2|0\n" CPQ "8.2.0|2|0\n",
                "shutdown.return", CPQ "8.2.0=150 " CPQ "8.1.0=120 "},
        {"cpqpower", CPQ "8.1.0|2|0\n" CPQ "8.2.0|2|0\n",
                "shutdown.stayoff", CPQ "8.2.0=0 " CPQ "8.1.0=120 "},
};

static void test_orders(void) {
        for (size_t i = 0; i < ELEMENTSOF(orders); i++) {
                Bench b = {};
                int r;

                open_profile(&b, orders[i].profile, orders[i].agent);
                r = bench_command(&b, orders[i].command, NULL);
                if (r < 0 || !streq(strempty(b.fake->wire), orders[i].wire))
                        TEST_FAIL("%s, %s: %d, \"%s\" instead of \"%s\"", orders[i].profile,
                                orders[i].command, r, strempty(b.fake->wire), orders[i].wire);
                bench_close(&b);
        }
}

/* Nothing brings back what is to stay off, not even what was ordered before. */
static void test_stay_off(void) {
        Bench b = {};

        open_profile(&b, "ietf",
                IETF "4.1.0|2|5\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n" IETF "8.5.0|2|2\n");
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_OK(bench_command(&b, "shutdown.stayoff", NULL));
        ASSERT_STREQ(b.fake->wire, IETF "8.5.0=1 " IETF "8.3.0=150 " IETF "8.2.0=120 "
                                   IETF "8.3.0=-1 " IETF "8.5.0=2 " IETF "8.2.0=120 ");
        ASSERT_STREQ(bench_get(&b, "ups.timer.start"), "-1");
        bench_close(&b);
}

/* With mains back since the last poll a UPS of APC's that is told to conserve its battery would stay off. */
static void test_mains_back(void) {
        Bench b = {};

        open_profile(&b, "apcc", APC "4.1.1.0|2|3\n" APC "6.1.1.0|2|1\n" APC "6.2.2.0|2|1\n");
        ASSERT_TRUE(strstr(strempty(bench_get(&b, "ups.status")), "OB"));
        fake_put(b.fake, APC "4.1.1.0", 2);
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_STREQ(b.fake->wire, APC "6.2.2.0=3 ");
        fake_put(b.fake, APC "4.1.1.0", 3);
        ASSERT_OK(bench_command(&b, "shutdown.return", NULL));
        ASSERT_STREQ(b.fake->wire, APC "6.2.2.0=3 " APC "6.1.1.0=2 ");
        bench_close(&b);
}

/* No time that is left is written: that would be an order. */
static void test_timers(void) {
        Bench b = {};

        open_profile(&b, "ietf",
                IETF "4.1.0|2|3\n" IETF "8.2.0|2|-1\n" IETF "8.3.0|2|-1\n" IETF "8.4.0|2|0\n");
        ASSERT_STREQ(bench_get(&b, "ups.timer.shutdown"), "-1");
        ASSERT_ERROR(bench_set(&b, "ups.timer.shutdown", "0"), EOPNOTSUPP);
        ASSERT_ERROR(bench_set(&b, "ups.timer.reboot", "0"), EOPNOTSUPP);
        ASSERT_EQ(b.fake->n_sets, 0);
        bench_close(&b);
}

/* A probe in Celsius and one in Fahrenheit, both with one decimal: 22.9 and 73.4 degrees. */
static void test_units(void) {
        Bench b = {};

        open_profile(&b, "raritan-px2",
                PX2 "3.6.3.1.2.1.1|2|10\n" PX2 "3.6.3.1.2.1.2|2|10\n"
                PX2 "3.6.3.1.16.1.1|2|7\n" PX2 "3.6.3.1.16.1.2|2|14\n"
                PX2 "3.6.3.1.17.1.1|66|1\n" PX2 "3.6.3.1.17.1.2|66|1\n"
                PX2 "5.2.3.1.4.1.1.1|66|10\n"
                PX2 "5.5.3.1.3.1.1|2|4\n" PX2 "5.5.3.1.3.1.2|2|4\n"
                PX2 "5.5.3.1.4.1.1|2|229\n" PX2 "5.5.3.1.4.1.2|2|734\n");
        ASSERT_STREQ(bench_get(&b, "ambient.1.temperature"), "22.9");
        ASSERT_STREQ(bench_get(&b, "ambient.2.temperature"), "23.0");
        bench_close(&b);
}

int main(void) {
        ASSERT_TRUE(getenv("BUSBAR_PROFILES"));
        test_orders();
        test_stay_off();
        test_mains_back();
        test_timers();
        test_units();
        return 0;
}
