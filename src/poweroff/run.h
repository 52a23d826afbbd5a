/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "poweroff.h"

/* Runs drivers. */

typedef enum RunResult {
        RUN_NONE,      /* was not to be run */
        RUN_COMMANDED, /* the device is about to cut the power */
        RUN_FAILED,    /* nothing is known */
        RUN_ON_LINE,   /* failed, and the device has mains */
} RunResult;

/* As whom. */
typedef struct RunUser {
        uid_t uid;
        gid_t gid;
        gid_t conf_gid; /* of those who may read ups.conf; 0: no one more */
} RunUser;

/* Finds out. -EPERM when that is root. */
int run_user_find(const Poweroff *p, RunUser *ret);

/* Runs the drivers of all devices of one sdorder at a time, "DRIVER -a NAME -k", until all have ended. What
 * takes longer than until the deadline, a time of CLOCK_MONOTONIC, is killed. Fills in the results of these
 * devices. */
void run_drivers(const Poweroff *p, const RunUser *user, const ArmedFlag *flag, int32_t sdorder,
                uint64_t deadline_usec, RunResult results[static ARMED_FLAG_DEVICES_MAX]);
