/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/stat.h>

#include "test-certificates.h"
#include "test-util.h"
#include "tls-info.h"
#include "tls.h"

/* What all cases are made of. */
typedef struct Fixture {
        char *directory;
        TlsPair *ca, *pair, *other;
        char *ca_pem, *pem, *key, *other_key;
} Fixture;

/* The last thing that was reported, and how many there were. */
typedef struct Said {
        char text[1024];
        unsigned n;
} Said;

static void on_report(void *userdata, const char *file, const char *message) {
        Said *said = userdata;

        (void) snprintf(said->text, sizeof(said->text), "%s: %s", file, message);
        said->n++;
}

static void fixture_begin(Fixture *f) {
        *f = (Fixture) { .directory = test_directory_new() };
        f->ca = test_pair_now(TLS_KIND_AUTHORITY, "Test CA", NULL, NULL);
        f->pair = test_pair_now(TLS_KIND_SERVER, "a.example", "a.example", f->ca);
        f->other = test_pair_now(TLS_KIND_SERVER, "b.example", "b.example", f->ca);
        f->ca_pem = test_certificate(f->ca);
        f->pem = test_certificate(f->pair);
        f->key = test_key(f->pair);
        f->other_key = test_key(f->other);
}

static void fixture_end(Fixture *f) {
        tls_pair_free(f->ca);
        tls_pair_free(f->pair);
        tls_pair_free(f->other);
        free(f->ca_pem);
        free(f->pem);
        free(f->key);
        free(f->other_key);
        test_directory_free(f->directory);
}

/* Loads a server's files and expects r and, unless NULL, words in the only report. */
static void check_server(const TlsFiles *files, TlsRequest request, int expected, const char *words) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        Said said = {};
        int r = tls_context_new_server(files, request, on_report, &said, &c);

        if (r != expected || !!words != (said.n > 0) || said.n > 1)
                TEST_FAIL("%d reports, result %d, expected %d: %s", (int) said.n, r, expected, said.text);
        ASSERT_EQ(c != NULL, r == 0);
        if (words && !strstr(said.text, words))
                TEST_FAIL("\"%s\" has no \"%s\"", said.text, words);
}

static void check_text(Fixture *f, const char *text, const char *more, int expected, const char *words) {
        _cleanup_free_ char *file = test_write(f->directory, "server.pem", text, more, NULL);

        check_server(&(TlsFiles) { .file = file }, TLS_REQUEST_NONE, expected, words);
}

static void test_order(Fixture *f) {
        _cleanup_free_ char *key_first = strjoin(f->key, f->pem, f->ca_pem);
        _cleanup_free_ char *ca_first = strjoin(f->ca_pem, f->pem, f->key);
        _cleanup_free_ char *notes = strjoin("Bag Attributes\n", f->pem, "-----BEGIN EC PARAMETERS-----\n"
                                             "BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", f->key);

        check_text(f, f->pem, f->key, 0, NULL);
        check_text(f, key_first, "", 0, NULL);
        check_text(f, notes, "", 0, NULL);
        check_text(f, ca_first, "", 0, "is number 2 in it");
        check_text(f, f->pem, f->other_key, -EINVAL,
                "belongs to another certificate than that of \"a.example\"");
}

static void test_mistakes(Fixture *f) {
        _cleanup_free_ char *two_keys = strjoin(f->key, f->other_key);
        _cleanup_free_ char *damaged = strdup(f->pem);
        _cleanup_free_ char *file = NULL;

        damaged[100] = '*';
        check_text(f, f->pem, "", -ENOKEY, "no private key");
        check_text(f, f->key, "", -EINVAL, "no certificate. Both belong in it");
        check_text(f, "", "", -EINVAL, "empty");
        check_text(f, "0\x82\x01\x01", "xyz", -EINVAL, "DER");
        check_text(f, "hello\n", "", -EINVAL, "no certificate in PEM form");
        check_text(f, "-----BEGIN CERTIFICATE-----\n", "", -EINVAL, "no certificate in PEM form");
        check_text(f, "-----BEGIN CERTIFICATE REQUEST-----\n", "", -EINVAL, "a request");
        check_text(f, "-----BEGIN TRUSTED CERTIFICATE-----\n", "", -EINVAL, "OpenSSL's own");
        check_text(f, f->pem, two_keys, -EINVAL, "more than one private key");
        check_text(f, damaged, f->key, -EINVAL, "damaged");

        file = test_write(f->directory, "open.pem", f->pem, f->key, NULL);
        ASSERT_EQ(chmod(file, 0644), 0);
        check_server(&(TlsFiles) { .file = file }, TLS_REQUEST_NONE, 0, "Everybody can read");
        check_server(&(TlsFiles) { .file = "/nonexistent" }, TLS_REQUEST_NONE, -ENOKEY, "no such file");
        check_server(&(TlsFiles) { .file = "/dev/null" }, TLS_REQUEST_NONE, -EINVAL, "special");
        check_server(&(TlsFiles) { .file = f->directory }, TLS_REQUEST_NONE, -EISDIR, "a directory");
        check_server(&(TlsFiles) {}, TLS_REQUEST_NONE, -ENOENT, NULL);
        ASSERT_EQ(chmod(file, 0600), 0);
        check_server(&(TlsFiles) { .file = file }, TLS_REQUEST_REQUIRE, -EINVAL, "CERTPATH");
}

