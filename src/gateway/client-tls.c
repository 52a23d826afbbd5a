/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/epoll.h>
#include <sys/socket.h>

#include "client.h"
#include "errno-util.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "state.h"
#include "string-util.h"
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
        return c->session.tls ? send_encrypted(c->session.tls, data, n) : send_clear(c->fd, data, n);
}

bool client_has_decrypted(const Client *c) {
        return c->session.tls && tls_session_pending(c->session.tls) > 0;
}

/*** Handshake ***/

static void log_failure(Client *c, const char *why) {
        LogNote note;

        if (!log_limit_allow(&c->server->refusals, NULL, &note))
                return;
        (void) log_full(LOG_WARNING, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_CLIENT_REFUSED_STR,
                                .peer = c->session.address,
                        },
                        "No TLS with %s: %s%s", c->session.address, why, note.text);
}

/* The oldest handshake of all makes room: it is the likeliest not to come to an end. */
static bool make_room(Server *s) {
        Client *oldest = s->clients[CLIENT_HANDSHAKE].first;

        if (!oldest)
                return false;
        log_failure(oldest, "there are too many handshakes that do not end");
        client_close(oldest);
        return true;
}

static const char *reason_to_refuse(Client *c) {
        const Server *s = c->server;
        const Host *h = c->session.host;

        if (!h->loopback && h->turns.n_handshakes >= TLS_HANDSHAKES_PER_HOST_MAX)
                return "too many handshakes from there have not ended";
        if (s->n_tls >= TLS_SESSIONS_MAX && !make_room(c->server))
                return "there are too many encrypted connections";
        return NULL;
}

static void end_handshake(Client *c) {
        if (c->handshakes)
                c->session.host->turns.n_handshakes--;
        c->handshakes = false;
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

        c->handshakes = c->counts_tls = true;
        c->session.host->turns.n_handshakes++;
        c->server->n_tls++;
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
        else if (r == 0)
                client_watch(c, tls_session_wants_write(c->session.tls) ? EPOLLOUT : EPOLLIN);
        else {
                const char *why = c->session.tls ? tls_session_error(c->session.tls) : "";

                log_failure(c, isempty(why) ? strerror(-r) : why);
                client_close(c);
        }
}

void client_end_tls(Client *c) {
        end_handshake(c);
        if (c->counts_tls)
                c->server->n_tls--;
        c->counts_tls = false;
        if (c->secured)
                tls_session_bye(c->session.tls);
        c->secured = false;
        c->session.tls = tls_session_free(c->session.tls);
}
