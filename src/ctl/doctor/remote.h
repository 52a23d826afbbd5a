/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doctor.h"

/* Hosts that devices are reached at: NUT servers of relays and of MONITOR lines, and SNMP agents. */

typedef struct Remote {
        Doctor *doctor;
        const UpsSection *section;
        char *ups; /* over there; NULL: it is no NUT server */
        char *host;
        uint16_t port;
        bool done;
        int r; /* of looking it up */
} Remote;

typedef struct Remotes {
        Remote *items;
        size_t n;
} Remotes;

/* Those that are configured. What is no address is left out: that was said elsewhere. */
void remotes_load(Doctor *d, Remotes *ret);

/* Looks all of them up at once, for some seconds. */
void remotes_resolve(Doctor *d, Remotes *l);
void remotes_done(Remotes *l);
