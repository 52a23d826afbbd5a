/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision.h"

#include "test-decision-util.h"

#define SHUTDOWN_ALONE                                                                                    \
        (ACTION_SET_FORCED | ACTION_TELL | ACTION_RECORD | ACTION_ARM | ACTION_POWER_OFF)

static void test_words(void) {
        for (int s = 0; s < _HOST_STATE_MAX; s++)
                ASSERT_EQ(host_state_from_string(host_state_to_string((HostState) s)), s);
        for (int c = 0; c < _CAUSE_MAX; c++)
                ASSERT_EQ(cause_from_string(cause_to_string((Cause) c)), c);
        for (int s = 0; s < _SUPPLY_STATE_MAX; s++)
                ASSERT_TRUE(supply_state_to_string((SupplyState) s));
        for (int c = 0; c < _CANCELLATION_MAX; c++)
                ASSERT_TRUE(cancellation_to_string((Cancellation) c));
        for (int e = 0; e < _HOST_EVENT_MAX; e++)
                ASSERT_TRUE(host_event_to_string((HostEvent) e));
        for (unsigned a = 1; a <= ACTION_CANCELLED; a <<= 1)
                ASSERT_TRUE(action_to_string((Actions) a));

        ASSERT_EQ(host_state_from_string("off"), _HOST_STATE_INVALID);
        ASSERT_EQ(cause_from_string(""), _CAUSE_INVALID);
        ASSERT_TRUE(!host_state_to_string(_HOST_STATE_MAX) && !cause_to_string(_CAUSE_INVALID));
        ASSERT_TRUE(!action_to_string(0) && !action_to_string(ACTION_CANCELLED << 1));
        ASSERT_EQ(status_bit_from_token("ob"), STATUS_OB);
        ASSERT_EQ(status_bit_from_token("OVERHEAT"), STATUS_OTHER);
        ASSERT_EQ(status_bit_from_token(""), STATUS_OTHER);
}

static void test_alone(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.readings[0] = reading(STATUS_OB);
        ASSERT_EQ(world_step(&w), 0);
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        w.readings[0].status |= STATUS_LB;
        ASSERT_EQ(world_step(&w), ACTION_SET_FORCED | ACTION_TELL | ACTION_RECORD);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_MAINS);
        ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(5));
        ASSERT_EQ(world_run(&w, SEC(4.9)), 0);
        ASSERT_EQ(world_run(&w, SEC(0.1)), ACTION_ARM | ACTION_POWER_OFF);
        ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
        ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_NONE);
        ASSERT_EQ(decision_deadline_usec(w.decision), UINT64_MAX);

        /* The mains come too late, and so does anybody else. */
        w.readings[0] = reading(STATUS_OL);
        w.request = REQUEST_CANCEL;
        ASSERT_EQ(world_run(&w, SEC(100)), 0);
        w.request = REQUEST_FORCE;
        ASSERT_EQ(world_run(&w, SEC(100)), 0);
        ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
        w.request = REQUEST_EXTERNAL;
        ASSERT_EQ(world_step(&w), ACTION_RELEASE);
}

/* Whoever holds somebody else's shutdown for us cannot do so for ever. */
static void test_external_limit(void) {
        for (unsigned waiting = 0; waiting < 2; waiting++) {
                _cleanup_world_ World w = world_new(1, false);

                w.secondaries = 1;
                w.policy.host_sync_usec = SEC(86400);
                w.readings[0] = reading(waiting ? OB_LB : STATUS_OB);
                world_run(&w, SEC(1000));
                ASSERT_EQ(world_state(&w), waiting ? HOST_WAITING : HOST_ON_BATTERY);
                w.request = REQUEST_EXTERNAL;
                world_run(&w, SEC(480) - 1);
                ASSERT_EQ(world_state(&w), HOST_WAITING);
                ASSERT_EQ(world_run(&w, 1) & (ACTION_RECORD | ACTION_ARM | ACTION_RELEASE),
                        ACTION_RECORD | ACTION_ARM | ACTION_RELEASE);
        }
}

