/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* The lines that lead from one state of a device to the next one in a sequence of dummy-ups, in new memory:
 * those of after that are not in before, and "NAME:" for the variables that are gone, which makes NUT's
 * dummy-ups remove them. Both are strvs of "NAME: VALUE" and may be NULL. 0 or -ENOMEM. */
int recording_changes(char *const *before, char *const *after, char **ret);
