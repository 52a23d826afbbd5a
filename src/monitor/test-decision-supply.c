/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision-supply.h"

#include "test-decision-util.h"

/* One status, steady, and what comes of it. */
static void test_fresh(void) {
        static const struct {
                StatusBits status;
                bool testing;
                Mains mains;
                SupplyState at_once, later; /* later: in an hour */
                Cause cause;
        } cases[] = {
                { STATUS_OL, 0, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_OL | STATUS_LB, 0, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_LB | STATUS_RB, 0, MAINS_ABSENT, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_OTHER, 0, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_OB, 0, 0, SUPPLY_ON_BATTERY, SUPPLY_ON_BATTERY, CAUSE_NONE },
                { STATUS_OB, 0, MAINS_PRESENT, SUPPLY_ON_BATTERY, SUPPLY_ON_BATTERY, CAUSE_NONE },
                { STATUS_OB | STATUS_OL, 0, 0, SUPPLY_ON_BATTERY, SUPPLY_ON_BATTERY, CAUSE_NONE },
                { OB_LB, 0, 0, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_LOW_BATTERY },
                { OB_LB, 0, MAINS_PRESENT, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_LOW_BATTERY },
                { OB_LB | STATUS_OL, 0, 0, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_LOW_BATTERY },
                { OB_LB, 1, 0, SUPPLY_ON_BATTERY, SUPPLY_ON_BATTERY, CAUSE_NONE },
                { OB_LB, 1, MAINS_PRESENT, SUPPLY_ON_BATTERY, SUPPLY_ON_BATTERY, CAUSE_NONE },
                { OB_LB, 1, MAINS_ABSENT, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_LOW_BATTERY },
                { STATUS_OFF, 0, 0, SUPPLY_LOW, SUPPLY_CRITICAL, CAUSE_OFF },
                { STATUS_OL | STATUS_OFF, 0, 0, SUPPLY_LOW, SUPPLY_CRITICAL, CAUSE_OFF },
                { STATUS_FSD | STATUS_OL, 0, 0, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_FORCED },
                { STATUS_FSD, 0, 0, SUPPLY_CRITICAL, SUPPLY_CRITICAL, CAUSE_FORCED },
                { STATUS_BYPASS, 0, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_OL | STATUS_CAL, 1, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
                { STATUS_OL | STATUS_OVER | STATUS_ALARM, 0, 0, SUPPLY_ONLINE, SUPPLY_ONLINE, CAUSE_NONE },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World w = world_new(1, false);

                w.readings[0] = reading(cases[i].status);
                w.readings[0].testing = cases[i].testing;
                w.readings[0].mains = cases[i].mains;
                world_step(&w);
                if (world_view(&w, 0).state != cases[i].at_once)
                        TEST_FAIL("case %zu: %s", i, supply_state_to_string(world_view(&w, 0).state));
                world_run(&w, SEC(3600));
                if (world_view(&w, 0).state != cases[i].later || world_view(&w, 0).cause != cases[i].cause)
                        TEST_FAIL("case %zu: %s, %s", i, supply_state_to_string(world_view(&w, 0).state),
                                cause_to_string(world_view(&w, 0).cause));
                ASSERT_EQ(w.powered, cases[i].later == SUPPLY_CRITICAL);
        }
}

static void test_durations(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.policy.low_battery_duration_usec = SEC(10);
        w.readings[0] = reading(OB_LB);
        world_step(&w);
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_LOW);
        ASSERT_EQ(world_view(&w, 0).deadline_usec, w.now + SEC(10));
        ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(10));
        world_run(&w, SEC(9));

        /* Without LB in between it starts anew; a secondary waits for its primary besides. */
        w.readings[0].status = STATUS_OB;
        world_run(&w, SEC(1));
        w.readings[0].status = STATUS_OB | STATUS_LB;
        w.supplies[0].primary = false;
        world_run(&w, SEC(1));
        ASSERT_EQ(world_view(&w, 0).deadline_usec, w.now + SEC(24));
        world_run(&w, SEC(23));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        world_run(&w, SEC(1));
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        ASSERT_EQ(w.all, ACTION_TELL | ACTION_RECORD);

        /* OFF that is never to count is no state. */
        _cleanup_world_ World off = world_new(1, false);
        off.policy.off_duration_usec = UPSMON_NEVER;
        off.readings[0] = reading(STATUS_OFF);
        world_run(&off, SEC(1e9));
        ASSERT_EQ(world_view(&off, 0).state, SUPPLY_ONLINE);
        world_lose(&off, 0);
        world_run(&off, SEC(1e9));
        ASSERT_EQ(off.all, 0);
}

