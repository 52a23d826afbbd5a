/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-session.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "errno-util.h"
#include "nut-reply.h"
#include "nut-request.h"
#include "nut-stream.h"
#include "string-util.h"
#include "time-util.h"

/* A line of the longest kind, and as much again to read what is thrown away of one that is longer. */
#define INPUT_SIZE (2 * NUT_LINE_SIZE_MAX)

struct NutSession {
        NutStream stream;
        char *host;
        char *error;
        int interrupt_fd; /* not ours */
        bool broken;      /* an answer may be under way that nobody waits for */
        bool overlong;    /* the line in input lost its end */
        size_t begin, end;
        char input[INPUT_SIZE];
};

NutSession *nut_session_free(NutSession *s) {
        if (!s)
                return NULL;

        nut_stream_done(&s->stream);
        free(s->host);
        free(s->error);
        free(s);
        return NULL;
}

NutSession *nut_session_leave(NutSession *s) {
        if (s && !s->broken)
                nut_stream_leave(&s->stream);
        return nut_session_free(s);
}

int nut_session_fd(const NutSession *s) {
        return s->stream.fd;
}

const char *nut_session_error(const NutSession *s) {
        return strempty(s->error ?: s->stream.error);
}

const char *nut_session_encryption(const NutSession *s) {
        return s->stream.tls && !s->broken ? tls_session_describe(s->stream.tls) : NULL;
}

static int session_break(NutSession *s, int r) {
        s->broken = true;
        return r;
}

/*** Waiting ***/

static uint64_t deadline_in(uint64_t timeout_usec) {
        return usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec);
}

/* Until the socket is ready. 0, -ETIMEDOUT, -EINTR, or what poll() says. */
static int wait_for(int fd, short events, int interrupt_fd, uint64_t deadline_usec) {
        struct pollfd fds[] = {
                { .fd = interrupt_fd, .events = POLLIN },
                { .fd = fd,           .events = events },
        };

        for (;;) {
                uint64_t left = usec_sub(deadline_usec, now_usec(CLOCK_MONOTONIC));
                struct timespec t = {
                        .tv_sec = (time_t) MIN(left / USEC_PER_SEC, (uint64_t) INT32_MAX),
                        .tv_nsec = (long) (left % USEC_PER_SEC * NSEC_PER_USEC),
                };
                int n;

                n = ppoll(fds, ELEMENTSOF(fds), deadline_usec == USEC_INFINITY ? NULL : &t, NULL);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        return fds[0].revents != 0 ? -EINTR : 0;
                if (n == 0 && now_usec(CLOCK_MONOTONIC) >= deadline_usec)
                        return -ETIMEDOUT;
        }
}

static int session_wait(const NutSession *s, uint64_t deadline_usec) {
        return wait_for(s->stream.fd, (short) nut_stream_events(&s->stream), s->interrupt_fd,
                        deadline_usec);
}

static int session_flush(NutSession *s, uint64_t deadline_usec) {
        int r;

        for (;;) {
                r = nut_stream_write(&s->stream);
                if (r < 0 || s->stream.n_output == 0)
                        return r;

                r = wait_for(s->stream.fd, POLLOUT, s->interrupt_fd, deadline_usec);
                if (r < 0)
                        return r;
        }
}

/* Reads at least one byte more. */
static int session_fill(NutSession *s, uint64_t deadline_usec) {
        ssize_t n;
        int r;

        if (s->begin > 0) {
                memmove(s->input, s->input + s->begin, s->end - s->begin);
                s->end -= s->begin;
                s->begin = 0;
        }

        for (;;) {
                n = nut_stream_read(&s->stream, s->input + s->end, sizeof(s->input) - s->end);
                if (n < 0)
                        return (int) n;
                if (n > 0) {
                        s->end += (size_t) n;
                        return 0;
                }

                r = session_wait(s, deadline_usec);
                if (r < 0)
                        return r;
        }
}

