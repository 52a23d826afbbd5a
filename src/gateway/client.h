/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "buffer.h"
#include "host.h"
#include "lexer.h"
#include "server.h"
#include "session.h"

/* One connection. While nothing is going on it holds no buffers at all.
 *
 * What a client has sent is overwritten where it was read and split into words, as soon as it is answered.
 * The password is kept with the session until the connection ends, and in the state for a successor (see
 * state.h); then it is overwritten, too. Not overwritten are copies that nobody can reach: in memory that
 * was given back when the words of a long line needed more, and in the buffers of the kernel. */

/* What is waited for, with a limit of time each. */
typedef enum ClientPhase {
        CLIENT_IDLE,    /* its next request */
        CLIENT_PARTIAL, /* the rest of a line */
        CLIENT_BLOCKED, /* that it reads its answers; nothing is read from it meanwhile */
        CLIENT_WAITING, /* the verdict on its credentials, or the end of a write; nothing is read from it
                         * meanwhile */
        CLIENT_LEAVING, /* that it closes: it was refused and its bytes are thrown away */
        CLIENT_DEAD,    /* the end of the present round, to be freed */
        _CLIENT_PHASE_MAX,
} ClientPhase;

struct Client {
        bool is_listener; /* false, see Listener */
        bool stored;      /* the service manager holds the socket, too */
        bool refused;     /* counted among those who are leaving */
        bool held;        /* the lexer has a line whose answer waits */
        bool room_due;    /* a write has ended that it may have waited for, see server_give_room() */
        bool input_kept;  /* bytes of its unfinished line are in the state */
        uint8_t phase;    /* a ClientPhase */
        int fd;
        uint32_t unstored_index; /* place in the server's list of sockets to store, from 1; 0: none */
        uint64_t since_usec;     /* CLOCK_MONOTONIC, begin of the phase */
        Server *server;
        Client *next, *previous; /* in the list of the phase, oldest first */
        Lexer *lexer;   /* of an unfinished line */
        Buffer *output; /* not sent yet */
        Buffer *input;  /* read, but to be looked at only later */
        uint32_t kept;  /* memory of these two, as it is counted by the server */
        Session session;
};

static inline Client *client_from_session(Session *s) {
        return (Client *) (void *) ((char *) s - offsetof(Client, session));
}

/* Serves a connection, whose socket and host are owned from then on, also on failure. */
int client_new(Server *s, int fd, Host *host, Client **ret);

/* Closes the connection; takes NULL, returns NULL. */
Client *client_free(Client *c);

/* The socket is ready. */
void client_ready(Client *c, uint32_t events);

/* Tells what there is to tell of the devices that it watches; later when it is not between two requests. */
void client_tell(Client *c);

/* Looks at bytes as if they had come from the socket now. */
void client_feed(Client *c, const char *data, size_t n);

/* Goes on with the bytes of an unfinished line that are in the state. */
void client_resume(Client *c, const char *input, size_t n);

/* A write has ended: goes on when that is what it waits for. */
void client_give_room(Client *c);

/* Says why it is not served, and gets rid of it gently. */
void client_refuse(Client *c, const char *token);

/* Ends the connection at the end of the present round. It is in CLIENT_DEAD from now on. */
void client_close(Client *c);

/* Enters a phase now, also when it is in it. */
void client_enter(Client *c, ClientPhase phase);
