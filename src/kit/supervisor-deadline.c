/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-internal.h"
#include "supervisor-internal.h"
#include "time-util.h"
#include "timer.h"

/* When the hook that runs is given up, after its begin. */
static uint64_t until_given_up(const Supervisor *s) {
        uint64_t patience_usec = s->device ? atomic_load(&s->device->patience_usec) : 0;

        return supervisor_times_of_hook(&s->times, s->job.type == JOB_START, patience_usec);
}

/* When what is known of the device is doubtful. Data that are still waited for when the next ones should be
 * there are not to be trusted, long before the device is given up. */
static uint64_t until_doubt(const Supervisor *s) {
        if (s->doubted || (s->job.type != JOB_POLL && s->job.type != JOB_EVENT) ||
                        model_freshness(s->model) != FRESHNESS_FRESH)
                return USEC_INFINITY;
        return supervisor_times_until_doubt(&s->times, s->longest_usec);
}

static void arm_deadline(Supervisor *s) {
        uint64_t since = now_usec(CLOCK_MONOTONIC) - s->job_usec;

        (void) timer_arm(s->deadline, usec_sub(MIN(until_given_up(s), until_doubt(s)), since));
}

void supervisor_set_deadline(Supervisor *s) {
        s->job_usec = now_usec(CLOCK_MONOTONIC);
        s->doubted = false;
        arm_deadline(s);
}

void supervisor_follow_patience(Supervisor *s) {
        if (s->busy)
                arm_deadline(s);
}

bool supervisor_is_overdue(Supervisor *s) {
        uint64_t since = now_usec(CLOCK_MONOTONIC) - s->job_usec;
        bool doubtful = since >= until_doubt(s);

        /* On a thread, the driver may have asked for more time since. */
        if (since >= until_given_up(s))
                return true;

        s->doubted = s->doubted || doubtful;
        arm_deadline(s);
        if (doubtful)
                supervisor_degrade(s, -ETIMEDOUT);
        return false;
}
