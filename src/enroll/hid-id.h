/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-descriptor.h"

/* Whether a HID interface is that of a power device, by its report descriptor: its top-level collections
 * are of the pages Power Device or Battery System. known: somebody says that it is one, by its ids; then
 * anything counts that has values to ask for and is no keyboard, mouse, or the like. */
bool hid_is_power_device(const uint8_t *descriptor, size_t n, bool known);
