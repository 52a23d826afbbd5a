/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "client.h"
#include "errno-util.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"
#include "tls.h"

/*** Bytes ***/

ssize_t client_recv(Client *c, void *data, size_t size) {
        if (c->session.tls)
                return tls_session_recv(c->session.tls, data, size);

        ssize_t n = recv(c->fd, data, size, MSG_DONTWAIT);
        return n >= 0 ? n : -errno;
}

static ssize_t send_clear(int fd, const char *data, size_t n) {
        for (;;) {
                ssize_t k = send(fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (k >= 0)
                        return k;
                if (errno == EAGAIN)
                        return 0;
                if (errno != EINTR)
                        return -errno;
        }
}

/* One call takes no more than a record of it. */
static ssize_t send_encrypted(TlsSession *s, const char *data, size_t n) {
        size_t done = 0;

        while (done < n) {
                ssize_t k = tls_session_send(s, data + done, n - done);

                if (k == -EAGAIN)
                        break;
                if (k < 0)
                        return k;
                done += (size_t) k;
        }
        return (ssize_t) done;
}

ssize_t client_send(Client *c, const char *data, size_t n) {
        if (c->session.tls)
                return send_encrypted(c->session.tls, data, n);

        ssize_t k = send_clear(c->fd, data, n);
        if (k > 0)
                c->n_written += (uint64_t) k;
        return k;
}

bool client_has_decrypted(const Client *c) {
        return c->session.tls && tls_session_pending(c->session.tls) > 0;
}

bool client_has_partial_record(const Client *c) {
        return c->session.tls && tls_session_memory(c->session.tls) > 0;
}

/*** Handshake ***/

static void log_failure(Client *c, const char *why) {
        if (!log_limit_allow(&c->server->failures, LOG_HANDSHAKES, NULL))
                return;
        (void) log_full(LOG_WARNING, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_CLIENT_REFUSED_STR,
                                .peer = c->session.address,
                        },
                        "No TLS with %s: %s", c->session.address, why);
}

void client_log_expiry(Client *c) {
        static const char *const reasons[] = {
                [CLIENT_IDLE] = "it asked for nothing in IDLETIMEOUT",
                [CLIENT_PARTIAL] = "it did not end its line in LINETIMEOUT",
                [CLIENT_BLOCKED] = "it does not read what it asked for",
        };
        char why[80];

        if (c->phase == CLIENT_HANDSHAKE) {
                (void) snprintf(why, sizeof(why), "it did not finish the handshake within %u s (TLSTIMEOUT)",
                                (unsigned) (c->server->limits.handshake_usec / USEC_PER_SEC));
                log_failure(c, why);
        } else if (c->phase < ELEMENTSOF(reasons) && reasons[c->phase])
                log_debug("Client %s is hung up on: %s", c->session.address, reasons[c->phase]);
}

/* Of the network with most handshakes the oldest makes room: it is the likeliest not to come to an end. */
static bool end_a_handshake(const Server *s) {
        Client *victim = NULL;

        for (Client *c = s->clients[CLIENT_HANDSHAKE].first; c; c = c->next)
                if (!victim || c->session.host->network->turns.n_handshakes >
                                               victim->session.host->network->turns.n_handshakes)
                        victim = c;
        if (!victim)
                return false;
        log_failure(victim, "there are too many handshakes that do not end");
        client_close(victim);
        return true;
}

/* Whether it may have to make room. Who has shown the right credentials stays. */
static bool may_be_displaced(const Client *c) {
        return c->counts_tls && !c->session.proven && !c->session.device;
}

/* Of the network with most sessions (all: of all networks, else of that of the newcomer) the one that has
 * not been heard of for longest makes room, unless the newcomer's network has more. */
static bool displace(const Client *newcomer, bool all) {
        static const ClientPhase phases[] = { CLIENT_HANDSHAKE, CLIENT_IDLE, CLIENT_PARTIAL,
                                              CLIENT_BLOCKED };
        const Network *own = newcomer->session.host->network, *most = all ? NULL : own;
        Client *victim = NULL;

        for (size_t i = 0; i < ELEMENTSOF(phases); i++)
                for (Client *c = newcomer->server->clients[phases[i]].first; c; c = c->next) {
                        const Network *n = c->session.host->network;

                        if (!may_be_displaced(c) || (all ? most && n->turns.n_tls <= most->turns.n_tls
                                                         : victim || n != own))
                                continue;
                        most = n;
                        victim = c;
                }
        if (!victim || most->turns.n_tls < own->turns.n_tls)
                return false;
        server_log_refusal(newcomer->server, "Dropping", victim->session.address,
                        "its place is for others: there are too many encrypted connections");
        client_close(victim);
        return true;
}

