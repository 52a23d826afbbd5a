/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rate-limit.h"

bool rate_limit_allow(RateLimit *l, uint64_t now_usec, unsigned *ret_suppressed) {
        if (l->n == 0 || now_usec - l->begin_usec >= l->interval_usec) {
                l->begin_usec = now_usec;
                l->n = 0;
        }

        if (l->burst > 0 && l->n >= l->burst) {
                l->n_suppressed++;
                return false;
        }

        l->n++;
        *ret_suppressed = l->n_suppressed;
        l->n_suppressed = 0;
        return true;
}

unsigned rate_limit_flush(RateLimit *l, uint64_t now_usec) {
        unsigned n = l->n_suppressed;

        if (now_usec - l->begin_usec < l->interval_usec)
                return 0;
        l->n_suppressed = 0;
        return n;
}
