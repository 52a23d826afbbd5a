/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* Option tables: the drivers' own and the one of keys that every driver knows. */

/* Keys that any section of ups.conf may hold; ends with a NULL name. */
extern const Option common_options[];

/* Keys that stand in the global part of ups.conf only; ends with a NULL name. */
extern const Option global_options[];

/* The option of that name, ignoring case, or NULL. table may be NULL. */
const Option *option_find(const Option *table, const char *name) _pure_;

/* Checks a value as written (NULL: the key alone) against its option and gives it in the form it is kept
 * in: "1" for a flag that is given, "0" or "1" for a boolean, an enumeration in the table's spelling,
 * else a copy. *ret is NULL for a flag that is switched off. Returns 0, -EINVAL, -ERANGE or -ENOMEM; with
 * -EINVAL a safeguard's *ret is "1" all the same. */
int option_normalize(const Option *option, const char *value, char **ret);

/* What a value of the option has to be, for an error message: "a number from 1 to 30"; NULL without
 * memory. */
char *option_expectation(const Option *option);

/* The known name nearest to a mistyped one, among the driver's table and the common keys, or NULL. */
const char *option_nearest(const Option *table, const char *name);
