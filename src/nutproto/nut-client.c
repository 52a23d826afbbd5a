/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "errno-util.h"
#include "nut-reply.h"
#include "nut-request.h"
#include "nut-stream.h"
#include "resolve.h"
#include "string-util.h"
#include "time-util.h"

#define REQUESTS_MAX 1024U
#define READ_SIZE (32U * 1024U)
/* The answer to STARTTLS is a few words. */
#define AGREEMENT_MAX 256U

typedef enum ClientState {
        CLIENT_CONNECTING,
        CLIENT_ASKING_TLS,  /* STARTTLS was said */
        CLIENT_HANDSHAKING,
        CLIENT_CONNECTED,
        CLIENT_LOST,
} ClientState;

struct NutClient {
        sd_event *event;
        const NutClientOps *ops;
        void *userdata;
        uint64_t timeout_usec;

        ClientState state;
        Resolve *resolve;
        struct addrinfo *addresses, *next_address; /* those found, and the first one not tried yet */
        uint64_t connect_deadline_usec; /* until when it is to be connected, TLS included */
        int connect_error; /* why the last address failed */

        TlsContext *tls; /* NULL: not asked for */
        char *tls_host;  /* that the certificate must be for */
        bool force_tls;
        char agreement[AGREEMENT_MAX]; /* what came of the answer to STARTTLS */
        size_t n_agreement;
        char *error;

        NutStream stream;
        sd_event_source *io, *timer;
        NutReplyQueue *replies;
};

NutClient *nut_client_free(NutClient *c) {
        if (!c)
                return NULL;

        sd_event_source_disable_unref(c->io);
        sd_event_source_disable_unref(c->timer);
        sd_event_unref(c->event);
        resolve_free(c->resolve);
        if (c->addresses)
                freeaddrinfo(c->addresses);
        nut_stream_done(&c->stream);
        nut_reply_queue_free(c->replies);
        tls_context_unref(c->tls);
        free(c->tls_host);
        free(c->error);
        free(c);
        return NULL;
}

NutClient *nut_client_leave(NutClient *c) {
        if (c && c->state == CLIENT_CONNECTED)
                nut_stream_leave(&c->stream);
        return nut_client_free(c);
}

const char *nut_client_error(const NutClient *c) {
        return strempty(c->error ?: c->stream.error);
}

const char *nut_client_encryption(const NutClient *c) {
        return c->stream.tls && c->state == CLIENT_CONNECTED ? tls_session_describe(c->stream.tls) : NULL;
}

static void client_close(NutClient *c) {
        c->io = sd_event_source_disable_unref(c->io);
        nut_stream_close(&c->stream);
}

/* The reason in words, unless there is one. */
static void client_explain(NutClient *c, const char *reason) {
        if (isempty(nut_client_error(c)))
                (void) free_and_strdup(&c->error, reason);
}

/* Ends the connection. The client may be freed when this returns. */
static void client_lose(NutClient *c, int r) {
        if (c->state == CLIENT_ASKING_TLS)
                client_explain(c, "the server did not answer STARTTLS");
        else if (c->state == CLIENT_HANDSHAKING)
                client_explain(c, "the handshake was not finished");

        c->state = CLIENT_LOST;
        client_close(c);
        c->timer = sd_event_source_disable_unref(c->timer);
        c->resolve = resolve_free(c->resolve);

        if (nut_reply_queue_fail(c->replies, r == -ETIMEDOUT ? -ETIMEDOUT : -ENOTCONN) < 0)
                return;
        c->ops->lost(c->userdata, r);
}

static int client_arm_timer(NutClient *c, uint64_t usec) {
        int r;

        r = sd_event_source_set_time_relative(c->timer, usec);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(c->timer, SD_EVENT_ONESHOT);
}

/* The time of a reply runs from when it became the next one due. */
static int client_watch_reply(NutClient *c) {
        if (nut_reply_queue_length(c->replies) == 0)
                return sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        return client_arm_timer(c, c->timeout_usec);
}

/*** Connected ***/

static int client_watch_stream(NutClient *c) {
        return sd_event_source_set_io_events(c->io, nut_stream_events(&c->stream));
}

