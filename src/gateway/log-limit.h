/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rate-limit.h"

/* Lines of the log that clients provoke. There is a limit for each host, so that one cannot hide what the
 * others do, and where anybody may provoke them one for all, since addresses are many. */

/* What is added to a line after which others were left out: "" or " (5 more were not logged)". */
typedef struct LogNote {
        char text[40];
} LogNote;

/* Whether a line may be logged now, as far as both limits go; NULL is none. If not, the next line that may
 * be will tell. */
bool log_limit_allow(RateLimit *own, RateLimit *all, LogNote *ret);
