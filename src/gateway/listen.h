/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host.h"
#include "upsd-conf.h"

/* The sockets that clients connect to. */

typedef struct Listener {
        bool is_listener; /* true; tells it from a client where either may come */
        bool passed;      /* by the service manager, which decides where it listens: not ours to close */
        bool stored;      /* the service manager holds it for our successor */
        bool unit;        /* was passed, to us or to an earlier process */
        bool early;       /* bound before an interface had the address */
        bool leaving;     /* nobody new comes; who is there already is let in until the time is over */
        uint64_t leaving_usec; /* CLOCK_MONOTONIC: until when */
        int fd;
        char *address;    /* as configured, or numeric if it comes from an earlier process */
        uint16_t port;    /* likewise */
        struct Listener *next;
} Listener;

/* A listener on a socket that was passed to us, or that an earlier process of ours had (restored); it is
 * made fit for our use. unit: the one or the other was passed it. The socket is owned on success. */
int listener_from_fd(int fd, bool unit, bool restored, Listener **ret);

/* Binds a numeric address; "*" and "localhost" are to be given as their two. Port 0 is any free one. An
 * address may be one that no interface has yet. Returns -ENODEV when it is bound to an interface that is not
 * there. shared: another listener of ours may have some of it, see listener_share(). */
int listener_new(const char *address, uint16_t port, bool shared, Listener **ret);

/* Lets another listener of ours bind what this one has, in whole or in part, before this one goes. */
void listener_share(const Listener *l);

/* Whether both are the same socket. */
bool listener_same(const Listener *a, const Listener *b);

/* Whether it would still be bound the same way: its interface may have come back as another one. */
bool listener_is_current(const Listener *l);

/* While on, who asks for a connection is left without an answer, and asks again a second later; connections
 * that are being made go on. Ending a listener after that loses nobody. */
void listener_deafen(const Listener *l, bool on);

/* Closes it; of one that is stored only our end. Takes NULL, returns NULL. */
Listener *listener_free(Listener *l);

/* Ends it also where the service manager holds it, and frees it. */
void listener_end(Listener *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(Listener *, listener_free);

/* The port that it is bound to, 0 when that is not TCP. */
uint16_t listener_port(const Listener *l);

/* Whether clients of other machines can connect to it. */
bool listener_is_public(const Listener *l);

/* "address:port" as it is bound, in new memory; NULL without memory. */
char *listener_describe(const Listener *l);
