/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"

/* The ways of using a driver once, by hand or late at shutdown. */

/* Polls the device a number of times, prints its variables to stdout and returns 0; without bus or
 * socket. -EIO when that does not work, after saying so; the end of the wait by SIGINT or SIGTERM is a
 * failure too. */
int dump_device(DeviceConfig *config, unsigned count);

/* Cuts the load of devices, in the order of their sdorder, without bus and event loop. Goes on after a
 * failure, which is logged; returns the last one. */
int power_off_devices(DeviceConfig *const *configs, size_t n);
