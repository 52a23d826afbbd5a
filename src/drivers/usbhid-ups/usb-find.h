/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-driver.h"

/* From the options of a section to an open device, which a profile knows. */

/* Opens the device, or the recording that port= names, and says to the kit where it is. Why that fails is
 * logged. */
int usb_find_open(Device *d, HidDriver **ret);
