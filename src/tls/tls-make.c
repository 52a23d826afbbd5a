/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls-make.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/pkcs12.h>

#include "string-util.h"
#include "tls-internal.h"

#define SERIAL_SIZE 16
#define KEY_ID_SIZE_MAX 64

/* Of a name: more than any has. */
#define NAME_PARTS_MAX 32U
#define NAME_PART_MAX 1024U

struct TlsPair {
        gnutls_x509_crt_t crt;     /* NULL: a key alone */
        gnutls_x509_privkey_t key; /* NULL: a certificate alone */
};

TlsPair *tls_pair_free(TlsPair *p) {
        if (!p)
                return NULL;

        if (p->crt)
                gnutls_x509_crt_deinit(p->crt);
        if (p->key)
                gnutls_x509_privkey_deinit(p->key);
        free(p);
        return NULL;
}

char *tls_secret_free(char *s, size_t size) {
        if (s)
                explicit_bzero(s, size > 0 ? size : strlen(s));
        free(s);
        return NULL;
}

static int to_errno(int r) {
        return r >= 0 ? 0 : r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EINVAL;
}

static int set_key(TlsPair *p, const TlsPair *other) {
        int r;

        r = gnutls_x509_privkey_init(&p->key);
        if (r < 0)
                return r;
        if (other)
                return gnutls_x509_privkey_cpy(p->key, other->key);

        return gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static int set_serial(gnutls_x509_crt_t crt) {
        uint8_t serial[SERIAL_SIZE];
        int r;

        r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
        if (r < 0)
                return r;

        /* A positive number without needless zeroes before it. */
        serial[0] = (serial[0] & 0x7f) | 0x40;
        return gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
}

static int add_name(gnutls_x509_crt_t crt, const char *name) {
        uint8_t address[sizeof(struct in6_addr)];

        if (inet_pton(AF_INET, name, address) > 0)
                return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address,
                                                            sizeof(struct in_addr), GNUTLS_FSAN_APPEND);
        if (inet_pton(AF_INET6, name, address) > 0)
                return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address,
                                                            sizeof(struct in6_addr), GNUTLS_FSAN_APPEND);

        return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, (unsigned) strlen(name),
                                                    GNUTLS_FSAN_APPEND);
}

/* Takes over the name of who vouches for a certificate, part by part, as it is encoded there. */
static int copy_issuer_name(gnutls_x509_crt_t crt, gnutls_x509_crt_t issued) {
        for (unsigned i = 0; i < NAME_PARTS_MAX; i++) {
                char oid[128];
                uint8_t value[NAME_PART_MAX];
                size_t oid_size = sizeof(oid), size = sizeof(value);
                unsigned nth = 0;
                int r;

                r = gnutls_x509_crt_get_issuer_dn_oid(issued, i, oid, &oid_size);
                if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
                        return i > 0 ? 0 : r;

                /* The parts of one kind are counted by themselves. */
                for (unsigned k = 0; r >= 0 && k < i; k++) {
                        char other[128];
                        size_t other_size = sizeof(other);

                        r = gnutls_x509_crt_get_issuer_dn_oid(issued, k, other, &other_size);
                        nth += r >= 0 && streq(other, oid);
                }
                if (r >= 0)
                        r = gnutls_x509_crt_get_issuer_dn_by_oid(issued, oid, nth, 1, value, &size);
                if (r >= 0)
                        r = gnutls_x509_crt_set_dn_by_oid(crt, oid, 1, value, (unsigned) size);
                if (r < 0)
                        return r;
        }

        return GNUTLS_E_INTERNAL_ERROR;
}

static int set_name(gnutls_x509_crt_t crt, const TlsWish *w) {
        if (w->issued)
                return copy_issuer_name(crt, w->issued->crt);

        return gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, w->name,
                                             (unsigned) strlen(w->name));
}

