/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* Asking for the machine to be powered off, one way after the other until one of them works. */

/* The file that has busbar-poweroff-now.path act, in the runtime directory. */
#define POWER_OFF_NOW_FILE "poweroff-now"

int power_off_new(Monitor *m, PowerOff **ret);
PowerOff *power_off_free(PowerOff *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(PowerOff *, power_off_free);

/* Begins with the first way, unless it is at it already. What comes of it is told to the monitor:
 * REQUEST_FAILED when nothing helps. */
void power_off_start(PowerOff *p);

/* The system began to shut down: no other way is needed. */
void power_off_begun(PowerOff *p);

/* The bus is gone, and with it whoever was asked. */
void power_off_bus_lost(PowerOff *p);

/* Gives up. */
void power_off_stop(PowerOff *p);

/* Whether it was started and not stopped; whether the system has begun. */
bool power_off_is_active(const PowerOff *p) _pure_;
bool power_off_is_begun(const PowerOff *p) _pure_;
