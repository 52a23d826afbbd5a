/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision.h"

#include "test-decision-util.h"

/* All combinations of what supplies can be in, against rules that are written down here a second time,
 * without any regard to how the decision works. */

typedef struct Kind {
        StatusBits status;
        bool heard, lost;
        bool on_battery; /* as far as one knows */
} Kind;

static const StatusBits statuses[] = {
        STATUS_OL,
        STATUS_OB,
        STATUS_OB | STATUS_LB,
        STATUS_OFF,
        STATUS_BYPASS,
        STATUS_OL | STATUS_CAL,
        STATUS_OL | STATUS_FSD,
        STATUS_OL | STATUS_OVER,
        STATUS_OL | STATUS_ALARM,
};

/* Each status, each status and then silence, and nothing at all. */
#define N_KINDS (2 * ELEMENTSOF(statuses) + 1)

static Kind kind_from_number(size_t i) {
        if (i == N_KINDS - 1)
                return (Kind) {};

        StatusBits s = statuses[i / 2];
        return (Kind) { .status = s, .heard = true, .lost = i % 2, .on_battery = s & STATUS_OB };
}

/* late: after hours; else a second after the silence began, and two after the rest did. */
static bool oracle_critical(const Kind *k, const DecisionPolicy *p, bool primary, bool late) {
        if (!k->heard)
                return false;
        if (k->status & STATUS_FSD)
                return true;
        if (k->status == (STATUS_OB | STATUS_LB))
                return primary || late;
        if (!late)
                return false;
        if (!k->lost)
                return k->status == STATUS_OFF;

        switch ((unsigned) k->status) {
        case STATUS_OB:
        case STATUS_OFF:
        case STATUS_BYPASS:
        case STATUS_OL | STATUS_CAL:
                return true;
        case STATUS_OL | STATUS_OVER:
                return p->over_duration_usec != UPSMON_NEVER;
        case STATUS_OL | STATUS_ALARM:
                return p->alarm_critical;
        default:
                return false;
        }
}

static bool oracle_counts(const Kind *k, const DecisionPolicy *p, bool primary, bool late) {
        if (oracle_critical(k, p, primary, late))
                return false;

        return !late || (k->heard && !k->lost);
}

static void check(World *w, const Kind *kinds, bool late) {
        unsigned sum = 0;
        bool critical = false, decides = false, on_battery = false;

        for (size_t i = 0; i < w->n; i++) {
                bool c = oracle_critical(&kinds[i], &w->policy, w->supplies[i].primary, late);
                SupplyView v = world_view(w, i);

                critical = critical || c;
                decides = decides || (c && w->supplies[i].power_value > 0);
                on_battery = on_battery || kinds[i].on_battery;
                if (oracle_counts(&kinds[i], &w->policy, w->supplies[i].primary, late))
                        sum += w->supplies[i].power_value;
                if ((v.state == SUPPLY_CRITICAL) != c)
                        TEST_FAIL("supply %zu, status %#x, %s, %s: %s", i, (unsigned) kinds[i].status,
                                kinds[i].lost ? "lost" : "fresh", late ? "late" : "early",
                                supply_state_to_string(v.state));
        }

        ASSERT_EQ(decision_power_value(w->decision), sum);
        if (decides && sum < w->policy.min_supplies)
                ASSERT_TRUE(!world_is_idle(w));
        else if (critical)
                ASSERT_EQ(world_state(w), HOST_LOW_BATTERY);
        else
                ASSERT_EQ(world_state(w), on_battery ? HOST_ON_BATTERY : HOST_ONLINE);
}

static void run(size_t n, const Kind *kinds, const unsigned *power_values, unsigned min_supplies,
                unsigned flags) {
        _cleanup_world_ World w = world_new(n, false);

        w.policy.min_supplies = min_supplies;
        w.policy.alarm_critical = flags & 1;
        w.policy.over_duration_usec = flags & 2 ? SEC(60) : UPSMON_NEVER;
        for (size_t i = 0; i < n; i++) {
                w.readings[i] = reading(kinds[i].status);
                w.readings[i].contact = kinds[i].heard ? CONTACT_FRESH : CONTACT_NEVER;
                w.supplies[i].power_value = power_values[i];
                w.supplies[i].primary = !(flags & 4);
        }

        world_step(&w);
        w.now += SEC(1);
        for (size_t i = 0; i < n; i++)
                if (kinds[i].lost)
                        world_lose(&w, i);
        world_step(&w);
        w.now += SEC(1);
        world_step(&w);
        check(&w, kinds, false);
        w.now += SEC(10000);
        world_step(&w);
        check(&w, kinds, true);
}

