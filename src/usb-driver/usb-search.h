/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "hid-link.h"

/* From the options of a section to a device: which of those that are plugged in is meant. What a driver
 * knows of its devices is in the functions that it gives. */

typedef struct UsbSearch UsbSearch;

typedef struct UsbSearchOps {
        /* What may be asked for, from sysfs; no device is touched. */
        int (*enumerate)(UsbHidList *ret);

        /* By what is known without touching it: 0 for a device that says itself that it is one for the
         * driver, 1 for others that might be, which come after them. Negative: it is none, and not to be
         * spoken of. */
        int (*rank)(void *userdata, const UsbHidDevice *c);

        /* Tries a device that is meant. 1: that was it. 0: it was not, which is noted, and the search goes
         * on. Negative: it ends with that. */
        int (*try)(UsbSearch *s, const UsbHidDevice *c, void *userdata);
} UsbSearchOps;

/* Options that say which device is meant, for the tables of drivers. */
#define USB_SEARCH_OPTIONS                                                                                 \
        { "vendorid", OPTION_REGEX, .help = "vendor id of the device meant, four hexadecimal digits" },    \
        { "productid", OPTION_REGEX, .help = "product id of the device meant, likewise" },                 \
        { "vendor", OPTION_REGEX, .help = "vendor name of the device meant" },                             \
        { "product", OPTION_REGEX, .help = "product name of the device meant" },                           \
        { "serial", OPTION_REGEX, .help = "serial number of the device meant" },                           \
        { "bus", OPTION_REGEX, .help = "number of its USB bus, of three digits" },                         \
        { "device", OPTION_REGEX, .help = "its number on that bus, of three digits" },                     \
        { "busport", OPTION_REGEX, .help = "the ports from the bus to the device, with dots between them" },\
        { "allow_duplicates", OPTION_FLAG, .help = "try the next one if another program has the first" }

/* Finds the device: handed over by the service manager, named by port=, or fitting the match keys. 0 when
 * one was taken; else why not is logged, with what is there. A bad match key is logged, too. */
int usb_search_run(Device *d, const UsbSearchOps *ops, void *userdata);

/* Whether somebody says of a device that it is the one, and not only that there is one somewhere. */
bool usb_search_is_named(const UsbSearch *s);

/* Notes why a device is not taken, for the log: why, or what the error means. Returns 0, for try(), or
 * -ENOMEM. error 0: it is just none. */
int usb_search_note(UsbSearch *s, const UsbHidDevice *c, int error, const char *why);

/* What comes of a device that could not be opened, for try(): noted, or, if another program of others has it
 * and no duplicates are allowed, the end. */
int usb_search_note_busy(UsbSearch *s, const UsbHidDevice *c, int error, const char *why, bool foreign);

/* Says to the kit where the device is: its nodes, of which hidraw may be NULL, and its place. */
int usb_search_set_place(Device *d, const UsbHidDevice *c, const char *hidraw);

/* Whether port= names a recording, and if so its path in new memory; else NULL. NUT takes any port for
 * "auto"; a file is one that is there, or a path. */
int usb_search_recording(const Device *d, char **ret);

/* Whether port= is a node of a device on USB. */
bool usb_search_port_is_node(const Device *d);
