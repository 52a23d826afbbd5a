/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "poweroff.h"

/* The surroundings: whether there is a flag that is meant. */

/* Whether this is a container: the machine goes on without it. */
bool in_container(const Poweroff *p);

/* Reads the flag. -ENOENT: there is none; -ESTALE: it is of another boot, of the future or too old; -EPERM:
 * others than its owner could have put it there; -EINVAL, -E2BIG: it is no flag. */
int flag_file_read(const Poweroff *p, ArmedFlag *ret);
