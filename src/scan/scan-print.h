/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "scan-device.h"
#include "ups-conf.h"

/* Found devices as text: for ups.conf, and for programs. */

/* Sections of ups.conf. numbers counts on from call to call, so that names are unique: {} at first. */
typedef struct ScanNumbers {
        size_t n;
} ScanNumbers;

/* "[nutdev-usb1]" and what stands in it, for each device. */
void scan_print_sections(FILE *f, const ScanDevices *l, ScanNumbers *numbers);

/* "USB:driver="usbhid-ups",port="auto",...", a line for each device. */
void scan_print_parsable(FILE *f, const ScanDevices *l);

/* Comments about what will not work as it stands there, or is there already. first is the number that the
 * first device of the list had; conf is the configuration as it is, or NULL. */
void scan_print_remarks(FILE *f, const ScanDevices *l, size_t first, const UpsConf *conf);
