/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Where a process belongs, by what the kernel tells everybody of it. Names of control groups are chosen by
 * whom they were given to: users and containers have some of their own. */

/* The service of the system's manager that the process is of, in new memory, from the text of
 * /proc/PID/cgroup. NULL for a process of a user, a scope, a container or a virtual machine, for a name that
 * no unit may have, and without memory. What of it a fix is made of, the manager has to confirm. */
char *process_unit(const char *cgroup);

/* Whether it is in the slice of Busbar's own services. */
bool process_unit_is_ours(const char *cgroup);

/* From the text of /proc/PID/status, whether it has another PID namespace below the reader's, as in a
 * container. */
bool process_is_contained(const char *status);
