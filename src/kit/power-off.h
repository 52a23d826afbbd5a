/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"

/* Option -k: cuts the load of devices, late at shutdown or by hand. */

/* The result when the load is not cut, and the devices say that they have mains. */
#define POWER_OFF_ON_LINE 1

/* Cuts the load of devices, in the order of their sdorder, without bus: by "sdcommands", else by the hook
 * power_off(), else by commands that are common. The last are for devices on a line of their own only: one
 * behind the network is not to be switched off unasked. Goes on after a failure, which is logged.
 * Returns 0, POWER_OFF_ON_LINE when no device that failed could have lost its mains, or a negative errno. */
int power_off_devices(DeviceConfig *const *configs, size_t n);
