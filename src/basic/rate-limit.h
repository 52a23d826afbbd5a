/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bounds how often something is done on somebody else's demand, such as a line in the log for a refusal. */
typedef struct RateLimit {
        uint64_t interval_usec;
        unsigned burst; /* so often an interval; 0 for no limit */
        /* Below: the limiter's own, zero at first. */
        uint64_t begin_usec;
        unsigned n;
        unsigned n_suppressed;
} RateLimit;

/* Whether it may be done now, at now_usec of a clock that does not jump. If so, *ret_suppressed says how
 * often it was refused since the last time it was allowed, so that the next line can tell. */
bool rate_limit_allow(RateLimit *l, uint64_t now_usec, unsigned *ret_suppressed);

/* How often it was refused in an interval that is over, once; 0 while it still goes on. */
unsigned rate_limit_flush(RateLimit *l, uint64_t now_usec);