static const char *reason_to_refuse(const Client *c) {
        const Server *s = c->server;
        const Network *n = c->session.host->network;
        unsigned n_kept = n->loopback ? 0 : TLS_SESSIONS_KEPT;

        if (!n->loopback && n->turns.n_handshakes >= TLS_HANDSHAKES_PER_HOST_MAX)
                return "too many handshakes from there have not ended";
        if (!n->loopback && n->turns.n_tls >= TLS_SESSIONS_PER_HOST_MAX && !displace(c, false))
                return "there are too many encrypted connections from there";
        if (s->n_tls >= TLS_SESSIONS_MAX - n_kept && !displace(c, true))
                return "there are too many encrypted connections";
        if (s->n_handshakes >= TLS_HANDSHAKES_MAX && !end_a_handshake(s))
                return "there are too many handshakes that do not end";
        return NULL;
}

static void begin_handshake(Client *c) {
        NetworkTurns *t = &c->session.host->network->turns;

        c->handshakes = c->counts_tls = true;
        c->server->n_tls++;
        c->server->n_handshakes++;
        t->n_tls++;
        t->n_handshakes++;
}

/* It is paid for now, whatever came of it: who is in the midst of one need not wait for what it costs. */
static void end_handshake(Client *c) {
        Server *s = c->server;
        Network *n = c->session.host->network;

        if (!c->handshakes)
                return;
        c->handshakes = false;
        s->n_handshakes--;
        n->turns.n_handshakes--;
        turns_charge(&s->turns, n, s->now_usec, TLS_HANDSHAKE_REQUESTS);
}

void client_begin_tls(Client *c, bool more_in_clear, Buffer *out) {
        /* Somebody on the way may have added them to what the client says, to have them executed in its
         * name. No client that is known sends anything before the answer. */
        const char *why = more_in_clear ? "more bytes came in clear behind STARTTLS" : reason_to_refuse(c);

        if (why) {
                log_failure(c, why);
                buffer_add(out, "ERR ACCESS-DENIED\n");
                c->session.secure = false;
                c->session.closing = true;
                return;
        }

        /* Nor may anybody else have said who the client is, or to whom it listens. */
        session_reset(&c->session);
        begin_handshake(c);
        /* Before the answer: from then on nobody else can go on with it. */
        if (c->server->gateway->state) {
                state_save_session(c->server->gateway->state, &c->session, c->fd);
                if (c->session.slot == 0)
                        client_close(c);
        }
        buffer_add(out, "OK STARTTLS\n");
}

static void become_secure(Client *c) {
        const char *peer = tls_session_peer(c->session.tls);

        end_handshake(c);
        c->secured = true;
        log_debug("Client %s: %s, certificate %s", c->session.address, tls_session_describe(c->session.tls),
                  peer ?: "none");
        client_enter(c, CLIENT_IDLE);
        client_count_kept(c);
        if (client_has_decrypted(c))
                client_put_off(c);
        else
                client_watch(c, EPOLLIN);
}

static int handshake(Client *c) {
        if (!c->session.tls) {
                if (!c->server->tls)
                        return -ENOKEY;

                int r = tls_session_new(c->server->tls, c->fd, NULL, &c->session.tls);
                if (r < 0)
                        return r;
        }
        return tls_session_handshake(c->session.tls);
}

void client_handshake(Client *c) {
        int r = handshake(c);

        if (r > 0)
                become_secure(c);
        else if (r == 0) {
                client_watch(c, tls_session_wants_write(c->session.tls) ? EPOLLOUT : EPOLLIN);
                client_limit_kept(c);
        } else {
                const char *why = c->session.tls ? tls_session_error(c->session.tls) : "";

                log_failure(c, isempty(why) ? strerror(-r) : why);
                client_close(c);
        }
}

void client_end_tls(Client *c) {
        end_handshake(c);
        if (c->counts_tls) {
                c->server->n_tls--;
                c->session.host->network->turns.n_tls--;
        }
        c->counts_tls = false;
        if (c->secured)
                tls_session_bye(c->session.tls);
        c->secured = false;
        c->session.tls = tls_session_free(c->session.tls);
}