/* The next line is input[begin .. begin + *ret_length); *ret_next is where the one behind it begins. Its
 * line end is not part of it. */
static int session_find_line(NutSession *s, uint64_t deadline_usec, size_t *ret_length, size_t *ret_next) {
        size_t searched = 0;

        for (;;) {
                const char *from = s->input + s->begin + searched, *newline;
                size_t n = s->end - s->begin;
                int r;

                newline = memchr(from, '\n', n - searched);
                if (newline) {
                        *ret_length = MIN((size_t) (newline - s->input) - s->begin,
                                        (size_t) NUT_LINE_SIZE_MAX);
                        if (*ret_length == NUT_LINE_SIZE_MAX)
                                s->overlong = true;
                        *ret_next = (size_t) (newline - s->input) + 1;
                        return 0;
                }

                if (n > NUT_LINE_SIZE_MAX) {
                        s->overlong = true;
                        n = NUT_LINE_SIZE_MAX;
                        s->end = s->begin + n;
                }
                searched = n;
                r = session_fill(s, deadline_usec);
                if (r < 0)
                        return r;
        }
}

int nut_session_read_line(NutSession *s, char *line, size_t size, bool *ret_truncated,
                uint64_t timeout_usec) {
        size_t length, next, n;
        int r;

        assert(size > 0);
        r = session_find_line(s, deadline_in(timeout_usec), &length, &next);
        if (r < 0)
                return r;

        if (length > 0 && s->input[s->begin + length - 1] == '\r')
                length--;
        n = MIN(length, size - 1);
        memcpy(line, s->input + s->begin, n);
        line[n] = '\0';
        if (ret_truncated)
                *ret_truncated = s->overlong || n < length;

        s->begin = next;
        s->overlong = false;
        return 0;
}

int nut_session_send(NutSession *s, const void *data, size_t n, uint64_t timeout_usec) {
        int r;

        if (s->broken)
                return -ENOTCONN;
        r = nut_stream_append_bytes(&s->stream, data, n);
        if (r < 0)
                return r;
        r = session_flush(s, deadline_in(timeout_usec));
        return r < 0 ? session_break(s, r) : 0;
}

/*** Requests ***/

/* What becomes of a request. */
typedef struct Outcome {
        NutItem on_item;
        void *userdata;
        int r;
        int copied;
        char **words;
} Outcome;

static void on_item_line(void *userdata, char *const *words, size_t n_words) {
        Outcome *o = userdata;

        if (o->on_item)
                o->on_item(o->userdata, words, n_words);
}

static void on_reply(void *userdata, int r, char *const *words, size_t n_words) {
        Outcome *o = userdata;

        o->r = r;
        o->copied = strv_copy(words, &o->words);
}

/* Feeds the queue lines until the reply is complete. What the server says behind it stays where it is. */
static int session_await(NutSession *s, NutReplyQueue *replies, uint64_t timeout_usec) {
        size_t length, next, answered = 0;
        int r;

        while (answered == 0) {
                r = session_find_line(s, deadline_in(timeout_usec), &length, &next);
                if (r < 0)
                        return r;
                if (s->overlong)
                        return -EPROTO;

                r = nut_reply_queue_feed(replies, s->input + s->begin, next - s->begin, &answered);
                if (r < 0)
                        return r;
                s->begin = next;
        }

        return 0;
}

static int session_ask(NutSession *s, char *const *request, uint64_t timeout_usec, Outcome *o) {
        _cleanup_(nut_reply_queue_freep) NutReplyQueue *replies = NULL;
        _cleanup_(nut_line_erase_and_freep) char *line = NULL;
        char **expected;
        int r;

        if (s->broken)
                return -ENOTCONN;
        r = nut_reply_queue_new(&replies);
        if (r < 0)
                return r;
        r = nut_request_render(request, &line, &expected);
        if (r < 0)
                return r;
        r = nut_reply_queue_push(replies, expected, on_item_line, on_reply, o);
        if (r < 0)
                return r;
        r = nut_stream_append(&s->stream, line);
        if (r < 0)
                return r;

        r = session_flush(s, deadline_in(timeout_usec));
        if (r >= 0)
                r = session_await(s, replies, timeout_usec);
        return r < 0 ? session_break(s, r) : o->copied;
}

