/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "problems.h"

/* Looks at all configuration files, as "busbarctl check" does, and reports what is wrong. *ret_n is how many
 * devices there are. 0, or a negative errno when memory is short or a file cannot be read, which was
 * reported. */
int configuration_check(Problems *check, size_t *ret_n);