/* Who it is for, and until when. */
static int set_subject(gnutls_x509_crt_t crt, const TlsWish *w) {
        int r;

        r = gnutls_x509_crt_set_version(crt, 3);
        if (r >= 0)
                r = set_serial(crt);
        if (r >= 0)
                r = set_name(crt, w);
        if (r >= 0)
                r = gnutls_x509_crt_set_activation_time(crt, (time_t) w->begin);
        if (r >= 0)
                r = gnutls_x509_crt_set_expiration_time(crt, (time_t) w->end);
        STRV_FOREACH(name, w->names)
                if (r >= 0)
                        r = add_name(crt, *name);
        return r;
}

/* What it may be used for. */
static int set_usage(gnutls_x509_crt_t crt, TlsKind kind) {
        int r;

        if (kind == TLS_KIND_AUTHORITY) {
                /* It vouches for servers and clients, not for other authorities. */
                r = gnutls_x509_crt_set_basic_constraints(crt, 1, 0);
                return r < 0 ? r : gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN |
                                                                              GNUTLS_KEY_CRL_SIGN);
        }

        r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
        if (r >= 0)
                r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
        return r < 0 ? r : gnutls_x509_crt_set_key_purpose_oid(
                                   crt, kind == TLS_KIND_SERVER ? GNUTLS_KP_TLS_WWW_SERVER
                                                                : GNUTLS_KP_TLS_WWW_CLIENT, 0);
}

/* By name alone: what it says of keys may not fit together. */
static bool is_own_issuer(gnutls_x509_crt_t crt) {
        gnutls_datum_t subject = {}, issuer = {};
        bool same = gnutls_x509_crt_get_raw_dn(crt, &subject) >= 0 &&
                    gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) >= 0 && subject.size == issuer.size &&
                    memcmp(subject.data, issuer.data, subject.size) == 0;

        gnutls_free(subject.data);
        gnutls_free(issuer.data);
        return same;
}

/* The id of the key that signed a certificate, as it says itself. What vouches for itself says it to those
 * that it vouches for by the id of its own key. */
static int get_signer_id(gnutls_x509_crt_t issued, uint8_t *id, size_t *size) {
        if (is_own_issuer(issued))
                return gnutls_x509_crt_get_subject_key_id(issued, id, size, NULL);

        return gnutls_x509_crt_get_authority_key_id(issued, id, size, NULL);
}

static int set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, gnutls_x509_crt_t issued) {
        uint8_t id[KEY_ID_SIZE_MAX];
        size_t size = sizeof(id);
        int r;

        r = issued ? get_signer_id(issued, id, &size) : GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
        if (r < 0) {
                size = sizeof(id);
                r = gnutls_x509_crt_get_key_id(crt, 0, id, &size);
        }
        if (r >= 0)
                r = gnutls_x509_crt_set_subject_key_id(crt, id, size);
        if (r < 0)
                return r;

        size = sizeof(id);
        r = gnutls_x509_crt_get_subject_key_id(issuer, id, &size, NULL);
        return r < 0 ? 0 : gnutls_x509_crt_set_authority_key_id(crt, id, size);
}

int tls_pair_new(const TlsWish *w, const TlsPair *issuer, TlsPair **ret) {
        _cleanup_(tls_pair_freep) TlsPair *p = new0(TlsPair, 1);
        int r;

        if (!p)
                return -ENOMEM;
        if (issuer && (!issuer->crt || !issuer->key))
                return -EINVAL;
        if (!issuer)
                issuer = p;

        r = set_key(p, w->key);
        if (r >= 0)
                r = gnutls_x509_crt_init(&p->crt);
        if (r >= 0)
                r = set_subject(p->crt, w);
        if (r >= 0)
                r = gnutls_x509_crt_set_key(p->crt, p->key);
        if (r >= 0)
                r = set_usage(p->crt, w->kind);
        if (r >= 0)
                r = set_key_ids(p->crt, issuer->crt, w->issued ? w->issued->crt : NULL);
        if (r >= 0)
                r = gnutls_x509_crt_sign2(p->crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0);
        if (r < 0)
                return to_errno(r);

        *ret = TAKE_PTR(p);
        return 0;
}

static gnutls_datum_t datum(const char *s) {
        return (gnutls_datum_t) { .data = (unsigned char *) s, .size = (unsigned) strlen(s) };
}

