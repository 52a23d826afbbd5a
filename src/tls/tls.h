/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "macro.h"

/* TLS 1.2 and 1.3 on a connected, non-blocking socket, for servers and clients of the NUT network protocol.
 * What it is made of is read once into a context; nothing here opens a file after that, blocks, or logs. */

/* Certificates and rules. Counted, since sessions go on with the one that they began with when certificates
 * are read anew. */
typedef struct TlsContext TlsContext;

/* One connection. */
typedef struct TlsSession TlsSession;

/* What a server wants of its clients' certificates: CERTREQUEST 0, 1 and 2. */
typedef enum TlsRequest {
        TLS_REQUEST_NONE,
        TLS_REQUEST_CHECK,   /* a client may come without one, but not with one that nobody vouches for */
        TLS_REQUEST_REQUIRE,
        _TLS_REQUEST_MAX,
} TlsRequest;

/* Where certificates are. All may be NULL; the strings are only looked at during the call.
 *
 * The own certificate is that of file; without file it is the one called ident_name in the directory path:
 * NAME.pem, NAME.p12 or NAME itself, whose key ident_password opens. */
typedef struct TlsFiles {
        const char *file;           /* CERTFILE: PEM with chain, the own certificate first, and key */
        const char *key_file;       /* PEM with the key, when it is not in file */
        const char *path;           /* CERTPATH: PEM file of authorities, or a directory of such */
        const char *ident_name;     /* CERTIDENT */
        const char *ident_password;
} TlsFiles;

/* Says in one sentence what is wrong with a file and what to do about it. */
typedef void (*TlsReport)(void *userdata, const char *file, const char *message);

/* Reads what a server needs. Returns 0, also for a certificate that has expired or is not yet valid,
 * which is reported; -ENOENT when files name no own certificate, which is not; -ENOKEY for a file or a
 * key that is not there, or that the password does not open; -EINVAL for what is no certificate, or a
 * key that belongs to another; -EACCES; or another negative errno. */
int tls_context_new_server(const TlsFiles *files, TlsRequest request, TlsReport report, void *userdata,
                TlsContext **ret);

/* Reads what a client needs. verify: only a server that one of the authorities in path (without path: those
 * of the system) vouches for will do, and whose certificate is for the host asked for. Errors as above, but
 * no own certificate is needed. */
int tls_context_new_client(const TlsFiles *files, bool verify, TlsReport report, void *userdata,
                TlsContext **ret);

/* One more reference to the context, which it returns. */
TlsContext *tls_context_ref(TlsContext *c);

/* When the own certificate ends, CLOCK_REALTIME; USEC_INFINITY without one. */
uint64_t tls_context_expires_usec(const TlsContext *c) _pure_;

/* Takes NULL, returns NULL. */
TlsContext *tls_context_unref(TlsContext *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(TlsContext *, tls_context_unref);

/* Begins a session on a socket, which is borrowed and must outlive it. host is, for a client, the name or
 * address that the server's certificate must be for, also sent to it when it is a name; NULL for a server,
 * or not to check it. 0 or a negative errno. */
int tls_session_new(TlsContext *c, int fd, const char *host, TlsSession **ret);

/* Erases the keys; says nothing to the other end. Takes NULL, returns NULL. */
TlsSession *tls_session_free(TlsSession *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(TlsSession *, tls_session_free);

/* Goes on with the handshake as far as the socket allows. Returns 1 when it is done, 0 when the socket must
 * be ready first (see tls_session_wants_write()), or a negative errno when the connection is no good any
 * more: -EKEYREJECTED for a certificate that is not accepted, -EPROTO for what is no TLS or has no version
 * or cipher in common, -ECONNRESET when the other end hung up. tls_session_error() then says why. */
int tls_session_handshake(TlsSession *s);

/* Whether a handshake or a write waits for the socket to be writable, not readable. */
bool tls_session_wants_write(const TlsSession *s) _pure_;

/* Bytes that have been decrypted already, which no event on the socket will tell of. */
size_t tls_session_pending(const TlsSession *s) _pure_;

/* Memory that the other end makes us keep: that of a handshake which is not done, or of a record which has
 * not come, or was not read, to its end. Without these a session takes about 11 KB. */
size_t tls_session_memory(const TlsSession *s) _pure_;

/* Reads. Returns how many bytes, 0 at the end, be it with a goodbye or without, -EAGAIN when the socket
 * has no more, or another negative errno. */
ssize_t tls_session_recv(TlsSession *s, void *data, size_t size);

/* Writes what the socket takes, up to one record of 16 KiB. Returns how many bytes, -EAGAIN for none, or
 * another negative errno. After -EAGAIN the next call must be with the same bytes again (there may be
 * more behind them). */
ssize_t tls_session_send(TlsSession *s, const void *data, size_t n);

/* Says goodbye, as far as that can be done without waiting. */
void tls_session_bye(TlsSession *s);

/* Why the session failed, as a part of a sentence; "" while it has not. Lives until the next call. */
const char *tls_session_error(const TlsSession *s);

/* "TLS1.3, AES-256-GCM" once the handshake is done; lives as long as the session. */
const char *tls_session_describe(const TlsSession *s);

/* The common name of the other end's certificate, NULL without one; lives as long as the session. */
const char *tls_session_peer(const TlsSession *s);