static void test_dates(Fixture *f) {
        _cleanup_(tls_pair_freep) TlsPair *old = test_pair(TLS_KIND_SERVER, "old", "old", -9, -1, f->ca);
        _cleanup_(tls_pair_freep) TlsPair *soon = test_pair(TLS_KIND_SERVER, "soon", "soon", 1, 9, f->ca);
        _cleanup_free_ char *old_pem = test_certificate(old), *old_key = test_key(old);
        _cleanup_free_ char *soon_pem = test_certificate(soon), *soon_key = test_key(soon);

        check_text(f, old_pem, old_key, 0, "\"old\" in it expired on ");
        check_text(f, soon_pem, soon_key, 0, "\"soon\" in it is not valid before ");
}

static void test_key_file(Fixture *f) {
        _cleanup_free_ char *file = test_write(f->directory, "cert.pem", f->pem, NULL);
        _cleanup_free_ char *key = test_write(f->directory, "key.pem", f->key, NULL);
        _cleanup_free_ char *other = test_write(f->directory, "other.pem", f->other_key, NULL);

        check_server(&(TlsFiles) { file, key }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { file, other }, TLS_REQUEST_NONE, -EINVAL, "another certificate");
        check_server(&(TlsFiles) { file, file }, TLS_REQUEST_NONE, -ENOKEY, "no private key");
}

static void test_ident(Fixture *f) {
        _cleanup_free_ char *key = NULL, *file = NULL, *p12 = NULL, *p12_file = NULL;
        _cleanup_free_ char *nss = strjoin(f->directory, "/cert9.db");
        const char *d = f->directory;
        size_t size;
        FILE *stream;

        ASSERT_OK(tls_pair_key_pem(f->pair, "geheim", &key));
        file = test_write(d, "ups.pem", f->pem, key, NULL);
        check_server(&(TlsFiles) { NULL, NULL, d, "ups", "geheim" }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { NULL, NULL, d, "ups.pem", "geheim" }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { file, NULL, NULL, NULL, "geheim" }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { NULL, NULL, d, "ups", "x" }, TLS_REQUEST_NONE, -ENOKEY, "does not open");
        check_server(&(TlsFiles) { NULL, NULL, d, "ups", NULL }, TLS_REQUEST_NONE, -ENOKEY, "is encrypted");

        ASSERT_OK(tls_pair_pkcs12(f->pair, f->ca, "nas", "geheim", &p12, &size));
        p12_file = strjoin(d, "/nas.p12");
        stream = fopen(p12_file, "we");
        ASSERT_TRUE(stream && fwrite(p12, 1, size, stream) == size && fclose(stream) == 0);
        ASSERT_EQ(chmod(p12_file, 0600), 0);
        check_server(&(TlsFiles) { NULL, NULL, d, "nas", "geheim" }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { p12_file, NULL, NULL, NULL, "geheim" }, TLS_REQUEST_NONE, 0, NULL);
        check_server(&(TlsFiles) { NULL, NULL, d, "nas", "x" }, TLS_REQUEST_NONE, -ENOKEY, "does not open");
        check_server(&(TlsFiles) { NULL, NULL, d, "nas", NULL }, TLS_REQUEST_NONE, -ENOKEY, "encrypted");

        check_server(
                &(TlsFiles) { NULL, NULL, d, "none", NULL }, TLS_REQUEST_NONE, -ENOKEY, "Neither none.pem");
        check_server(&(TlsFiles) { NULL, NULL, d, "../x", NULL }, TLS_REQUEST_NONE, -EINVAL, "without /");
        check_server(&(TlsFiles) { .ident_name = "x" }, TLS_REQUEST_NONE, -EINVAL, "needs CERTPATH");
        free(test_write(d, "cert9.db", "SQLite format 3", NULL));
        check_server(&(TlsFiles) { NULL, NULL, d, "none", NULL }, TLS_REQUEST_NONE, -ENOKEY, "pk12util -d ");
        ASSERT_EQ(unlink(nss), 0);
}

static void check_path(const char *path, int expected, const char *words) {
        _cleanup_(tls_context_unrefp) TlsContext *c = NULL;
        Said said = {};
        int r = tls_context_new_client(&(TlsFiles) { .path = path }, true, on_report, &said, &c);

        if (r != expected || (words && !strstr(said.text, words)))
                TEST_FAIL("%s: result %d, expected %d: %s", path, r, expected, said.text);
        ASSERT_EQ(said.n, words ? 1 : 0);
}

