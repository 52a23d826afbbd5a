/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "macro.h"
#include "tls.h"

/* A client of the NUT network protocol on an event loop. Requests are pipelined: they go out as they are
 * made, replies come back in order. It connects once; reconnecting is its user's affair. */

typedef struct NutClient NutClient;

/* One reply. On success r is 0 and words are the words of the answer line, without BEGIN/END for a list,
 * whose item lines come first, each by a call of on_item. An ERR answer gives a negative errno (see
 * nut_error_to_errno()) with the token in words[1]. When the connection is lost or the answer does not come
 * in time, each open request gets -ENOTCONN or -ETIMEDOUT and no words, after which the connection is
 * closed. words lives until the return or until the client is freed, which any callback may do. */
typedef void (*NutReply)(void *userdata, int r, char *const *words, size_t n_words);
typedef void (*NutItem)(void *userdata, char *const *words, size_t n_words);

/* Something happened to a device that is watched. */
typedef void (*NutChanged)(void *userdata, const char *name);

typedef struct NutClientOps {
        void (*connected)(void *userdata);
        /* The connection failed or ended, for the reason r: -ECONNREFUSED, -EHOSTUNREACH (also for a name
         * that is not known), -ETIMEDOUT, -ECONNRESET when the server hung up, -EPROTO when it does not
         * speak the protocol, -EPROTONOSUPPORT when it offers no TLS, -EKEYREJECTED for its certificate,
         * ... nut_client_error() may know more. Called once, after the open requests were answered. */
        void (*lost)(void *userdata, int r);
        /* Optional: after a WATCH that the server answered with OK, something happened to the device, which
         * is to be read now. Only our own servers say so, and not again until they were asked something. The
         * client may be freed in it. */
        NutChanged changed;
} NutClientOps;

/* How a connection is encrypted: says STARTTLS first and, when the server agrees, goes on in TLS, behind
 * which there is no way back. Without context nothing is said. It is only looked at during the call. */
typedef struct NutTls {
        TlsContext *context; /* the client takes a reference */
        const char *host;    /* that the certificate must be for; NULL: the one connected to */
        bool force;          /* a server that does not agree is lost with -EPROTONOSUPPORT; without, the
                              * connection goes on in clear */
} NutTls;

/* Starts to connect to host (name or address) and port; names are resolved off the loop, and all addresses
 * are tried in order. tls may be NULL: in clear. timeout_usec bounds connecting as a whole, TLS included,
 * and then each reply. No callback comes before the return. 0 or a negative errno. */
int nut_client_new(sd_event *event, const char *host, uint16_t port, const NutTls *tls,
                uint64_t timeout_usec, const NutClientOps *ops, void *userdata, NutClient **ret);

/* The same over a socket that is connected already, and the client's from then on, also on failure. host is
 * only who the certificate must be for. */
int nut_client_new_on(sd_event *event, int fd, const char *host, const NutTls *tls, uint64_t timeout_usec,
                const NutClientOps *ops, void *userdata, NutClient **ret);

/* In lost(): what was wrong with TLS, as a part of a sentence; "" when that was not the matter. Lives as
 * long as the client. */
const char *nut_client_error(const NutClient *c);

/* How the connection is encrypted ("TLS1.3, AES-256-GCM"); NULL when it is in clear, or there is none. Lives
 * until the loss. */
const char *nut_client_encryption(const NutClient *c);

/* Hangs up; no callback comes any more, open requests are forgotten. Takes NULL, returns NULL. */
NutClient *nut_client_free(NutClient *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(NutClient *, nut_client_free);

/* Says LOGOUT, as far as that can be done without waiting, and hangs up. Takes NULL, returns NULL. */
NutClient *nut_client_leave(NutClient *c);

/* Sends a request of words, quoted and escaped where needed; the last argument is NULL. reply may be NULL.
 * Returns 0, -ENOTCONN before connected() and after the loss, -EINVAL for a word that the protocol cannot
 * carry (line end, over 512 characters, non-ASCII but behind USERNAME and PASSWORD), -ENOBUFS when too many
 * requests are open, or -ENOMEM. */
int nut_client_request(NutClient *c, NutReply reply, void *userdata, const char *word, ...) _sentinel_;

/* The same for LIST: on_item gets each item line between BEGIN and END. */
int nut_client_list(NutClient *c, NutItem on_item, NutReply reply, void *userdata, const char *word, ...)
                _sentinel_;

/* Splits "name[@host[:port]]", with IPv6 addresses in [ ]; host defaults to localhost, port to 3493. -EINVAL
 * when it is none, or -ENOMEM. The strings are the caller's. */
int nut_device_address_parse(const char *s, char **ret_name, char **ret_host, uint16_t *ret_port);

/* The part of it behind the @: "host[:port]". Results as above. */
int nut_host_address_parse(const char *s, char **ret_host, uint16_t *ret_port);
