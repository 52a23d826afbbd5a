/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "nut-client.h"

/* A client of the NUT network protocol that waits: for programs that ask one thing after the other, and for
 * libupsclient. Services have nut-client.h. It makes no thread and no event loop, and blocks no signal:
 * EINTR goes on waiting; who wants to be let out gives a descriptor for it. */

typedef struct NutSession NutSession;

/* Connects to host (name or address, without [ ]), all its addresses in order, within timeout_usec in all
 * from when they are known; UINT64_MAX waits as long as the kernel does. Looking up a name takes what the
 * system's resolver takes. Nothing is said yet. 0; -EHOSTUNREACH for a name that is not known
 * (*ret_unknown_host says so, and may be NULL), -ETIMEDOUT, -ECONNREFUSED, ... */
int nut_session_open(const char *host, uint16_t port, uint64_t timeout_usec, bool *ret_unknown_host,
                NutSession **ret);

/* The same by addresses of one family only (AF_INET, AF_INET6; AF_UNSPEC: any). interrupt_fd, which stays
 * the caller's, ends any wait of the session with -EINTR once there is something to read in it; negative for
 * none. */
int nut_session_open_full(const char *host, uint16_t port, int family, int interrupt_fd,
                uint64_t timeout_usec, bool *ret_unknown_host, NutSession **ret);

/* The same over a stream socket that is connected already, and the session's from then on, also on failure.
 * host is only who a certificate must be for. */
int nut_session_new_on(int fd, const char *host, NutSession **ret);

/* Hangs up without a word. Takes NULL, returns NULL. */
NutSession *nut_session_free(NutSession *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(NutSession *, nut_session_free);

/* Says LOGOUT as far as that can be done without waiting, and hangs up. Takes NULL, returns NULL. */
NutSession *nut_session_leave(NutSession *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(NutSession *, nut_session_leave);

/* The socket, the session's own. */
int nut_session_fd(const NutSession *s) _pure_;

/* Says STARTTLS and goes on in TLS if the server agrees. 1 encrypted, 0 the server has none and the session
 * is still good, or a negative errno, after which it is not: -EKEYREJECTED, -EPROTO, -ETIMEDOUT, for
 * tls->force -EPROTONOSUPPORT, -ECONNREFUSED when the server does not want us at all, ... tls->context may
 * be NULL for who has none to use: -ENOKEY if the server agrees. */
int nut_session_start_tls(NutSession *s, const NutTls *tls, uint64_t timeout_usec);

/* What was wrong with TLS, as a part of a sentence, or "". */
const char *nut_session_error(const NutSession *s);

/* How it is encrypted ("TLS1.3, AES-256-GCM"), or NULL. */
const char *nut_session_encryption(const NutSession *s);

/* Sends n bytes as they are. 0, -ETIMEDOUT, or what the socket says; then part of them may be sent, and the
 * session is no good any more. */
int nut_session_send(NutSession *s, const void *data, size_t n, uint64_t timeout_usec);

/* Reads one line, without its end, NUL-terminated: at most size - 1 bytes of it, the rest is thrown away and
 * *ret_truncated (may be NULL) is true. 0, -ETIMEDOUT or -EINTR (what came of the line is kept for the next
 * call), -ECONNRESET at the end, or what the socket says. */
int nut_session_read_line(NutSession *s, char *line, size_t size, bool *ret_truncated,
                uint64_t timeout_usec);

/* Asks and waits for the one-line answer. *ret_words is a strv, the caller's. 0 for an answer that is none
 * of ERR; for ERR the errno of nut_error_to_errno(), with the words; otherwise a negative errno and NULL:
 * -EINVAL for a request that the protocol cannot carry (as of nut_client_request()), -EPROTO for an answer
 * that fits no such request, -ETIMEDOUT, -EINTR, -ECONNRESET, ... After an errno without words, but -EINVAL
 * and -ENOMEM, the session is no good any more, and requests get -ENOTCONN: an answer that comes late would
 * be taken for another. */
int nut_session_request(NutSession *s, char *const *request, uint64_t timeout_usec, char ***ret_words);

/* Asks "LIST ..." (request is a strv with LIST as its first word) and calls on_item with the words of each
 * line between BEGIN and END. timeout_usec is for each of the lines. Returns as nut_session_request();
 * *ret_words (may be NULL) has ERR's. on_item must not use the session. */
int nut_session_list(NutSession *s, char *const *request, uint64_t timeout_usec, NutItem on_item,
                void *userdata, char ***ret_words);
