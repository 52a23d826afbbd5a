/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gateway.h"
#include "host.h"
#include "listen.h"
#include "tls.h"
#include "turns.h"

/* All listeners and connections. They stand behind an epoll descriptor of their own, and with them the
 * event loop: that takes one event per round, which is right for a service and wrong for thousands of
 * clients. */

typedef struct Client Client;
typedef struct Lexer Lexer;

/* Time limits of the phases of a client, in microseconds. */
typedef struct ServerLimits {
        uint64_t idle_usec, partial_usec, blocked_usec, handshake_usec, leaving_usec;
} ServerLimits;

/* Stock upsd takes 60 s for the first; clients that poll once a minute want more. */
#define SERVER_LIMITS_DEFAULT                                   \
        ((ServerLimits) {                                       \
                .idle_usec = 300 * USEC_PER_SEC,                \
                .partial_usec = 30 * USEC_PER_SEC,              \
                .blocked_usec = 60 * USEC_PER_SEC,              \
                .handshake_usec = 10 * USEC_PER_SEC,            \
                .leaving_usec = 2 * USEC_PER_SEC,               \
        })

/* Who is behind with reading has the time of blocked_usec anew for each so many bytes that it takes: 4 KB in
 * 10 s by default. Less is no reading. */
#define SERVER_BLOCKED_PROGRESS 24576U

#define SERVER_INPUT_SIZE 65536U
/* Answers are sent when there are that many bytes of them, and more requests are only then looked at. */
#define SERVER_OUTPUT_BATCH 65536U
/* Memory for what clients have not read or cannot be answered yet, of all together. */
#define SERVER_KEPT_MAX (UINT64_C(64) << 20)
/* ... and of one network, see host.h. */
#define SERVER_KEPT_PER_HOST_MAX (UINT64_C(16) << 20)
/* Listeners that the service manager keeps for us: those we have bound, and those it has passed. */
#define LISTENER_FD_NAME "listen"
#define LISTENER_PASSED_FD_NAME "socket"
#define SERVER_PHASES 7U

/* Encrypted connections cost much more memory than others: about 11 KB. Some are kept for this machine, and
 * no network has more than its share; this machine may have all. */
#define TLS_SESSIONS_MAX 8192U
#define TLS_SESSIONS_KEPT 256U
#define TLS_SESSIONS_PER_HOST_MAX 2048U
/* Handshakes cost even more, but do not last. */
#define TLS_HANDSHAKES_MAX 1024U
#define TLS_HANDSHAKES_PER_HOST_MAX 256U
/* One costs us about as much as so many requests. */
#define TLS_HANDSHAKE_REQUESTS 50U

typedef struct ClientList {
        Client *first, *last;
} ClientList;

/* What one client is served at a time. */
typedef struct ServerTurn {
        unsigned n_lines, n_lines_max; /* answered, and how many may be */
        size_t n_output;               /* bytes of answers */
        bool is_over;                  /* the rest has to wait */
        bool more;                     /* as much was read as is at once: there may be more */
} ServerTurn;

struct Server {
        Gateway *gateway;
        int epoll_fd, spare_fd;
        sd_event_source *timer;
        uint64_t timer_usec; /* when the timer goes off */
        uint64_t now_usec;   /* CLOCK_MONOTONIC, of the present round */
        uint64_t next_sequence;
        ServerLimits limits;
        Listener *listeners;
        sd_event_source *listen_timer; /* for those that leave, and for what cannot be had yet */
        HostTable *hosts;
        ClientList clients[SERVER_PHASES];
        Client *room_next;   /* the one that server_give_room() comes to next; NULL outside of it */
        unsigned n_clients, n_leaving, n_max, n_max_per_host; /* the last of one network, see host.h */
        uint64_t room_usec;  /* CLOCK_MONOTONIC: not before that is room made for newcomers again */
        uint64_t n_kept, n_kept_max; /* bytes, see SERVER_KEPT_MAX */
        uint64_t n_kept_max_per_host;
        Turns turns;
        ServerTurn turn;     /* of the client that is served now */
        TlsContext *tls;     /* NULL: there is no certificate */
        uint64_t expiry_warned_usec; /* CLOCK_BOOTTIME, when we said that the certificate ends; 0: never */
        unsigned n_tls;      /* encrypted connections, and those that are to be */
        unsigned n_handshakes; /* of them, those that are not encrypted yet */
        bool tls_from_credential; /* a reload reads the same certificate again */
        bool prepared;       /* the event loop is, see sd_event_prepare(3) */
        bool on_hold;        /* clients wait */
        bool stopping;       /* sockets are left to a successor */
        int *passed;         /* sockets of an earlier process, until they are resumed */
        size_t n_passed;
        RateLimit refusals;  /* lines in the log for connections that were not to be had */
        RateLimit failures;  /* ... for handshakes that failed */
        RateLimit denials;   /* ... and for requests, by all hosts together */
        Client **unstored;   /* connected, but the service manager does not hold them yet */
        size_t n_unstored, allocated_unstored;
        Buffer output;       /* answers in the making; one client is served at a time */
        Lexer *lexer;        /* spare one, NULL while in use */
        char input[SERVER_INPUT_SIZE];
};

