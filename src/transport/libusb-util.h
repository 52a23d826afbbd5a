/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libusb.h>

#include "hid-link.h"

/* What links over libusb have in common: a node that somebody else has opened, and one interface of the
 * device behind it. */

/* What libusb returns as a negative errno; what is not negative stays as it is. */
int libusb_to_errno(int r) _const_;

/* A handle on an open usbfs node, which stays the caller's. No device is searched for, and none but this one
 * touched. On failure *ret_context may be set nonetheless: libusb_exit() it. */
int libusb_open_node(int fd, libusb_context **ret_context, libusb_device_handle **ret);

/* The configuration that the device has, or the one that was asked for by number. Free with
 * libusb_free_config_descriptor(). */
int libusb_get_config(
        libusb_device_handle *handle, int number, struct libusb_config_descriptor **ret);

/* A setting of the interface in the configuration, the first without one. NULL when there is none. */
const struct libusb_interface_descriptor *libusb_find_interface(
        const struct libusb_config_descriptor *config, unsigned interface, int setting);

/* Takes the interface from the kernel's driver, which gets it back when it is released, and chooses the
 * setting if that is not negative. *ret_claimed says whether it has to be released, on failure too. */
int libusb_claim(libusb_device_handle *handle, unsigned interface, int setting, bool *ret_claimed);