/* One machine that asks for much does not cost another one its own end in order. */
static void test_lease(void) {
        static const struct {
                StatusBits status;
                double runtime;
                uint64_t lease_max, wait;
        } cases[] = {
                { OB_LB,             NAN,  SEC(300),   SEC(300)  },
                { OB_LB,             NAN,  SEC(20),    SEC(20)   },
                { OB_LB,             NAN,  0,          SEC(15)   },
                { OB_LB,             2000, SEC(300),   SEC(300)  },
                { OB_LB,             2000, UINT64_MAX, SEC(1875) },
                { OB_LB,             225,  SEC(300),   SEC(100)  },
                { OB_LB,             130,  SEC(300),   SEC(15)   },
                { OB_LB,             0,    SEC(300),   SEC(15)   },
                { STATUS_OL | STATUS_FSD, 225, SEC(300), SEC(300) }, /* nothing is taken off a battery */
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World w = world_new(1, false);

                w.secondaries = 1;
                w.lease = SEC(86400);
                w.policy.lease_max_usec = cases[i].lease_max;
                w.readings[0] = reading(cases[i].status);
                w.readings[0].runtime_sec = cases[i].runtime;
                world_step(&w);
                ASSERT_EQ(world_state(&w), HOST_WAITING);
                ASSERT_EQ(decision_deadline_usec(w.decision), w.now + cases[i].wait);

                /* Silence makes it no later. */
                uint64_t due = decision_deadline_usec(w.decision);
                w.now += SEC(5);
                world_lose(&w, 0);
                world_step(&w);
                ASSERT_EQ(decision_deadline_usec(w.decision), due);
                w.now = due - 1;
                world_step(&w);
                ASSERT_EQ(world_state(&w), HOST_WAITING);
                w.now = due;
                world_step(&w);
                ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        }

        /* The first battery to be empty counts, of those that are at their end. */
        _cleanup_world_ World w = world_new(3, false);
        w.policy.min_supplies = 2;
        w.secondaries = 1;
        w.lease = SEC(200);
        for (size_t i = 0; i < 3; i++) {
                w.readings[i] = reading(i < 2 ? OB_LB : STATUS_OB);
                w.readings[i].runtime_sec = i == 0 ? 300 : i == 1 ? 250 : 130;
        }
        world_step(&w);
        ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(125));
        w.supplies[1].power_value = 0;
        world_step(&w);
        ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(175));
}

static void test_secondaries(void) {
        for (unsigned lease = 0; lease < 2; lease++) {
                _cleanup_world_ World w = world_new(1, false);

                w.secondaries = 2;
                w.lease = lease ? SEC(40) : SEC(3);
                w.readings[0] = reading(OB_LB);
                ASSERT_EQ(world_step(&w), ACTION_SET_FORCED | ACTION_TELL_WAITING);
                ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_ADMINISTRATOR);
                ASSERT_EQ(decision_deadline_usec(w.decision), w.now + (lease ? SEC(40) : SEC(15)));

                /* The mains do not help those who were told. */
                w.readings[0] = reading(STATUS_OL);
                ASSERT_EQ(world_run(&w, SEC(10)), 0);
                ASSERT_EQ(world_run(&w, lease ? SEC(30) : SEC(5)), ACTION_TELL | ACTION_RECORD);
                ASSERT_EQ(world_run(&w, SEC(5)), ACTION_ARM | ACTION_POWER_OFF);
        }

        _cleanup_world_ World w = world_new(1, false);
        w.secondaries = 1;
        w.lease = UINT64_MAX;
        w.readings[0] = reading(OB_LB);
        world_step(&w);
        ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(300));
        w.secondaries = 0;
        ASSERT_EQ(world_run(&w, SEC(10)), ACTION_TELL | ACTION_RECORD | ACTION_ARM | ACTION_POWER_OFF);

        /* Who is only a secondary has nobody to wait for. */
        _cleanup_world_ World second = world_new(1, false);
        second.supplies[0].primary = false;
        second.secondaries = 3;
        second.readings[0] = reading(STATUS_OB | STATUS_FSD);
        ASSERT_EQ(world_step(&second), ACTION_TELL | ACTION_RECORD);
        ASSERT_EQ(decision_cancellation(second.decision), CANCELLATION_MAINS);

        /* One who comes late is told, too. */
        _cleanup_world_ World late = world_new(1, false);
        late.readings[0] = reading(OB_LB);
        world_step(&late);
        late.secondaries = 1;
        ASSERT_EQ(world_step(&late), 0);
        ASSERT_EQ(decision_cancellation(late.decision), CANCELLATION_ADMINISTRATOR);
}