int server_new(Gateway *g, const ServerLimits *limits, Server **ret);
Server *server_free(Server *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Server *, server_free);

/* While on, all clients wait: nobody is accepted, heard or answered. At first it is off. */
void server_hold(Server *s, bool on);

/* Waits for something to happen, up to a time (negative: for ever), and deals with it: with sockets, and
 * with what the gateway's event loop has to do, which must not be run otherwise. Returns a negative errno
 * when that fails. */
int server_turn(Server *s, int timeout_msec);

/* Takes what the service manager passed: listening sockets, and the clients of an earlier process.
 * *ret_state_fd becomes the state of that process, or negative. 0 or a negative errno. */
int server_take_passed(Server *s, int *ret_state_fd);

/* Ends the connections that were passed: what was agreed on them is lost, and a client that believes to be
 * logged in must not be left in that belief. It connects anew. */
void server_drop_passed(Server *s);

/* Goes on with the clients that were passed, now that devices and state are known. */
void server_resume_clients(Server *s);

/* Listens as configured, or on 127.0.0.1 only (port of the command line, 0 for any; negative without).
 * Listeners that are there already stay. Others end, after a while in which they let in who is on the way,
 * but only if enough of the new ones can be had. Logs each address that cannot be had, which is tried again
 * later; returns a negative errno, of one of them, when these are too many and there was none before. */
int server_listen(Server *s, const UpsdConf *conf, int port);

/* Lets in who waits at addresses of an interface, which we bind ourselves, and stops listening there. Kept
 * over a restart they would be in the way of a socket unit that is to listen on all addresses from now on:
 * sockets of different users cannot share a port. */
void server_leave_interfaces(Server *s);

/* Limits that the configuration sets. */
void server_configure(Server *s, const UpsdConf *conf);

/* Watches a listener, and owns it on success. */
int server_add_listener(Server *s, Listener *l);

/* Reads the certificates that the configuration names, or those that the service manager has for us. Logs
 * what cannot be taken; then those that were read before stay, and false is returned. Connections that are
 * encrypted already go on with what they have. */
bool server_read_certificates(Server *s, const UpsdConf *conf);

/* Once a day, and once for each certificate, says in the log that it ends soon. */
void server_warn_of_expiry(Server *s);

/* Takes in connections that wait at a listening socket, but only so many. Returns whether there may be
 * more. */
bool server_accept(Server *s, Listener *l);

/* Serves a connected socket, which is owned from then on. Returns the client, or NULL when it was
 * refused. */
Client *server_adopt(Server *s, int fd, const SocketAddress *address);

/* Ends the connections of all who are logged in to a device that is no more; who watches it is told so, and
 * watches it no more. */
void server_drop_device(Server *s, Device *d);

/* Something happened to a device: tells those who watch it. Clients that go over it are not freed yet. */
void server_tell_watchers(Server *s, Device *d);

/* A write has ended: goes on with the clients that are held back until then, as far as they can. */
void server_give_room(Server *s);

/* A client entered a phase now: its time limit counts from here. */
void server_arm_phase(Server *s, unsigned phase);

/* Frees the clients that were closed. */
void server_reap(Server *s);

/* Logs that a connection was refused or dropped, unless there are too many such lines. */
void server_log_refusal(Server *s, const char *what, const char *address, const char *why);

/* Says how many lines were left out of the log, of times that are over. */
void server_tell_unlogged(Server *s);

/* Has the service manager hold the client's socket, too, with the next server_store_clients(): one message
 * costs it as much as one connection. */
void server_store_later(Server *s, Client *c);

/* Hands over what is to be stored, as far as the service manager takes it now. */
void server_store_clients(Server *s);

/* The same before we end, with some patience. */
void server_store_rest(Server *s);

/* Forgets a client that goes before it was stored. */
void server_forget_unstored(Server *s, Client *c);

/* What it listens on, as strv of "address:port". 0 or -ENOMEM. */
int server_describe_listeners(const Server *s, char ***ret);
