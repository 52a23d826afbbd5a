/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-snmp-fake.h"

#include <stdio.h>
#include <stdlib.h>

/* What answers that do not come, or are none, do to a device: nothing but that it is as it was. */

#define EX "1.3.6.1.4.1.99999.2."
#define HEAD                                                                                            \
        "[profile]\nengine = snmp\ntitle = Test\nversion = 1.0\nmib = test\norder = 1\n"                    \
        "[objects]\nex = 1.3.6.1.4.1.99999.2\nmodel = ex.1.1\nsource = ex.1.2\nbattery = ex.1.3\n"          \
        "alarms = ex.1.4\nvolts = ex.1.5\nalarmId = ex.2.1\nunitId = ex.5.1\nunitMains = ex.5.2\n"         \
        "unitLow = ex.5.3\noutletName = ex.6.1\noutletState = ex.6.2\noutletUsed = ex.6.3\n"                \
        "[probe]\nneed = model.0\n"

static const char ups_profile[] = HEAD
        "[table:alarms]\nindex = alarmId\ncount = alarms.0\nask = quick\nnumber = position\n"
        "[table:outlets]\nindex = outletName\nselect = outletUsed.* is=1\nnumber = position\n"
        "[variables]\nups.model = model.0 ask=once\ninput.voltage = volts.0\n"
        "outlet.*.name = outletName.* table=outlets\noutlet.*.status = outletState.* table=outlets\n"
        "[status]\nonline = source.0 is=3\noffline = source.0 is=5\nlow-battery = battery.0 is=3\n"
        "replace-battery = alarmId.* table=alarms is=1\noverload = alarmId.* table=alarms is=8\n"
        "[alarms]\n\"Too hot\" = alarmId.* table=alarms is=6\n"
        "[commands]\nload.off = set=volts.0:1\nload.on = set=battery.0:2 verify=battery.0 is=2 within=1\n";

static const char ups_agent[] =
        "1.3.6.1.4.1.99999.2.1.1.0|4|Model\n1.3.6.1.4.1.99999.2.1.2.0|2|3\n"
        "1.3.6.1.4.1.99999.2.1.3.0|2|2\n1.3.6.1.4.1.99999.2.1.4.0|66|0\n1.3.6.1.4.1.99999.2.1.5.0|2|230\n"
        "1.3.6.1.4.1.99999.2.2.1.1|2|0\n1.3.6.1.4.1.99999.2.2.1.2|2|0\n1.3.6.1.4.1.99999.2.2.1.3|2|0\n"
        "1.3.6.1.4.1.99999.2.6.1.1|4|a\n1.3.6.1.4.1.99999.2.6.1.2|4|b\n1.3.6.1.4.1.99999.2.6.1.3|4|c\n"
        "1.3.6.1.4.1.99999.2.6.2.1|2|1\n1.3.6.1.4.1.99999.2.6.2.2|2|1\n1.3.6.1.4.1.99999.2.6.2.3|2|1\n"
        "1.3.6.1.4.1.99999.2.6.3.1|2|1\n1.3.6.1.4.1.99999.2.6.3.2|2|0\n1.3.6.1.4.1.99999.2.6.3.3|2|1\n"
        "1.3.6.1.4.1.99999.3.1.0|2|1\n";

static void check_outlets(const Bench *b) {
        ASSERT_STREQ(bench_get(b, "outlet.1.name"), "a");
        ASSERT_STREQ(bench_get(b, "outlet.2.name"), "c");
        ASSERT_STREQ(bench_get(b, "outlet.3.name"), NULL);
}

static void put_bad(Bench *b) {
        fake_put(b->fake, EX "1.2.0", 5);
        fake_put(b->fake, EX "1.3.0", 3);
        fake_put(b->fake, EX "1.4.0", 3);
        fake_put(b->fake, EX "2.1.1", 1);
        fake_put(b->fake, EX "2.1.2", 6);
}

/* One object that fails: the status is that of before, then there is none, and it is back at once. */
static void test_object(const char *oid, bool is_v1) {
        Bench b = {};

        bench_open(&b, ups_profile, ups_agent, is_v1, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "OL");
        put_bad(&b);
        b.fake->general = oid;
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "OL");
        b.fake->general = NULL;
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OB LB RB");
        b.fake->general = oid;
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OB LB RB");
        ASSERT_ERROR(bench_poll(&b, false), EPROTO);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "cannot be read"));
        b.fake->general = NULL;
        fake_put(b.fake, EX "1.2.0", 3);
        ASSERT_OK(bench_poll(&b, false));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OL LB RB");
        check_outlets(&b);

        /* An error for good is none of the others' business. */
        b.fake->general = oid;
        for (unsigned i = 0; i < 6; i++)
                (void) bench_poll(&b, false);
        ASSERT_OK(bench_poll(&b, false));
        b.fake->general = NULL;
        ASSERT_OK(bench_poll(&b, true));
        ASSERT_STREQ(bench_get(&b, "ups.status"), "ALARM OL LB RB");
        bench_close(&b);
}