static void test_cancelled_cause(void) {
        _cleanup_world_ World w = world_new(2, false);

        w.policy.min_supplies = 2;
        w.echo = true;
        w.supplies[0].rules.charge_limit_percent = 50;
        w.readings[0] = reading(STATUS_OB);
        w.readings[0].charge_percent = 45;
        world_run(&w, SEC(16));
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        ASSERT_EQ(world_view(&w, 0).cause, CAUSE_CHARGE);
        w.request = REQUEST_CANCEL;
        ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        ASSERT_EQ(decision_cause(w.decision), CAUSE_NONE);

        /* It does not fire again, but it is no reason to stay up either. */
        world_run(&w, SEC(1000));
        ASSERT_EQ(world_state(&w), HOST_ON_BATTERY);
        ASSERT_EQ(decision_power_value(w.decision), 1);

        /* A further cause does. */
        w.readings[0].status |= STATUS_LB;
        world_step(&w);
        ASSERT_EQ(decision_cause(w.decision), CAUSE_LOW_BATTERY);
        w.request = REQUEST_CANCEL;
        world_step(&w);
        ASSERT_TRUE(world_is_idle(&w));
        world_run(&w, SEC(20));
        w.readings[0].status |= STATUS_FSD;
        world_step(&w);
        ASSERT_EQ(decision_cause(w.decision), CAUSE_FORCED);
        w.request = REQUEST_CANCEL;
        world_step(&w);
        ASSERT_TRUE(world_is_idle(&w));

        /* With the mains it is forgotten. */
        w.readings[0] = reading(STATUS_OL);
        world_run(&w, SEC(1));
        ASSERT_EQ(decision_power_value(w.decision), 2);
        w.readings[0] = reading(OB_LB);
        world_run(&w, SEC(1));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_LOW_BATTERY);
}

static void test_cancelled_silence(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.readings[0] = reading(STATUS_OB);
        world_run(&w, SEC(1));
        world_lose(&w, 0);
        world_run(&w, SEC(15));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_LOST_ON_BATTERY);
        w.request = REQUEST_CANCEL;
        world_step(&w);
        world_run(&w, SEC(1000));
        ASSERT_TRUE(world_is_idle(&w));

        /* Each silence is another one. */
        w.readings[0] = reading(STATUS_OB);
        world_run(&w, SEC(1));
        ASSERT_TRUE(world_is_idle(&w));
        world_lose(&w, 0);
        world_run(&w, SEC(15));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_LOST_ON_BATTERY);
}

