/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* Runs a program by its path, without a shell, and gives what it writes to stdout, in new memory. -ENOENT
 * when it is not there, -EIO when it fails, -ETIMEDOUT, after which it is killed, -E2BIG, ... */
int command_output(const char *const *argv, uint64_t timeout_usec, char **ret);
