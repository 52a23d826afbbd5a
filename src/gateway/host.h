/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>

#include "macro.h"
#include "rate-limit.h"
#include "turns.h"
#include "verifier.h"

/* The addresses that clients connect from, each once, with how many connections it has and what it has
 * used up of its share. An address is kept for a while after its last connection: whoever connects anew
 * for each request does not thus get a new share. */

struct Host {
        char address[INET6_ADDRSTRLEN + 16]; /* as text, with the scope of link-local ones */
        unsigned n_clients;
        bool loopback;
        struct in6_addr key; /* IPv4 as ::ffff:a.b.c.d */
        uint32_t scope;
        VerifierLane lane;         /* passwords to be looked at */
        HostTurns turns;           /* clients who wait for their turn */
        RateLimit denials, writes; /* lines in the log for those */
        struct Host *next;         /* in the table */
        struct Host *idle_next, *idle_previous; /* without connections, longest first */
};

typedef union SocketAddress {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage storage;
} SocketAddress;

typedef struct HostTable HostTable;

HostTable *host_table_new(void);
HostTable *host_table_free(HostTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(HostTable *, host_table_free);

/* Counts one more client of an address; NULL without memory. */
Host *host_ref(HostTable *t, const SocketAddress *a);

/* Counts one less. Takes NULL, returns NULL. */
Host *host_unref(HostTable *t, Host *h);
