/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls.h"

#include <signal.h>
#include <sys/socket.h>

#include "test-link.h"
#include "test-util.h"
#include "tls-internal.h"

#define BULK_SIZE (1024 * 1024)

static void set_priority(TlsContext *c, const char *priority) {
        gnutls_priority_deinit(c->priority);
        ASSERT_EQ(gnutls_priority_init2(&c->priority, priority, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND), 0);
}

static void test_versions(Fixture *f) {
        static const struct {
                const char *priority, *description;
        } cases[] = {
                { "-VERS-ALL:+VERS-TLS1.2", "TLS1.2, AES-256-GCM" },
                { "-VERS-ALL:+VERS-TLS1.3", "TLS1.3, AES-256-GCM" },
                { "-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:+VERS-TLS1.2:+VERS-TLS1.3", "TLS1.3, AES-256-GCM" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases) * 2; i++) {
                _cleanup_(tls_context_unrefp) TlsContext *client =
                                new_client(&(TlsFiles) { .path = f->ca_file }, true);
                Link l;

                set_priority(client, cases[i / 2].priority);
                link_begin(&l, f->server, client, "nas.example", i % 2 == 1);
                ASSERT_STREQ(tls_session_describe(l.client), "");
                shake_hands(&l);
                talk(&l);
                ASSERT_STREQ(tls_session_describe(l.server), cases[i / 2].description);
                ASSERT_STREQ(tls_session_describe(l.client), cases[i / 2].description);
                ASSERT_STREQ(tls_session_peer(l.client), "nas");
                ASSERT_STREQ(tls_session_peer(l.server), NULL);
                link_end(&l);
        }
}

static void test_old_version(Fixture *f) {
        _cleanup_(tls_context_unrefp) TlsContext *old = new_client(&(TlsFiles) {}, false);
        Link l;

        set_priority(old, "-VERS-ALL:+VERS-TLS1.1:%VERIFY_ALLOW_SIGN_WITH_SHA1");
        link_begin(&l, f->server, old, NULL, false);
        shake_hands(&l);
        ASSERT_ERROR(l.server_result, EPROTO);
        ASSERT_ERROR(l.client_result, EPROTO);
        ASSERT_TRUE(tls_session_error(l.server)[0] && tls_session_error(l.client)[0]);
        ASSERT_ERROR(tls_session_recv(l.server, &(char) { 0 }, 1), EPROTO);
        link_end(&l);
}

/* One connection; expects these results and words in the errors of both. */
static void check_shake(TlsContext *server, TlsContext *client, const char *host, int expected,
                        const char *server_words, const char *client_words) {
        char c;
        Link l;

        link_begin(&l, server, client, host, false);
        shake_hands(&l);

        /* In TLS 1.3 a client is done before it knows what the server holds of it. */
        if (expected < 0 && l.client_result == 1)
                l.client_result = (int) tls_session_recv(l.client, &c, 1);
        if (l.server_result != expected || l.client_result != expected ||
            !strstr(tls_session_error(l.server), server_words) ||
            !strstr(tls_session_error(l.client), client_words))
                TEST_FAIL("server %d \"%s\", client %d \"%s\", expected %d \"%s\" \"%s\"", l.server_result,
                        tls_session_error(l.server), l.client_result, tls_session_error(l.client), expected,
                        server_words, client_words);
        link_end(&l);
}

static void test_hosts(Fixture *f) {
        static const char *const good[] = { "nas.example", "NAS.Example.", "192.0.2.7", "2001:db8::7",
                                            "[2001:DB8:0::7]", "2001:db8::7%eth0", NULL };
        static const char *const bad[] = { "nas", "x.nas.example", "192.0.2.8", "::1", "*.example" };
        _cleanup_(tls_context_unrefp) TlsContext *careless = new_client(&(TlsFiles) {}, false);

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                check_shake(f->server, f->client, good[i], 1, "", "");
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                check_shake(f->server, f->client, bad[i], -EKEYREJECTED, "does not accept our certificate",
                        "the certificate of \"nas\" is for nas.example, 192.0.2.7, 2001:db8::7, not for ");
        check_shake(f->server, careless, "other.example", 1, "", "");
}

