/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "hid-link.h"

/* How a device is spoken to: options, nodes, locks. */

typedef struct UsbLinkOptions {
        UsbOverrides overrides;
        UsbWay way;
} UsbLinkOptions;

/* Reads link= and usb_*. -EINVAL for what is no number, which is logged. */
int usb_link_options(const Device *d, UsbLinkOptions *ret);

/* Opens and locks a device. On failure *ret_why, in new memory or NULL, says more than the error does.
 * -EBUSY: another driver of ours has it, or, with *ret_foreign, somebody else. */
int usb_link_open(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device, HidLink **ret,
                char **ret_why, bool *ret_foreign);
