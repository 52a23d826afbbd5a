/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"

/* Copies what is known about a device. On failure *to holds what hid_identity_done() frees. */
int usb_identity_copy(const HidIdentity *from, HidIdentity *to);

/* Gives a link its report descriptor; it has none yet. */
int usb_descriptor_copy(HidLink *l, const uint8_t *descriptor, size_t n);
