/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "scan-device.h"
#include "scan-ranges.h"
#include "snmp-net.h"

/* The search for devices. All kinds run at the same time on one event loop, hosts of a network many at a
 * time: so many as there are, or as descriptors allow. It reads; nothing of a device is changed. */

#define SCAN_TIMEOUT_USEC UINT64_C(5000000)
#define SCAN_PARALLEL 512U
#define SCAN_NUT_PORT 3493U
#define SCAN_SNMP_PORT 161U
#define SCAN_XML_PORT 4679U

/* How much of the place of a USB device counts, rather than standing in comments. */
typedef enum ScanPlace {
        SCAN_PLACE_NONE,
        SCAN_PLACE_PORT,   /* bus and busport */
        SCAN_PLACE_DEVICE, /* and device */
        SCAN_PLACE_ALL,    /* and the release of the device, which no driver looks at */
} ScanPlace;

/* What a search says while it runs: level of syslog, and a sentence without its end, fit for a terminal. */
typedef void (*ScanSay)(void *userdata, int level, ScanKind kind, const char *message);

/* Hosts that were asked and hosts to ask, of all kinds together, up to now. */
typedef void (*ScanProgress)(void *userdata, uint64_t n_done, uint64_t n_total);

/* What is asked for. {} with kinds alone is a search with defaults. */
typedef struct ScanSettings {
        unsigned kinds;           /* of SCAN_KIND() */
        const ScanRanges *ranges; /* for SNMP, NUT and XML; NULL or empty: nobody is asked, but for XML,
                                   * which then asks the networks that this machine is in by broadcast,
                                   * three times */
        uint64_t timeout_usec;    /* of one host; 0: SCAN_TIMEOUT_USEC */
        unsigned parallel;        /* hosts of a kind at a time; 0: SCAN_PARALLEL */
        ScanPlace place;
        uint16_t nut_port, snmp_port, xml_port; /* 0: the usual ones */
        SnmpCredentials snmp;     /* version 3 with a user; else a community ("public" if NULL), of version 1
                                   * and where that is not answered of 2c */
        const char *serial_ports; /* for SCAN_SERIAL, as scan_serial_ports() takes them */
        const char *sysfs;        /* NULL: /sys */
        ScanSay say;              /* or NULL */
        ScanProgress progress;    /* or NULL: called now and then while it runs */
        void *userdata;
} ScanSettings;

typedef struct Scan Scan;
typedef void (*ScanDone)(Scan *s, void *userdata);

/* Begins a search; settings and what they point to are the caller's, and needed until it is over. done is
 * called once from the event loop, when scan_devices() has all that was found. 0 or a negative errno:
 * -EINVAL for credentials that make no sense, with *ret_why in new memory. */
int scan_new(sd_event *event, const ScanSettings *settings, ScanDone done, void *userdata, Scan **ret,
                char **ret_why);

/* Ends it, over or not. Takes NULL, returns NULL. */
Scan *scan_free(Scan *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Scan *, scan_free);

/* What was found up to now; in order when it is over. The list is the search's, and may be emptied. */
ScanDevices *scan_devices(Scan *s);

/* A search as a whole, for callers that have no event loop: returns when it is over. */
int scan_run(const ScanSettings *settings, ScanDevices *ret, char **ret_why);

/* Lets this program have more descriptors open, as far as it may: for those that do nothing but search. */
void scan_raise_limit(void);

/* Serial ports by what the option of nut-scanner may be: "auto", "0", "0-9", "/dev/ttyS0,/dev/ttyUSB1". Only
 * those that are there, but for those that were named in full. *ret is a strv. -EINVAL: it is none of
 * these. */
int scan_serial_ports(const char *text, char ***ret);