/* 0, or a negative errno for which the connection is to be given up; -ECANCELED when the client was
 * freed. */
static int client_read(NutClient *c) {
        char buffer[READ_SIZE];
        size_t answered, n_answered = 0;
        ssize_t n;
        int r;

        do {
                n = nut_stream_read(&c->stream, buffer, sizeof(buffer));
                if (n < 0)
                        return (int) n;

                r = nut_reply_queue_feed(c->replies, buffer, (size_t) n, &answered);
                if (r < 0)
                        return r;
                n_answered += answered;
        } while (nut_stream_has_more(&c->stream));

        return n_answered > 0 ? client_watch_reply(c) : 0;
}

static int client_converse(NutClient *c, uint32_t revents) {
        int r = 0;

        if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
                r = client_read(c);
        if (r >= 0 && (revents & EPOLLOUT))
                r = nut_stream_write(&c->stream);
        return r < 0 ? r : client_watch_stream(c);
}

static void client_connected(NutClient *c) {
        int r;

        r = client_watch_stream(c);
        if (r >= 0)
                r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        if (r < 0) {
                client_lose(c, r);
                return;
        }

        c->state = CLIENT_CONNECTED;
        c->ops->connected(c->userdata);
}

/*** TLS ***/

/* 1 when it is done, which connected() is told of; else as client_converse(). */
static int client_handshake(NutClient *c) {
        int r;

        r = nut_stream_handshake(&c->stream);
        if (r > 0)
                return r;
        return r < 0 ? r : client_watch_stream(c);
}

/* The server does not want TLS, for a reason of its own. 1 to go on in clear, or a negative errno. */
static int client_take_refusal(NutClient *c, const char *token) {
        _cleanup_free_ char *reason = NULL;

        /* Nobody says that of TLS. */
        if (strcaseeq(token, "ACCESS-DENIED")) {
                client_explain(c, "the server refuses the connection (ERR ACCESS-DENIED); it may have too "
                               "many");
                return -ECONNREFUSED;
        }
        if (!c->force_tls)
                return 1;

        reason = strprintf("the server does not offer it (ERR %.*s)",
                        (int) MIN(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), (size_t) 40), token);
        if (reason)
                client_explain(c, reason);
        return -EPROTONOSUPPORT;
}

/* The line is complete. 1 when the connection goes on in clear, 0 with the handshake, or a negative
 * errno. */
static int client_take_agreement(NutClient *c) {
        char *line = c->agreement, *end = line + strcspn(line, "\r\n");
        const char *token;
        int r;

        *end = '\0';
        if (strcaseeq(line, "OK STARTTLS")) {
                c->state = CLIENT_HANDSHAKING;
                r = nut_stream_begin_tls(&c->stream, c->tls, c->tls_host);
                return r < 0 ? r : client_handshake(c);
        }

        token = startswith_nocase(line, "ERR ");
        if (token)
                return client_take_refusal(c, token);

        client_explain(c, "the server answers STARTTLS with something that is no answer");
        return -EPROTO;
}

/* Whatever comes in clear behind the answer is nobody's answer: a server does not speak first in TLS, and
 * nothing else was asked. Returns as client_take_agreement(), and 0 also when the line is not complete. */
static int client_read_agreement(NutClient *c) {
        const char *end;
        ssize_t n;

        n = nut_stream_read(&c->stream, c->agreement + c->n_agreement,
                        sizeof(c->agreement) - 1 - c->n_agreement);
        if (n <= 0)
                return (int) n;

        c->n_agreement += (size_t) n;
        end = memchr(c->agreement, '\n', c->n_agreement);
        if (end ? end + 1 < c->agreement + c->n_agreement : c->n_agreement >= sizeof(c->agreement) - 1) {
                client_explain(c, "the server says more in clear than the answer to STARTTLS");
                return -EPROTO;
        }
        return end ? client_take_agreement(c) : 0;
}

