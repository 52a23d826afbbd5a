/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision.h"

#include "test-decision-util.h"

/* Time: that it makes no difference how often one steps, that every moment for the mains to return ends
 * well, and what becomes of times and values that cannot be. */

#define TICK (UINT64_C(100) * USEC_PER_MSEC)

static unsigned random_below(uint64_t *seed, unsigned n) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned) (*seed >> 33) % n;
}

static bool one_in(uint64_t *seed, unsigned n) {
        return random_below(seed, n) == 0;
}

/*** As often as one likes ***/

static uint64_t random_duration(uint64_t *seed, unsigned never) {
        return never > 0 && one_in(seed, never) ? UPSMON_NEVER : random_below(seed, 400) * TICK;
}

static double random_value(uint64_t *seed) {
        return one_in(seed, 4) ? NAN : (double) random_below(seed, 60);
}

static SupplyReading random_reading(uint64_t *seed) {
        static const StatusBits bits[] = {
                STATUS_LB,   STATUS_BYPASS, STATUS_CAL, STATUS_OFF,
                STATUS_OVER, STATUS_ALARM,  STATUS_FSD, STATUS_OTHER,
        };
        static const StatusBits sources[] = {
                STATUS_OL, STATUS_OL, STATUS_OB, STATUS_OB, STATUS_OB | STATUS_OL, 0,
        };
        StatusBits s = sources[random_below(seed, ELEMENTSOF(sources))];

        for (size_t i = 0; i < ELEMENTSOF(bits); i++)
                if (one_in(seed, 12) || (bits[i] == STATUS_LB && one_in(seed, 4)))
                        s |= bits[i];
        return (SupplyReading) {
                .contact = one_in(seed, 4) ? CONTACT_LOST : CONTACT_FRESH,
                .status = s,
                .testing = one_in(seed, 6),
                .forced = one_in(seed, 40),
                .mains = (Mains) random_below(seed, _MAINS_MAX),
                .charge_percent = random_value(seed),
                .runtime_sec = random_value(seed),
        };
}

static World random_world(uint64_t *seed) {
        World w = world_new(1 + random_below(seed, 3), one_in(seed, 2));

        w.policy = (DecisionPolicy) {
                .min_supplies = random_below(seed, 4),
                .lost_policy = (LostPolicy) random_below(seed, 3),
                .on_battery_delay_usec = random_duration(seed, 0),
                .dead_time_usec = random_duration(seed, 0),
                .host_sync_usec = random_duration(seed, 0),
                .lease_max_usec = random_duration(seed, 0),
                .final_delay_usec = random_duration(seed, 0),
                .off_duration_usec = random_duration(seed, 3),
                .over_duration_usec = random_duration(seed, 3),
                .low_battery_duration_usec = random_duration(seed, 0),
                .mains_stable_usec = random_duration(seed, 0),
                .shutdown_time_usec = random_below(seed, 100) * TICK,
                .alarm_critical = one_in(seed, 2),
        };
        for (size_t i = 0; i < w.n; i++) {
                w.supplies[i].primary = one_in(seed, 2);
                w.supplies[i].power_value = random_below(seed, 3);
                w.supplies[i].rules = (UpsmonRules) {
                        .charge_limit_percent = one_in(seed, 2) ? NAN : random_below(seed, 60),
                        .runtime_limit_usec = one_in(seed, 2) ? UPSMON_NEVER : SEC(random_below(seed, 60)),
                        .on_battery_limit_usec = random_duration(seed, 2),
                };
                if (one_in(seed, 4))
                        w.readings[i].contact = CONTACT_NEVER;
        }
        w.echo = one_in(seed, 2);
        return w;
}

/* Something happens. What is heard goes on being heard, so all of them were heard now. */
static void random_event(World *w, uint64_t *seed) {
        size_t i = random_below(seed, (unsigned) w->n);
        SupplyReading r = random_reading(seed);

        r.heard_usec = w->readings[i].heard_usec;
        if (w->readings[i].contact != CONTACT_NEVER || r.contact == CONTACT_FRESH)
                w->readings[i] = r;
        if (one_in(seed, 4))
                w->secondaries = random_below(seed, 3);
        if (one_in(seed, 4))
                w->lease = random_duration(seed, 0);
        if (one_in(seed, 12))
                w->request = (Request) random_below(seed, _REQUEST_MAX);
        w->resumed = one_in(seed, 40);
}

