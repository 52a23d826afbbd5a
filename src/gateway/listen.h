/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host.h"
#include "upsd-conf.h"

/* The sockets that clients connect to. */

typedef struct Listener {
        bool is_listener; /* true; tells it from a client where either may come */
        bool passed;      /* by the service manager: not ours to close on reload */
        int fd;
        char *address;    /* as configured; NULL for one that was passed */
        uint16_t port;    /* as configured */
        struct Listener *next;
} Listener;

/* A listener on a socket that was passed to us; it is made fit for our use. The socket is owned on success. */
int listener_from_fd(int fd, Listener **ret);

/* Binds an address; "*" is to be given as "0.0.0.0" and "::". Port 0 is any free one. */
int listener_new(const char *address, uint16_t port, Listener **ret);

Listener *listener_free(Listener *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(Listener *, listener_free);

/* The port that it is bound to, 0 when that is not TCP. */
uint16_t listener_port(const Listener *l);

/* "address:port" as it is bound, in new memory; NULL without memory. */
char *listener_describe(const Listener *l);