static int client_ask_tls(NutClient *c, uint32_t revents) {
        int r;

        if (revents & EPOLLOUT) {
                r = nut_stream_write(&c->stream);
                if (r < 0)
                        return r;
        }
        if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                r = client_read_agreement(c);
                if (r != 0)
                        return r;
        }
        return client_watch_stream(c);
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        NutClient *c = userdata;
        int r;

        if (c->state == CLIENT_CONNECTED)
                r = client_converse(c, revents);
        else if (c->state == CLIENT_HANDSHAKING)
                r = client_handshake(c);
        else
                r = client_ask_tls(c, revents);

        if (r == -ECANCELED)
                return 0;
        if (r < 0)
                client_lose(c, r);
        else if (r > 0)
                client_connected(c);
        return 0;
}

/*** Connecting ***/

static void client_connect_next(NutClient *c);

static void client_established(NutClient *c) {
        uint64_t left = usec_sub(c->connect_deadline_usec, now_usec(CLOCK_MONOTONIC));
        int one = 1, r;

        /* Requests are short and waited for. */
        (void) setsockopt(c->stream.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

        c->io = sd_event_source_disable_unref(c->io);
        r = sd_event_add_io(c->event, &c->io, c->stream.fd, EPOLLIN, on_io, c);
        if (r >= 0 && !c->tls) {
                client_connected(c);
                return;
        }

        if (r >= 0)
                r = client_arm_timer(c, left);
        if (r >= 0)
                r = nut_stream_append(&c->stream, "STARTTLS");
        if (r >= 0)
                r = client_watch_stream(c);
        if (r < 0)
                client_lose(c, r);
        else
                c->state = CLIENT_ASKING_TLS;
}

static int on_connect(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        NutClient *c = userdata;
        int error = 0;
        socklen_t length = sizeof(error);

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
                error = errno;
        if (error > 0) {
                c->connect_error = -error;
                client_connect_next(c);
        } else
                client_established(c);
        return 0;
}

static int client_connect_one(NutClient *c, const struct addrinfo *address) {
        int r;

        c->stream.fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
        if (c->stream.fd < 0)
                return -errno;
        if (connect(c->stream.fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS)
                return -errno;

        r = sd_event_add_io(c->event, &c->io, c->stream.fd, EPOLLOUT, on_connect, c);
        return r < 0 ? r : 0;
}

/* An address that swallows our packets may use up its share of the time only. */
static uint64_t client_address_time(const NutClient *c) {
        uint64_t left = usec_sub(c->connect_deadline_usec, now_usec(CLOCK_MONOTONIC));
        unsigned n = 1;

        for (const struct addrinfo *a = c->next_address; a; a = a->ai_next)
                n++;
        return left / n;
}

/* Goes on with the next address that can at least be tried; without one the client is lost, and may be
 * freed. */
static void client_connect_next(NutClient *c) {
        while (c->next_address) {
                const struct addrinfo *address = c->next_address;
                int r;

                c->next_address = address->ai_next;
                client_close(c);
                r = client_connect_one(c, address);
                if (r >= 0)
                        r = client_arm_timer(c, client_address_time(c));
                if (r >= 0)
                        return;
                c->connect_error = r;
        }

        client_lose(c, c->connect_error);
}

static void on_changed(void *userdata, const char *name) {
        NutClient *c = userdata;

        c->ops->changed(c->userdata, name);
}

static void on_resolved(void *userdata, int r, struct addrinfo *addresses) {
        NutClient *c = userdata;

        c->resolve = resolve_free(c->resolve);
        c->addresses = c->next_address = addresses;
        c->connect_error = r < 0 ? r : -EHOSTUNREACH;
        client_connect_next(c);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        NutClient *c = userdata;

        if (c->state != CLIENT_CONNECTING || !c->next_address)
                client_lose(c, -ETIMEDOUT);
        else {
                c->connect_error = -ETIMEDOUT;
                client_connect_next(c);
        }
        return 0;
}

/* All but the way to the server. */
static int client_new(sd_event *event, const char *host, const NutTls *tls, uint64_t timeout_usec,
                const NutClientOps *ops, void *userdata, NutClient **ret) {
        _cleanup_(nut_client_freep) NutClient *c = new(NutClient, 1);
        int r;

        if (!c)
                return -ENOMEM;
        *c = (NutClient) {
                .event = sd_event_ref(event),
                .ops = ops,
                .userdata = userdata,
                .timeout_usec = timeout_usec,
                .connect_deadline_usec = usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec),
                .stream.fd = -EBADF,
        };

        if (tls && tls->context) {
                c->tls = tls_context_ref(tls->context);
                c->force_tls = tls->force;
                c->tls_host = strdup(tls->host ?: host);
                if (!c->tls_host)
                        return -ENOMEM;
        }

        r = nut_reply_queue_new(&c->replies);
        if (r < 0)
                return r;
        if (ops->changed)
                nut_reply_queue_on_changed(c->replies, on_changed, c);
        r = sd_event_add_time_relative(event, &c->timer, CLOCK_MONOTONIC, timeout_usec, 10 * USEC_PER_MSEC,
                        on_timer, c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

int nut_client_new(sd_event *event, const char *host, uint16_t port, const NutTls *tls,
                uint64_t timeout_usec, const NutClientOps *ops, void *userdata, NutClient **ret) {
        _cleanup_(nut_client_freep) NutClient *c = NULL;
        int r;

        r = client_new(event, host, tls, timeout_usec, ops, userdata, &c);
        if (r < 0)
                return r;
        r = resolve_new(event, NULL, host, port, on_resolved, c, &c->resolve);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

int nut_client_new_on(sd_event *event, int fd, const char *host, const NutTls *tls, uint64_t timeout_usec,
                const NutClientOps *ops, void *userdata, NutClient **ret) {
        _cleanup_(nut_client_freep) NutClient *c = NULL;
        _cleanup_close_ int owned = fd;
        int r;

        r = client_new(event, host, tls, timeout_usec, ops, userdata, &c);
        if (r < 0)
                return r;
        c->stream.fd = owned;
        owned = -EBADF;
        r = sd_event_add_io(event, &c->io, c->stream.fd, EPOLLOUT, on_connect, c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

/*** Requests ***/

/* Takes words over. */
static int client_send(NutClient *c, char **words, NutItem on_item, NutReply reply, void *userdata) {
        _cleanup_(nut_words_erase_and_freep) char **owned = words;
        _cleanup_(nut_line_erase_and_freep) char *line = NULL;
        _cleanup_strv_free_ char **expected = NULL;
        size_t before = c->stream.n_output;
        int r;

        if (c->state != CLIENT_CONNECTED)
                return -ENOTCONN;
        if (nut_reply_queue_length(c->replies) >= REQUESTS_MAX)
                return -ENOBUFS;

        r = nut_request_render(owned, &line, &expected);
        if (r < 0)
                return r;
        r = nut_stream_append(&c->stream, line);
        if (r < 0)
                return r;
        r = client_watch_stream(c);
        if (r >= 0)
                r = nut_reply_queue_push(c->replies, TAKE_PTR(expected), on_item, reply, userdata);
        if (r < 0) {
                nut_stream_truncate(&c->stream, before);
                return r;
        }

        return nut_reply_queue_length(c->replies) == 1 ? client_watch_reply(c) : 0;
}

static int words_collect(const char *word, va_list ap, char ***ret) {
        _cleanup_strv_free_ char **words = NULL;

        for (; word; word = va_arg(ap, const char *)) {
                int r = strv_extend(&words, word);

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(words);
        return 0;
}

int nut_client_request(NutClient *c, NutReply reply, void *userdata, const char *word, ...) {
        char **words;
        va_list ap;
        int r;

        va_start(ap, word);
        r = words_collect(word, ap, &words);
        va_end(ap);
        return r < 0 ? r : client_send(c, words, NULL, reply, userdata);
}

int nut_client_list(NutClient *c, NutItem on_item, NutReply reply, void *userdata, const char *word, ...) {
        char **words;
        va_list ap;
        int r;

        va_start(ap, word);
        r = words_collect(word, ap, &words);
        va_end(ap);
        return r < 0 ? r : client_send(c, words, on_item, reply, userdata);
}