static void test_administrator(void) {
        for (unsigned n = 0; n < 2; n++) {
                _cleanup_world_ World w = world_new(1, false);

                w.secondaries = n;
                w.echo = true;
                world_step(&w);
                w.request = REQUEST_FORCE;
                world_step(&w);
                ASSERT_EQ(world_state(&w), n > 0 ? HOST_WAITING : HOST_FINAL_DELAY);
                ASSERT_EQ(decision_cause(w.decision), CAUSE_ADMINISTRATOR);
                ASSERT_EQ(decision_supply(w.decision), SIZE_MAX);
                ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_ADMINISTRATOR);
                world_run(&w, SEC(3));
                w.request = REQUEST_CANCEL;
                ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
                ASSERT_EQ(world_state(&w), HOST_ONLINE);
                ASSERT_EQ(world_run(&w, SEC(1000)), 0);

                w.request = REQUEST_CANCEL;
                ASSERT_EQ(world_step(&w), 0);
                w.request = REQUEST_FORCE;
                world_run(&w, SEC(20));
                ASSERT_TRUE(w.powered);
        }

        /* Without any supply there is still a machine. */
        _cleanup_world_ World w = world_new(0, false);
        ASSERT_EQ(world_step(&w), 0);
        w.request = REQUEST_FORCE;
        world_run(&w, SEC(5));
        ASSERT_EQ(w.all, ACTION_TELL | ACTION_RECORD | ACTION_ARM | ACTION_POWER_OFF);
}

static void test_external(void) {
        static const struct {
                StatusBits status;
                bool lost, testing;
                unsigned power_value;
                bool at_risk;
        } cases[] = {
                { STATUS_OL, false, false, 1, false },
                { STATUS_OL, true, false, 1, false },
                { STATUS_OB, false, false, 1, true },
                { STATUS_OB, true, false, 1, true },
                { STATUS_OB, false, true, 1, false },
                { STATUS_OB, false, false, 0, false },
                { STATUS_OL | STATUS_FSD, false, false, 0, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_world_ World w = world_new(2, false);

                w.readings[0] = reading(cases[i].status);
                w.readings[0].testing = cases[i].testing;
                w.supplies[0].power_value = cases[i].power_value;
                world_step(&w);
                if (cases[i].lost)
                        world_lose(&w, 0);
                HostState before = world_state(&w);
                w.request = REQUEST_EXTERNAL;
                Actions a = world_step(&w);
                if (!cases[i].at_risk) {
                        ASSERT_EQ(a, ACTION_DISARM | ACTION_RELEASE);
                        ASSERT_EQ(world_state(&w), before);
                        continue;
                }
                ASSERT_EQ(a, (SHUTDOWN_ALONE & ~ACTION_POWER_OFF) | ACTION_RELEASE);
                ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
                ASSERT_EQ(decision_cause(w.decision), CAUSE_EXTERNAL);
                w.request = REQUEST_EXTERNAL;
                ASSERT_EQ(world_step(&w), ACTION_RELEASE);

                /* It did not come about, and we have no reason of our own. */
                w.request = REQUEST_FAILED;
                ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
                ASSERT_TRUE(world_is_idle(&w));
        }
}

/* Others are waited for, and nobody can stop it. */
static void test_external_waits(void) {
        _cleanup_world_ World w = world_new(1, false);
        w.secondaries = 1;
        w.readings[0] = reading(STATUS_OB);
        world_step(&w);
        w.request = REQUEST_EXTERNAL;
        ASSERT_EQ(world_step(&w), ACTION_SET_FORCED | ACTION_TELL_WAITING);
        ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_NONE);
        w.request = REQUEST_CANCEL;
        w.readings[0] = reading(STATUS_OL);
        ASSERT_EQ(world_step(&w), 0);
        ASSERT_EQ(world_run(&w, SEC(15)), ACTION_TELL | ACTION_RECORD | ACTION_ARM | ACTION_RELEASE);

        /* It did not come about, but others go down by now: then so do we. */
        w.request = REQUEST_FAILED;
        world_step(&w);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        ASSERT_EQ(world_run(&w, SEC(2)), ACTION_ARM | ACTION_POWER_OFF);
}