static void assert_same(const World *a, const World *b, uint64_t seed) {
        const Decision *d = a->decision, *e = b->decision;
        bool same = decision_state(d) == decision_state(e) && decision_cause(d) == decision_cause(e) &&
                    decision_cancellation(d) == decision_cancellation(e) &&
                    decision_supply(d) == decision_supply(e) &&
                    decision_power_value(d) == decision_power_value(e) &&
                    decision_deadline_usec(d) == decision_deadline_usec(e);

        for (size_t i = 0; i < a->n; i++) {
                SupplyView v = world_view(a, i), u = world_view(b, i);

                same = same && v.state == u.state && v.cause == u.cause && v.counts == u.counts &&
                       v.deadline_usec == u.deadline_usec &&
                       v.on_battery_since_usec == u.on_battery_since_usec &&
                       decision_forced(d, i) == decision_forced(e, i);
        }
        if (!same)
                TEST_FAIL("seed %" PRIu64 ", time %" PRIu64 ": states %s and %s", seed, a->now,
                        host_state_to_string(decision_state(d)), host_state_to_string(decision_state(e)));
}

/* What was foretold has come about, when nothing happened in between. */
static void assert_foretold(const World *w, const SupplyView *before, HostState state, uint64_t deadline,
                uint64_t seed) {
        for (size_t i = 0; i < w->n; i++)
                if (before[i].deadline_usec <= w->now && world_view(w, i).state != SUPPLY_CRITICAL)
                        TEST_FAIL("seed %" PRIu64 ": supply %zu is not critical in time", seed, i);

        if (deadline <= w->now && world_state(w) == state &&
            decision_deadline_usec(w->decision) == deadline)
                TEST_FAIL("seed %" PRIu64 ": still %s at the deadline", seed, host_state_to_string(state));
}

static void copy_inputs(World *to, const World *from) {
        to->now = from->now;
        to->secondaries = from->secondaries;
        to->lease = from->lease;
        to->request = from->request;
        to->resumed = from->resumed;
        memcpy(to->readings, from->readings, sizeof(to->readings));
}

/* What is shown of our own FSD comes with the next event, for both. */
static void run_twice(uint64_t start) {
        uint64_t seed = start, same = start;
        _cleanup_world_ World often = random_world(&seed), seldom = random_world(&same);
        uint64_t next_event = often.now;
        bool echo = often.echo;

        often.echo = seldom.echo = false;
        for (unsigned tick = 0; tick < 3000; tick++, often.now += TICK) {
                SupplyView before[SUPPLIES_MAX];
                HostState state = world_state(&seldom);
                uint64_t deadline = decision_deadline_usec(seldom.decision);
                bool event = often.now >= next_event;
                Actions a, b = 0;

                for (size_t i = 0; i < often.n; i++)
                        before[i] = world_view(&seldom, i);
                if (event) {
                        next_event = often.now + random_below(&seed, 300) * TICK;
                        random_event(&often, &seed);
                        for (size_t i = 0; i < often.n && echo; i++)
                                often.readings[i].forced = often.readings[i].forced || often.forced[i];
                }
                copy_inputs(&seldom, &often);
                a = world_step(&often);
                ASSERT_EQ(world_step(&often), 0);
                if (event || decision_wakeup_usec(seldom.decision) <= seldom.now)
                        b = world_step(&seldom);
                if (a != b)
                        TEST_FAIL("seed %" PRIu64 ", time %" PRIu64 ": actions %#x and %#x", start,
                                often.now, (unsigned) a, (unsigned) b);
                assert_same(&often, &seldom, start);
                if (!event)
                        assert_foretold(&often, before, state, deadline, start);
                ASSERT_TRUE(decision_wakeup_usec(seldom.decision) > seldom.now);
                ASSERT_TRUE(decision_wakeup_usec(seldom.decision) == UINT64_MAX ||
                            decision_wakeup_usec(seldom.decision) % TICK == 0);
        }
}