static void check_server_pair(Fixture *f, TlsPair *p, const char *words) {
        _cleanup_free_ char *file = write_pair(f->directory, "tried.pem", p);
        _cleanup_(tls_context_unrefp) TlsContext *server = NULL;

        ASSERT_OK(tls_context_new_server(&(TlsFiles) { .file = file }, TLS_REQUEST_NONE, NULL, NULL,
                                         &server));
        check_shake(server, f->client, "a.example", -EKEYREJECTED, "our certificate", words);
}

static void test_server_certificates(Fixture *f) {
        check_server_pair(f, test_pair(TLS_KIND_SERVER, "old", "a.example", -9, -2, f->ca),
                          "the certificate of \"old\" expired on ");
        check_server_pair(f, test_pair(TLS_KIND_SERVER, "soon", "a.example", 2, 9, f->ca),
                          "the certificate of \"soon\" is not valid before ");
        check_server_pair(f, test_pair_now(TLS_KIND_SERVER, "a", "a.example", f->other_ca),
                          "vouched for by \"Other CA\", which is not known");
        check_server_pair(f, test_pair_now(TLS_KIND_SERVER, "a", "a.example", NULL),
                          "only itself vouches for the certificate of \"a\"");
        check_server_pair(f, test_pair_now(TLS_KIND_CLIENT, "a", "a.example", f->ca),
                          "not made for this purpose");
}

static void test_client_certificates(Fixture *f) {
        const TlsFiles server_files = { .file = f->server_file, .path = f->ca_file };
        const char *files[] = { NULL, f->client_file, f->stranger_file, f->server_file };
        static const struct {
                TlsRequest request;
                unsigned file;
                int result;
                const char *server, *client;
        } cases[] = {
                { TLS_REQUEST_NONE, 0, 1, "", "" },
                { TLS_REQUEST_NONE, 2, 1, "", "" },
                { TLS_REQUEST_CHECK, 0, 1, "", "" },
                { TLS_REQUEST_CHECK, 1, 1, "", "" },
                { TLS_REQUEST_REQUIRE, 1, 1, "", "" },
                { TLS_REQUEST_REQUIRE, 0, -EKEYREJECTED, "shown no certificate", "certificate" },
                { TLS_REQUEST_REQUIRE, 3, -EKEYREJECTED, "not made for this purpose", "our certificate" },
                { TLS_REQUEST_CHECK, 3, -EKEYREJECTED, "not made for this purpose", "our certificate" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases) * 2; i++) {
                _cleanup_(tls_context_unrefp) TlsContext *server = new_server(&server_files,
                                                                              cases[i / 2].request);
                const TlsFiles client_files = { .file = files[cases[i / 2].file], .path = f->ca_file };
                _cleanup_(tls_context_unrefp) TlsContext *client = new_client(&client_files, true);

                set_priority(client, i % 2 == 0 ? "-VERS-ALL:+VERS-TLS1.2" : "-VERS-ALL:+VERS-TLS1.3");
                check_shake(server, client, NULL, cases[i / 2].result, cases[i / 2].server,
                            cases[i / 2].client);
        }
}

/* A client shows its certificate only to those who know its authority. */
static void test_stranger(Fixture *f) {
        _cleanup_(tls_context_unrefp) TlsContext *server =
                        new_server(&(TlsFiles) { .file = f->server_file, .path = f->ca_file },
                                   TLS_REQUEST_CHECK);
        _cleanup_(tls_context_unrefp) TlsContext *client =
                        new_client(&(TlsFiles) { .file = f->stranger_file }, false);
        Link l;

        link_begin(&l, server, client, NULL, false);
        shake_hands(&l);
        ASSERT_EQ(l.server_result, 1);
        ASSERT_STREQ(tls_session_peer(l.server), NULL);
        link_end(&l);
}

