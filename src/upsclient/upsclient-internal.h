/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>

#include "nut-session.h"
#include "upsclient.h"

/* What the files of this directory share. Nothing of it is exported. */

#define UPSCLI_MAGIC 0x19980308
#define UPSCLI_TIMEOUT_SECONDS 5
#define UPSCLI_TIMEOUT_USEC (UPSCLI_TIMEOUT_SECONDS * USEC_PER_SEC)

/* How a connection is to be encrypted, by all that was said about it. */
typedef struct ConnectionRules {
        bool try_tls, force_tls;
        TlsContext *context; /* a reference of its own */
        char *host;          /* that the certificate must be for; NULL: the one connected to */
} ConnectionRules;

/* Fills in what counts for host with the flags UPSCLI_CONN_*. 0, -ENOMEM, or another negative errno when
 * certificates cannot be read, which is reported on stderr. */
int connection_rules_find(const char *host, int flags, ConnectionRules *ret);
void connection_rules_done(ConnectionRules *rules);

/* The session of a connection; NULL when it is closed. */
static inline NutSession *upscli_session(const UPSCONN_t *ups) {
        return ups->ssl;
}

/* Whether it is one that upscli_connect() made, open or not. */
static inline bool upscli_is_valid(const UPSCONN_t *ups) {
        return ups && ups->upsclient_magic == UPSCLI_MAGIC;
}

/* Notes an error of that number, and the errno that belongs to it. Returns -1. */
int upscli_fail(UPSCONN_t *ups, int upserror, int r);

/* The same with words for it: of TLS or of an answer. */
int upscli_fail_text(UPSCONN_t *ups, int upserror, const char *text);

/* Frees the words of the last answer. */
void upscli_forget_answer(UPSCONN_t *ups);

/* Closes the connection with or without a goodbye and releases what it holds, but for the error. */
void upscli_close(UPSCONN_t *ups, bool goodbye);

/* Whether a line of the server is an error, which is noted. 0 when it is none, else -1. */
int upscli_check_line(UPSCONN_t *ups, const char *line);
