/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-limit.h"

#include "log.h"
#include "string-util.h"
#include "time-util.h"

static void tell(unsigned n, const char *what, const char *host) {
        if (n > 0)
                (void) log_full(LOG_NOTICE, 0, &(LogContext) { .peer = host },
                                "%u more %s%s%s were not logged", n, what, host ? " of " : "",
                                strempty(host));
}

bool log_limit_allow(RateLimit *l, const char *what, const char *host) {
        unsigned n = 0;

        if (!rate_limit_allow(l, now_usec(CLOCK_MONOTONIC), &n))
                return false;
        tell(n, what, host);
        return true;
}

bool log_limits_allow(RateLimit *own, RateLimit *all, const char *what, const char *host) {
        if (own && !log_limit_allow(own, what, host))
                return false;
        return !all || log_limit_allow(all, what, NULL);
}

void log_limit_tell(RateLimit *l, const char *what, const char *host) {
        tell(rate_limit_flush(l, now_usec(CLOCK_MONOTONIC)), what, host);
}