static void test_bulk(Fixture *f) {
        _cleanup_free_ char *data = malloc(BULK_SIZE), *got = malloc(BULK_SIZE);
        size_t sent = 0, received = 0;
        unsigned n_full = 0;
        Link l;

        for (size_t i = 0; i < BULK_SIZE; i++)
                data[i] = (char) (i * 7 + i / 251);
        link_begin(&l, f->server, f->client, "nas.example", false);
        ASSERT_EQ(setsockopt(l.server_fd, SOL_SOCKET, SO_SNDBUF, &(int) { 8192 }, sizeof(int)), 0);
        shake_hands(&l);

        while (received < BULK_SIZE) {
                ssize_t n =
                        sent == BULK_SIZE ? 0 : tls_session_send(l.server, data + sent, BULK_SIZE - sent);

                ASSERT_EQ(tls_session_wants_write(l.server), n == -EAGAIN);
                if (n > 0) {
                        sent += (size_t) n;
                        continue;
                }
                ASSERT_TRUE(n == -EAGAIN || sent == BULK_SIZE);
                n_full += n == -EAGAIN;

                n = tls_session_recv(l.client, got + received, MIN((size_t) 1000, BULK_SIZE - received));
                ASSERT_TRUE(n > 0 || n == -EAGAIN);
                if (n > 0)
                        received += (size_t) n;
                if (n == 1000 && received % 16384 > 1000)
                        ASSERT_TRUE(tls_session_pending(l.client) > 0);
        }

        ASSERT_EQ(memcmp(data, got, BULK_SIZE), 0);
        ASSERT_TRUE(n_full > 10);
        ASSERT_EQ(tls_session_send(l.server, data, 0), 0);
        link_end(&l);
}

/* Bytes instead of a greeting. */
static void test_garbage(Fixture *f) {
        static const struct {
                const char *bytes;
                size_t size;
                int result;
        } cases[] = {
                { "USERNAME evil\nPASSWORD x\nLIST UPS\n", 35, -EPROTO },
                { "\0\0\0\0\0\0\0\0\0\0", 10, -EPROTO },
                { "\x16\x03\x01\xff\xff\x01", 6, -EPROTO },
                { "\x16\x03\x01\x00\x05\x01\xff\xff\xff\xff", 10, -ECONNRESET },
                { "\x15\x03\x01\x00\x02\x02\x28", 7, -EPROTO },
                { "\x17\x03\x03\x00\x02hi", 7, -EPROTO },
                { "\x16\x03\x01\x00\x02\x01", 6, -ECONNRESET },
                { "", 0, -ECONNRESET },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases) * 2; i++) {
                bool server = i % 2 == 0;
                TlsSession *s;
                unsigned n = 0;
                Link l;
                int r;

                link_begin(&l, server ? f->server : NULL, server ? NULL : f->client, "nas.example", false);
                s = server ? l.server : l.client;
                ASSERT_EQ(tls_session_handshake(s), 0);
                ASSERT_FALSE(tls_session_wants_write(s));
                ASSERT_EQ(write(server ? l.client_fd : l.server_fd, cases[i / 2].bytes, cases[i / 2].size),
                          cases[i / 2].size);
                ASSERT_EQ(shutdown(server ? l.client_fd : l.server_fd, SHUT_WR), 0);
                while ((r = tls_session_handshake(s)) == 0)
                        ASSERT_TRUE(n++ < 10);
                if (r != cases[i / 2].result)
                        TEST_FAIL("case %zu: %d, %s", i, r, tls_session_error(s));
                ASSERT_TRUE(tls_session_error(s)[0] != '\0');
                ASSERT_TRUE(tls_session_recv(s, &(char) { 0 }, 1) < 0);
                ASSERT_TRUE(tls_session_send(s, "x", 1) < 0);
                tls_session_bye(s);
                link_end(&l);
        }
}

/* A greeting without end must end somewhere, the sooner the less there is to be said. */
static void check_endless_greeting(TlsContext *context, size_t size_max) {
        static const char begin[] = "\x16\x03\x01\x01\x00\x01\xff\xff\xff";
        char record[5 + 256] = {};
        unsigned n = 0;
        Link l;

        memcpy(record, begin, sizeof(begin) - 1);
        link_begin(&l, context, NULL, NULL, false);
        while (tls_session_handshake(l.server) == 0) {
                ASSERT_EQ(write(l.client_fd, record, sizeof(record)), sizeof(record));
                memset(record + 5, 'x', 256);
                ASSERT_TRUE(n++ < size_max / sizeof(record) + 1);
                ASSERT_TRUE(tls_session_memory(l.server) >= (n - 1) * sizeof(record));
        }
        ASSERT_TRUE(n > size_max / sizeof(record) / 2);
        ASSERT_ERROR(tls_session_handshake(l.server), EPROTO);
        ASSERT_STREQ(tls_session_error(l.server), "its greeting is too large");
        link_end(&l);
}

