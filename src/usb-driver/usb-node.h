/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "hid-link.h"
#include "usb-lock.h"

/* The nodes of a device: opened, by us or for us, and locked. */

/* Opens a node and locks it. Returns a descriptor for usb_node_close(). On failure *ret_why, in new memory
 * or NULL, says more than the error does: -EACCES, -EPERM whose it is, -EBUSY who has it. */
int usb_node_open(const Device *d, const char *node, UsbLock lock, char **ret_why);
/* Gives the lock back, and closes. Negative ones are ignored. */
void usb_node_close(int fd);

/* Opens the usbfs node of a device and makes a link over it, by make(), which takes the descriptor over when
 * it works. Errors and *ret_why as above, and those of make(). For -EBUSY from the kernel, because a program
 * that does not know our locks has the device, *ret_foreign is set. */
int usb_node_make_link(const Device *d,
        const UsbHidDevice *device,
        int (*make)(const UsbHidDevice *device, int fd, void *userdata),
        void *userdata,
        char **ret_why,
        bool *ret_foreign);

/* Whether the service manager has opened this node for us. */
bool usb_node_is_handed_over(const Device *d, dev_t number);

/* Reads usb_* and interruptsize. -EINVAL for what is no number, which is logged with level. */
int usb_node_overrides(const Device *d, int level, UsbOverrides *ret);
