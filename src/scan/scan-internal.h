/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <syslog.h>

#include "scan.h"
#include "snmp-profile.h"

/* What the searches of the kinds are made of. */

typedef struct ScanSearch ScanSearch;

typedef struct ScanSearchOps {
        ScanKind kind;
        /* Begins. 1: it goes on, scan_search_over() will be called, not from in here; 0: it is over already;
         * a negative errno, which is said. */
        int (*begin)(Scan *scan, ScanSearch **ret);
        void (*free)(ScanSearch *search);
} ScanSearchOps;

extern const ScanSearchOps scan_usb_ops, scan_snmp_ops, scan_xml_ops, scan_nut_ops, scan_simulation_ops,
        scan_avahi_ops, scan_ipmi_ops, scan_upower_ops, scan_serial_ops;

/* The head of a search. */
struct ScanSearch {
        const ScanSearchOps *ops;
        Scan *scan;
};

struct Scan {
        sd_event *event;
        const ScanSettings *settings;
        ScanDone done;
        void *userdata;
        ScanSearch *searches[_SCAN_KIND_MAX];
        unsigned running;
        bool began;
        sd_event_source *over, *tick;
        ScanDevices devices;
        uint64_t n_asked, n_to_ask;
        sd_bus *bus; /* of scan_bus() */
        char *why;
};

/* The search is over: it is freed soon, but not in the call. */
void scan_search_over(ScanSearch *search);

/* Says something; message as for printf. */
void scan_say(const Scan *s, int level, ScanKind kind, const char *fmt, ...) _printf_(4, 5);

/* How long one host is waited for, in microseconds. */
uint64_t scan_timeout(const Scan *s) _pure_;

/* How many hosts may be asked at a time, by one kind that has so many sockets for each. */
unsigned scan_parallel(const Scan *s, unsigned n_sockets);

/* The system bus, on the loop, shared by searches. Errors are said. */
int scan_bus(Scan *s, ScanKind kind, sd_bus **ret);

/* Calls a method over that bus: address is service, path, interface and member; arguments are as for
 * sd_bus_message_append(). A service that does not run is not started for it, as one that is started may
 * take devices for itself, and none is waited for longer than scan_timeout(). */
int scan_bus_call(Scan *s, sd_bus_slot **slot, const char *const address[static 4],
                sd_bus_message_handler_t done, void *userdata, const char *types, ...);

/* Whether an error says that the service does not run. */
bool scan_bus_is_absent(const sd_bus_error *error) _pure_;

/*** Hosts of the ranges, many at a time (scan-walk.c) ***/

typedef struct ScanWalk ScanWalk;

/* The head of what is known of one host. */
typedef struct ScanProbe {
        ScanWalk *walk;
        struct ScanProbe *previous, *next;
        uint64_t order;
        bool over;
        char address[SCAN_ADDRESS_SIZE];
} ScanProbe;

typedef struct ScanWalkOps {
        size_t probe_size;
        /* Begins to ask: 0, or a negative errno. -EMFILE and the like: it is tried again when others are
         * over, less at a time. */
        int (*ask)(ScanProbe *probe, void *userdata);
        void (*done)(ScanProbe *probe); /* frees what hangs on it, but not itself */
        void (*over)(void *userdata);   /* all were asked */
} ScanWalkOps;

/* 1, or 0 when there is nobody to ask, or a negative errno. */
int scan_walk_new(Scan *s, const ScanRanges *ranges, unsigned parallel, const ScanWalkOps *ops,
                void *userdata, ScanWalk **ret);
ScanWalk *scan_walk_free(ScanWalk *w);
DEFINE_TRIVIAL_CLEANUP_FUNC(ScanWalk *, scan_walk_free);

/* The host has been asked: it is freed soon, but not in the call. */
void scan_probe_over(ScanProbe *p);

/*** Pieces that others need ***/

/* "NAME@HOST[:PORT]", with [ ] where needed; without name HOST[:PORT]. NULL without memory. */
char *scan_nut_port(const char *name, const char *host, uint16_t port);
