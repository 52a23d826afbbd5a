/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* All of these want the whole string to be the number: no leading blanks, no trailing text, no sign where
 * none makes sense, decimal only. They return 0, -EINVAL (not a number) or -ERANGE (outside min..max), and
 * leave *ret untouched on failure. */

/* Unsigned decimal within [min, max]. */
int parse_uint64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);

/* Signed decimal within [min, max]. */
int parse_int64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* Finite decimal fraction, with '.' whatever the locale; no hexadecimal, no "inf", no "nan". */
int parse_double(const char *s, double *ret);

/* NUT's booleans, ignoring case: 1 true yes on enabled / 0 false no off disabled. */
int parse_boolean(const char *s, bool *ret);

/* Seconds, possibly with a fraction, to microseconds. Negative is -ERANGE. */
int parse_seconds(const char *s, uint64_t *ret_usec);
