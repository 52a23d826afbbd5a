/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"

/* Option -k: cuts the load of devices, late at shutdown or by hand. */

/* The result when the load is not cut, and the devices say that they have mains. */
#define POWER_OFF_ON_LINE 1

/* Cuts the load of devices, in the order of their sdorder, without bus: by "sdcommands", else by the hook
 * power_off(), else by commands that are common. The last are for devices on a line of their own only: one
 * behind the network is not to be switched off unasked. Goes on after a failure, which is logged. A device
 * with sdorder -1 is left out, unless the devices were named: then each is meant.
 * All of it takes no longer than limit_usec, which the devices share; 0: as long as is good for them. A hook
 * that blocks the loop of an IO_LOOP driver is beyond that.
 * Returns 0, POWER_OFF_ON_LINE when no device that failed could have lost its mains, or a negative errno. */
int power_off_devices(DeviceConfig *const *configs, size_t n, bool named, uint64_t limit_usec);
