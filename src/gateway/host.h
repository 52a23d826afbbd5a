/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>

#include "macro.h"
#include "rate-limit.h"
#include "turns.h"
#include "verifier.h"

typedef struct Host Host;

/* The addresses that clients connect from, each once, with how many connections it has and what it has
 * used up of its share. An address is kept for a while after its last connection: whoever connects anew
 * for each request does not thus get a new share.
 *
 * Of IPv6 nobody has a single address: whoever has one has all of the /64, and on a link all of fe80::/10.
 * What is shared out is thus shared out among networks, see host_network(). */

/* All hosts that may be a single one in truth. There is one as long as the table knows a host of it. */
typedef struct Network {
        struct in6_addr key; /* see host_network() */
        uint32_t scope;
        unsigned n_hosts;
        unsigned n_clients; /* of all its hosts together */
        bool loopback;
        NetworkTurns turns; /* clients who wait for their turn */
        VerifierLane lane;  /* passwords of strangers to be looked at */
        struct Network *next; /* in the table */
} Network;

struct Host {
        char address[INET6_ADDRSTRLEN + 16]; /* as text, with the scope of link-local ones */
        unsigned n_clients;
        bool loopback;
        struct in6_addr key; /* IPv4 as ::ffff:a.b.c.d */
        uint32_t scope;
        Network *network;
        VerifierLane lane;         /* passwords of those who were right from there before */
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

/* Calls for each host of the table, which it must not change. */
void host_table_each(HostTable *t, void (*on_host)(Host *h));

/* The network with the most clients; NULL when there is none. Looks at all of them. */
Network *host_table_largest(const HostTable *t);

/* Counts one less. Takes NULL, returns NULL. */
Host *host_unref(HostTable *t, Host *h);

/* What counts as one together with the host: of IPv6 the /64 it is in, for link-local addresses the link
 * (fe80:: and its scope); an IPv4 address (as ::ffff:a.b.c.d) and those of this machine are each alone. */
void host_network(const Host *h, struct in6_addr *ret_key, uint32_t *ret_scope);

/* The same as people write it: 2001:db8::/64, fe80::/64%eth0, 192.0.2.1. NULL without memory. */
char *host_network_describe(const Host *h);