static void test_how_often(void) {
        for (uint64_t seed = 1; seed <= 600; seed++)
                run_twice(seed);
}

/*** The power race ***/

typedef struct Race {
        unsigned secondaries;
        bool deaf;             /* they do not leave */
        uint64_t echo_delay;   /* until the gateway shows what we set */
        uint64_t final_delay;
} Race;

static void race_step(World *w, const Race *r, uint64_t *told, uint64_t *set) {
        Actions a;

        w->echo = *set != 0 && w->now >= *set + r->echo_delay;
        a = world_step(w);
        if (a & (ACTION_SET_FORCED | ACTION_CLEAR_FORCED))
                *set = w->now;
        if (a & ACTION_SET_FORCED)
                *told = w->now;
        if (*told != 0 && !r->deaf && w->now >= *told + SEC(3))
                w->secondaries = 0;
}

/* The mains come back at that time after they went; a low battery after 10 s. */
static void race(const Race *r, uint64_t back) {
        _cleanup_world_ World w = world_new(1, false);
        uint64_t start = w.now, told = 0, set = 0;

        w.secondaries = r->secondaries;
        w.policy.final_delay_usec = r->final_delay;
        for (; w.now < start + SEC(60); w.now += TICK) {
                uint64_t t = w.now - start;

                w.readings[0] = reading(t >= back ? STATUS_OL : t >= SEC(10) ? OB_LB : STATUS_OB);
                race_step(&w, r, &told, &set);
                ASSERT_TRUE(!w.powered || (w.armed && w.forced[0] && world_state(&w) == HOST_POWERING_OFF));
                ASSERT_TRUE(!world_is_idle(&w) || (!w.armed && !w.forced[0]));
        }

        ASSERT_TRUE(w.powered || world_state(&w) == HOST_ONLINE);
        ASSERT_TRUE(!w.powered || back > SEC(10));
        if (r->secondaries > 0)
                ASSERT_EQ(w.powered, back > SEC(10));
        else
                ASSERT_EQ(w.powered, back > SEC(10) + r->final_delay);
}

static void test_race(void) {
        static const Race races[] = {
                { 0, false, 0, SEC(5) },
                { 0, false, SEC(0.3), SEC(5) },
                { 0, false, SEC(7), SEC(5) },
                { 0, false, 0, 0 },
                { 2, false, 0, SEC(5) },
                { 2, false, SEC(0.3), SEC(20) },
                { 1, true, 0, SEC(5) },
                { 1, true, SEC(0.3), 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(races); i++)
                for (uint64_t back = 0; back <= SEC(60); back += TICK)
                        race(&races[i], back);
}

/*** Requests at any time ***/

static void check_request(Request request, unsigned secondaries, uint64_t at) {
        _cleanup_world_ World w = world_new(1, false);
        Race r = { .secondaries = secondaries, .final_delay = SEC(5) };
        uint64_t start = w.now, told = 0, set = 0;

        w.secondaries = secondaries;
        for (; w.now < start + SEC(60); w.now += TICK) {
                uint64_t t = w.now - start;
                HostState before = world_state(&w);

                w.readings[0] = reading(t >= SEC(10) ? OB_LB : t >= SEC(5) ? STATUS_OB : STATUS_OL);
                if (t == at)
                        w.request = request;
                race_step(&w, &r, &told, &set);
                if (t == at && request == REQUEST_CANCEL && before != HOST_POWERING_OFF && t > SEC(10))
                        ASSERT_TRUE(world_is_idle(&w));
                if (t == at && before == HOST_POWERING_OFF)
                        ASSERT_EQ(world_state(&w), request == REQUEST_FAILED ? HOST_FINAL_DELAY : before);
                ASSERT_TRUE(!world_is_idle(&w) || (!w.armed && !w.forced[0]));
        }

        uint64_t end = SEC(15) + (secondaries > 0 ? SEC(3) + TICK : 0);
        bool cancelled = request == REQUEST_CANCEL && at > SEC(10) && at <= end;
        bool external = request == REQUEST_EXTERNAL && at >= SEC(5) && at <= end;
        ASSERT_EQ(world_is_idle(&w), cancelled);
        ASSERT_EQ(w.powered, !cancelled && !external);
        ASSERT_EQ(w.armed, !cancelled);
        ASSERT_EQ(w.released, request == REQUEST_EXTERNAL);
        if (cancelled)
                ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
}

static void test_requests(void) {
        for (int request = REQUEST_NONE; request < _REQUEST_MAX; request++)
                for (unsigned secondaries = 0; secondaries < 2; secondaries++)
                        for (uint64_t at = 0; at < SEC(40); at += TICK)
                                check_request((Request) request, secondaries, at);
}

/*** Sleep ***/

static void test_sleep(void) {
        /* Silence before the sleep is none after it. */
        _cleanup_world_ World w = world_new(1, false);
        w.readings[0] = reading(STATUS_OB);
        w.supplies[0].rules.on_battery_limit_usec = SEC(7200);
        uint64_t start = w.now;
        world_run(&w, SEC(10));
        world_lose(&w, 0);
        world_run(&w, SEC(10));
        w.now += SEC(3600);
        w.resumed = true;
        world_run(&w, SEC(14.9));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_LOST);
        w.readings[0] = reading(STATUS_OB);
        world_run(&w, SEC(1));
        ASSERT_EQ(world_view(&w, 0).state, SUPPLY_ON_BATTERY);
        ASSERT_EQ(world_view(&w, 0).on_battery_since_usec, start);
        ASSERT_EQ(world_view(&w, 0).deadline_usec, start + SEC(7200));
}