static size_t power(size_t base, size_t exponent) {
        return exponent == 0 ? 1 : base * power(base, exponent - 1);
}

/* Up to two supplies: everything. */
static void test_few(void) {
        for (size_t n = 1; n <= 2; n++)
                for (size_t c = 0; c < power(N_KINDS, n); c++)
                        for (size_t v = 0; v < power(3, n); v++)
                                for (unsigned min = 1; min <= 2 * n; min++)
                                        for (unsigned flags = 0; flags < 8; flags++)
                                                run(n, (Kind[]) { kind_from_number(c % N_KINDS),
                                                                kind_from_number(c / N_KINDS % N_KINDS) },
                                                        (unsigned[]) { v % 3, v / 3 % 3 }, min, flags);
}

/* More: all combinations of kinds, and in turn all power values, needs and settings. */
static void test_many(void) {
        unsigned turn = 0;

        for (size_t n = 3; n <= SUPPLIES_MAX; n++)
                for (size_t c = 0; c < power(N_KINDS, n); c++)
                        for (unsigned min = 1; min <= 3; min++) {
                                Kind kinds[SUPPLIES_MAX];
                                unsigned values[SUPPLIES_MAX];

                                turn = turn * 1103515245 + 12345;
                                for (size_t i = 0; i < n; i++) {
                                        kinds[i] = kind_from_number(c / power(N_KINDS, i) % N_KINDS);
                                        values[i] = (turn >> 16) / power(3, i) % 3;
                                }
                                run(n, kinds, values, min, turn >> 29);
                        }
}

/*** Silence ***/

/* What the documentation promises of a supply that falls silent, in seconds; INFINITY: never. NaN: the
 * runtime is not known. */
static double oracle_silence(StatusBits s, double runtime, bool primary, const DecisionPolicy *p) {
        double dead = (double) p->dead_time_usec / 1e6, t = INFINITY;
        double spare = fmax(runtime - 120 - 5 - (primary ? 15 : 0), 0);

        if (p->lost_policy == LOST_COUNTS_NEVER)
                return INFINITY;
        if (s & STATUS_OB)
                t = isnan(runtime) ? dead : fmax(fmax(spare, fmin(dead, runtime / 2)), 1);
        if (s & (STATUS_BYPASS | STATUS_CAL))
                t = fmin(t, dead);
        if (s & STATUS_OVER && p->over_duration_usec != UPSMON_NEVER)
                t = fmin(t, fmax(dead, (double) p->over_duration_usec / 1e6));
        if (s & STATUS_ALARM && p->alarm_critical)
                t = fmin(t, dead);
        if (s & STATUS_OFF && p->off_duration_usec != UPSMON_NEVER)
                t = fmin(t, fmax(dead, (double) p->off_duration_usec / 1e6 - 1));
        if (!isinf(t) || p->lost_policy != LOST_COUNTS_ALWAYS)
                return t;

        return isnan(runtime) ? dead : fmax(dead, spare);
}

static void check_silence(StatusBits status, double runtime, DecisionPolicy policy, bool primary) {
        _cleanup_world_ World w = world_new(1, false);
        double expected = oracle_silence(status, runtime, primary, &policy);

        w.policy = policy;
        w.supplies[0].primary = primary;
        w.readings[0] = reading(status);
        w.readings[0].runtime_sec = runtime;
        world_step(&w);
        w.now += SEC(1);
        world_step(&w);
        ASSERT_TRUE(world_is_idle(&w));
        world_lose(&w, 0);

        uint64_t since = w.now;
        for (double length = 0; length < 1300; length += 0.5) {
                w.now = since + SEC(length);
                world_step(&w);
                if (world_is_idle(&w) != (length < expected))
                        TEST_FAIL("status %#x, runtime %g: %s after %g s, expected after %g",
                                (unsigned) status, runtime, host_state_to_string(world_state(&w)), length,
                                expected);
                if (!world_is_idle(&w))
                        break;
        }

        /* The promises themselves. */
        if (!isinf(expected) && status & STATUS_OB && runtime >= 2)
                ASSERT_TRUE(expected <= runtime);
        ASSERT_TRUE(expected >= 1);
        if (!isnan(runtime) && !isinf(expected))
                ASSERT_TRUE(expected >= fmin(15, runtime - 140));
}

