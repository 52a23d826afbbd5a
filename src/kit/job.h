/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* One call of a hook with all that it needs, so that it can be handed to a thread. */

typedef enum JobType {
        JOB_START,
        JOB_POLL,
        JOB_EVENT,
        JOB_SET,
        JOB_COMMAND,
        JOB_POWER_OFF, /* of a device that is not started; a supervisor has none */
} JobType;

typedef struct Job {
        JobType type;
        PollSet what;   /* JOB_POLL */
        char *name;     /* variable or command */
        char *argument; /* value, or argument, which may be NULL */
        Update *update;
} Job;

/* Calls the hook: its return value. The device has one, except start() of a driver without. */
int job_run(const Job *j, Device *d);

/* "start", "poll", ..., for log messages. */
const char *job_type_to_string(JobType type) _const_;

/* Frees what the job holds and empties it. */
void job_done(Job *j);