static void test_tables(void) {
        static const char *const columns[] = {EX "6.1", EX "6.3", EX "6.3.1"};
        _cleanup_free_ char *known = NULL;
        Bench b = {};

        bench_open(&b, ups_profile, ups_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        check_outlets(&b);
        for (size_t i = 0; i < ELEMENTSOF(columns); i++) {
                b.fake->general = columns[i];
                /* Names are objects as well, and are lost where they fail for long. */
                for (unsigned k = 0; k < 5; k++) {
                        ASSERT_OK(bench_poll(&b, true));
                        ASSERT_STREQ(bench_get(&b, "outlet.1.status"), "1");
                        ASSERT_STREQ(bench_get(&b, "outlet.2.status"), "1");
                        ASSERT_STREQ(bench_get(&b, "outlet.3.status"), NULL);
                }
                ASSERT_OK(snmp_engine_save(b.engine, &known));
                ASSERT_TRUE(strstr(known, "table outlets yes - 1=1 3=2"));
                known = (free(known), NULL);
                b.fake->general = NULL;
                ASSERT_OK(bench_poll(&b, true));
                check_outlets(&b);
        }
        /* Slices grow again. */
        for (unsigned i = 0; i < 200; i++)
                ASSERT_OK(bench_poll(&b, true));
        ASSERT_OK(snmp_engine_save(b.engine, &known));
        bench_close(&b);

        /* At the start there is nothing to keep, and nothing is believed. */
        bench_open(&b, ups_profile, ups_agent, false, NULL);
        b.fake->general = EX "6.3.1";
        ASSERT_OK(bench_start(&b));
        known = (free(known), NULL);
        ASSERT_OK(snmp_engine_save(b.engine, &known));
        ASSERT_FALSE(strstr(known, "table outlets"));
        b.fake->general = NULL;
        ASSERT_OK(bench_poll(&b, true));
        check_outlets(&b);
        bench_close(&b);
}

/*** Chance ***/

/* A reading of the same agent without faults is what it should be. */
static void test_chance(uint64_t seed, bool is_v1) {
        static const char *const alarm_oids[] = {EX "2.1.1", EX "2.1.2", EX "2.1.3"};
        static const int64_t ids[] = {0, 1, 6, 8};
        _cleanup_free_ char *before = NULL;
        Bench b = {}, clean = {};
        unsigned n_ok = 0;
        uint64_t x = seed;

        bench_open(&b, ups_profile, ups_agent, is_v1, NULL);
        bench_open(&clean, ups_profile, ups_agent, is_v1, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_start(&clean));
        b.fake->seed = seed;
        b.fake->faults = 60;
        before = strdup("OL");
        for (unsigned i = 0; i < 500; i++) {
                const char *now, *shown;
                int64_t source, battery;

                x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                source = (x >> 40) % 3 ? 3 : 5;
                battery = (x >> 44) % 3 ? 2 : 3;
                for (Bench *to = &b; to; to = to == &b ? &clean : NULL) {
                        fake_put(to->fake, EX "1.2.0", source);
                        fake_put(to->fake, EX "1.3.0", battery);
                        fake_put(to->fake, EX "1.4.0", (int64_t) ((x >> 48) % 4));
                        for (unsigned k = 0; k < 3; k++)
                                fake_put(to->fake, alarm_oids[k], ids[(x >> (50 + 2 * k)) % 4]);
                }
                ASSERT_OK(bench_poll(&clean, i % 5 == 0));
                now = bench_get(&clean, "ups.status");
                if (bench_poll(&b, i % 5 == 0) >= 0) {
                        n_ok++;
                        shown = bench_get(&b, "ups.status");
                        if (!streq_ptr(shown, now))
                                ASSERT_STREQ(shown, before);
                }
                free(before);
                before = strdup(now);
                /* Names may be missing for a while, but are nobody else's. */
                if (bench_get(&b, "outlet.1.name"))
                        ASSERT_STREQ(bench_get(&b, "outlet.1.name"), "a");
                if (bench_get(&b, "outlet.2.name"))
                        ASSERT_STREQ(bench_get(&b, "outlet.2.name"), "c");
                ASSERT_STREQ(bench_get(&b, "outlet.3.name"), NULL);
        }
        ASSERT_TRUE(n_ok > 300);
        bench_close(&b);
        bench_close(&clean);
}

/*** Chains ***/

static const char chain_profile[] = HEAD
        "[table:units]\nindex = unitId\nchain\n[table:outlets]\nindex = outletName\nparent = units\n"
        "[variables]\ndevice.serial = unitId.* table=units\noutlet.*.name = outletName.* table=outlets\n"
        "[status]\nonline = unitMains.* table=units is=1\noffline = unitMains.* table=units is=2\n"
        "[alarms]\n\"Unit is low\" = unitLow.* table=units is=1\n";

static const char chain_agent[] =
        "1.3.6.1.4.1.99999.2.1.1.0|4|Chain\n"
        "1.3.6.1.4.1.99999.2.5.1.1|4|AAA\n1.3.6.1.4.1.99999.2.5.1.2|4|BBB\n1.3.6.1.4.1.99999.2.5.1.3|4|CCC\n"
        "1.3.6.1.4.1.99999.2.5.2.1|2|1\n1.3.6.1.4.1.99999.2.5.2.2|2|2\n1.3.6.1.4.1.99999.2.5.2.3|2|1\n"
        "1.3.6.1.4.1.99999.2.5.3.1|2|2\n1.3.6.1.4.1.99999.2.5.3.2|2|1\n1.3.6.1.4.1.99999.2.5.3.3|2|2\n"
        "1.3.6.1.4.1.99999.2.6.1.1.1|4|a1\n1.3.6.1.4.1.99999.2.6.1.1.2|4|a2\n"
        "1.3.6.1.4.1.99999.2.6.1.2.1|4|b1\n";

static void check_chain(const Bench *b, const char *count) {
        ASSERT_STREQ(bench_get(b, "device.count"), count);
        ASSERT_STREQ(bench_get(b, "device.1.ups.status"), "OL");
        ASSERT_STREQ(bench_get(b, "device.2.ups.status"), "ALARM OB");
        ASSERT_STREQ(bench_get(b, "device.2.ups.alarm"), "Unit is low");
}

/* A table changes, and the chain stays; then it becomes shorter, also while what hangs on it cannot be
 * read. */
static void test_chain(void) {
        Bench b = {};

        bench_open(&b, chain_profile, chain_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        check_chain(&b, "3");
        fake_drop(b.fake, EX "6.1.1.2");
        for (unsigned i = 0; i < 6; i++) {
                ASSERT_OK(bench_poll(&b, true));
                check_chain(&b, "3");
                if (i >= 3)
                        ASSERT_STREQ(bench_get(&b, "device.1.outlet.2.name"), NULL);
        }
        b.fake->general = EX "6.1.1";
        fake_drop(b.fake, EX "5.1.3");
        for (unsigned i = 0; i < 3; i++)
                ASSERT_OK(bench_poll(&b, true));
        for (unsigned i = 0; i < 3; i++) {
                ASSERT_OK(bench_poll(&b, true));
                check_chain(&b, "2");
                ASSERT_STREQ(bench_get(&b, "device.3.ups.status"), NULL);
                ASSERT_STREQ(bench_get(&b, "device.2.outlet.1.name"), "b1");
        }
        bench_close(&b);
}

/*** Orders ***/

static void test_orders(void) {
        Bench b = {};

        bench_open(&b, ups_profile, ups_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        b.fake->lose_sets = 1;
        ASSERT_ERROR(bench_command(&b, "load.off", NULL), ETIMEDOUT);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "not known whether"));
        ASSERT_EQ(b.fake->n_sets, 1);
        ASSERT_FALSE(b.fake->may_repeat);

        /* What can be seen is known. */
        fake_put(b.fake, EX "1.3.0", 3);
        b.fake->lose_sets = 1;
        ASSERT_OK(bench_command(&b, "load.on", NULL));
        ASSERT_EQ(b.fake->n_sets, 2);
        fake_put(b.fake, EX "1.3.0", 3);
        b.fake->lose_sets = 1;
        b.fake->is_deaf = true;
        ASSERT_ERROR(bench_command(&b, "load.on", NULL), ETIMEDOUT);
        ASSERT_TRUE(strstr(snmp_engine_why(b.engine), "not known whether"));
        bench_close(&b);
}

/* Where nothing is due, it is asked whether the agent is there. */
static void test_nothing_due(void) {
        static const char profile[] = HEAD "[variables]\nups.model = model.0 ask=once\n";
        Bench b = {};

        bench_open(&b, profile, ups_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_poll(&b, false));
        b.fake->dead = true;
        ASSERT_ERROR(bench_poll(&b, false), ETIMEDOUT);
        bench_close(&b);
}

/* Cutting does not make a value that is out of range. */
static void test_step(void) {
        static const char profile[] =
                HEAD "[variables]\ninput.voltage.nominal = volts.0 rw range=7..245 step=20\n";
        Bench b = {};

        bench_open(&b, profile, ups_agent, false, NULL);
        ASSERT_OK(bench_start(&b));
        ASSERT_OK(bench_set(&b, "input.voltage.nominal", "8"));
        ASSERT_STREQ(bench_get(&b, "input.voltage.nominal"), "20");
        ASSERT_TRUE(b.fake->may_repeat);
        ASSERT_OK(bench_set(&b, "input.voltage.nominal", "245"));
        ASSERT_STREQ(bench_get(&b, "input.voltage.nominal"), "240");
        ASSERT_ERROR(bench_set(&b, "input.voltage.nominal", "6"), EINVAL);
        bench_close(&b);
}

int main(void) {
        for (unsigned v1 = 0; v1 <= 1; v1++) {
                test_object(EX "1.2.0", v1 > 0);
                test_object(EX "1.3.0", v1 > 0);
                test_object(EX "2.1.2", v1 > 0);
        }
        test_tables();
        test_chain();
        test_orders();
        test_nothing_due();
        test_step();
        for (uint64_t seed = 1; seed <= 4; seed++)
                test_chance(seed, seed % 2 > 0);
        return 0;
}
