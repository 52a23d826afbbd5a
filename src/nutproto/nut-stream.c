/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-stream.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "errno-util.h"
#include "string-util.h"

/* There may be passwords in it. */
static void stream_erase(NutStream *s, size_t from, size_t to) {
        if (to > from)
                explicit_bzero(s->output + from, to - from);
}

void nut_stream_close(NutStream *s) {
        s->tls = tls_session_free(s->tls);
        s->fd = safe_close(s->fd);
        stream_erase(s, 0, s->n_output);
        s->n_output = 0;
}

void nut_stream_done(NutStream *s) {
        nut_stream_close(s);
        free(s->output);
        free(s->error);
        *s = (NutStream) { .fd = -EBADF };
}

/* Not by realloc(), which leaves copies of passwords behind. */
static int stream_grow(NutStream *s, size_t needed) {
        size_t size = MAX(s->n_allocated, (size_t) 512);
        char *grown;

        if (needed <= s->n_allocated)
                return 0;
        while (size < needed)
                size *= 2;

        grown = malloc(size);
        if (!grown)
                return -ENOMEM;
        if (s->n_output > 0)
                memcpy(grown, s->output, s->n_output);
        stream_erase(s, 0, s->n_output);
        free(s->output);
        s->output = grown;
        s->n_allocated = size;
        return 0;
}

int nut_stream_append_bytes(NutStream *s, const void *data, size_t n) {
        int r;

        if (n > NUT_OUTPUT_MAX || s->n_output + n > NUT_OUTPUT_MAX)
                return -ENOBUFS;
        if (n == 0)
                return 0;
        r = stream_grow(s, s->n_output + n);
        if (r < 0)
                return r;

        memcpy(s->output + s->n_output, data, n);
        s->n_output += n;
        return 0;
}

int nut_stream_append(NutStream *s, const char *line) {
        size_t before = s->n_output;
        int r;

        r = nut_stream_append_bytes(s, line, strlen(line));
        if (r >= 0)
                r = nut_stream_append_bytes(s, "\n", 1);
        if (r < 0)
                nut_stream_truncate(s, before);
        return r;
}

void nut_stream_truncate(NutStream *s, size_t n) {
        stream_erase(s, n, s->n_output);
        s->n_output = MIN(s->n_output, n);
}

static int stream_fail(NutStream *s, int r) {
        if (s->tls && !s->error && !isempty(tls_session_error(s->tls)))
                s->error = strdup(tls_session_error(s->tls));
        return r;
}

int nut_stream_write(NutStream *s) {
        ssize_t n;
        size_t left;

        while (s->n_output > 0) {
                if (s->tls)
                        n = tls_session_send(s->tls, s->output, s->n_output);
                else {
                        n = send(s->fd, s->output, s->n_output, MSG_NOSIGNAL | MSG_DONTWAIT);
                        n = n < 0 ? -errno : n;
                }
                if (n <= 0)
                        return n == 0 || errno_is_transient((int) -n) ? 0 : stream_fail(s, (int) n);

                left = s->n_output - (size_t) n;
                memmove(s->output, s->output + n, left);
                nut_stream_truncate(s, left);
        }

        return 0;
}

ssize_t nut_stream_read(NutStream *s, char *data, size_t size) {
        ssize_t n;

        if (s->tls)
                n = tls_session_recv(s->tls, data, size);
        else {
                n = recv(s->fd, data, size, MSG_DONTWAIT);
                n = n < 0 ? -errno : n;
        }

        if (n > 0)
                return n;
        if (n == 0)
                return -ECONNRESET;
        return errno_is_transient((int) -n) ? 0 : stream_fail(s, (int) n);
}

bool nut_stream_has_more(const NutStream *s) {
        return s->tls && tls_session_pending(s->tls) > 0;
}

int nut_stream_begin_tls(NutStream *s, TlsContext *context, const char *host) {
        return tls_session_new(context, s->fd, host, &s->tls);
}

int nut_stream_handshake(NutStream *s) {
        int r;

        r = tls_session_handshake(s->tls);
        return r < 0 ? stream_fail(s, r) : r;
}

uint32_t nut_stream_events(const NutStream *s) {
        bool wants_write = s->n_output > 0 || (s->tls && tls_session_wants_write(s->tls));

        return wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
}

void nut_stream_leave(NutStream *s) {
        static const char goodbye[] = "LOGOUT\n";

        /* Behind part of a request it would be part of that. */
        if (s->n_output == 0) {
                if (s->tls)
                        (void) tls_session_send(s->tls, goodbye, strlen(goodbye));
                else
                        (void) send(s->fd, goodbye, strlen(goodbye), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        if (s->tls)
                tls_session_bye(s->tls);
}
