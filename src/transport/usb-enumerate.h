/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"

/* Longest text that is taken over from a device. */
#define USB_TEXT_MAX 255U

/* usb_hid_enumerate(), usb_enumerate() in another sysfs than the one at /sys. */
int usb_hid_enumerate_at(const char *sysfs, UsbHidList *ret);
int usb_enumerate_at(const char *sysfs, UsbHidList *ret);

/* A text as a device says it, in new memory: up to the first NUL, white space at the ends removed, control
 * characters replaced, at most USB_TEXT_MAX bytes. *ret is NULL when nothing is left. */
int usb_text_clean(const char *text, size_t n, char **ret);

/* What a string descriptor says, in UTF-8, cleaned as above. -EBADMSG for what is none. *ret is NULL for an
 * empty one. */
int usb_string_decode(const uint8_t *descriptor, size_t n, char **ret);

/* How a link asks for a string descriptor of the device: bytes into buffer, how many come back. */
typedef int (*UsbAskString)(void *userdata, uint8_t index, uint16_t language, uint8_t buffer[static 255]);

/* A string by index (not 0) in the first language of the device, which is found out and kept in *language,
 * at first 0. In new memory. Errors are those of ask, and -EBADMSG. */
int usb_string_get(UsbAskString ask, void *userdata, uint16_t *language, uint8_t index, char **ret);

/* The length of report descriptor number index, by the HID descriptor among the class descriptors of an
 * interface. -ENOENT without one. */
int usb_report_descriptor_length(const uint8_t *descriptors, size_t n, unsigned index, size_t *ret);
