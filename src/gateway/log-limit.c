/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-limit.h"

#include <stdio.h>

#include "time-util.h"

bool log_limit_allow(RateLimit *own, RateLimit *all, LogNote *ret) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        unsigned n_own = 0, n_all = 0;

        if (own && !rate_limit_allow(own, now, &n_own))
                return false;
        if (all && !rate_limit_allow(all, now, &n_all)) {
                all->n_suppressed += n_own;
                return false;
        }

        ret->text[0] = '\0';
        if (n_own + n_all > 0)
                (void) snprintf(ret->text, sizeof(ret->text), " (%u more were not logged)", n_own + n_all);
        return true;
}
