/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "budget.h"
#include "monitor.h"

/* What the monitor would do if the mains failed now. */
typedef struct Plan {
        Records state, supplies, rules, stages, shutdowns;
        bool measured; /* the time to stop is, and not assumed; for JSON, as the text of the stage says it */
        Budget budget;
} Plan;

/* Asks the monitor. Says what is wrong. */
int plan_read(Ctl *c, Plan *p);
void plan_done(Plan *p);

/* The delay that logind has to grant, for what comes before the machine stops. */
uint64_t plan_delay_seconds(const Plan *p);