static void test_endless_greeting(Fixture *f) {
        const TlsFiles files = { .file = f->server_file, .path = f->ca_file };
        _cleanup_(tls_context_unrefp) TlsContext *asking = new_server(&files, TLS_REQUEST_CHECK);

        check_endless_greeting(f->server, 16384);
        check_endless_greeting(asking, 65536);
}

/* A connection that ends after so many bytes of the handshake, or is broken there. */
static void test_cut(Fixture *f, bool damage) {
        for (unsigned cut = 1; cut < 4000; cut += damage ? 61 : 197) {
                unsigned n = 0;
                char c;
                Link l;

                link_begin(&l, f->server, f->client, "nas.example", true);
                for (unsigned i = 0; i < ROUNDS_MAX && l.server_result == 0 && l.client_result == 0; i++) {
                        l.client_result = tls_session_handshake(l.client);
                        l.server_result = tls_session_handshake(l.server);
                        for (unsigned k = 0; k < 2; k++)
                                if (read(l.pump[k], &c, 1) == 1) {
                                        c ^= damage && n == cut ? 0x55 : 0;
                                        if (damage || n < cut)
                                                ASSERT_TRUE(write(l.pump[!k], &c, 1) == 1 || errno == EPIPE);
                                        if (n++ == cut && !damage)
                                                (void) shutdown(l.pump[!k], SHUT_RDWR);
                                }
                }

                if (l.server_result < 0)
                        ASSERT_TRUE(tls_session_error(l.server)[0] != '\0');
                if (l.client_result < 0)
                        ASSERT_TRUE(tls_session_error(l.client)[0] != '\0');
                link_end(&l);
        }
}

static void test_end(Fixture *f) {
        char c;
        Link l;

        /* Without a goodbye. */
        link_begin(&l, f->server, f->client, NULL, false);
        shake_hands(&l);
        ASSERT_EQ(tls_session_recv(l.client, &c, 1), -EAGAIN); /* what is unread breaks the connection */
        ASSERT_EQ(tls_session_send(l.client, "LOGOUT\n", 7), 7);
        l.client_fd = safe_close(l.client_fd);
        expect_recv(&l, l.server, "LOGOUT\n");
        ASSERT_EQ(tls_session_recv(l.server, &c, 1), 0);
        ASSERT_EQ(tls_session_recv(l.server, &c, 1), 0);
        ASSERT_TRUE(tls_session_send(l.server, "OK\n", 3) < 0);
        tls_session_bye(l.server);
        link_end(&l);

        /* Bytes in clear among the encrypted ones. */
        link_begin(&l, f->server, f->client, NULL, false);
        shake_hands(&l);
        ASSERT_EQ(write(l.client_fd, "LIST UPS\n", 9), 9);
        ASSERT_ERROR(tls_session_recv(l.server, &c, 1), EPROTO);
        link_end(&l);
}

/* Certificates are read anew while a session goes on, and the old ones go with it. */
static void test_references(Fixture *f) {
        TlsContext *c = new_server(&(TlsFiles) { .file = f->server_file }, TLS_REQUEST_NONE);
        Link l;

        ASSERT_TRUE(tls_context_ref(c) == c);
        ASSERT_TRUE(!tls_context_unref(c));
        link_begin(&l, c, f->client, "nas.example", false);
        ASSERT_TRUE(!tls_context_unref(c));
        shake_hands(&l);
        talk(&l);
        link_end(&l);
        ASSERT_TRUE(!tls_context_unref(NULL) && !tls_session_free(NULL));
}

int main(void) {
        Fixture f;

        (void) signal(SIGPIPE, SIG_DFL);
        fixture_begin(&f);
        test_versions(&f);
        test_old_version(&f);
        test_hosts(&f);
        test_server_certificates(&f);
        test_client_certificates(&f);
        test_stranger(&f);
        test_bulk(&f);
        test_garbage(&f);
        test_endless_greeting(&f);
        test_cut(&f, false);
        test_cut(&f, true);
        test_end(&f);
        test_references(&f);
        fixture_end(&f);
        return EXIT_SUCCESS;
}
