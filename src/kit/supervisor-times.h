/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"

/* When a device is polled, opened anew, and given up as hanging. All in microseconds. */

typedef struct SupervisorTimes {
        uint64_t poll_usec, full_poll_usec; /* pollinterval and pollfreq */
        uint64_t start_timeout_usec; /* for start(): maxstartdelay, but at least as below */
        uint64_t hook_timeout_usec;  /* for any other hook: five poll intervals, at least 10 s */
        uint64_t retry_min_usec;     /* before it is opened anew: retrydelay, else the poll interval */
        uint64_t retry_max_usec;     /* later delays grow by half up to this */
        uint64_t begin_usec;         /* before it is opened first: 0, unless many begin together */
        uint64_t patience_max_usec;  /* how much longer hooks may take at the most: device_set_patience() */
} SupervisorTimes;

/* As the options of a device say, with the bounds that stand above. */
SupervisorTimes supervisor_times_from_config(const DeviceConfig *c);

/* The wait for the next poll, since_usec after the last one began. Polls keep their pace, but a device
 * that takes longer than that gets a rest. The second one comes at a random time before its turn, so that
 * many devices that started together drift apart; since_usec is after the start began then, as what was read
 * in it may be what the first poll has told. */
uint64_t supervisor_times_until_poll(const SupervisorTimes *t, uint64_t since_usec, bool second);

/* How long start(), or any other hook, may take, if the driver says that it may take as long as
 * patience_usec. */
uint64_t supervisor_times_of_hook(const SupervisorTimes *t, bool start, uint64_t patience_usec) _pure_;

/* How long a poll may take until the data before it are not to be trusted any more: two intervals, but for a
 * slow device twice the longest that a good one took. */
uint64_t supervisor_times_until_doubt(const SupervisorTimes *t, uint64_t longest_usec) _pure_;

/* The wait before the device is opened anew: the delay with up to a quarter of it added at random. The
 * delay is then raised for the next time. */
uint64_t supervisor_times_until_start(const SupervisorTimes *t, uint64_t *delay_usec);
