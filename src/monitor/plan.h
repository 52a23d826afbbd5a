/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* What would happen if the mains failed now. */

#define PLAN_STAGES 4U

typedef struct PlanRule {
        const char *device, *rule;
        double limit, present; /* NaN: none, unknown */
        int64_t fires_in_sec;  /* -1: cannot be told */
        char *text;
} PlanRule;

typedef struct PlanStage {
        const char *name;
        uint64_t time_usec;
        char *text;
} PlanStage;

typedef struct Plan {
        PlanRule *rules;
        size_t n_rules, n_allocated;
        PlanStage stages[PLAN_STAGES];
} Plan;

/* Names in it are those of the monitor's supplies. */
int plan_new(const Monitor *m, Plan **ret);
Plan *plan_free(Plan *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(Plan *, plan_free);
