/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Lengths of time as people write and read them. */

/* "90", "90s", "5min", "2.5h", "1h 30min", "1d": numbers with a unit (d, h, m or min, s or sec; day, hour,
 * minute, second and their plurals too), the greater unit first, each at most once, with one blank at most
 * at each joint; a number alone counts seconds. Returns 0, -EINVAL, or -ERANGE for what is longer than 100
 * years. */
int duration_parse(const char *s, uint64_t *ret_usec);

/* Room for any duration. */
#define DURATION_TEXT_MAX 48

/* "0 s", "250 ms", "3 min 10 s", "1 h 5 min", "2 d 3 h": the two greatest units, rounded down; "never" for
 * UINT64_MAX. */
void duration_format(char *buffer, size_t size, uint64_t usec);
