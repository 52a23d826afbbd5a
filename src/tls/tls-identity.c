/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gnutls/pkcs12.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "string-util.h"
#include "tls-internal.h"

/* More than any real chain has. */
#define CHAIN_MAX 16U

#define KEY_ID_SIZE 32

static const char *const ident_suffixes[] = { ".pem", ".p12", "" };

void tls_identity_done(TlsIdentity *i) {
        for (unsigned k = 0; k < i->n_chain; k++)
                gnutls_x509_crt_deinit(i->chain[k]);
        gnutls_free(i->chain);
        if (i->key)
                gnutls_x509_privkey_deinit(i->key);
        *i = (TlsIdentity) {};
}

static int add_certificate(TlsIdentity *i, const TlsPem *p, const char *file, const TlsReporter *reporter) {
        gnutls_x509_crt_t crt, *chain;
        int r;

        if (i->n_chain >= CHAIN_MAX)
                return tls_report(reporter, -E2BIG, file, "It holds more than %u certificates.", CHAIN_MAX);

        chain = gnutls_realloc(i->chain, (i->n_chain + 1) * sizeof(*chain));
        if (!chain)
                return -ENOMEM;
        i->chain = chain;

        r = gnutls_x509_crt_init(&crt);
        if (r < 0)
                return -ENOMEM;

        r = gnutls_x509_crt_import(crt, &p->block, GNUTLS_X509_FMT_PEM);
        if (r < 0) {
                gnutls_x509_crt_deinit(crt);
                return tls_report(reporter, -EINVAL, file, "Its certificate %u is damaged: %s",
                                  i->n_chain + 1, gnutls_strerror(r));
        }

        i->chain[i->n_chain++] = crt;
        return 0;
}

static bool is_encrypted(const TlsPem *p) {
        return memmem(p->label, p->label_size, "ENCRYPTED", 9) ||
               memmem(p->block.data, p->block.size, "Proc-Type: 4,ENCRYPTED", 22);
}

static int set_key(TlsIdentity *i, const TlsPem *p, const char *password, const char *file,
                   const TlsReporter *reporter) {
        int r;

        if (i->key)
                return tls_report(reporter, -EINVAL, file, "It holds more than one private key.");

        if (is_encrypted(p) && !password)
                return tls_report(reporter, -ENOKEY, file,
                                  "Its private key is encrypted. CERTIDENT names the password.");

        r = gnutls_x509_privkey_init(&i->key);
        if (r < 0)
                return -ENOMEM;

        r = gnutls_x509_privkey_import2(i->key, &p->block, GNUTLS_X509_FMT_PEM,
                                        is_encrypted(p) ? password : NULL, 0);
        if (r >= 0)
                return 0;
        if (is_encrypted(p))
                return tls_report(reporter, -ENOKEY, file,
                                  "The password of CERTIDENT does not open its private key.");
        return tls_report(reporter, -EINVAL, file, "Its private key is damaged, or of an unknown kind: %s",
                          gnutls_strerror(r));
}

/* Takes over what a PEM file has, in any order. */
static int add_pem(TlsIdentity *i, gnutls_datum_t data, const char *password, const char *file,
                   bool key_only, const TlsReporter *reporter) {
        TlsPem p;
        int r = 0;

        while (r >= 0 && tls_pem_next(&data, &p) > 0)
                if (tls_pem_is_key(&p))
                        r = set_key(i, &p, password, file, reporter);
                else if (tls_pem_is_certificate(&p) && !key_only)
                        r = add_certificate(i, &p, file, reporter);

        return r;
}

