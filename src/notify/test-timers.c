/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-util.h"
#include "device-name.h"
#include "timers.h"

static const TimerEvent on_battery_a = { "ONBATT", "a@localhost", "a on battery" };
static const TimerEvent on_battery_b = { "ONBATT", "b@far", "b on battery" };
static const TimerEvent lost_a = { "COMMBAD", "a@localhost", "a lost" };

static void expect_due(Timers *t, uint64_t now, const char *name) {
        _cleanup_(timer_freep) Timer *timer = timers_take_due(t, now);

        ASSERT_STREQ(timer ? timer->name : NULL, name);
}

static void test_names(void) {
        static const struct {
                const char *a, *b;
                bool equal;
        } cases[] = {
                { "ups", "ups", true },
                { "ups", "UPS@LocalHost", true },
                { "ups@localhost", "ups@localhost:3493", true },
                { "ups", "ups@localhost:3494", false },
                { "ups@far", "UPS@FAR", true },
                { "ups@far", "ups", false },
                { "ups", "ups2", false },
                { "", "", true },
                { "", "@localhost", false },
                { "", "ups", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ASSERT_EQ(system_name_equal(cases[i].a, cases[i].b), cases[i].equal);
                ASSERT_EQ(system_name_equal(cases[i].b, cases[i].a), cases[i].equal);
        }
}

static void test_order(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();

        ASSERT_EQ(timers_due(t), UINT64_MAX);
        ASSERT_TRUE(!timers_take_due(t, UINT64_MAX));

        ASSERT_EQ(timers_start(t, "late", 300, false, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "early", 100, false, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "same", 100, false, &on_battery_b), 1);
        ASSERT_EQ(timers_start(t, "now", 0, false, &(TimerEvent) {}), 1);
        ASSERT_EQ(timers_count(t), 4);
        ASSERT_STREQ(timers_get(t, 0)->name, "late");
        ASSERT_TRUE(!timers_get(t, 4));

        ASSERT_EQ(timers_due(t), 0);
        expect_due(t, 0, "now");
        expect_due(t, 99, NULL);
        ASSERT_EQ(timers_due(t), 100);
        expect_due(t, 100, "early");
        expect_due(t, 100, "same");
        expect_due(t, 100, NULL);
        expect_due(t, 1000, "late");
        ASSERT_EQ(timers_count(t), 0);
}

static void test_started_twice(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();

        ASSERT_EQ(timers_start(t, "x", 100, false, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "x", 200, false, &on_battery_b), 1);
        expect_due(t, 100, "x");
        expect_due(t, 150, NULL);
        expect_due(t, 200, "x");

        ASSERT_EQ(timers_start(t, "x", 100, false, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "y", 100, false, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "x", 200, false, &on_battery_b), 1);
        ASSERT_EQ(timers_cancel(t, "x"), 2);
        ASSERT_EQ(timers_cancel(t, "x"), 0);
        ASSERT_EQ(timers_cancel(t, "X"), 0);
        ASSERT_EQ(timers_cancel(t, "Y"), 0);
        expect_due(t, 200, "y");
}

static void test_shared(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();
        const Timer *x;

        ASSERT_EQ(timers_start(t, "x", 100, true, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "x", 500, true, &on_battery_b), 0);
        ASSERT_EQ(timers_start(t, "x", 500, true, &lost_a), 0);
        ASSERT_EQ(timers_start(t, "x", 500, true, &lost_a), 0);
        ASSERT_EQ(timers_start(t, "x", 500, true, &(TimerEvent) { "", NULL, "" }), 0);
        ASSERT_EQ(timers_count(t), 1);

        x = timers_get(t, 0);
        ASSERT_EQ(x->due_usec, 100);
        ASSERT_EQ(strv_length(x->types), 2);
        ASSERT_STREQ(x->types[1], "COMMBAD");
        ASSERT_EQ(strv_length(x->systems), 2);
        ASSERT_STREQ(x->systems[1], "b@far");
        ASSERT_EQ(strv_length(x->messages), 3);

        /* One that is not shared stands beside it; the next shared one joins the first. */
        ASSERT_EQ(timers_start(t, "x", 700, false, &on_battery_b), 1);
        ASSERT_EQ(timers_start(t, "x", 500, true, &(TimerEvent) { "FSD", "c", "m" }), 0);
        ASSERT_EQ(strv_length(timers_get(t, 0)->systems), 3);
        ASSERT_EQ(strv_length(timers_get(t, 1)->systems), 1);
}

static void test_matched(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();

        ASSERT_EQ(timers_start(t, "x", 100, true, &on_battery_a), 1);
        ASSERT_EQ(timers_start(t, "x", 100, true, &on_battery_b), 0);
        ASSERT_EQ(timers_start(t, "y", 100, true, &on_battery_a), 1);

        ASSERT_EQ(timers_cancel_matched(t, "x", "c"), 0);
        ASSERT_EQ(timers_cancel_matched(t, "z", "a"), 0);
        ASSERT_EQ(timers_cancel_matched(t, "x", "A"), 1);
        ASSERT_EQ(timers_count(t), 2);
        ASSERT_EQ(strv_length(timers_get(t, 0)->systems), 1);
        ASSERT_EQ(timers_cancel_matched(t, "x", "a"), 0);
        ASSERT_EQ(timers_cancel_matched(t, "x", "B@FAR"), 1);
        ASSERT_EQ(timers_count(t), 1);
        ASSERT_EQ(timers_cancel_matched(t, "y", ""), 1);
        ASSERT_EQ(timers_count(t), 0);

        /* A timer that is about no UPS is no match of one. */
        ASSERT_EQ(timers_start(t, "x", 100, false, &(TimerEvent) { "SHUTDOWN", "", "m" }), 1);
        ASSERT_EQ(timers_cancel_matched(t, "x", "a"), 0);
        ASSERT_EQ(timers_cancel_matched(t, "x", NULL), 1);
}

static void test_bounds(void) {
        _cleanup_(timers_freep) Timers *t = timers_new();

        for (unsigned i = 0; i < TIMERS_MAX; i++)
                ASSERT_EQ(timers_start(t, "x", i, false, &on_battery_a), 1);
        ASSERT_ERROR(timers_start(t, "x", 0, false, &on_battery_a), E2BIG);
        ASSERT_EQ(timers_start(t, "x", 0, true, &on_battery_b), 0);
        ASSERT_ERROR(timers_restore(t, new0(Timer, 1)), E2BIG);

        for (unsigned i = 0; i < 2 * TIMER_NOTES_MAX; i++) {
                _cleanup_free_ char *message = strprintf("message %u", i);
                ASSERT_EQ(timers_start(t, "x", 0, true, &(TimerEvent) { .message = message }), 0);
        }
        ASSERT_EQ(strv_length(timers_get(t, 0)->messages), TIMER_NOTES_MAX);
        ASSERT_EQ(timers_cancel(t, "x"), TIMERS_MAX);
        ASSERT_EQ(timers_count(t), 0);
}

int main(void) {
        test_names();
        test_order();
        test_started_twice();
        test_shared();
        test_matched();
        test_bounds();
        return EXIT_SUCCESS;
}
