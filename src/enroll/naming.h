/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "record.h"

/* Which device gets which name. No I/O: what is plugged in, what ups.conf says and what was before go in,
 * what is from now on comes out. */

/* More at a time are refused with -E2BIG. */
#define NAMING_DEVICES_MAX (RECORDS_MAX / 2)

/* A section of ups.conf for the driver. */
typedef struct NamingSection {
        const char *name;
        unsigned weight; /* how many keys it matches by */
        bool specific;   /* one of them means a single device */
        const bool *fits; /* for each device, whether it matches */
} NamingSection;

typedef struct NamingDevice {
        DeviceKey key;     /* place is always there; serial only if it is usable */
        const char *driver; /* as far as it is known without ups.conf */
        char *description; /* or NULL */
} NamingDevice;

typedef struct Naming {
        const NamingDevice *devices; /* all that are there, in the order of their places */
        size_t n_devices;
        const NamingSection *sections; /* in the order of the file */
        size_t n_sections;
        char *const *taken; /* strv: all names of ups.conf, also those of other drivers */
} Naming;

/* Gives each device a record, which may be a new one; ret_names (n_devices) are their names, owned by the
 * records. On failure records may be half changed: give a copy.  A section takes the device that it had
 * before, else the first that fits and is nobody else's; of several sections the one with more keys chooses
 * first. All other devices keep the name that they had, else get the first of ups, ups2, ups3, ... that is
 * free. A device is known again by its serial number, or, when that is missing or others have the same, by
 * its place. */
int naming_assign(const Naming *n, Records *records, const char **ret_names);