static void test_silence(void) {
        static const StatusBits seen[] = {
                STATUS_OL,
                STATUS_OB,
                STATUS_OB | STATUS_CAL,
                STATUS_OB | STATUS_ALARM | STATUS_OVER,
                STATUS_OB | STATUS_BYPASS,
                STATUS_BYPASS,
                STATUS_OL | STATUS_CAL,
                STATUS_OL | STATUS_OVER,
                STATUS_OL | STATUS_ALARM,
                STATUS_OL | STATUS_OFF,
                STATUS_OTHER,
        };
        static const double runtimes[] = { NAN, 0, 1, 2, 10, 20, 60, 139, 140, 141, 150, 160, 300, 1200 };

        for (size_t s = 0; s < ELEMENTSOF(seen); s++)
                for (size_t r = 0; r < ELEMENTSOF(runtimes); r++)
                        for (unsigned flags = 0; flags < 48; flags++) {
                                _cleanup_world_ World w = world_new(1, false);
                                DecisionPolicy p = w.policy;

                                p.lost_policy = (LostPolicy) (flags % 3);
                                p.alarm_critical = flags / 3 & 1;
                                p.over_duration_usec = flags / 6 & 1 ? SEC(40) : UPSMON_NEVER;
                                p.off_duration_usec = flags / 12 & 1 ? SEC(30) : UPSMON_NEVER;
                                check_silence(seen[s], runtimes[r], p, flags / 24);
                        }
}

/* What a rule, or a low battery, would have done had there been contact. */
static void test_silence_and_rules(void) {
        static const struct {
                StatusBits status;
                double charge, runtime, low_duration;
                UpsmonRules rules;
                double before, expected; /* seconds: on battery before the silence, and then to the end */
        } cases[] = {
                { STATUS_OB, NAN, 1000, 0, { NAN, UPSMON_NEVER, UPSMON_NEVER }, 20, 860 },
                { STATUS_OB, NAN, 1000, 0, { NAN, UPSMON_NEVER, SEC(120) }, 20, 100 },
                { STATUS_OB, NAN, 1000, 0, { NAN, UPSMON_NEVER, SEC(22) }, 20, 15 },
                { STATUS_OB, NAN, 1000, 0, { NAN, SEC(600), UPSMON_NEVER }, 20, 405 },
                { STATUS_OB, NAN, 600.5, 0, { NAN, SEC(600), UPSMON_NEVER }, 2, 15 },
                { STATUS_OB, 30, 1000, 0, { 40, UPSMON_NEVER, UPSMON_NEVER }, 2, 15 },
                { STATUS_OB, 50, 1000, 0, { 40, UPSMON_NEVER, UPSMON_NEVER }, 2, 860 },
                { STATUS_OB, NAN, 10, 0, { NAN, SEC(5), UPSMON_NEVER }, 20, 5 },
                { STATUS_OB | STATUS_LB, NAN, 1000, 60, { NAN, UPSMON_NEVER, UPSMON_NEVER }, 20, 40 },
                { STATUS_OB | STATUS_LB, NAN, 1000, 22, { NAN, UPSMON_NEVER, UPSMON_NEVER }, 20, 15 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World w = world_new(1, false);

                w.supplies[0].rules = cases[i].rules;
                w.policy.low_battery_duration_usec = SEC(cases[i].low_duration);
                w.readings[0] = reading(cases[i].status);
                w.readings[0].charge_percent = cases[i].charge;
                w.readings[0].runtime_sec = cases[i].runtime;
                world_run(&w, SEC(cases[i].before));
                world_lose(&w, 0);
                world_step(&w);
                if (decision_deadline_usec(w.decision) != w.now + SEC(cases[i].expected))
                        TEST_FAIL("case %zu: in %g s", i,
                                ((double) decision_deadline_usec(w.decision) - (double) w.now) / 1e6);
        }
}

/* Who is critical and falls silent stays so, whatever is to become of silence. */
static void test_silence_of_the_critical(void) {
        for (int policy = LOST_COUNTS_ON_BATTERY; policy <= LOST_COUNTS_NEVER; policy++) {
                _cleanup_world_ World w = world_new(1, false);

                w.policy.lost_policy = (LostPolicy) policy;
                w.policy.host_sync_usec = SEC(100);
                w.readings[0] = reading(STATUS_OB | STATUS_LB);
                w.readings[0].runtime_sec = 10000;
                world_step(&w);
                world_lose(&w, 0);
                world_run(&w, SEC(5));
                ASSERT_TRUE(w.powered);
        }
}

/* A device that talks but has no status, or another than one knows from. */
static void test_silence_by_status(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.readings[0] = reading(0);
        world_run(&w, SEC(100));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_UNKNOWN);
        w.readings[0] = reading(STATUS_OB);
        world_run(&w, SEC(100));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_ON_BATTERY);
        w.readings[0] = reading(0);
        world_step(&w);
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_LOST);
        world_run(&w, SEC(15));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_LOST_ON_BATTERY);
}

int main(void) {
        test_few();
        test_many();
        test_silence();
        test_silence_and_rules();
        test_silence_of_the_critical();
        test_silence_by_status();
        return 0;
}
