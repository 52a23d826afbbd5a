/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "macro.h"

/* What a search finds: devices as sections of ups.conf. */

typedef enum ScanKind {
        SCAN_USB,
        SCAN_SNMP,
        SCAN_XML,
        SCAN_NUT,
        SCAN_SIMULATION,
        SCAN_AVAHI,
        SCAN_IPMI,
        SCAN_UPOWER,
        SCAN_SERIAL,
        _SCAN_KIND_MAX,
        _SCAN_KIND_INVALID = -EINVAL,
} ScanKind;

#define SCAN_KIND(kind) (1U << (kind))

/* What a kind is called: in sections ("usb"), in parsable lines ("USB"), and for people ("USB devices"). */
const char *scan_kind_name(ScanKind kind);
const char *scan_kind_tag(ScanKind kind);
const char *scan_kind_title(ScanKind kind);

/* The kind of that name ("usb", ...), or _SCAN_KIND_INVALID. */
ScanKind scan_kind_from_name(const char *name);

typedef struct ScanOption {
        char *name;
        char *value;
        char *tag; /* NULL: it counts; else it stands in ups.conf as a comment, with these words if any */
} ScanOption;

typedef struct ScanDevice {
        ScanKind kind;
        char *driver;
        char *alternatives; /* other drivers that may fit, or NULL */
        char *port;
        ScanOption *options;
        size_t n_options, n_allocated;
        uint64_t order;     /* within its kind: in the order of addresses, ports, ... */
} ScanDevice;

typedef struct ScanDevices {
        ScanDevice **devices;
        size_t n_devices, n_allocated;
} ScanDevices;

/* Makes one; strings are copied. 0 or -ENOMEM. */
int scan_device_new(ScanKind kind, const char *driver, const char *port, ScanDevice **ret);
ScanDevice *scan_device_free(ScanDevice *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(ScanDevice *, scan_device_free);

/* Adds an option. Control characters, what is no UTF-8, and what ends a quoted word are made harmless; a
 * value that is NULL adds nothing. tag as above. 0 or -ENOMEM. */
int scan_device_add(ScanDevice *d, const char *name, const char *value, const char *tag);

/* The value of an option that counts, or NULL. */
const char *scan_device_option(const ScanDevice *d, const char *name) _pure_;

/* Appends a device, which is the list's from then on, also on failure. 0 or -ENOMEM. */
int scan_devices_add(ScanDevices *l, ScanDevice *d);

/* By kind, then by order, then by port. */
void scan_devices_sort(ScanDevices *l);
void scan_devices_done(ScanDevices *l);