static void test_rules(void) {
        _cleanup_world_ World w = world_new(1, false);
        SupplyReading *r = &w.readings[0];

        w.supplies[0].rules.charge_limit_percent = 40;
        *r = reading(STATUS_OL);
        r->charge_percent = 10;
        world_run(&w, SEC(100));
        ASSERT_EQ(world_view(&w, 0).deadline_usec, UINT64_MAX);

        /* Only on battery, and not before ONBATTDELAY. */
        r->status = STATUS_OB;
        world_step(&w);
        ASSERT_EQ(world_view(&w, 0).deadline_usec, w.now + SEC(15));
        ASSERT_EQ(world_view(&w, 0).cause, CAUSE_CHARGE);
        world_run(&w, SEC(14.9));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);

        /* A value that errs for one reading makes no difference. */
        r->charge_percent = 90;
        world_run(&w, SEC(60));
        r->charge_percent = 0;
        world_run(&w, SEC(4.9));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        r->charge_percent = 90;
        world_run(&w, SEC(60));
        ASSERT_EQ(world_view(&w, 0).deadline_usec, UINT64_MAX);

        /* Nor does one that is not there, or is none. */
        static const double none[] = { NAN, -1, -INFINITY, INFINITY, 1e300 };
        for (size_t i = 0; i < ELEMENTSOF(none); i++) {
                r->charge_percent = none[i];
                world_run(&w, SEC(60));
                ASSERT_EQ(world_view(&w, 0).deadline_usec, UINT64_MAX);
        }
}

/* Once met, it stays so for small moves. */
static void test_hysteresis(void) {
        _cleanup_world_ World w = world_new(1, false);
        SupplyReading *r = &w.readings[0];

        w.supplies[0].rules.charge_limit_percent = 40;
        *r = reading(STATUS_OB);
        r->charge_percent = 90;
        world_run(&w, SEC(60));
        r->charge_percent = 40;
        world_run(&w, SEC(4));
        r->charge_percent = 42;
        world_run(&w, SEC(0.9));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_ON_BATTERY);
        world_run(&w, SEC(0.1));
        ASSERT_EQ(world_view(&w, 0).cause, CAUSE_CHARGE);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        r->charge_percent = NAN;
        world_step(&w);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        r->charge_percent = 42.1;
        ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
}

/* Tests make no rule fire, but with the mains gone they do. */
static void test_rules_in_tests(void) {
        _cleanup_world_ World w = world_new(1, false);
        SupplyReading *r = &w.readings[0];

        w.supplies[0].rules.charge_limit_percent = 40;
        *r = reading(STATUS_OB);
        r->charge_percent = 10;
        r->testing = true;
        world_run(&w, SEC(100));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        r->mains = MAINS_ABSENT;
        world_run(&w, SEC(15));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_CHARGE);
        ASSERT_EQ(decision_supply(w.decision), 0);
}

