/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugged.h"

/* Other programs for power devices, which a device is left to. */

/* Who has the device, in words and in new memory, or NULL if nobody has. Looks at what the kernel says of
 * the device, and at the names of processes, in the files below root. */
int rival_find(const char *root, const Plugged *p, char **ret);
