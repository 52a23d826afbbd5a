/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "snmp-net.h"
#include "snmp-profile.h"
#include "snmp-traps.h"

/* What the devices of a process have in common: net-snmp, the profiles, and who listens for traps. */

/* The profiles, as they were on disk when they were read. */
typedef struct SnmpProfileSet {
        unsigned n_ref;
        SnmpProfiles profiles;
        uint64_t mark;  /* of what there is to choose from, to the letter: another number means other
                         * profiles */
        uint64_t stamp; /* of the files */
} SnmpProfileSet;

SnmpProfileSet *snmp_profile_set_ref(SnmpProfileSet *s);
SnmpProfileSet *snmp_profile_set_unref(SnmpProfileSet *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(SnmpProfileSet *, snmp_profile_set_unref);

/* The profile of an id; NULL when there is none. */
SnmpProfile *snmp_profile_set_find(const SnmpProfileSet *s, const char *id);

/* Somebody who is told of traps. A trap is from the agent of a link. */
typedef struct SnmpListener SnmpListener;

struct SnmpListener {
        const SnmpLink *link; /* NULL: of none at present */
        /* oid is NULL when the trap cannot be read: version 3. */
        void (*trapped)(SnmpListener *l, const SnmpOid *oid);
        SnmpListener *next, *previous;
};

typedef struct SnmpShared {
        sd_event *event;
        SnmpNet *net;
        SnmpProfileSet *profiles;
        uint64_t looked_usec; /* when the files were looked at last */
        SnmpListener *listeners;
        SnmpTrapPort *ports;
        bool passed; /* the sockets that came with the start were taken */
} SnmpShared;

/* Makes what is not there yet. Failures are logged. NULL without memory. */
SnmpShared *snmp_shared_get(Device *d);

/* Driver.shared_done() */
void snmp_shared_done(void *shared);

/* The profiles, read anew when a file has changed; what is wrong with one is logged once. A reference of the
 * caller's. -ENOPKG: there are none at all, which is not logged. */
int snmp_shared_profiles(SnmpShared *s, SnmpProfileSet **ret);

/* Joins and leaves those who are told of traps. */
void snmp_shared_join(SnmpShared *s, SnmpListener *l);
void snmp_shared_leave(SnmpShared *s, SnmpListener *l);

/* Sees to it that a port is listened on, for as long as the process runs. 0 or a negative errno. */
int snmp_shared_open_port(SnmpShared *s, uint16_t port);
