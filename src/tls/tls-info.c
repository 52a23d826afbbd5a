/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls-info.h"

#include <stdio.h>

#include "string-util.h"
#include "tls-internal.h"

TlsInfo *tls_info_free(TlsInfo *l, size_t n) {
        for (size_t i = 0; i < n; i++) {
                free(l[i].name);
                free(l[i].issuer);
                strv_free(l[i].names);
        }

        free(l);
        return NULL;
}

static int fill(TlsInfo *info, gnutls_x509_crt_t crt) {
        info->name = tls_certificate_name(crt);
        info->issuer = tls_certificate_issuer(crt);
        if (!info->name || !info->issuer)
                return -ENOMEM;

        info->begin = gnutls_x509_crt_get_activation_time(crt);
        info->end = gnutls_x509_crt_get_expiration_time(crt);
        info->authority = gnutls_x509_crt_get_ca_status(crt, NULL) > 0;
        info->server = !info->authority && tls_certificate_has_purpose(crt, GNUTLS_KP_TLS_WWW_SERVER);
        info->client = !info->authority && tls_certificate_has_purpose(crt, GNUTLS_KP_TLS_WWW_CLIENT);
        return tls_certificate_hosts(crt, &info->names);
}

static int add(const TlsPem *p, TlsInfo **l, size_t *n, const char *path, const TlsReporter *reporter) {
        gnutls_x509_crt_t crt;
        TlsInfo *grown;
        int r;

        grown = reallocarray(*l, *n + 1, sizeof(TlsInfo));
        if (!grown)
                return -ENOMEM;
        *l = grown;

        if (gnutls_x509_crt_init(&crt) < 0)
                return -ENOMEM;
        r = gnutls_x509_crt_import(crt, &p->block, GNUTLS_X509_FMT_PEM);
        if (r < 0)
                r = tls_report(reporter, -EINVAL, path, "Its certificate %zu is damaged: %s", *n + 1,
                               gnutls_strerror(r));
        else {
                grown[*n] = (TlsInfo) {};
                r = fill(&grown[(*n)++], crt);
        }

        gnutls_x509_crt_deinit(crt);
        return r;
}

int tls_info_read(const char *path, TlsReport report, void *userdata, TlsInfo **ret, size_t *ret_n) {
        _cleanup_(tls_file_done) gnutls_datum_t data = {};
        const TlsReporter reporter = { report, userdata };
        gnutls_datum_t rest;
        TlsInfo *l = NULL;
        size_t n = 0;
        TlsPem p;
        int r;

        r = tls_file_read(path, &reporter, &data);
        for (rest = data; r >= 0 && tls_pem_next(&rest, &p) > 0;)
                if (tls_pem_is_certificate(&p))
                        r = add(&p, &l, &n, path, &reporter);
        if (r < 0) {
                tls_info_free(l, n);
                return r;
        }

        *ret = l;
        *ret_n = n;
        return 0;
}
