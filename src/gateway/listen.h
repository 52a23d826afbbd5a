/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host.h"
#include "upsd-conf.h"

/* The sockets that clients connect to. */

typedef struct Listener {
        bool is_listener; /* true; tells it from a client where either may come */
        bool passed;      /* by the service manager, which decides where it listens: not ours to close */
        bool stored;      /* the service manager holds it, too */
        int fd;
        char *address;    /* as configured, or numeric if it comes from an earlier process */
        uint16_t port;    /* likewise */
        struct Listener *next;
} Listener;

/* A listener on a socket that was passed to us, or bound by an earlier process of ours (restored); it is
 * made fit for our use. The socket is owned on success. */
int listener_from_fd(int fd, bool restored, Listener **ret);

/* Binds a numeric address; "*" and "localhost" are to be given as their two. Port 0 is any free one. */
int listener_new(const char *address, uint16_t port, Listener **ret);

/* Closes it; of one that is stored only our end. Takes NULL, returns NULL. */
Listener *listener_free(Listener *l);

/* Ends it also where the service manager holds it, and frees it. */
void listener_end(Listener *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(Listener *, listener_free);

/* The port that it is bound to, 0 when that is not TCP. */
uint16_t listener_port(const Listener *l);

/* "address:port" as it is bound, in new memory; NULL without memory. */
char *listener_describe(const Listener *l);
