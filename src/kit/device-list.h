/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "args.h"
#include "config.h"

/* The devices that a process is to serve, by its command line and ups.conf. */

typedef struct DeviceList {
        DeviceConfig **configs;
        size_t n_configs;
        bool flawed;      /* ups.conf has mistakes that may have cost a section */
        char *state_path; /* directory of the sockets */
} DeviceList;

/* Reads ups.conf, unless the device stands on the command line, and reports what is wrong in it. When it
 * cannot be read, a device of -a is not in it, or it names another driver, this is logged and a negative
 * errno returned; with missing_ok, sections that are not there are left out instead. */
int device_list_load(const Driver *driver, const Args *args, bool missing_ok, DeviceList *ret);

void device_list_done(DeviceList *l);

/* The device of that name, ignoring case, or NULL. */
DeviceConfig *device_list_find(const DeviceList *l, const char *name);