static int import_key(TlsPair *p, const char *key) {
        gnutls_datum_t d = datum(key);
        int r;

        r = gnutls_x509_privkey_init(&p->key);
        if (r >= 0)
                r = gnutls_x509_privkey_import2(p->key, &d, GNUTLS_X509_FMT_PEM, NULL, 0);
        return to_errno(r);
}

int tls_pair_from_key(const char *key, TlsPair **ret) {
        _cleanup_(tls_pair_freep) TlsPair *p = new0(TlsPair, 1);
        int r;

        if (!p)
                return -ENOMEM;

        r = import_key(p, key);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

int tls_pair_from_pem(const char *certificate, const char *key, TlsPair **ret) {
        _cleanup_(tls_pair_freep) TlsPair *p = new0(TlsPair, 1);
        gnutls_datum_t d = datum(certificate);
        uint8_t a[KEY_ID_SIZE_MAX], b[KEY_ID_SIZE_MAX];
        size_t na = sizeof(a), nb = sizeof(b);
        int r;

        if (!p)
                return -ENOMEM;

        r = gnutls_x509_crt_init(&p->crt);
        if (r >= 0)
                r = gnutls_x509_crt_import(p->crt, &d, GNUTLS_X509_FMT_PEM);
        if (r < 0)
                return to_errno(r);

        if (key) {
                r = import_key(p, key);
                if (r < 0)
                        return r;
                if (gnutls_x509_crt_get_key_id(p->crt, 0, a, &na) < 0 ||
                    gnutls_x509_privkey_get_key_id(p->key, 0, b, &nb) < 0 || na != nb ||
                    memcmp(a, b, na) != 0)
                        return -EKEYREJECTED;
        }

        *ret = TAKE_PTR(p);
        return 0;
}

char *tls_pair_name(const TlsPair *p) {
        return tls_certificate_name(p->crt);
}

int64_t tls_pair_end(const TlsPair *p) {
        return gnutls_x509_crt_get_expiration_time(p->crt);
}

bool tls_pair_is_issued_by(const TlsPair *p, const TlsPair *issuer) {
        unsigned status = 0;

        return gnutls_x509_crt_verify(p->crt, &issuer->crt, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >=
                       0 && status == 0;
}

/* A copy in memory of ours; the library's is erased. */
static int take_datum(gnutls_datum_t *d, char **ret, size_t *ret_size) {
        char *s = malloc(d->size + 1U);

        if (s) {
                memcpy(s, d->data, d->size);
                s[d->size] = '\0';
                *ret = s;
                if (ret_size)
                        *ret_size = d->size;
        }

        explicit_bzero(d->data, d->size);
        gnutls_free(d->data);
        return s ? 0 : -ENOMEM;
}

int tls_pair_certificate_pem(const TlsPair *p, char **ret) {
        gnutls_datum_t d;
        int r;

        r = gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_PEM, &d);
        return r < 0 ? to_errno(r) : take_datum(&d, ret, NULL);
}

int tls_pair_key_pem(const TlsPair *p, const char *password, char **ret) {
        gnutls_datum_t d;
        int r;

        r = gnutls_x509_privkey_export2_pkcs8(p->key, GNUTLS_X509_FMT_PEM, password,
                                              password ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, &d);
        return r < 0 ? to_errno(r) : take_datum(&d, ret, NULL);
}

/* Puts a bag with a certificate, and that which ties it to its key, into the file. */
static int add_certificate_bag(gnutls_pkcs12_t p12, gnutls_x509_crt_t crt, const char *name,
                               const gnutls_datum_t *id, const char *password) {
        gnutls_pkcs12_bag_t bag;
        int i, r;

        r = gnutls_pkcs12_bag_init(&bag);
        if (r < 0)
                return r;

        i = r = gnutls_pkcs12_bag_set_crt(bag, crt);
        if (r >= 0)
                r = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned) i, name);
        if (r >= 0 && id)
                r = gnutls_pkcs12_bag_set_key_id(bag, (unsigned) i, id);
        if (r >= 0)
                r = gnutls_pkcs12_bag_encrypt(bag, password, GNUTLS_PKCS_PBES2_AES_256);
        if (r >= 0)
                r = gnutls_pkcs12_set_bag(p12, bag);
        gnutls_pkcs12_bag_deinit(bag);
        return r;
}

