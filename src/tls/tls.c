/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "string-util.h"
#include "tls-internal.h"

/* Certificates and the names of all authorities of a distribution fit in. */
#define HANDSHAKE_SIZE_MAX (64U * 1024U)
/* A client that is not asked for its certificate says some hundred bytes, with keys that are safe from
 * computers of the future two thousand. */
#define HELLO_SIZE_MAX (16U * 1024U)
/* What the library takes while the handshake is going on, without the other end's messages, which it has
 * twice: as records and as a whole. */
#define HANDSHAKE_MEMORY (16U * 1024U)

/* Messages in a row that are no data. */
#define IDLE_MESSAGES_MAX 32U

#define RECORD_SIZE_MAX 16384U

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

struct TlsSession {
        TlsContext *context;
        gnutls_session_t session;
        char *host;  /* to check, until the handshake is done */
        char *error;
        char *description;
        char *peer;
        bool done;    /* the handshake is */
        bool sending; /* a record is on its way that the library has a copy of */
        bool ended;   /* the other end said or showed that no more comes */
        bool cut;     /* the socket has come to its end */
        bool dry;     /* there was nothing more to read at the socket */
        int fd;
        int failed;   /* the errno with which all calls answer from then on */
        uint32_t n_handshake; /* bytes of the handshake that were read */
        bool holds;   /* a record that has not come, or was not read, to its end */
        uint8_t n_idle;
};

/* Keeps the first reason, which is the cause. */
static void set_error(TlsSession *s, const char *text) {
        if (!s->error)
                s->error = strdup(text);
}

static uint32_t handshake_size_max(const TlsSession *s) {
        return s->context->server && s->context->request == TLS_REQUEST_NONE ? HELLO_SIZE_MAX
                                                                             : HANDSHAKE_SIZE_MAX;
}

/* Returns the errno for what gnutls returned, and notes why, unless the socket has to be waited for. */
static int fail(TlsSession *s, int code) {
        gnutls_alert_description_t alert = gnutls_alert_get(s->session);
        char text[160];
        int r;

        /* An end in the middle of a message is none of its sender's making. */
        if (s->cut && code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH)
                code = GNUTLS_E_PREMATURE_TERMINATION;
        if (s->n_handshake > handshake_size_max(s))
                code = GNUTLS_E_HANDSHAKE_TOO_LARGE;
        r = tls_error_to_errno(code, alert);

        if (r == -EAGAIN)
                return r;

        if (code != GNUTLS_E_FATAL_ALERT_RECEIVED)
                set_error(s, tls_error_text(code));
        else if (tls_alert_text(alert))
                set_error(s, tls_alert_text(alert));
        else {
                (void) snprintf(text, sizeof(text), "the other end refused: %s",
                                strempty(gnutls_alert_get_name(alert)));
                set_error(s, text);
        }
        return s->failed = r;
}