static void test_rules_of_time(void) {
        _cleanup_world_ World w = world_new(1, false);
        SupplyReading *r = &w.readings[0];
        uint64_t start = w.now;

        w.supplies[0].rules.on_battery_limit_usec = SEC(60);
        w.supplies[0].rules.runtime_limit_usec = SEC(300);
        *r = reading(STATUS_OB);
        r->runtime_sec = 301;
        world_run(&w, SEC(50));
        ASSERT_EQ(world_view(&w, 0).deadline_usec, start + SEC(60));
        ASSERT_EQ(world_view(&w, 0).cause, CAUSE_ON_BATTERY);
        ASSERT_EQ(world_view(&w, 0).on_battery_since_usec, start);

        /* A contact that flaps changes nothing. */
        for (unsigned i = 0; i < 4; i++) {
                r->contact = i % 2 == 0 ? CONTACT_LOST : CONTACT_FRESH;
                world_run(&w, SEC(1));
                ASSERT_EQ(world_view(&w, 0).on_battery_since_usec, start);
        }
        r->runtime_sec = 300;
        world_step(&w);
        ASSERT_EQ(world_view(&w, 0).deadline_usec, start + SEC(59));
        ASSERT_EQ(world_view(&w, 0).cause, CAUSE_RUNTIME);
        world_run(&w, SEC(4.9));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        r->runtime_sec = 316;
        world_run(&w, SEC(1.1));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_ON_BATTERY);
        ASSERT_EQ(w.now, start + SEC(60));

        /* Nor does a test. */
        _cleanup_world_ World tested = world_new(1, false);
        start = tested.now;
        tested.supplies[0].rules.on_battery_limit_usec = SEC(60);
        tested.readings[0] = reading(STATUS_OB);
        world_run(&tested, SEC(10));
        tested.readings[0].testing = true;
        world_run(&tested, SEC(60));
        ASSERT_EQ(world_view(&tested, 0).state, SUPPLY_ON_BATTERY);
        tested.readings[0].testing = false;
        world_step(&tested);
        ASSERT_EQ(decision_cause(tested.decision), CAUSE_ON_BATTERY);

        /* ONBATTDELAY is the least. */
        _cleanup_world_ World soon = world_new(1, false);
        soon.supplies[0].rules.on_battery_limit_usec = SEC(1);
        soon.readings[0] = reading(STATUS_OB);
        world_step(&soon);
        ASSERT_EQ(decision_deadline_usec(soon.decision), soon.now + SEC(15));
}

static void test_left_over_forced(void) {
        for (unsigned early = 0; early < 2; early++)
                for (unsigned how = 0; how < 4; how++) {
                        _cleanup_world_ World w = world_new(1, early);
                        SupplyReading *r = &w.readings[0];

                        *r = reading(how % 2 ? STATUS_OL : STATUS_OL | STATUS_FSD);
                        r->forced = how % 2;
                        world_run(&w, SEC(100));
                        ASSERT_EQ(w.powered, !early);
                        if (!early)
                                continue;

                        /* It counts when it comes again, or when the mains go. */
                        if (how < 2) {
                                *r = reading(STATUS_OL);
                                world_run(&w, SEC(1));
                                r->forced = true;
                        } else
                                r->status = STATUS_OB | (how == 2 ? STATUS_FSD : 0);
                        world_run(&w, SEC(1));
                        ASSERT_EQ(decision_cause(w.decision), CAUSE_FORCED);
                }

        /* Not at the first contact: not left over. */
        _cleanup_world_ World w = world_new(1, true);
        world_run(&w, SEC(1));
        w.readings[0].status |= STATUS_FSD;
        world_run(&w, SEC(1));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_FORCED);
}

static void test_never_heard(void) {
        _cleanup_world_ World w = world_new(2, false);

        w.readings[0].contact = CONTACT_NEVER;
        world_run(&w, SEC(14.9));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_UNKNOWN);
        ASSERT_EQ(decision_power_value(w.decision), 2);
        world_run(&w, SEC(0.1));
        ASSERT_EQ(decision_power_value(w.decision), 1);
        ASSERT_EQ(world_run(&w, SEC(1e6)), 0);

        /* It does not decide, and it is no reason to stay up. */
        w.readings[1] = reading(OB_LB);
        world_step(&w);
        ASSERT_EQ(decision_supply(w.decision), 1);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        w.readings[0] = reading(STATUS_OL);
        world_step(&w);
        ASSERT_EQ(world_state(&w), HOST_LOW_BATTERY);
}

int main(void) {
        test_fresh();
        test_durations();
        test_rules();
        test_hysteresis();
        test_rules_in_tests();
        test_rules_of_time();
        test_left_over_forced();
        test_never_heard();
        return 0;
}
