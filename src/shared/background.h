/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Programs that are services, started by hand where no service manager does it. */

/* Starts argv[0], ended by NULL, as a session of its own, and waits until it says that it is ready, as it
 * would to systemd. What it logs until then goes to our stderr, and nowhere afterwards.
 * become(), which may be NULL, is called in the new process before the program is run; it is not run when
 * that fails. Returns its process, -ECHILD if it ended before, -ETIMEDOUT if it goes on without being ready
 * (*ret_pid, which may be NULL, is set then too), or another negative errno. */
pid_t background_start(const char *const *argv, uint64_t timeout_usec, int (*become)(void *userdata),
                void *userdata, pid_t *ret_pid);

/* Ends processes, pidfds, at the same time: asks them to, and kills those that do not within the time. Each
 * result is 0 when it is gone, 1 if it had to be killed, or a negative errno: -ETIMEDOUT for one
 * that even that does not end. */
void background_stop(const int *processes, size_t n, uint64_t timeout_usec, int *results);

/* Whether the program of a process has that name. A process can choose it: this is for display, and proves
 * nothing. */
bool background_is(pid_t pid, const char *program);
