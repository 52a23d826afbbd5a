/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "string-util.h"
#include "time-util.h"
#include "tls-internal.h"

/* The policy of the system may ask for more, never for less. */
#define PRIORITY "-VERS-DTLS-ALL:-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1"

TlsContext *tls_context_ref(TlsContext *c) {
        c->n_refs++;
        return c;
}

TlsContext *tls_context_unref(TlsContext *c) {
        if (!c || --c->n_refs > 0)
                return NULL;

        if (c->credentials)
                gnutls_certificate_free_credentials(c->credentials);
        if (c->priority)
                gnutls_priority_deinit(c->priority);
        if (c->ticket_key.data)
                explicit_bzero(c->ticket_key.data, c->ticket_key.size);
        gnutls_free(c->ticket_key.data);
        free(c);
        return NULL;
}

static int context_new(bool server, const TlsReporter *reporter, TlsContext **ret) {
        _cleanup_(tls_context_unrefp) TlsContext *c = new0(TlsContext, 1);
        int r;

        if (!c)
                return -ENOMEM;

        c->n_refs = 1;
        c->server = server;
        if (gnutls_certificate_allocate_credentials(&c->credentials) < 0)
                return -ENOMEM;

        r = gnutls_priority_init2(&c->priority, PRIORITY, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);
        if (r < 0)
                return tls_report(reporter, r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EOPNOTSUPP, "TLS",
                                  "The policy of this system leaves neither TLS 1.2 nor 1.3: %s",
                                  gnutls_strerror(r));
        if (server && gnutls_session_ticket_key_generate(&c->ticket_key) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(c);
        return 0;
}

/* Clients do not say why they go away; servers, which seldom look at one at all, do. */
static void check_purpose(const TlsContext *c, const TlsIdentity *i, const char *file,
                const TlsReporter *reporter) {
        _cleanup_free_ char *name = NULL;

        if (!c->server || tls_certificate_has_purpose(i->chain[0], GNUTLS_KP_TLS_WWW_SERVER))
                return;

        name = tls_certificate_name(i->chain[0]);
        (void) tls_report(reporter, 0, file,
                          "The certificate of \"%s\" in it is not made for a server (extended key usage): "
                          "clients that look at it go away. Used all the same.", strempty(name));
}

static int use_identity(TlsContext *c, const TlsFiles *files, const TlsReporter *reporter) {
        _cleanup_(tls_identity_done) TlsIdentity i = {};
        const char *file = isempty(files->file) ? files->ident_name : files->file;
        int r;

        r = tls_identity_load(files, reporter, &i);
        if (r < 0)
                return r;
        check_purpose(c, &i, file, reporter);

        r = gnutls_certificate_set_x509_key(c->credentials, i.chain, (int) i.n_chain, i.key);
        if (r < 0)
                return tls_report(reporter, r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EINVAL,
                                  file, "Its certificate cannot be used: %s", gnutls_strerror(r));
        return 0;
}

/* Without path, those that the system trusts. */
static int use_trust(TlsContext *c, const char *path, const TlsReporter *reporter) {
        gnutls_x509_trust_list_t list;
        int r;

        if (isempty(path)) {
                if (gnutls_certificate_set_x509_system_trust(c->credentials) > 0)
                        return 0;
                return tls_report(reporter, -ENOKEY, "CERTPATH",
                                  "This system knows no authorities; Debian has them in the package "
                                  "ca-certificates. CERTPATH names others.");
        }

        r = tls_trust_load(path, reporter, &list);
        if (r >= 0)
                gnutls_certificate_set_trust_list(c->credentials, list, 0);
        return r;
}

int tls_context_new_server(const TlsFiles *files, TlsRequest request, TlsReport report, void *userdata,
                           TlsContext **ret) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        const TlsReporter reporter = { report, userdata };
        int r;

        r = context_new(true, &reporter, &c);
        if (r >= 0)
                r = use_identity(c, files, &reporter);
        if (r < 0)
                return r;

        if (request != TLS_REQUEST_NONE) {
                if (isempty(files->path))
                        return tls_report(&reporter, -EINVAL, "CERTREQUEST",
                                "Certificates of clients are checked by the authorities in CERTPATH, "
                                "which is not set.");
                r = use_trust(c, files->path, &reporter);
                if (r < 0)
                        return r;
        } else if (!isempty(files->path) && access(files->path, F_OK) < 0 && errno == ENOENT)
                (void) tls_report(&reporter, 0, files->path,
                                  "There is no such file or directory. Nothing is looked for in it, since "
                                  "CERTREQUEST is 0.");

        c->request = request;
        *ret = TAKE_PTR(c);
        return 0;
}

int tls_context_new_client(const TlsFiles *files, bool verify, TlsReport report, void *userdata,
                           TlsContext **ret) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        const TlsReporter reporter = { report, userdata };
        int r;

        r = context_new(false, &reporter, &c);
        if (r < 0)
                return r;

        r = use_identity(c, files, &reporter);
        if (r >= 0 || r == -ENOENT)
                r = verify ? use_trust(c, files->path, &reporter) : 0;
        if (r < 0)
                return r;

        c->verify = verify;
        *ret = TAKE_PTR(c);
        return 0;
}

uint64_t tls_context_expires_usec(const TlsContext *c) {
        gnutls_x509_crt_t crt;
        gnutls_datum_t der;
        time_t end = -1;

        if (gnutls_certificate_get_crt_raw(c->credentials, 0, 0, &der) < 0 || gnutls_x509_crt_init(&crt) < 0)
                return USEC_INFINITY;

        if (gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) >= 0)
                end = gnutls_x509_crt_get_expiration_time(crt);
        gnutls_x509_crt_deinit(crt);
        return end < 0 ? USEC_INFINITY : (uint64_t) end * USEC_PER_SEC;
}
