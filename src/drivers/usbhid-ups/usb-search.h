/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-driver.h"

/* From the options of a section to an open device: which of those that are plugged in is meant, and how it
 * is reached. */

/* Whether port= names a recording, and if so its path in new memory; else NULL. */
int usb_search_recording(const Device *d, char **ret);

/* Opens the device, and says to the kit where it is. Why that fails is logged. */
int usb_search_open(Device *d, HidDriver **ret);