/* What is taken, but of no use. */
static void test_useless(Fixture *f) {
        _cleanup_(tls_pair_freep) TlsPair *pair = test_pair_now(TLS_KIND_CLIENT, "monitor", NULL, f->ca);
        _cleanup_free_ char *pem = test_certificate(pair), *key = test_key(pair);
        _cleanup_free_ char *client = test_write(f->directory, "client.pem", pem, key, NULL);
        _cleanup_free_ char *server = test_write(f->directory, "server.pem", f->pem, f->key, NULL);

        check_server(&(TlsFiles) { .file = client }, TLS_REQUEST_NONE, 0,
                     "\"monitor\" in it is not made for a server");
        check_server(&(TlsFiles) { .file = server, .path = "/nonexistent" }, TLS_REQUEST_NONE, 0,
                     "/nonexistent: There is no such file or directory");
        check_server(&(TlsFiles) { .file = server, .path = "/nonexistent" }, TLS_REQUEST_CHECK, -ENOKEY,
                     "/nonexistent: There is no such file");
}

static void test_path(void) {
        _cleanup_(test_directory_freep) char *d = test_directory_new();
        Fixture f;
        _cleanup_free_ char *ca = NULL, *leaf = NULL, *hashed = strjoin(d, "/0a1b2c3d.0");

        fixture_begin(&f);
        check_path(d, -EINVAL, "No file in this directory");
        leaf = test_write(d, "leaf.pem", f.pem, f.key, NULL);
        check_path(d, -EINVAL, "not those of an authority");
        check_path(leaf, -EINVAL, "not those of an authority");
        free(test_write(d, "cert9.db", "SQLite format 3", NULL));
        check_path(d, -EINVAL, "certutil -d ");

        free(test_write(
                d, "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", NULL));
        ca = test_write(d, "ca.txt", f.ca_pem, NULL);
        ASSERT_EQ(symlink("ca.txt", hashed), 0);
        check_path(ca, 0, NULL);
        check_path(hashed, 0, NULL);
        ASSERT_EQ(symlink("gone", strcat(strcpy(ca, d), "/x.pem")), 0);
        fixture_end(&f);
}

static void test_info(Fixture *f) {
        _cleanup_free_ char *file = test_write(f->directory, "info.pem", f->key, f->pem, f->ca_pem, NULL);
        Said said = {};
        TlsInfo *l;
        size_t n;

        ASSERT_OK(tls_info_read(file, on_report, &said, &l, &n));
        ASSERT_EQ(n, 2);
        ASSERT_STREQ(l[0].name, "a.example");
        ASSERT_STREQ(l[0].issuer, "Test CA");
        ASSERT_STREQ(l[0].names[0], "a.example");
        ASSERT_TRUE(l[0].server && !l[0].client && !l[0].authority && l[1].authority);
        ASSERT_EQ((l[0].end - l[0].begin) / DAY, 366);
        ASSERT_EQ(said.n, 0);
        tls_info_free(l, n);

        ASSERT_ERROR(tls_info_read("/nonexistent", on_report, &said, &l, &n), ENOKEY);
}

static void test_pairs(Fixture *f) {
        _cleanup_(tls_pair_freep) TlsPair *again = NULL, *key = NULL, *renewed = NULL, *bare = NULL,
                                          *none = NULL;
        int64_t end = tls_pair_end(f->ca) + DAY;

        ASSERT_TRUE(tls_pair_is_issued_by(f->pair, f->ca));
        ASSERT_FALSE(tls_pair_is_issued_by(f->pair, f->other));
        ASSERT_OK(tls_pair_from_pem(f->pem, f->key, &again));
        ASSERT_ERROR(tls_pair_from_pem(f->pem, f->other_key, &none), EKEYREJECTED);
        ASSERT_ERROR(tls_pair_from_pem("x", NULL, &none), EINVAL);
        ASSERT_ERROR(tls_pair_from_key("x", &none), EINVAL);
        ASSERT_OK(tls_pair_from_key(f->key, &key));
        ASSERT_OK(tls_pair_from_pem(f->ca_pem, NULL, &bare));
        ASSERT_ERROR(tls_pair_new(&(TlsWish) { .name = "x" }, bare, &none), EINVAL);

        /* An authority with a new date vouches for what it did before. */
        ASSERT_OK(tls_pair_new(
                &(TlsWish) { TLS_KIND_AUTHORITY, "Test CA", NULL, end - DAY, end, f->ca }, NULL, &renewed));
        ASSERT_EQ(tls_pair_end(renewed), end);
        ASSERT_TRUE(tls_pair_is_issued_by(f->pair, renewed));
}

int main(void) {
        Fixture f;

        fixture_begin(&f);
        test_order(&f);
        test_mistakes(&f);
        test_dates(&f);
        test_key_file(&f);
        test_ident(&f);
        test_useless(&f);
        test_info(&f);
        test_pairs(&f);
        fixture_end(&f);
        test_path();
        return EXIT_SUCCESS;
}