static void test_failure(void) {
        static const unsigned pauses[] = { 2, 4, 8, 16, 30, 30, 30 };
        _cleanup_world_ World w = world_new(1, false);

        w.readings[0] = reading(OB_LB);
        world_run(&w, SEC(5));
        ASSERT_TRUE(w.powered);
        for (size_t i = 0; i < ELEMENTSOF(pauses); i++) {
                w.request = REQUEST_FAILED;
                ASSERT_EQ(world_step(&w), 0);
                ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
                ASSERT_EQ(decision_deadline_usec(w.decision), w.now + SEC(pauses[i]));
                ASSERT_EQ(decision_cancellation(w.decision), CANCELLATION_ADMINISTRATOR);
                w.readings[0] = reading(STATUS_OL);
                ASSERT_EQ(world_run(&w, SEC(pauses[i])), ACTION_ARM | ACTION_POWER_OFF);
        }
        w.request = REQUEST_FAILED;
        world_step(&w);
        w.request = REQUEST_CANCEL;
        ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
        ASSERT_EQ(world_state(&w), HOST_ONLINE);
        w.request = REQUEST_FAILED;
        ASSERT_EQ(world_step(&w), 0);
}

/* MINSUPPLIES 0: others are shut down, this machine stays. */
static void test_orchestrator(void) {
        _cleanup_world_ World w = world_new(2, false);

        w.policy.min_supplies = 0;
        w.echo = true;
        w.secondaries = 1;
        w.readings[0] = reading(OB_LB);
        ASSERT_EQ(world_step(&w), ACTION_SET_FORCED | ACTION_TELL_WAITING);
        ASSERT_TRUE(decision_forced(w.decision, 0) && !decision_forced(w.decision, 1));
        w.secondaries = 0;
        ASSERT_EQ(world_run(&w, SEC(1)), ACTION_RECORD);
        ASSERT_EQ(world_run(&w, SEC(5)), ACTION_SWITCH_OFF);
        ASSERT_EQ(world_state(&w), HOST_LOW_BATTERY);
        ASSERT_EQ(world_run(&w, SEC(1000)), 0);

        /* Another one; then the first one is back, but not for good before the second is. */
        w.readings[1] = reading(OB_LB);
        ASSERT_EQ(world_run(&w, SEC(10)), ACTION_SET_FORCED | ACTION_RECORD | ACTION_SWITCH_OFF);
        ASSERT_TRUE(decision_forced(w.decision, 0) && decision_forced(w.decision, 1));
        ASSERT_FALSE(w.armed);
        w.readings[0] = reading(STATUS_OL);
        ASSERT_EQ(world_run(&w, SEC(1000)), 0);
        w.readings[1] = reading(STATUS_OL);
        ASSERT_EQ(world_run(&w, SEC(59.9)), 0);
        ASSERT_EQ(world_state(&w), HOST_ONLINE);
        ASSERT_EQ(world_run(&w, SEC(0.1)), ACTION_CLEAR_FORCED | ACTION_DISARM);
        ASSERT_EQ(world_run(&w, SEC(1000)), 0);
        ASSERT_FALSE(decision_forced(w.decision, 0));
        ASSERT_FALSE(w.all & (ACTION_POWER_OFF | ACTION_TELL | ACTION_RELEASE));

        /* Nobody was told: the mains call it off. An administrator takes this machine as well. */
        w.readings[0] = reading(OB_LB);
        ASSERT_EQ(world_run(&w, SEC(1)), ACTION_SET_FORCED | ACTION_RECORD);
        w.readings[0] = reading(STATUS_OL);
        ASSERT_EQ(world_run(&w, SEC(1)), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
        w.readings[0] = reading(OB_LB);
        world_run(&w, SEC(1));
        w.request = REQUEST_FORCE;
        ASSERT_EQ(world_step(&w), ACTION_SET_FORCED | ACTION_TELL | ACTION_RECORD);
        ASSERT_EQ(world_run(&w, SEC(5)), ACTION_ARM | ACTION_POWER_OFF);
        ASSERT_TRUE(decision_forced(w.decision, 1));
}

/* Our own FSD is no reason of its own; that of others is. */
static void test_own_forced(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.echo = true;
        w.readings[0] = reading(OB_LB);
        world_step(&w);
        world_run(&w, SEC(1));
        w.readings[0] = reading(STATUS_OL);
        w.echo = false;
        w.readings[0].forced = true;
        ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);

        /* It may be seen for long, on a server that does not take it back. */
        ASSERT_EQ(world_run(&w, SEC(1000)), 0);
        w.readings[0].forced = false;
        ASSERT_EQ(world_run(&w, SEC(1)), 0);
        w.readings[0].forced = true;
        world_run(&w, SEC(1));
        ASSERT_EQ(decision_cause(w.decision), CAUSE_FORCED);

        /* That one is somebody else's: ours beside it does not hide it. Its end is the end of it all. */
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        world_run(&w, SEC(1));
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        w.readings[0].forced = false;
        ASSERT_EQ(world_step(&w), ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED);
}