/* Bad news from before the sleep have to last, new ones do not. */
static void test_sleep_and_news(void) {
        for (unsigned fresh = 0; fresh < 2; fresh++) {
                _cleanup_world_ World v = world_new(1, false);
                v.policy.low_battery_duration_usec = SEC(100);
                v.readings[0] = reading(OB_LB);
                world_run(&v, SEC(50));
                v.policy.low_battery_duration_usec = 0;
                v.readings[0].charge_percent = fresh ? 20 : NAN;
                v.now += SEC(3600);
                v.resumed = true;
                world_step(&v);
                ASSERT_EQ(world_is_idle(&v), !fresh);
                world_run(&v, SEC(14.9));
                ASSERT_EQ(world_is_idle(&v), !fresh);
                world_run(&v, SEC(0.1));
                ASSERT_FALSE(world_is_idle(&v));
        }

        /* Neither the runtime nor the end that was seen before it say anything now. */
        _cleanup_world_ World end = world_new(1, false);
        end.readings[0] = reading(STATUS_OB);
        end.readings[0].runtime_sec = 1000;
        world_run(&end, SEC(1));
        world_lose(&end, 0);
        end.resumed = true;
        world_step(&end);
        ASSERT_EQ(decision_deadline_usec(end.decision), end.now + SEC(15));
        end.readings[0] = reading(OB_LB);
        world_step(&end);
        ASSERT_EQ(world_state(&end), HOST_FINAL_DELAY);
        world_lose(&end, 0);
        end.now += SEC(3600);
        end.resumed = true;
        ASSERT_EQ(world_step(&end), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);

        /* Nobody was heard while the machine slept. */
        _cleanup_world_ World mute = world_new(1, false);
        mute.policy.lost_policy = LOST_COUNTS_ALWAYS;
        world_step(&mute);
        mute.now += SEC(3600);
        mute.resumed = mute.unheard = true;
        world_step(&mute);
        world_lose(&mute, 0);
        world_step(&mute);
        ASSERT_EQ(decision_deadline_usec(mute.decision), mute.now + SEC(15));
}

/* A shutdown in the middle of which it slept has its time again, once. */
static void test_sleep_and_shutdown(void) {
        _cleanup_world_ World late = world_new(1, false);
        late.request = REQUEST_FORCE;
        world_step(&late);
        late.now += SEC(3600);
        late.resumed = true;
        world_step(&late);
        ASSERT_EQ(decision_deadline_usec(late.decision), late.now + SEC(5));

        late.now += SEC(2);
        late.resumed = true;
        world_step(&late);
        ASSERT_EQ(decision_deadline_usec(late.decision), late.now + SEC(3));
}

