/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* What upsmon's command line has the monitor do. All of these say on stderr what went wrong. */

typedef enum MonitorOrder {
        MONITOR_RUN, /* none: be it */
        MONITOR_FSD,
        MONITOR_RELOAD,
        MONITOR_STOP,
} MonitorOrder;

/* Gives the monitor an order; with a pid only if it is that process. For reload and stop that is done
 * through systemd if the monitor is its service, else by a signal. 0 or a negative errno. */
int monitor_control(MonitorOrder order, pid_t pid);

/* Becomes the monitor, which returns only on failure, or has it started as a service, or a process in the
 * background where systemd is not there. -EEXIST: there is one. */
int monitor_run(bool foreground, bool debug);
