/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"

/* Option -d: looks at a device. */

/* Polls the device a number of times, prints its variables to stdout and returns 0; without bus or
 * socket. -EIO when that does not work, after saying so; the end of the wait by SIGINT or SIGTERM is a
 * failure too. */
int dump_device(DeviceConfig *config, unsigned count);
