/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"
#include "line-link.h"
#include "naming.h"

/* What is plugged in and is a power device, or may be one: interfaces of HID, and those that say nothing
 * about themselves. */

/* The driver of what speaks in lines. That of what follows the HID standard is RECORD_DRIVER. */
#define PLUGGED_LINE_DRIVER "nutdrv_qx"

typedef struct Plugged {
        UsbHidDevice *usb;   /* one of the list */
        NamingDevice naming; /* what it is told by; its driver is NULL as long as only ups.conf can say that
                              * it is a power device */
        bool ignored;        /* an udev rule says so */
        bool claimed;        /* a program has taken it from the kernel */
        bool hid;            /* the interface is one of HID */
        bool unclear;        /* it does not say itself that it is one, but a HID profile may */
        bool opaque;         /* nor what else it is: lines may hide there */
} Plugged;

typedef struct PluggedList {
        UsbHidList all;
        Plugged *devices; /* one for each device, whatever the number of its interfaces; ordered by place */
        size_t n_devices;
} PluggedList;

/* The files of the kernel and of udev are below root, "" for those of this machine. */
int plugged_list(const char *root, PluggedList *ret);

/* Whether there are devices that have to be asked for by their ids. */
bool plugged_is_unclear(const PluggedList *l);

/* Takes for a power device what the ids are known of, where that is unclear. ids may be NULL. */
void plugged_ask_profiles(PluggedList *l, const HidProfiles *profiles, const LineUsbIds *ids);
void plugged_list_done(PluggedList *l);
void plugged_remove(PluggedList *l, size_t i);

/* The one with such a node ("hidraw3", "/dev/hidraw3", "/dev/bus/usb/001/004"), or of such an interface
 * ("1-2.3:1.0"); NULL for none. */
Plugged *plugged_find_node(const PluggedList *l, const char *node);
