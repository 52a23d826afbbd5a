/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* Clients with more work for us than is done at once: handshakes, long rows of requests, and whatever comes
 * faster than MAXREQUESTRATE allows. They stand in line while the others are served, hosts in turn and in
 * each host its clients in turn. */

typedef struct Client Client;
typedef struct Host Host;

/* The line of one host. */
typedef struct HostTurns {
        Client *first, *last;
        Host *next, *previous;  /* hosts that have a line */
        bool parked;            /* it has asked for too much and waits until it may go on */
        uint64_t next_nsec;     /* CLOCK_MONOTONIC: when all it asked for would have come at that rate */
        size_t n_kept;          /* bytes, see Server.n_kept */
        unsigned n_handshakes;  /* its sessions that are not encrypted yet */
} HostTurns;

typedef struct HostRing {
        Host *first, *last;
} HostRing;

/* The lines of all hosts. */
typedef struct Turns {
        HostRing due, parked;
        uint64_t parked_until_usec; /* when the first of these may go on */
        unsigned rate;              /* requests per second and host; 0: no limit. Loopback has none */
} Turns;

/* Puts a client at the end of the line of its host, or takes it out. */
void turns_add(Turns *t, Client *c);
void turns_remove(Turns *t, Client *c);

/* The next client, which is taken out of its line; NULL when nobody may go on now. */
Client *turns_next(Turns *t, uint64_t now_usec);

/* How many requests of a host may be answered now, and that so many were. */
unsigned turns_allowance(const Turns *t, const Host *h, uint64_t now_usec);
void turns_charge(const Turns *t, Host *h, uint64_t now_usec, unsigned n);

/* How long may be waited for sockets: timeout_msec (negative: for ever), or less when somebody's turn comes
 * sooner. */
int turns_timeout(const Turns *t, uint64_t now_usec, int timeout_msec);
