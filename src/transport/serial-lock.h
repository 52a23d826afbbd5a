/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "macro.h"

/* Who else has a serial port. */

/* The process that a lock file (/var/lock/LCK..ttyS0) names, by its contents: ten characters of decimal
 * digits, or a number of the machine. 0 when that is none. */
pid_t serial_lock_file_pid(const char *data, size_t n) _pure_;

/* Whether a process of another program lives that has a lock file for the port, under the name of path or
 * of what it links to, in that directory. *ret_pid says which. A file counts that belongs to root, to us, or
 * to the owner of the port, and a process that has the port open, as far as that can be seen. */
bool serial_lock_file_find(const char *directory, const char *path, pid_t *ret_pid);

/* The number of the controlling terminal, from the contents of /proc/PID/stat; 0 for none. */
dev_t serial_stat_terminal(const char *stat) _pure_;
