/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "poweroff.h"

/* Opens a device node for the user of the drivers, who may not do so himself. Only those that power devices
 * hang on: serial lines but no consoles, virtual ones or those of the kernel, USB devices, raw HID. Others
 * are not even opened, for that alone has an effect on some. -EPERM for them. */
int node_open(const Poweroff *p, const char *path);