int nut_session_list(NutSession *s, char *const *request, uint64_t timeout_usec, NutItem on_item,
                void *userdata, char ***ret_words) {
        Outcome o = { .on_item = on_item, .userdata = userdata };
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = session_ask(s, request, timeout_usec, &o);
        words = o.words;
        if (ret_words)
                *ret_words = r < 0 ? NULL : TAKE_PTR(words);
        return r < 0 ? r : o.r;
}

int nut_session_request(NutSession *s, char *const *request, uint64_t timeout_usec, char ***ret_words) {
        return nut_session_list(s, request, timeout_usec, NULL, NULL, ret_words);
}

/*** TLS ***/

/* The reason in words, unless there is one. */
static int session_explain(NutSession *s, int r, const char *reason) {
        if (isempty(nut_session_error(s)))
                (void) free_and_strdup(&s->error, reason);
        return r;
}

/* The server does not want TLS, for a reason of its own. 0 to go on in clear, or a negative errno. */
static int session_take_refusal(NutSession *s, const char *token, bool force) {
        _cleanup_free_ char *reason = NULL;

        /* Nobody says that of TLS. */
        if (strcaseeq(token, "ACCESS-DENIED"))
                return session_explain(s, -ECONNREFUSED, "the server refuses the connection (ERR "
                                "ACCESS-DENIED); it may have too many");
        if (!force)
                return 0;

        reason = strprintf("the server does not offer it (ERR %.*s)",
                        (int) MIN(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"), (size_t) 40), token);
        return session_explain(s, -EPROTONOSUPPORT, strempty(reason));
}

static int session_handshake(NutSession *s, const NutTls *tls, uint64_t deadline_usec) {
        int r;

        r = nut_stream_begin_tls(&s->stream, tls->context, tls->host ?: s->host);
        if (r < 0)
                return r;

        while ((r = nut_stream_handshake(&s->stream)) == 0) {
                r = session_wait(s, deadline_usec);
                if (r == -ETIMEDOUT)
                        return session_explain(s, r, "the handshake was not finished");
                if (r < 0)
                        return r;
        }
        return r;
}

/* 1 when it agrees, 0 when it does not, or a negative errno. */
static int session_ask_tls(NutSession *s, bool force, uint64_t timeout_usec) {
        static const char question[] = "STARTTLS\n";
        char answer[256];
        const char *token;
        int r;

        r = nut_session_send(s, question, strlen(question), timeout_usec);
        if (r >= 0)
                r = nut_session_read_line(s, answer, sizeof(answer), NULL, timeout_usec);
        if (r < 0)
                return session_explain(s, r, "the server did not answer STARTTLS");

        /* Nothing else was asked, and a server does not speak first in TLS. */
        if (s->begin < s->end)
                return session_explain(s, -EPROTO, "the server says more in clear than the answer to "
                                "STARTTLS");
        if (strcaseeq(answer, "OK STARTTLS"))
                return 1;
        token = startswith_nocase(answer, "ERR ");
        if (token)
                return session_take_refusal(s, token, force);
        return session_explain(s, -EPROTO, "the server answers STARTTLS with something that is no answer");
}

int nut_session_start_tls(NutSession *s, const NutTls *tls, uint64_t timeout_usec) {
        uint64_t deadline_usec = deadline_in(timeout_usec);
        int r;

        if (s->broken)
                return -ENOTCONN;
        r = session_ask_tls(s, tls->force, timeout_usec);
        if (r > 0 && !tls->context)
                r = session_explain(s, -ENOKEY, "the certificates cannot be used");
        if (r > 0)
                r = session_handshake(s, tls, deadline_usec);
        return r < 0 ? session_break(s, r) : r;
}

/*** Connecting ***/

int nut_session_new_on(int fd, const char *host, NutSession **ret) {
        _cleanup_(nut_session_freep) NutSession *s = NULL;
        _cleanup_close_ int owned = fd;
        int flags, one = 1;

        flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return -errno;
        /* Requests are short and waited for. */
        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

        s = malloc(sizeof(NutSession));
        if (!s)
                return -ENOMEM;
        memset(s, 0, offsetof(NutSession, input));
        s->interrupt_fd = -EBADF;
        s->stream.fd = TAKE_FD(owned);
        s->host = strdup(host);
        if (!s->host)
                return -ENOMEM;

        *ret = TAKE_PTR(s);
        return 0;
}

/* 0 or a negative errno; *ret_unknown is whether the reason is that nobody knows the name. */
static int look_up(const char *host, uint16_t port, int family, bool *ret_unknown, struct addrinfo **ret) {
        struct addrinfo hints = {
                .ai_family = family,
                .ai_socktype = SOCK_STREAM,
                .ai_flags = AI_NUMERICSERV,
        };
        char service[sizeof("65535")];
        int r;

        (void) snprintf(service, sizeof(service), "%u", (unsigned) port);
        r = getaddrinfo(host, service, &hints, ret);
        *ret_unknown = r != 0 && r != EAI_MEMORY && r != EAI_SYSTEM;
        switch (r) {
        case 0:
                return 0;
        case EAI_MEMORY:
                return -ENOMEM;
        case EAI_SYSTEM:
                return errno > 0 ? -errno : -EIO;
        default:
                return -EHOSTUNREACH;
        }
}

/* Returns the connected socket. */
static int connect_one(const struct addrinfo *address, int interrupt_fd, uint64_t deadline_usec) {
        _cleanup_close_ int fd = -EBADF;
        int error = 0, r;
        socklen_t length = sizeof(error);

        fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
        if (fd < 0)
                return -errno;
        if (connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
                if (errno != EINPROGRESS && errno != EINTR)
                        return -errno;
                r = wait_for(fd, POLLOUT, interrupt_fd, deadline_usec);
                if (r < 0)
                        return r;
                if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
                        return -errno;
                if (error > 0)
                        return -error;
        }

        return TAKE_FD(fd);
}

/* An address that swallows our packets may use up its share of the time only. */
static uint64_t address_deadline(const struct addrinfo *address, uint64_t deadline_usec) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        unsigned n = 0;

        if (deadline_usec == USEC_INFINITY)
                return deadline_usec;
        for (; address; address = address->ai_next)
                n++;
        return now + usec_sub(deadline_usec, now) / MAX(n, 1U);
}

int nut_session_open_full(const char *host, uint16_t port, int family, int interrupt_fd,
                uint64_t timeout_usec, bool *ret_unknown_host, NutSession **ret) {
        struct addrinfo *addresses = NULL;
        uint64_t deadline_usec;
        bool unknown;
        int r, fd = -EHOSTUNREACH;

        r = look_up(host, port, family, &unknown, &addresses);
        if (ret_unknown_host)
                *ret_unknown_host = unknown;
        if (r < 0)
                return r;

        deadline_usec = deadline_in(timeout_usec);
        for (const struct addrinfo *a = addresses; a && fd < 0 && fd != -EINTR; a = a->ai_next)
                fd = connect_one(a, interrupt_fd, address_deadline(a, deadline_usec));
        freeaddrinfo(addresses);
        if (fd < 0)
                return fd;

        r = nut_session_new_on(fd, host, ret);
        if (r >= 0)
                (*ret)->interrupt_fd = interrupt_fd;
        return r;
}

int nut_session_open(const char *host, uint16_t port, uint64_t timeout_usec, bool *ret_unknown_host,
                NutSession **ret) {
        return nut_session_open_full(host, port, AF_UNSPEC, -EBADF, timeout_usec, ret_unknown_host, ret);
}
