/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <math.h>

#include "decision-supply.h"
#include "decision-table.h"
#include "test-util.h"
#include "time-util.h"

/* A machine with its supplies, whose clock is moved by hand. FSD, the armed flag and the power-off follow
 * what the decision asks for. */

#define SUPPLIES_MAX 4
#define OB_LB (STATUS_OB | STATUS_LB)
#define SEC(n) ((uint64_t) ((n) * 1e6))

typedef struct World {
        Decision *decision;
        size_t n;
        DecisionPolicy policy;
        SupplyPolicy supplies[SUPPLIES_MAX];
        SupplyReading readings[SUPPLIES_MAX];
        uint64_t now;
        unsigned secondaries;
        uint64_t lease;
        Request request; /* of the next step */
        bool resumed;    /* before the next step */
        bool unheard;    /* what is fresh is as old as before */

        bool forced[SUPPLIES_MAX], armed, powered, released;
        bool echo;       /* the gateway shows the FSD that we set */
        Actions all;     /* whatever was asked for */
} World;

static inline SupplyReading reading(StatusBits status) {
        return (SupplyReading) {
                .contact = CONTACT_FRESH,
                .status = status,
                .charge_percent = NAN,
                .runtime_sec = NAN,
        };
}

static inline void world_done(World *w) {
        decision_free(w->decision);
}

#define _cleanup_world_ _cleanup_(world_done)

/* All supplies are primary, online and needed for nothing but one of them. */
static inline World world_new(size_t n, bool early) {
        World w = {
                .n = n,
                .now = SEC(1000),
                .decision = decision_new(n, early),
                .policy = {
                        .min_supplies = 1,
                        .on_battery_delay_usec = SEC(15),
                        .dead_time_usec = SEC(15),
                        .host_sync_usec = SEC(15),
                        .lease_max_usec = SEC(300),
                        .final_delay_usec = SEC(5),
                        .off_duration_usec = SEC(30),
                        .over_duration_usec = UPSMON_NEVER,
                        .mains_stable_usec = SEC(60),
                        .shutdown_time_usec = SEC(120),
                },
        };

        ASSERT_TRUE(w.decision);
        for (size_t i = 0; i < n; i++) {
                w.supplies[i] = (SupplyPolicy) {
                        .power_value = 1,
                        .primary = true,
                        .rules = { NAN, UPSMON_NEVER, UPSMON_NEVER },
                };
                w.readings[i] = reading(STATUS_OL);
        }
        return w;
}

static inline HostState world_state(const World *w) {
        return decision_state(w->decision);
}

static inline SupplyView world_view(const World *w, size_t i) {
        return decision_supply_view(w->decision, i);
}

static inline bool world_is_idle(const World *w) {
        return world_state(w) < HOST_WAITING;
}

static inline void world_act(World *w, Actions a) {
        w->all |= a;
        if (a & ACTION_CLEAR_FORCED)
                memset(w->forced, 0, sizeof(w->forced));
        if (a & ACTION_DISARM)
                w->armed = false;
        for (size_t i = 0; i < w->n && (a & ACTION_SET_FORCED); i++)
                w->forced[i] = decision_forced(w->decision, i);
        if (a & ACTION_ARM)
                w->armed = true;
        if (a & ACTION_POWER_OFF) {
                ASSERT_TRUE(w->armed);
                w->powered = true;
        }
        if (a & ACTION_RELEASE)
                w->released = true;
}

/* Steps now. What is fresh was heard now. */
static inline Actions world_step(World *w) {
        SupplyReading readings[SUPPLIES_MAX];
        DecisionInput in = {
                .now_usec = w->now,
                .readings = readings,
                .request = w->request,
                .secondaries = w->secondaries,
                .lease_usec = w->lease,
                .resumed = w->resumed,
        };

        for (size_t i = 0; i < w->n; i++) {
                if (w->readings[i].contact == CONTACT_FRESH && !w->unheard)
                        w->readings[i].heard_usec = w->now;
                readings[i] = w->readings[i];
                readings[i].forced = readings[i].forced || (w->echo && w->forced[i]);
        }

        w->request = REQUEST_NONE;
        w->resumed = false;

        Actions a = decision_step(w->decision, &w->policy, w->supplies, &in);
        world_act(w, a);
        return a;
}

/* Goes on for a while, with a step now, one whenever it is asked for, and one at the end. Returns all
 * actions. */
static inline Actions world_run(World *w, uint64_t usec) {
        uint64_t end = usec_add(w->now, usec);
        Actions a = world_step(w);

        for (unsigned i = 0; decision_wakeup_usec(w->decision) <= end && w->now < end; i++) {
                ASSERT_TRUE(i < 1000);
                w->now = MIN(MAX(decision_wakeup_usec(w->decision), w->now + 1), end);
                a |= world_step(w);
        }
        w->now = end;
        return a | world_step(w);
}

static inline void world_lose(World *w, size_t i) {
        w->readings[i].contact = CONTACT_LOST;
}
