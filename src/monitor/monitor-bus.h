/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "monitor.h"
#include "notice-log.h"

/* org.busbar.Monitor1; docs/DBUS-API.md is its reference. */

/* Puts the monitor on its bus. */
int monitor_bus_new(Monitor *m, MonitorBus **ret);
MonitorBus *monitor_bus_free(MonitorBus *b);
DEFINE_TRIVIAL_CLEANUP_FUNC(MonitorBus *, monitor_bus_free);

/* Announces what is different from what was shown before; b may be NULL here and below. */
void monitor_bus_changed(MonitorBus *b, const Shown *before);

/* Emits a notice. */
void monitor_bus_notice(MonitorBus *b, const Notice *n);

/* All is done that must be before the network goes: whoever waits for that is answered. */
void monitor_bus_finished(MonitorBus *b);

/* Writes the description of the interface. */
int monitor_bus_introspect(FILE *f);
