/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "macro.h"
#include "tls.h"

/* Bytes to and from a server over a connected, non-blocking socket, in clear at first. No event loop in
 * here: what happens when is its user's to say. */

/* Output that the server does not take. */
#define NUT_OUTPUT_MAX (256U * 1024U)

typedef struct NutStream {
        int fd; /* owned; -EBADF for none */
        TlsSession *tls; /* NULL: in clear */
        char *output;
        size_t n_output, n_allocated;
        char *error; /* why TLS failed, else NULL */
} NutStream;

/* Closes and forgets all, but not why TLS failed. Nothing is said to the other end. */
void nut_stream_close(NutStream *s);

/* The same, and everything is freed. */
void nut_stream_done(NutStream *s);

/* Adds a line to what is to be written; nothing is sent yet. The line end is added. 0, -ENOBUFS or
 * -ENOMEM. */
int nut_stream_append(NutStream *s, const char *line);

/* The same for n bytes as they are. */
int nut_stream_append_bytes(NutStream *s, const void *data, size_t n);

/* Forgets what was added last, so that n bytes remain. */
void nut_stream_truncate(NutStream *s, size_t n);

/* Writes as much as the socket takes. 0, or a negative errno when the connection is no good any more. */
int nut_stream_write(NutStream *s);

/* Reads up to size bytes. Returns their number, 0 when there are none now, -ECONNRESET at the end, or
 * another negative errno. */
ssize_t nut_stream_read(NutStream *s, char *data, size_t size);

/* Whether there is more to read that no event on the socket will tell of. */
bool nut_stream_has_more(const NutStream *s) _pure_;

/* Begins TLS; nothing may be waiting to be written. host as for tls_session_new(). 0 or a negative errno. */
int nut_stream_begin_tls(NutStream *s, TlsContext *context, const char *host);

/* Goes on with the handshake. 1 when it is done, 0 when the socket must be ready first, or a negative
 * errno. */
int nut_stream_handshake(NutStream *s);

/* The epoll events to wait for. */
uint32_t nut_stream_events(const NutStream *s) _pure_;

/* Says LOGOUT and, in TLS, goodbye, as far as that can be done without waiting. */
void nut_stream_leave(NutStream *s);
