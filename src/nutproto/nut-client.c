/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "errno-util.h"
#include "lexer.h"
#include "nut-reply.h"
#include "nut-resolve.h"
#include "string-util.h"
#include "time-util.h"

#define REQUESTS_MAX 1024U
#define OUTPUT_MAX (256U * 1024U)
#define READ_SIZE (32U * 1024U)

typedef enum ClientState {
        CLIENT_CONNECTING,
        CLIENT_CONNECTED,
        CLIENT_LOST,
} ClientState;

struct NutClient {
        sd_event *event;
        const NutClientOps *ops;
        void *userdata;
        uint64_t timeout_usec;

        ClientState state;
        NutResolve *resolve;
        struct addrinfo *addresses, *next_address; /* those found, and the first one not tried yet */
        uint64_t connect_deadline_usec;
        int connect_error; /* why the last address failed */

        int fd;
        sd_event_source *io, *timer;
        NutReplyQueue *replies;
        char *output;
        size_t n_output, n_allocated;
};

NutClient *nut_client_free(NutClient *c) {
        if (!c)
                return NULL;

        sd_event_source_disable_unref(c->io);
        sd_event_source_disable_unref(c->timer);
        sd_event_unref(c->event);
        nut_resolve_free(c->resolve);
        if (c->addresses)
                freeaddrinfo(c->addresses);
        safe_close(c->fd);
        nut_reply_queue_free(c->replies);
        free(c->output);
        free(c);
        return NULL;
}

NutClient *nut_client_leave(NutClient *c) {
        static const char goodbye[] = "LOGOUT\n";

        /* Behind part of a request it would be part of that. */
        if (c && c->state == CLIENT_CONNECTED && c->n_output == 0)
                (void) send(c->fd, goodbye, strlen(goodbye), MSG_NOSIGNAL | MSG_DONTWAIT);
        return nut_client_free(c);
}

static void client_close_fd(NutClient *c) {
        c->io = sd_event_source_disable_unref(c->io);
        c->fd = safe_close(c->fd);
}

