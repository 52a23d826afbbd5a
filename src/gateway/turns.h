/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* Clients with more work for us than is done at once: handshakes, long rows of requests, and whatever comes
 * faster than MAXREQUESTRATE allows. They stand in line while the others are served, networks in turn (most
 * are but one host, see host.h) and in each network its clients in turn. */

typedef struct Client Client;
typedef struct Network Network;

/* The line of one network. */
typedef struct NetworkTurns {
        Client *first, *last;
        Network *next, *previous; /* those that have a line */
        bool parked;            /* it has asked for too much and waits until it may go on */
        uint64_t next_nsec;     /* CLOCK_MONOTONIC: when all it asked for would have come at that rate */
        size_t n_kept;          /* bytes, see Server.n_kept */
        unsigned n_tls;         /* its encrypted connections, and those that are to be */
        unsigned n_handshakes;  /* of them, those that are not encrypted yet */
} NetworkTurns;

typedef struct NetworkRing {
        Network *first, *last;
} NetworkRing;

/* The lines of all networks. */
typedef struct Turns {
        NetworkRing due, parked;
        uint64_t parked_until_usec; /* when the first of these may go on */
        unsigned rate;              /* requests per second and network; 0: no limit. Loopback has none */
} Turns;

/* Puts a client at the end of the line of its network, or takes it out. */
void turns_add(Turns *t, Client *c);
void turns_remove(Turns *t, Client *c);

/* The next client, which is taken out of its line; NULL when nobody may go on now. */
Client *turns_next(Turns *t, uint64_t now_usec);

/* How many requests of a network may be answered now, and that so many were. */
unsigned turns_allowance(const Turns *t, const Network *n, uint64_t now_usec);
void turns_charge(const Turns *t, Network *n, uint64_t now_usec, unsigned n_requests);

/* How long may be waited for sockets: timeout_msec (negative: for ever), or less when somebody's turn comes
 * sooner. */
int turns_timeout(const Turns *t, uint64_t now_usec, int timeout_msec);
