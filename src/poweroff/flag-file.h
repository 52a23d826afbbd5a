/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "poweroff.h"

/* What files say: whether there is a flag that is meant. */

/* Reads up to size bytes of a file. Returns how many there are, or a negative errno. */
ssize_t poweroff_read(const Poweroff *p, const char *path, char *buf, size_t size);

/* Reads the flag. -ENOENT: there is none; -ESTALE: it is of another boot, of the future or too old; -EPERM:
 * others than its owner could have put it there; -EINVAL, -E2BIG: it is no flag. */
int flag_file_read(const Poweroff *p, ArmedFlag *ret);