/* Ends the connection. The client may be freed when this returns. */
static void client_lose(NutClient *c, int r) {
        c->state = CLIENT_LOST;
        client_close_fd(c);
        c->timer = sd_event_source_disable_unref(c->timer);
        c->resolve = nut_resolve_free(c->resolve);

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

static int client_watch_output(NutClient *c) {
        return sd_event_source_set_io_events(c->io, c->n_output > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int client_write(NutClient *c) {
        ssize_t n;

        if (c->n_output > 0) {
                n = send(c->fd, c->output, c->n_output, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0)
                        return errno_is_transient(errno) ? 0 : -errno;

                c->n_output -= (size_t) n;
                memmove(c->output, c->output + n, c->n_output);
        }

        return client_watch_output(c);
}

/* 0, or a negative errno for which the connection is to be given up; -ECANCELED when the client was
 * freed. */
static int client_read(NutClient *c) {
        char buffer[READ_SIZE];
        size_t answered;
        ssize_t n;
        int r;

        n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (n < 0)
                return errno_is_transient(errno) ? 0 : -errno;
        if (n == 0)
                return -ECONNRESET;

        r = nut_reply_queue_feed(c->replies, buffer, (size_t) n, &answered);
        if (r < 0)
                return r;
        return answered > 0 ? client_watch_reply(c) : 0;
}

static int on_io(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        NutClient *c = userdata;
        int r = 0;

        if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
                r = client_read(c);
        if (r >= 0 && (revents & EPOLLOUT))
                r = client_write(c);
        if (r < 0 && r != -ECANCELED)
                client_lose(c, r);
        return 0;
}

/*** Connecting ***/

static void client_connect_next(NutClient *c);

static void client_established(NutClient *c) {
        int one = 1, r;

        /* Requests are short and waited for. */
        (void) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

        c->io = sd_event_source_disable_unref(c->io);
        r = sd_event_add_io(c->event, &c->io, c->fd, EPOLLIN, on_io, c);
        if (r >= 0)
                r = sd_event_source_set_enabled(c->timer, SD_EVENT_OFF);
        if (r < 0) {
                client_lose(c, r);
                return;
        }

        c->state = CLIENT_CONNECTED;
        c->ops->connected(c->userdata);
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

        c->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
        if (c->fd < 0)
                return -errno;
        if (connect(c->fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS)
                return -errno;

        r = sd_event_add_io(c->event, &c->io, c->fd, EPOLLOUT, on_connect, c);
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
                client_close_fd(c);
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

        c->resolve = nut_resolve_free(c->resolve);
        c->addresses = c->next_address = addresses;
        c->connect_error = r < 0 ? r : -EHOSTUNREACH;
        client_connect_next(c);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        NutClient *c = userdata;

        if (c->state == CLIENT_CONNECTED || !c->next_address)
                client_lose(c, -ETIMEDOUT);
        else {
                c->connect_error = -ETIMEDOUT;
                client_connect_next(c);
        }
        return 0;
}

int nut_client_new(sd_event *event, const char *host, uint16_t port, uint64_t timeout_usec,
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
                .fd = -EBADF,
        };

        r = nut_reply_queue_new(&c->replies);
        if (r < 0)
                return r;
        if (ops->changed)
                nut_reply_queue_on_changed(c->replies, on_changed, c);
        r = sd_event_add_time_relative(event, &c->timer, CLOCK_MONOTONIC, timeout_usec, 10 * USEC_PER_MSEC,
                        on_timer, c);
        if (r < 0)
                return r;
        r = nut_resolve_new(event, host, port, on_resolved, c, &c->resolve);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

/*** Requests ***/

static bool word_can_be_carried(const char *word) {
        if (strlen(word) > LEXER_WORD_LENGTH_MAX)
                return false;

        for (; *word; word++)
                if (*word < ' ' || *word > '~')
                        return false;
        return true;
}

/* Keywords and names go bare; whatever a server's lexer could take apart goes in quotes. */
static int words_render(char *const *words, char **ret) {
        _cleanup_strv_free_ char **parts = NULL;
        char *line;
        int r;

        STRV_FOREACH(word, words) {
                char escaped[2 * LEXER_WORD_LENGTH_MAX + 1];
                bool bare = **word && !strpbrk(*word, " \"\\#=");

                (void) lexer_escape(escaped, sizeof(escaped), *word);
                r = strv_consume(&parts, bare ? strdup(*word) : strprintf("\"%s\"", escaped));
                if (r < 0)
                        return r;
        }

        line = strv_join(parts, " ");
        if (!line)
                return -ENOMEM;
        *ret = line;
        return 0;
}

static int client_append(NutClient *c, const char *line) {
        size_t n = strlen(line);

        if (c->n_output + n + 1 > OUTPUT_MAX)
                return -ENOBUFS;
        if (!GREEDY_REALLOC(c->output, c->n_allocated, c->n_output + n + 1))
                return -ENOMEM;

        memcpy(c->output + c->n_output, line, n);
        c->output[c->n_output + n] = '\n';
        c->n_output += n + 1;
        return 0;
}

/* Takes words over. */
static int client_send(NutClient *c, char **words, NutItem on_item, NutReply reply, void *userdata) {
        _cleanup_strv_free_ char **owned = words;
        _cleanup_free_ char *line = NULL;
        size_t before = c->n_output;
        int r;

        if (c->state != CLIENT_CONNECTED)
                return -ENOTCONN;
        if (nut_reply_queue_length(c->replies) >= REQUESTS_MAX)
                return -ENOBUFS;
        if (strv_length(owned) > LEXER_WORDS_MAX)
                return -EINVAL;
        STRV_FOREACH(word, owned)
                if (!word_can_be_carried(*word))
                        return -EINVAL;

        r = words_render(owned, &line);
        if (r < 0)
                return r;
        r = client_append(c, line);
        if (r < 0)
                return r;
        r = client_watch_output(c);
        if (r >= 0)
                r = nut_reply_queue_push(c->replies, TAKE_PTR(owned), on_item, reply, userdata);
        if (r < 0) {
                c->n_output = before;
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
