/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* Makes certificates with keys on the curve P-256. All here returns 0 or a negative errno, and logs nothing.
 */

/* A certificate and its key. */
typedef struct TlsPair TlsPair;

typedef enum TlsKind {
        TLS_KIND_AUTHORITY,
        TLS_KIND_SERVER,
        TLS_KIND_CLIENT,
} TlsKind;

/* What a certificate is to be like. */
typedef struct TlsWish {
        TlsKind kind;
        const char *name;   /* the common name */
        char *const *names; /* strv of host names and addresses that it is for; may be NULL */
        int64_t begin, end; /* when it is valid, in seconds since 1970 */
        const TlsPair *key; /* whose key it gets; NULL: a new one */

        /* Of an authority that is made anew: a certificate that it vouched for, be it its own old one. It
         * gets the name and the key's id that stand there, so that its older certificates stay good. */
        const TlsPair *issued;
} TlsWish;

/* Makes a pair that issuer vouches for, or itself when issuer is NULL. -EINVAL for an issuer without key. */
int tls_pair_new(const TlsWish *w, const TlsPair *issuer, TlsPair **ret);

/* Reads a pair from the texts of PEM files; of several certificates the first counts. Without key, which may
 * be NULL, nothing can be signed. -EINVAL for what is none, -EKEYREJECTED when one is not the other's. */
int tls_pair_from_pem(const char *certificate, const char *key, TlsPair **ret);

/* The same with a key alone; such a pair is good as TlsWish.key only. */
int tls_pair_from_key(const char *key, TlsPair **ret);

/* Takes NULL, returns NULL. */
TlsPair *tls_pair_free(TlsPair *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(TlsPair *, tls_pair_free);

/* Whom the certificate is for; in new memory, NULL without. */
char *tls_pair_name(const TlsPair *p);

/* When the certificate expires, in seconds since 1970. */
int64_t tls_pair_end(const TlsPair *p) _pure_;

/* Whether a pair as tls_pair_pkcs12() writes it holds the same certificate and key. */
bool tls_pair_is_in_pkcs12(const TlsPair *p, const char *data, size_t size, const char *password);

/* Whether issuer vouches for it. */
bool tls_pair_is_issued_by(const TlsPair *p, const TlsPair *issuer) _pure_;

/* The certificate as PEM, in new memory. */
int tls_pair_certificate_pem(const TlsPair *p, char **ret);

/* The key as PEM, encrypted unless password is NULL; to be given to tls_secret_free(). */
int tls_pair_key_pem(const TlsPair *p, const char *password, char **ret);

/* The pair with the certificate of its issuer, who may be NULL, as PKCS#12 under that name. password may be
 * empty. To be given to tls_secret_free(). */
int tls_pair_pkcs12(const TlsPair *p, const TlsPair *issuer, const char *name, const char *password,
                char **ret, size_t *ret_size);

/* Erases and frees text or data; size 0 means up to the NUL. Takes NULL, returns NULL. */
char *tls_secret_free(char *s, size_t size);
static inline void tls_secret_freep(char **s) {
        *s = tls_secret_free(*s, 0);
}