/* Called in the handshake once the other end's certificate is there. */
static int on_verify(gnutls_session_t session) {
        TlsSession *s = gnutls_session_get_ptr(session);
        _cleanup_free_ char *error = NULL;
        int r;

        r = tls_verify(s->context, session, s->host, &error);
        if (r > 0)
                return 0;
        if (r < 0)
                return GNUTLS_E_MEMORY_ERROR;

        set_error(s, error);
        return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

/* Reads from the socket. The library also says "again" after a message of its own, with more behind it,
 * which is told from a socket without more by this. */
static ssize_t on_pull(gnutls_transport_ptr_t p, void *data, size_t size) {
        TlsSession *s = p;
        ssize_t n = recv(s->fd, data, size, 0);

        s->dry = n < 0 && errno == EAGAIN;
        s->cut = n == 0;
        if (n < 0)
                gnutls_transport_set_errno(s->session, errno);
        s->holds = s->holds || n > 0;
        if (s->done || n <= 0)
                return n;

        /* The library has limits for each message, which leave a stranger too much of our memory. */
        s->n_handshake += (uint32_t) n;
        if (s->n_handshake <= handshake_size_max(s))
                return n;
        gnutls_transport_set_errno(s->session, EIO);
        return -1;
}

static int on_pull_timeout(gnutls_transport_ptr_t p, unsigned ms) {
        TlsSession *s = p;
        struct pollfd fd = { .fd = s->fd, .events = POLLIN };

        /* Nothing here waits. */
        return poll(&fd, 1, 0);
}

/* What a certificate can be for: no brackets, scope or dot at the end. */
static int set_host(TlsSession *s, const char *host) {
        size_t n = strcspn(host, "%");
        struct in6_addr address;

        if (host[0] == '[' && n > 1) {
                host++;
                n = strcspn(host, "]%");
        }
        if (n > 1 && host[n - 1] == '.')
                n--;

        s->host = strndup(host, n);
        if (!s->host)
                return -ENOMEM;
        if (inet_pton(AF_INET, s->host, &address) > 0 || inet_pton(AF_INET6, s->host, &address) > 0)
                return 0;

        /* A name that servers would take offence at can still be checked. */
        if (s->host[strspn(s->host, HOST_CHARACTERS)] != '\0')
                return 0;
        return gnutls_server_name_set(s->session, GNUTLS_NAME_DNS, s->host, n) == GNUTLS_E_MEMORY_ERROR
                        ? -ENOMEM : 0;
}

static int set_up_server(TlsSession *s) {
        static const gnutls_certificate_request_t requests[_TLS_REQUEST_MAX] = {
                [TLS_REQUEST_NONE] = GNUTLS_CERT_IGNORE,
                [TLS_REQUEST_CHECK] = GNUTLS_CERT_REQUEST,
                [TLS_REQUEST_REQUIRE] = GNUTLS_CERT_REQUIRE,
        };

        gnutls_certificate_server_set_request(s->session, requests[s->context->request]);
        return gnutls_session_ticket_enable_server(s->session, &s->context->ticket_key) < 0 ? -ENOMEM : 0;
}

int tls_session_new(TlsContext *c, int fd, const char *host, TlsSession **ret) {
        _cleanup_(tls_session_freep) TlsSession *s = new0(TlsSession, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->context = tls_context_ref(c);
        s->fd = fd;
        if (gnutls_init(&s->session, (c->server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK |
                                                     GNUTLS_NO_SIGNAL) < 0)
                return -ENOMEM;

        gnutls_session_set_ptr(s->session, s);
        gnutls_session_set_verify_function(s->session, on_verify);
        gnutls_transport_set_int(s->session, fd); /* for writing */
        gnutls_transport_set_ptr2(s->session, s, (gnutls_transport_ptr_t) (intptr_t) fd);
        gnutls_transport_set_pull_function(s->session, on_pull);
        gnutls_transport_set_pull_timeout_function(s->session, on_pull_timeout);
        /* Who has a deadline for it keeps it itself. */
        gnutls_handshake_set_timeout(s->session, GNUTLS_INDEFINITE_TIMEOUT);
        gnutls_handshake_set_max_packet_length(s->session, handshake_size_max(s));
        if (gnutls_priority_set(s->session, c->priority) < 0 ||
            gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, c->credentials) < 0)
                return -ENOMEM;

        r = c->server ? set_up_server(s) : isempty(host) ? 0 : set_host(s, host);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

TlsSession *tls_session_free(TlsSession *s) {
        if (!s)
                return NULL;

        if (s->session)
                gnutls_deinit(s->session);
        tls_context_unref(s->context);
        free(s->host);
        free(s->error);
        free(s->description);
        free(s->peer);
        free(s);
        return NULL;
}

static void note_peer(TlsSession *s) {
        unsigned n = 0;
        const gnutls_datum_t *peers = gnutls_certificate_get_peers(s->session, &n);
        gnutls_x509_crt_t crt;

        if (!peers || n == 0 || gnutls_x509_crt_init(&crt) < 0)
                return;
        if (gnutls_x509_crt_import(crt, &peers[0], GNUTLS_X509_FMT_DER) >= 0)
                s->peer = tls_certificate_name(crt);
        gnutls_x509_crt_deinit(crt);
}

static int finish_handshake(TlsSession *s) {
        s->description = strprintf("%s, %s",
                strempty(gnutls_protocol_get_name(gnutls_protocol_get_version(s->session))),
                strempty(gnutls_cipher_get_name(gnutls_cipher_get(s->session))));
        if (!s->description)
                return -ENOMEM;

        note_peer(s);
        s->done = true;
        s->holds = false;
        free(s->host);
        s->host = NULL;
        return 1;
}

/* Whether what came may be passed over: it is no data and no error, and there has not been too much of it.
 */
static bool may_ignore(TlsSession *s, int code) {
        return gnutls_error_is_fatal(code) == 0 && s->n_idle++ < IDLE_MESSAGES_MAX;
}

/* The other end can then say what was wrong; it may be gone, too. */
static void send_alert(TlsSession *s, int code) {
        if (code == GNUTLS_E_NO_CERTIFICATE_FOUND || code == GNUTLS_E_CERTIFICATE_REQUIRED)
                (void) gnutls_alert_send(s->session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REQUIRED);
        else
                (void) gnutls_alert_send_appropriate(s->session, code);
}

int tls_session_handshake(TlsSession *s) {
        int code;

        if (s->failed < 0 || s->done)
                return s->failed < 0 ? s->failed : 1;

        do
                code = gnutls_handshake(s->session);
        while (code < 0 && (code == GNUTLS_E_INTERRUPTED ||
                            (code != GNUTLS_E_AGAIN && may_ignore(s, code))));

        if (code == GNUTLS_E_AGAIN)
                return 0;
        if (code < 0) {
                int r = fail(s, code);

                send_alert(s, code);
                return r;
        }

        return finish_handshake(s);
}

bool tls_session_wants_write(const TlsSession *s) {
        return s->done ? s->sending : gnutls_record_get_direction(s->session) == 1;
}

size_t tls_session_pending(const TlsSession *s) {
        return gnutls_record_check_pending(s->session);
}

size_t tls_session_memory(const TlsSession *s) {
        if (!s->done)
                return HANDSHAKE_MEMORY + (size_t) 2 * s->n_handshake;
        return s->holds ? RECORD_SIZE_MAX : 0;
}

ssize_t tls_session_recv(TlsSession *s, void *data, size_t size) {
        ssize_t n;

        if (s->failed < 0 || s->ended || size == 0)
                return s->failed;

        for (;;) {
                n = gnutls_record_recv(s->session, data, size);
                if (n > 0) {
                        s->n_idle = 0;
                        s->holds = tls_session_pending(s) > 0;
                        return n;
                }

                /* Requests and answers end with their line, so an end without a goodbye cuts nothing off
                 * that could be taken for whole. */
                if (n == 0 || n == GNUTLS_E_PREMATURE_TERMINATION) {
                        s->ended = true;
                        return 0;
                }
                if (n == GNUTLS_E_AGAIN && s->dry)
                        return -EAGAIN;
                if (n == GNUTLS_E_INTERRUPTED)
                        continue;
                s->holds = false; /* it was a whole one, without data */
                if (n == GNUTLS_E_REHANDSHAKE || !may_ignore(s, (int) n))
                        break;
        }

        /* Nobody has a reason to negotiate anew, and many have been tricked that way. */
        if (n == GNUTLS_E_REHANDSHAKE && !s->sending)
                (void) gnutls_alert_send(s->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);

        return fail(s, n == GNUTLS_E_AGAIN ? GNUTLS_E_TOO_MANY_EMPTY_PACKETS : (int) n);
}

/* Whoever hung up on us while we wrote may have said why. */
static int find_reason(TlsSession *s, int code) {
        char c;

        if (code != GNUTLS_E_PUSH_ERROR)
                return code;

        for (unsigned i = 0; i < IDLE_MESSAGES_MAX; i++) {
                ssize_t n = gnutls_record_recv(s->session, &c, 1);

                if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
                        return GNUTLS_E_FATAL_ALERT_RECEIVED;
                if (n == 0 || (n < 0 && (s->dry || gnutls_error_is_fatal((int) n))))
                        break;
        }
        return code;
}

ssize_t tls_session_send(TlsSession *s, const void *data, size_t n) {
        ssize_t k;

        if (s->failed < 0 || n == 0)
                return s->failed;

        do
                /* A record that has begun is in the library's hands; it counts as much as it took. */
                k = s->sending ? gnutls_record_send(s->session, NULL, 0)
                               : gnutls_record_send(s->session, data, MIN(n, (size_t) RECORD_SIZE_MAX));
        while (k == GNUTLS_E_INTERRUPTED);

        s->sending = k == GNUTLS_E_AGAIN;
        return k >= 0 ? k : fail(s, find_reason(s, (int) k));
}

void tls_session_bye(TlsSession *s) {
        if (s->done && !s->sending && s->failed == 0)
                (void) gnutls_bye(s->session, GNUTLS_SHUT_WR);
}

const char *tls_session_error(const TlsSession *s) {
        return strempty(s->error);
}

const char *tls_session_describe(const TlsSession *s) {
        return strempty(s->description);
}

const char *tls_session_peer(const TlsSession *s) {
        return s->peer;
}
