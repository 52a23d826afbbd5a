/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* The first line of each of these tools, on stdout, unless $NUT_QUIET_INIT_BANNER wants none: set, and empty
 * or "true". */
void print_banner(const char *name);

/* The second one, of -V. The first is as scripts know it. */
#define BANNER_OWN_VERSION "Busbar " BUSBAR_VERSION
