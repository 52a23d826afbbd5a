/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "banner.h"

#include <stdio.h>

#include "string-util.h"

void print_banner(const char *name) {
        const char *quiet = getenv("NUT_QUIET_INIT_BANNER");

        if (!quiet || (!isempty(quiet) && !strcaseeq(quiet, "true")))
                printf("Network UPS Tools %s " NUT_COMPAT_VERSION "\n", name);
        (void) fflush(stdout);
}
