/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-profile.h"
#include "naming.h"

/* What is plugged in and is a power device, or may be one. */

typedef struct Plugged {
        UsbHidDevice *usb;   /* one of the list */
        NamingDevice naming; /* what it is told by */
        bool ignored;        /* an udev rule says so */
        bool claimed;        /* a program has taken it from the kernel */
        bool power;          /* it says so itself, or a profile does; else only ups.conf can */
        bool unclear;        /* it does not say so itself, but a profile may */
} Plugged;

typedef struct PluggedList {
        UsbHidList all;
        Plugged *devices; /* one for each device, whatever the number of its interfaces; ordered by place */
        size_t n_devices;
} PluggedList;

/* The files of the kernel and of udev are below root, "" for those of this machine. */
int plugged_list(const char *root, PluggedList *ret);

/* Takes for a power device what a profile names, where that is unclear. */
bool plugged_is_unclear(const PluggedList *l);
void plugged_ask_profiles(PluggedList *l, const HidProfiles *profiles);
void plugged_list_done(PluggedList *l);
void plugged_remove(PluggedList *l, size_t i);

/* The one with such a node ("hidraw3", "/dev/hidraw3", "/dev/bus/usb/001/004"), or NULL. */
Plugged *plugged_find_node(const PluggedList *l, const char *node);
