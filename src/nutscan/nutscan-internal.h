/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* The number of the next section that is displayed: what a list begins with goes on where the last one has
 * ended. */
size_t nutscan_next_number(void);
