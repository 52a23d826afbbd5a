/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>

#include "string-util.h"
#include "tls-internal.h"

/* Mozilla knows some 150 authorities, and c_rehash doubles them. */
#define FILES_MAX 2000U

typedef struct Trust {
        gnutls_x509_trust_list_t list;
        unsigned n;               /* authorities that were found */
        unsigned n_others;        /* certificates that are of none */
        char *unreadable;         /* a file that must not be read */
} Trust;

static void trust_done(Trust *t) {
        if (t->list)
                gnutls_x509_trust_list_deinit(t->list, 1);
        free(t->unreadable);
}

/* Authorities, and who vouches for himself; the certificate of a server or client beside them is none. */
static bool is_authority(gnutls_x509_crt_t crt) {
        return gnutls_x509_crt_get_ca_status(crt, NULL) > 0 || gnutls_x509_crt_check_issuer(crt, crt);
}

static int add_authority(Trust *t, const TlsPem *p, const char *file, const TlsReporter *reporter) {
        gnutls_x509_crt_t crt;
        int r;

        if (gnutls_x509_crt_init(&crt) < 0)
                return -ENOMEM;

        r = gnutls_x509_crt_import(crt, &p->block, GNUTLS_X509_FMT_PEM);
        if (r < 0) {
                gnutls_x509_crt_deinit(crt);
                return tls_report(reporter, -EINVAL, file, "A certificate in it is damaged: %s",
                                  gnutls_strerror(r));
        }

        if (!is_authority(crt)) {
                gnutls_x509_crt_deinit(crt);
                t->n_others++;
                return 0;
        }

        /* Files and their hashed names have the same ones; those are let go. */
        r = gnutls_x509_trust_list_add_cas(t->list, &crt, 1,
                                           GNUTLS_TL_USE_IN_TLS | GNUTLS_TL_NO_DUPLICATES);
        if (r < 0) {
                gnutls_x509_crt_deinit(crt);
                return -ENOMEM;
        }

        t->n++;
        return 0;
}

static int add_file(Trust *t, const char *file, const TlsReporter *reporter, const TlsReporter *reading) {
        _cleanup_(tls_file_done) gnutls_datum_t data = {};
        gnutls_datum_t rest;
        TlsPem p;
        int r;

        r = tls_file_read(file, reading, &data);
        for (rest = data; r >= 0 && tls_pem_next(&rest, &p) > 0;)
                if (tls_pem_is_certificate(&p))
                        r = add_authority(t, &p, file, reporter);

        if (r >= 0 && reading && t->n == 0 && t->n_others == 0 && data.size > 0 && data.data[0] == 0x30)
                return tls_report(reporter, -EINVAL, file,
                                  "It is in DER form, and PEM is wanted, as from: openssl x509 -inform der "
                                  "-in %s -out authority.pem", file);
        return r;
}

/* NAME.pem and the like, and the HASH.NUMBER of c_rehash. */
static bool is_certificate_file(const char *name) {
        static const char *const suffixes[] = { ".pem", ".crt", ".cer" };
        const char *dot = strrchr(name, '.');

        if (name[0] == '.' || !dot)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
                if (strcaseeq(dot, suffixes[i]))
                        return true;

        return dot - name == 8 && dot[1] && dot[1 + strspn(dot + 1, "0123456789")] == '\0';
}

static int add_directory(Trust *t, const char *path, DIR *d, const TlsReporter *reporter) {
        unsigned n = 0;
        int r = 0;

        for (struct dirent *entry; r >= 0 && n < FILES_MAX && (entry = readdir(d));) {
                _cleanup_free_ char *file = NULL;

                if (!is_certificate_file(entry->d_name))
                        continue;
                file = strjoin(path, "/", entry->d_name);
                if (!file)
                        return -ENOMEM;

                /* Keys lie beside them that are others' affair, and links to what is gone. */
                r = add_file(t, file, reporter, NULL);
                if (r == -EACCES && !t->unreadable)
                        t->unreadable = TAKE_PTR(file);
                r = r == -ENOMEM ? r : 0;
                n++;
        }

        return r;
}

static int report_nothing(const Trust *t, const char *path, bool directory, const TlsReporter *reporter) {
        _cleanup_free_ char *nss = strjoin(path, "/cert9.db"), *old = strjoin(path, "/cert8.db");

        if (directory && ((nss && access(nss, F_OK) == 0) || (old && access(old, F_OK) == 0)))
                return tls_report(reporter, -EINVAL, path,
                                  "It is a database of NSS, which is not read here. Export the authority's "
                                  "certificate from it with: certutil -d %s -L -n NICKNAME -a > %s/ca.pem",
                                  path, path);
        if (t->n_others > 0)
                return tls_report(reporter, -EINVAL, path,
                                  "The certificates in it are not those of an authority.");
        if (t->unreadable)
                return tls_report(reporter, -EACCES, path, "It holds no authority's certificate that may be "
                                  "read; %s may not.", t->unreadable);
        return tls_report(reporter, -EINVAL, path, directory ? "No file in this directory holds an "
                          "authority's certificate. They are called *.pem, *.crt or as c_rehash does." :
                          "It holds no certificate in PEM form.");
}

static int load(Trust *t, const char *path, const TlsReporter *reporter) {
        struct stat st;
        DIR *d;
        int r;

        if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
                r = add_file(t, path, reporter, reporter);
        else {
                d = opendir(path);
                if (!d)
                        return tls_report(reporter, -errno, path, "This directory cannot be read: %s.",
                                          strerror(errno));
                r = add_directory(t, path, d, reporter);
                closedir(d);
        }

        if (r >= 0 && t->n == 0)
                return report_nothing(t, path, stat(path, &st) >= 0 && S_ISDIR(st.st_mode), reporter);
        return r;
}

int tls_trust_load(const char *path, const TlsReporter *reporter, gnutls_x509_trust_list_t *ret) {
        _cleanup_(trust_done) Trust t = {};
        int r;

        if (gnutls_x509_trust_list_init(&t.list, 0) < 0)
                return -ENOMEM;

        r = load(&t, path, reporter);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(t.list);
        return 0;
}
