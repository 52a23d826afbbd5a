/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "buffer.h"
#include "host.h"
#include "lexer.h"
#include "server.h"
#include "session.h"
#include "turns.h"

/* One connection. While nothing is going on it holds no buffers at all.
 *
 * What a client has sent is overwritten where it was read and split into words, as soon as it is answered.
 * The password is kept with the session until the connection ends, and in the state for a successor (see
 * state.h); then it is overwritten, too. Not overwritten are copies that nobody can reach: in memory that
 * was given back when the words of a long line needed more, and in the buffers of the kernel. */

/* What is waited for, with a limit of time each. */
typedef enum ClientPhase {
        CLIENT_IDLE,      /* its next request */
        CLIENT_PARTIAL,   /* the rest of a line */
        CLIENT_BLOCKED,   /* that it reads its answers; nothing is read from it meanwhile */
        CLIENT_WAITING,   /* the verdict on its credentials, or the end of a write; nothing is read from it
                           * meanwhile */
        CLIENT_HANDSHAKE, /* that the connection is encrypted */
        CLIENT_LEAVING,   /* that it closes: it was refused and its bytes are thrown away */
        CLIENT_DEAD,      /* the end of the present round, to be freed */
        _CLIENT_PHASE_MAX,
} ClientPhase;

struct Client {
        bool is_listener; /* false, see Listener */
        bool stored;      /* the service manager holds the socket, too */
        bool refused;     /* counted among those who are leaving */
        bool held;        /* the lexer has a line whose answer waits */
        bool room_due;    /* a write has ended that it may have waited for, see server_give_room() */
        bool input_kept;  /* bytes of its unfinished line are in the state */
        bool due;         /* it stands in line, see turns.h; its socket is not looked at */
        bool heavy;       /* it asked for much in its last turn: its next one is in line */
        bool counts_tls;  /* among the encrypted connections */
        bool handshakes;  /* among those whose handshake has not ended */
        bool secured;     /* its handshake has succeeded */
        uint8_t watched;  /* events that the socket is watched for */
        uint8_t phase;    /* a ClientPhase */
        int fd;
        uint32_t unstored_index; /* place in the server's list of sockets to store, from 1; 0: none */
        uint64_t since_usec;     /* CLOCK_MONOTONIC, begin of the phase */
        uint64_t n_written;      /* bytes in clear, see state_set_answered() */
        uint64_t cookie;         /* see state_cookie(); 0 when no successor gets the socket */
        Server *server;
        Client *next, *previous; /* in the list of the phase, oldest first */
        Client *due_next, *due_previous; /* in the line of its network */
        Lexer *lexer;   /* of an unfinished line */
        Buffer *output; /* not sent yet */
        Buffer *input;  /* read, but to be looked at only later */
        uint32_t kept;  /* memory of these two, as it is counted by the server */
        uint32_t taken; /* bytes of output, since the time for CLIENT_BLOCKED counts */
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

/* Ends the connection, whose place is free at once. */
void client_give_place(Client *c);

/* It is its turn. */
void client_take_turn(Client *c);

/* Stands in line from now on. */
void client_put_off(Client *c);

/* Ends the connection at the end of the present round. It is in CLIENT_DEAD from now on. */
void client_close(Client *c);

/* Enters a phase now, also when it is in it. */
void client_enter(Client *c, ClientPhase phase);

/* From now on the socket is looked at for these events, EPOLLIN, EPOLLOUT or 0. */
void client_watch(Client *c, uint32_t events);

/* Memory that it keeps has become another: counts it, and keeps within the memory for all clients and for
 * those of one network, if need be at the cost of this one. */
void client_count_kept(Client *c);
void client_limit_kept(Client *c);

/* Overwrites and frees; either kind may hold what is nobody else's business. Takes NULL, returns NULL. */
Buffer *client_buffer_free(Buffer *b);

/* Throws away what has come. */
void client_discard_input(Client *c);

/*** client-tls.c ***/

/* Read and write, encrypted from the handshake on. The first returns 0 at the end, both a negative errno;
 * the second how much was taken, which must not be sent again, while the rest must, as it is. */
ssize_t client_recv(Client *c, void *data, size_t size);
ssize_t client_send(Client *c, const char *data, size_t n);

/* Whether there are bytes that the socket does not tell of. */
bool client_has_decrypted(const Client *c);

/* Says in the log why a client that has used up its time is hung up on: a handshake as other failures of
 * such, the others for debugging. */
void client_log_expiry(Client *c);

/* Whether it has sent the begin of a record only, when there is no more to be read. */
bool client_has_partial_record(const Client *c);

/* It said STARTTLS: answers, and forgets all that it said before. The handshake begins when the answer is
 * sent. more_in_clear: there are bytes behind the line. */
void client_begin_tls(Client *c, bool more_in_clear, Buffer *out);

/* Goes on with the handshake. */
void client_handshake(Client *c);

/* Says goodbye and erases the keys. */
void client_end_tls(Client *c);