static void test_inherit(void) {
        static const size_t from[] = { SIZE_MAX, 1, 0 };
        _cleanup_world_ World w = world_new(2, false), v = world_new(3, false);

        w.policy.min_supplies = 2;
        w.secondaries = 1;
        w.readings[1] = reading(OB_LB);
        world_step(&w);
        ASSERT_EQ(decision_supply(w.decision), 1);
        decision_inherit(v.decision, w.decision, from);
        ASSERT_EQ(world_state(&v), HOST_WAITING);
        ASSERT_EQ(decision_supply(v.decision), 1);
        ASSERT_EQ(world_view(&v, 1).on_battery_since_usec, w.now);
        ASSERT_EQ(world_view(&v, 2).state, SUPPLY_ONLINE);

        /* It goes on where it was; the new supply is told, too. */
        v.policy = w.policy;
        v.readings[1] = w.readings[1];
        v.secondaries = 1;
        ASSERT_EQ(world_run(&v, SEC(14)), ACTION_SET_FORCED);
        ASSERT_TRUE(decision_forced(v.decision, 0));
        ASSERT_EQ(world_run(&v, SEC(1)), ACTION_TELL | ACTION_RECORD);
}

/* FSD at another server stays: whoever is logged in there goes down, so the mains do not help. */
static void test_irrevocable(void) {
        for (unsigned link = 0; link < 2; link++) {
                _cleanup_world_ World w = world_new(1, false);

                w.supplies[0].irrevocable = link;
                w.readings[0] = reading(OB_LB);
                world_step(&w);
                ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
                ASSERT_EQ(decision_cancellation(w.decision),
                        link ? CANCELLATION_ADMINISTRATOR : CANCELLATION_MAINS);
                w.readings[0] = reading(STATUS_OL);
                world_run(&w, SEC(10));
                ASSERT_EQ(world_state(&w), link ? HOST_POWERING_OFF : HOST_ONLINE);
        }
}

/* An administrator can have ours behind somebody's power-off that hangs, once. */
static void test_external_forced(void) {
        _cleanup_world_ World w = world_new(1, false);

        w.readings[0] = reading(STATUS_OB);
        world_step(&w);
        w.request = REQUEST_EXTERNAL;
        world_step(&w);
        ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
        ASSERT_TRUE(w.released && !w.powered);
        w.request = REQUEST_FORCE;
        world_step(&w);
        ASSERT_EQ(world_state(&w), HOST_FINAL_DELAY);
        ASSERT_EQ(decision_cause(w.decision), CAUSE_ADMINISTRATOR);
        world_run(&w, SEC(5));
        ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
        ASSERT_TRUE(w.powered);
        w.request = REQUEST_FORCE;
        ASSERT_EQ(world_step(&w), 0);
        ASSERT_EQ(world_state(&w), HOST_POWERING_OFF);
}

int main(void) {
        test_words();
        test_irrevocable();
        test_external_forced();
        test_alone();
        test_secondaries();
        test_external_limit();
        test_lease();
        test_cancelled_cause();
        test_cancelled_silence();
        test_administrator();
        test_external();
        test_external_waits();
        test_failure();
        test_orchestrator();
        test_own_forced();
        test_inherit();
        return 0;
}
