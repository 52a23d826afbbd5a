/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "string-util.h"
#include "tls-internal.h"

/* Certificate number n of the other end, or NULL. */
static gnutls_x509_crt_t peer_certificate(gnutls_session_t session, unsigned n) {
        unsigned n_peers = 0;
        const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &n_peers);
        gnutls_x509_crt_t crt;

        if (!peers || n >= n_peers || gnutls_x509_crt_init(&crt) < 0)
                return NULL;
        if (gnutls_x509_crt_import(crt, &peers[n], GNUTLS_X509_FMT_DER) < 0) {
                gnutls_x509_crt_deinit(crt);
                return NULL;
        }

        return crt;
}

static char *describe_owner(gnutls_x509_crt_t crt, const char *name, const char *host) {
        _cleanup_strv_free_ char **hosts = NULL;
        _cleanup_free_ char *names = NULL;

        if (tls_certificate_hosts(crt, &hosts) < 0)
                return NULL;
        names = hosts ? strv_join(hosts, ", ") : strdup(name);
        return strprintf("the certificate of \"%s\" is for %s, not for %s", name, strempty(names), host);
}

/* The first one in the chain whose time has passed, or not come. */
static char *describe_date(gnutls_session_t session, const char *fallback) {
        time_t now = time(NULL);

        for (unsigned i = 0;; i++) {
                gnutls_x509_crt_t crt = peer_certificate(session, i);
                _cleanup_free_ char *name = NULL;
                time_t begin, end;
                char date[32] = "";
                struct tm tm;

                if (!crt)
                        return strprintf("the authority of the certificate of \"%s\" is out of date",
                                         fallback);

                begin = gnutls_x509_crt_get_activation_time(crt);
                end = gnutls_x509_crt_get_expiration_time(crt);
                name = tls_certificate_name(crt);
                gnutls_x509_crt_deinit(crt);
                if (now >= begin && now <= end)
                        continue;

                if (gmtime_r(now < begin ? &begin : &end, &tm))
                        (void) strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
                return strprintf("the certificate of \"%s\" %s %s", strempty(name),
                                 now < begin ? "is not valid before" : "expired on", date);
        }
}

static char *describe_issuer(gnutls_x509_crt_t crt, const char *name) {
        _cleanup_free_ char *issuer = tls_certificate_issuer(crt);

        if (gnutls_x509_crt_check_issuer(crt, crt))
                return strprintf("only itself vouches for the certificate of \"%s\"", name);

        return strprintf("the certificate of \"%s\" is vouched for by \"%s\", which is not known or not "
                         "trusted here", name, strempty(issuer));
}

static char *describe_other(const char *name, unsigned status) {
        gnutls_datum_t text;
        char *s;

        if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
                return strprintf("the certificate of \"%s\" is not made for this purpose", name);
        if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
                return strprintf("the certificate of \"%s\" is signed by an algorithm that is no longer "
                                 "secure", name);
        if (status & GNUTLS_CERT_REVOKED)
                return strprintf("the certificate of \"%s\" has been revoked", name);
        if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
                return strprintf("the signature of the certificate of \"%s\" is wrong", name);

        if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
                return NULL;
        s = strprintf("the certificate of \"%s\": %s", name, (const char *) text.data);
        gnutls_free(text.data);
        return s;
}

static char *describe(gnutls_session_t session, unsigned status, const char *host) {
        gnutls_x509_crt_t crt = peer_certificate(session, 0);
        _cleanup_free_ char *name = crt ? tls_certificate_name(crt) : NULL;
        char *s;

        if (!crt)
                return strdup("its certificate cannot be read");

        if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
                s = describe_issuer(crt, strempty(name));
        else if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED))
                s = describe_date(session, strempty(name));
        else if (host && (status & GNUTLS_CERT_UNEXPECTED_OWNER))
                s = describe_owner(crt, strempty(name), host);
        else
                s = describe_other(strempty(name), status);

        gnutls_x509_crt_deinit(crt);
        return s;
}

int tls_verify(const TlsContext *c, gnutls_session_t session, const char *host, char **ret_error) {
        gnutls_typed_vdata_st data[2] = {
                {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                        .data = (unsigned char *) (c->server ? GNUTLS_KP_TLS_WWW_CLIENT
                                                             : GNUTLS_KP_TLS_WWW_SERVER)},
                { .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *) host },
        };
        unsigned n_peers = 0, status = 0;
        char *error;
        int r;

        if (c->server ? c->request == TLS_REQUEST_NONE : !c->verify)
                return 1;
        if (!gnutls_certificate_get_peers(session, &n_peers) || n_peers == 0) {
                if (c->server && c->request == TLS_REQUEST_CHECK)
                        return 1;
                error = strdup("it has shown no certificate");
        } else {
                r = gnutls_certificate_verify_peers(session, data, host ? 2 : 1, &status);
                if (r >= 0 && status == 0)
                        return 1;
                error = r < 0 ? strprintf("its certificate cannot be checked: %s", gnutls_strerror(r))
                              : describe(session, status, host);
        }

        if (!error)
                return -ENOMEM;
        *ret_error = error;
        return 0;
}
