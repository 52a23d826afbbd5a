/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rate-limit.h"

/* Lines of the log that clients provoke. There is a limit for each host, so that one cannot hide what the
 * others do, and where anybody may provoke them one for all, since addresses are many.
 *
 * How many were left out is said in a line of its own, since they need not be like the one that comes next:
 * what names them, as "refused requests", and host is the address they came from, or NULL. */

#define LOG_DENIALS "refused requests"
#define LOG_WRITES "writes"
#define LOG_REFUSALS "connections refused or dropped"
#define LOG_HANDSHAKES "failed handshakes"
#define LOG_LOCKOUTS "begins and ends of lock-outs"

/* Whether a line may be logged now, as far as the limit goes. */
bool log_limit_allow(RateLimit *l, const char *what, const char *host);

/* The same for the limit of a host (NULL: none) and that of all. */
bool log_limits_allow(RateLimit *own, RateLimit *all, const char *what, const char *host);

/* Says how many were left out, if any were and that time is over. */
void log_limit_tell(RateLimit *l, const char *what, const char *host);
