/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "device.h"
#include "host.h"
#include "tls.h"
#include "user.h"
#include "verifier.h"

/* What one connection has said about itself. */

struct Session {
        const char *address; /* of the client, for logs and LIST CLIENT; borrowed */
        Host *host;          /* of the client, borrowed; NULL in tests */
        uint64_t sequence;   /* rises with each connection */
        char *username, *password; /* as given; NULL until then */
        Device *device;      /* logged in to */
        uint32_t need_seconds; /* how long it needs power from a forced shutdown on; 0: it did not say */
        Watch *watches;      /* devices that it wants to hear of, see watch.h */
        Session *next, *previous; /* others logged in to the same device */
        const User *user;    /* verdict on the credentials, with the users file it holds for */
        Verification *verification; /* pending question for that verdict */
        uint32_t asked_generation;  /* of the users file when it was asked */
        uint32_t user_generation;
        TlsSession *tls;     /* from the begin of the handshake on */
        uint32_t slot;       /* place in the state that outlives us, see state.h; 0 for none */
        bool tracking;
        bool proven;         /* its credentials were found right once */
        bool uncounted;      /* its login keeps nobody waiting */
        bool need_logged;    /* that it needs power for very long */
        bool wants_room;     /* its last request waits for the end of one of its writes */
        bool closing;        /* said goodbye: nothing more is taken */
        bool blocked;        /* part of an answer is not sent: nobody else can go on with it */
        bool secure;         /* said STARTTLS: nothing is taken in clear, and nobody else has the keys */
        bool input_lost;     /* begun before a restart with bytes that are lost: the next line is refused */
};

/* Lets go of everything: logs out, erases the password. */
void session_done(Session *s);

/* As if nothing had been said: logs out, forgets credentials with the verdict on them, watches and the
 * rest. */
void session_reset(Session *s);

/* Logs in, and is counted unless the session is marked otherwise. */
void session_login(Session *s, Device *d);
void session_logout(Session *s);

/* The address of the client as lists of addresses have it, or NULL when it has none. */
static inline const struct in6_addr *session_key(const Session *s) {
        return s->host ? &s->host->key : NULL;
}

/* user@address in new memory, as logs and owners have it; NULL without memory. */
char *session_peer(const Session *s);