/* Returns 1 when that was PKCS#12, 0 when not. */
static int add_pkcs12(TlsIdentity *i, const gnutls_datum_t *data, const char *password, const char *file,
                      const TlsReporter *reporter) {
        gnutls_pkcs12_t p12;
        int r;

        if (gnutls_pkcs12_init(&p12) < 0)
                return -ENOMEM;

        r = gnutls_pkcs12_import(p12, data, GNUTLS_X509_FMT_DER, 0);
        if (r < 0) {
                gnutls_pkcs12_deinit(p12);
                return 0;
        }

        r = gnutls_pkcs12_verify_mac(p12, strempty(password));
        if (r >= 0)
                r = gnutls_pkcs12_simple_parse(p12, strempty(password), &i->key, &i->chain, &i->n_chain,
                                               NULL, NULL, NULL, 0);
        gnutls_pkcs12_deinit(p12);

        if (r == GNUTLS_E_MAC_VERIFY_FAILED || r == GNUTLS_E_DECRYPTION_FAILED)
                return tls_report(reporter, -ENOKEY, file,
                                  password ? "The password of CERTIDENT does not open it."
                                           : "It is encrypted. CERTIDENT names the password.");
        if (r < 0 && r != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
                return tls_report(reporter, -EINVAL, file, "It cannot be used: %s", gnutls_strerror(r));
        return 1;
}

/* Says what a file is in which no certificate was found. */
static int report_no_certificate(const TlsIdentity *i, const gnutls_datum_t *data, const char *file,
                                 const TlsReporter *reporter) {
        if (i->key)
                return tls_report(reporter, -EINVAL, file,
                                  "It holds a private key, but no certificate. Both belong in it, as after: "
                                  "cat certificate.pem key.pem > %s", file);
        if (data->size == 0)
                return tls_report(reporter, -EINVAL, file, "It is empty.");
        if (data->data[0] == 0x30)
                return tls_report(reporter, -EINVAL, file,
                                  "It is in DER form, and PEM is wanted, as from: openssl x509 -inform der "
                                  "-in %s -out certificate.pem (and openssl pkey for the key)", file);
        if (memmem(data->data, data->size, "BEGIN TRUSTED CERTIFICATE", 25))
                return tls_report(reporter, -EINVAL, file,
                        "It is in a form of OpenSSL's own. PEM is wanted, as from: openssl x509 -in "
                        "%s -out certificate.pem",
                        file);
        if (memmem(data->data, data->size, "BEGIN CERTIFICATE REQUEST", 25) ||
            memmem(data->data, data->size, "BEGIN NEW CERTIFICATE REQUEST", 29))
                return tls_report(reporter, -EINVAL, file,
                        "It holds a request for a certificate, which an authority has yet to sign.");
        return tls_report(reporter, -EINVAL, file, "It holds no certificate in PEM form.");
}

static bool same_key(gnutls_x509_privkey_t key, gnutls_x509_crt_t crt) {
        unsigned char a[KEY_ID_SIZE], b[KEY_ID_SIZE];
        size_t na = sizeof(a), nb = sizeof(b);

        return gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, a, &na) >= 0 &&
               gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, b, &nb) >= 0 && na == nb &&
               memcmp(a, b, na) == 0;
}

static void swap_certificates(TlsIdentity *i, unsigned a, unsigned b) {
        gnutls_x509_crt_t crt = i->chain[a];

        i->chain[a] = i->chain[b];
        i->chain[b] = crt;
}

/* Puts the own certificate first and each one's authority behind it; what belongs to none is dropped. */
static int order_chain(TlsIdentity *i, const char *file, const char *key_file, const TlsReporter *reporter) {
        unsigned own = 0, n = 1;

        while (own < i->n_chain && !same_key(i->key, i->chain[own]))
                own++;
        if (own == i->n_chain) {
                _cleanup_free_ char *name = tls_certificate_name(i->chain[0]);

                return tls_report(reporter, -EINVAL, key_file,
                        "Its private key belongs to another certificate than that of \"%s\" in %s.",
                        strempty(name), key_file == file ? "it" : file);
        }
        swap_certificates(i, 0, own);

        for (unsigned k = n; k < i->n_chain; k++)
                if (!gnutls_x509_crt_check_issuer(i->chain[n - 1], i->chain[n - 1]) &&
                    gnutls_x509_crt_check_issuer(i->chain[n - 1], i->chain[k])) {
                        swap_certificates(i, n++, k);
                        k = n - 1; /* from the front again, for the next one */
                }

        while (i->n_chain > n)
                gnutls_x509_crt_deinit(i->chain[--i->n_chain]);

        /* Other programs take the first one for their own. */
        if (own > 0)
                (void) tls_report(reporter, 0, file,
                                  "The certificate that its key belongs to is number %u in it and should be "
                                  "the first. Used all the same.", own + 1);
        return 0;
}

/* A date that has passed is not for us to judge: the other end may know better, or not look. */
static void check_dates(const TlsIdentity *i, const char *file, const TlsReporter *reporter) {
        time_t now = time(NULL);

        for (unsigned k = 0; k < i->n_chain; k++) {
                time_t begin = gnutls_x509_crt_get_activation_time(i->chain[k]);
                time_t end = gnutls_x509_crt_get_expiration_time(i->chain[k]);
                _cleanup_free_ char *name = NULL;
                char date[32] = "";
                struct tm tm;

                if (now >= begin && now <= end)
                        continue;

                name = tls_certificate_name(i->chain[k]);
                if (gmtime_r(now < begin ? &begin : &end, &tm))
                        (void) strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &tm);
                (void) tls_report(reporter, 0, file,
                        "The certificate of \"%s\" in it %s %s. Used all the same.", strempty(name),
                        now < begin ? "is not valid before" : "expired on", date);
        }
}