static int add_key_bag(gnutls_pkcs12_t p12, gnutls_x509_privkey_t key, const char *name,
                       const gnutls_datum_t *id, const char *password) {
        gnutls_pkcs12_bag_t bag;
        int i, r;

        r = gnutls_pkcs12_bag_init(&bag);
        if (r < 0)
                return r;

        i = r = gnutls_pkcs12_bag_set_privkey(bag, key, password, GNUTLS_PKCS_PBES2_AES_256);
        if (r >= 0)
                r = gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned) i, name);
        if (r >= 0)
                r = gnutls_pkcs12_bag_set_key_id(bag, (unsigned) i, id);
        if (r >= 0)
                r = gnutls_pkcs12_set_bag(p12, bag);
        gnutls_pkcs12_bag_deinit(bag);
        return r;
}

int tls_pair_pkcs12(const TlsPair *p, const TlsPair *issuer, const char *name, const char *password,
                    char **ret, size_t *ret_size) {
        uint8_t id_data[KEY_ID_SIZE_MAX];
        gnutls_datum_t id = { .data = id_data }, d;
        size_t size = sizeof(id_data);
        _cleanup_free_ char *issuer_name = issuer ? tls_certificate_name(issuer->crt) : NULL;
        gnutls_pkcs12_t p12;
        int r;

        r = gnutls_x509_crt_get_key_id(p->crt, 0, id_data, &size);
        if (r >= 0)
                r = gnutls_pkcs12_init(&p12);
        if (r < 0)
                return to_errno(r);

        id.size = (unsigned) size;
        r = add_certificate_bag(p12, p->crt, name, &id, password);
        if (r >= 0 && issuer)
                r = add_certificate_bag(p12, issuer->crt, strempty(issuer_name), NULL, password);
        if (r >= 0)
                r = add_key_bag(p12, p->key, name, &id, password);
        if (r >= 0)
                r = gnutls_pkcs12_generate_mac2(p12, GNUTLS_MAC_SHA256, password);
        if (r >= 0)
                r = gnutls_pkcs12_export2(p12, GNUTLS_X509_FMT_DER, &d);
        gnutls_pkcs12_deinit(p12);
        return r < 0 ? to_errno(r) : take_datum(&d, ret, ret_size);
}

static bool same_key(gnutls_x509_privkey_t a, gnutls_x509_privkey_t b) {
        uint8_t first[KEY_ID_SIZE_MAX], second[KEY_ID_SIZE_MAX];
        size_t n = sizeof(first), m = sizeof(second);

        return a && b && gnutls_x509_privkey_get_key_id(a, 0, first, &n) >= 0 &&
               gnutls_x509_privkey_get_key_id(b, 0, second, &m) >= 0 && n == m &&
               memcmp(first, second, n) == 0;
}

bool tls_pair_is_in_pkcs12(const TlsPair *p, const char *data, size_t size, const char *password) {
        gnutls_datum_t d = { .data = (unsigned char *) data, .size = (unsigned) size };
        gnutls_x509_privkey_t key = NULL;
        gnutls_x509_crt_t *chain = NULL;
        unsigned n = 0;
        gnutls_pkcs12_t p12;
        bool same = false;

        if (gnutls_pkcs12_init(&p12) < 0)
                return false;

        if (gnutls_pkcs12_import(p12, &d, GNUTLS_X509_FMT_DER, 0) >= 0 &&
            gnutls_pkcs12_simple_parse(p12, password, &key, &chain, &n, NULL, NULL, NULL, 0) >= 0)
                same = n > 0 && gnutls_x509_crt_equals(p->crt, chain[0]) && same_key(p->key, key);

        for (unsigned i = 0; i < n; i++)
                gnutls_x509_crt_deinit(chain[i]);
        gnutls_free(chain);
        if (key)
                gnutls_x509_privkey_deinit(key);
        gnutls_pkcs12_deinit(p12);
        return same;
}
