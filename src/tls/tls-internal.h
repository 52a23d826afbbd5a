/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "tls.h"

/* What the files of this directory share, and nobody else includes. */

/* Where to complain to. */
typedef struct TlsReporter {
        TlsReport report;
        void *userdata;
} TlsReporter;

/* A certificate with its chain, the own one first, and its key. */
typedef struct TlsIdentity {
        gnutls_x509_crt_t *chain;
        unsigned n_chain;
        gnutls_x509_privkey_t key; /* NULL: none */
} TlsIdentity;

/* The part of a PEM file from BEGIN to END, and what it says it is. */
typedef struct TlsPem {
        const char *label;
        size_t label_size;
        gnutls_datum_t block;
} TlsPem;

struct TlsContext {
        _Atomic unsigned n_refs; /* sessions of several threads share it */
        bool server, verify;
        TlsRequest request;
        gnutls_certificate_credentials_t credentials;
        gnutls_priority_t priority;
        gnutls_datum_t ticket_key; /* of a server */
};

/* Reports and returns r. */
int tls_report(const TlsReporter *reporter, int r, const char *file, const char *fmt, ...) _printf_(4, 5);

/* Reads a regular file of a sane size; what comes back has a NUL behind it and is to be given to
 * tls_file_done(). Says what is wrong, unless reporter is NULL. */
int tls_file_read(const char *path, const TlsReporter *reporter, gnutls_datum_t *ret);

/* Erases and frees. */
void tls_file_done(gnutls_datum_t *d);

/* Takes the next block off data. Returns 1, or 0 when there is no more. */
int tls_pem_next(gnutls_datum_t *data, TlsPem *ret);
bool tls_pem_is_certificate(const TlsPem *p) _pure_;
bool tls_pem_is_key(const TlsPem *p) _pure_;

/* The common name, or another one, of whom a certificate is for, or who vouches for it; in new memory. */
char *tls_certificate_name(gnutls_x509_crt_t crt);
char *tls_certificate_issuer(gnutls_x509_crt_t crt);

/* The host names and addresses that it is for. 0 or -ENOMEM. */
int tls_certificate_hosts(gnutls_x509_crt_t crt, char ***ret);

/* Whether it may be used for that, a GNUTLS_KP_*; one that says nothing about it may be used for all. */
bool tls_certificate_has_purpose(gnutls_x509_crt_t crt, const char *oid);

/* Reads the own certificate and its key that files name. Errors as tls_context_new_server(). */
int tls_identity_load(const TlsFiles *files, const TlsReporter *reporter, TlsIdentity *ret);
void tls_identity_done(TlsIdentity *i);

/* Makes an identity of the bytes of one or two PEM files, or of PKCS#12; key may be empty. Changes nothing
 * in them. file and key_file are for messages. */
int tls_identity_parse(const gnutls_datum_t *data, const char *file, const gnutls_datum_t *key,
                const char *key_file, const char *password, const TlsReporter *reporter, TlsIdentity *ret);

/* Reads the authorities of a PEM file or a directory of such. */
int tls_trust_load(const char *path, const TlsReporter *reporter, gnutls_x509_trust_list_t *ret);

/* Our errno for what gnutls returned, and the words for it; alert is the last one that came. */
int tls_error_to_errno(int r, gnutls_alert_description_t alert) _const_;
const char *tls_error_text(int r);
const char *tls_alert_text(gnutls_alert_description_t alert) _const_;

/* Whether the other end's certificate will do; if not, why not, in new memory. host may be NULL. Returns 1,
 * 0, or -ENOMEM. */
int tls_verify(const TlsContext *c, gnutls_session_t session, const char *host, char **ret_error);