int tls_identity_parse(const gnutls_datum_t *data, const char *file, const gnutls_datum_t *key,
                       const char *key_file, const char *password, const TlsReporter *reporter,
                       TlsIdentity *ret) {
        _cleanup_(tls_identity_done) TlsIdentity i = {};
        int r;

        r = data->size > 0 && data->data[0] == 0x30 ? add_pkcs12(&i, data, password, file, reporter) : 0;
        if (r == 0)
                r = add_pem(&i, *data, password, file, false, reporter);
        if (r < 0)
                return r;

        if (i.n_chain == 0)
                return report_no_certificate(&i, data, file, reporter);
        if (!i.key && key_file) {
                r = add_pem(&i, *key, password, key_file, true, reporter);
                if (r < 0)
                        return r;
                if (!i.key)
                        return tls_report(
                                reporter, -ENOKEY, key_file, "It holds no private key in PEM form.");
        }
        if (!i.key)
                return tls_report(reporter, -ENOKEY, file,
                                  "It holds a certificate, but no private key. Both belong in it, as after: "
                                  "cat certificate.pem key.pem > %s", file);

        r = order_chain(&i, file, key_file ?: file, reporter);
        if (r < 0)
                return r;
        check_dates(&i, file, reporter);

        *ret = i;
        i = (TlsIdentity) {};
        return 0;
}

static bool is_nss_database(const char *directory) {
        static const char *const names[] = { "/cert9.db", "/cert8.db", "/key4.db", "/key3.db" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *path = strjoin(directory, names[i]);

                if (path && access(path, F_OK) == 0)
                        return true;
        }

        return false;
}

/* The file of CERTIDENT in CERTPATH. */
static int find_ident(const TlsFiles *files, const TlsReporter *reporter, char **ret) {
        const char *name = files->ident_name, *path = files->path;

        if (isempty(path))
                return tls_report(reporter, -EINVAL, name, "CERTIDENT needs CERTPATH, the directory to find "
                                  "that certificate in.");
        if (strchr(name, '/') || name[0] == '.')
                return tls_report(reporter, -EINVAL, name, "CERTIDENT wants the name of a file in CERTPATH, "
                                  "without / and without a dot before it.");

        for (size_t i = 0; i < ELEMENTSOF(ident_suffixes); i++) {
                _cleanup_free_ char *file = strjoin(path, "/", name, ident_suffixes[i]);

                if (!file)
                        return -ENOMEM;
                if (access(file, F_OK) == 0) {
                        *ret = TAKE_PTR(file);
                        return 0;
                }
        }

        if (is_nss_database(path))
                return tls_report(reporter, -ENOKEY, path,
                                  "It is a database of NSS, which is not read here. Export the certificate "
                                  "from it with: pk12util -d %s -n '%s' -o '%s/%s.p12'", path, name, path,
                                  name);
        return tls_report(reporter, -ENOKEY, path, "Neither %s.pem nor %s.p12 is in this directory.", name,
                          name);
}

/* Whoever can read a key can be us. */
static void check_mode(const char *file, const TlsReporter *reporter) {
        struct stat st;

        if (stat(file, &st) >= 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
                (void) tls_report(
                        reporter, 0, file, "Everybody can read its private key. Say: chmod o-rwx %s", file);
}

static int load_files(const char *file, const char *key_file, const char *password,
                      const TlsReporter *reporter, TlsIdentity *ret) {
        _cleanup_(tls_file_done) gnutls_datum_t data = {}, key = {};
        int r;

        r = tls_file_read(file, reporter, &data);
        if (r >= 0 && key_file)
                r = tls_file_read(key_file, reporter, &key);
        if (r >= 0)
                r = tls_identity_parse(&data, file, &key, key_file, password, reporter, ret);
        if (r >= 0)
                check_mode(key_file ?: file, reporter);
        return r;
}

int tls_identity_load(const TlsFiles *files, const TlsReporter *reporter, TlsIdentity *ret) {
        _cleanup_free_ char *ident = NULL;
        int r;

        if (isempty(files->file) && isempty(files->ident_name))
                return -ENOENT;
        if (isempty(files->file)) {
                r = find_ident(files, reporter, &ident);
                if (r < 0)
                        return r;
        }

        return load_files(ident ?: files->file, isempty(files->key_file) ? NULL : files->key_file,
                          files->ident_password, reporter, ret);
}