/* Fifty times, in all states of health. */
static void test_much_sleep(void) {
        _cleanup_world_ World many = world_new(2, false);
        many.policy.min_supplies = 2;
        many.policy.lost_policy = LOST_COUNTS_ALWAYS;
        many.readings[1] = reading(STATUS_OB);
        many.readings[1].runtime_sec = 100;
        for (unsigned i = 0; i < 50; i++) {
                world_run(&many, SEC(1));
                world_lose(&many, i % 2);
                world_run(&many, SEC(1));
                many.now += SEC(1000);
                many.resumed = true;
                world_run(&many, SEC(3));
                many.readings[0].contact = many.readings[1].contact = CONTACT_FRESH;
        }
        ASSERT_EQ(many.all, 0);
}

/*** What cannot be ***/

static void test_huge_steps(void) {
        static const uint64_t jumps[] = { 1, SEC(1), SEC(3600), SEC(1e9), UINT64_C(1) << 62, UINT64_MAX };

        for (size_t i = 0; i < ELEMENTSOF(jumps); i++)
                for (unsigned lost = 0; lost < 2; lost++) {
                        _cleanup_world_ World w = world_new(1, false);

                        w.readings[0] = reading(STATUS_OB);
                        world_step(&w);
                        w.readings[0].contact = lost ? CONTACT_LOST : CONTACT_FRESH;
                        w.now = usec_add(w.now, jumps[i]);
                        world_step(&w);
                        ASSERT_EQ(world_is_idle(&w), !lost || jumps[i] < SEC(15));

                        /* Backwards is not a direction. */
                        HostState before = world_state(&w);
                        w.now = 0;
                        world_step(&w);
                        ASSERT_EQ(world_state(&w), before);
                }
}

static void test_odd_values(void) {
        static const double values[] = { NAN, -NAN, INFINITY, -INFINITY, -1, -0.0, 0, 1e-300, 1e18, 1e300 };
        static const uint64_t times[] = { 0, 1, UINT64_MAX - 1, UINT64_MAX };
        uint64_t seed = 7;

        for (unsigned i = 0; i < 20000; i++) {
                _cleanup_world_ World w = random_world(&seed);
                uint64_t *policy[] = {
                        &w.policy.dead_time_usec, &w.policy.host_sync_usec, &w.policy.final_delay_usec,
                        &w.policy.lease_max_usec,
                        &w.policy.off_duration_usec, &w.policy.over_duration_usec,
                        &w.policy.shutdown_time_usec, &w.policy.low_battery_duration_usec,
                        &w.policy.mains_stable_usec, &w.lease,
                        &w.policy.on_battery_delay_usec, &w.supplies[0].rules.on_battery_limit_usec,
                        &w.supplies[0].rules.runtime_limit_usec, &w.now,
                };

                for (size_t k = 0; k < ELEMENTSOF(policy); k++)
                        if (one_in(&seed, 3))
                                *policy[k] = times[random_below(&seed, ELEMENTSOF(times))];
                if (one_in(&seed, 3))
                        w.supplies[0].power_value = w.policy.min_supplies = UINT32_MAX;
                w.supplies[0].rules.charge_limit_percent = values[random_below(&seed, ELEMENTSOF(values))];
                for (unsigned k = 0; k < 10; k++) {
                        random_event(&w, &seed);
                        w.readings[0].charge_percent = values[random_below(&seed, ELEMENTSOF(values))];
                        w.readings[0].runtime_sec = values[random_below(&seed, ELEMENTSOF(values))];
                        w.readings[0].heard_usec = times[random_below(&seed, ELEMENTSOF(times))];
                        world_step(&w);
                        w.now = usec_add(w.now, random_below(&seed, 2) * SEC(10));
                }
        }
}

int main(void) {
        test_how_often();
        test_race();
        test_requests();
        test_sleep();
        test_sleep_and_news();
        test_sleep_and_shutdown();
        test_much_sleep();
        test_huge_steps();
        test_odd_values();
        return 0;
}
