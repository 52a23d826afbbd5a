/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>

#include "snmp-net-internal.h"

struct SnmpNet {
        sd_event *event;
        NetTurns *turns;
        ResolveQueue *names;
        unsigned n_links;
};

typedef enum NetState {
        NET_IDLE,
        NET_RESOLVING,
        NET_WAITING,     /* for its turn */
        NET_READY,       /* its turn has come */
        NET_CONNECTING,  /* streams only */
        NET_DISCOVERING, /* the engine id of version 3 */
        NET_ASKING,
        NET_OVER,        /* done is to be called */
        _NET_STATE_MAX,
} NetState;

typedef struct NetLink {
        SnmpLink link;
        SnmpNet *net;
        NetPeer peer;
        SnmpNetOptions options;
        SnmpCredentials credentials; /* own copies, without passwords */
        NetUsm *usm;
        char *key;                   /* whose turn it is */

        Resolve *resolve;
        struct addrinfo *addresses;
        const struct addrinfo *address; /* the one that is used */
        struct sockaddr_in6 last;       /* that was used last, of whichever family */
        bool is_literal;

        NetSession *session;
        sd_event_source *io;
        sd_event_source *timer; /* of an attempt */
        sd_event_source *soon;  /* begins, or tells the result */

        NetState state;
        NetTurn *turn;
        SnmpRequest request;
        SnmpDone done;
        void *userdata;
        int result;
        SnmpReply reply;

        uint64_t deadline_usec;
        unsigned attempt;        /* counted from 0 */
        unsigned n_reports;      /* that had it asked again */
        bool discovered;         /* since the request began */
        unsigned n_garbled;      /* answers that are none */
        bool unverified;
        bool ever_verified;      /* with this engine: user and passwords are right */
} NetLink;

/* Ends the request: done is called from the loop. reply may be NULL, and is taken over. why is in new
 * memory, or NULL. */
void net_link_finish(NetLink *l, int r, SnmpReply *reply, char *why);

/* Makes l->timer, which is off. */
int net_link_add_timer(NetLink *l);

/* Sends what is to be sent next. */
void net_link_ask(NetLink *l);

/* Looks at what has come from the agent. */
void net_link_receive(NetLink *l);

/* Closes the socket; the next request opens another. */
void net_link_close(NetLink *l);

/* Whether something was sent to which there is no answer yet. */
static inline bool net_link_is_asking(const NetLink *l) {
        return l->state == NET_DISCOVERING || l->state == NET_ASKING;
}
