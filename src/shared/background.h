/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Programs that are services, started by hand where no service manager does it. */

/* Starts argv[0], ended by NULL, as a session of its own, and waits until it says that it is ready, as it
 * would to systemd. What it logs until then goes to our stderr, and nowhere afterwards.
 * Returns its process, -ECHILD if it ended before, -ETIMEDOUT if it goes on without being ready (*ret_pid,
 * which may be NULL, is set then too), or another negative errno. */
pid_t background_start(const char *const *argv, uint64_t timeout_usec, pid_t *ret_pid);

/* Ends a process: asks it to, and kills it when it does not within the time. 0 when it is gone, 1 if it had
 * to be killed; program is the name that its program must have, else -ESRCH. */
int background_stop(pid_t pid, const char *program, uint64_t timeout_usec);

/* Whether the program of a process has that name. */
bool background_is(pid_t pid, const char *program);
