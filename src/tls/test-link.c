/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-link.h"

#include <sys/socket.h>

#include "test-util.h"

static void on_report(void *userdata, const char *file, const char *message) {
        TEST_FAIL("%s: %s", file, message);
}

char *write_pair(const char *directory, const char *name, TlsPair *p) {
        _cleanup_free_ char *pem = test_certificate(p), *key = test_key(p);
        char *path = test_write(directory, name, pem, key, NULL);

        tls_pair_free(p);
        return path;
}

TlsContext *new_server(const TlsFiles *files, TlsRequest request) {
        TlsContext *c = NULL;

        ASSERT_OK(tls_context_new_server(files, request, on_report, NULL, &c));
        return c;
}

TlsContext *new_client(const TlsFiles *files, bool verify) {
        TlsContext *c = NULL;

        ASSERT_OK(tls_context_new_client(files, verify, on_report, NULL, &c));
        return c;
}

void fixture_begin(Fixture *f) {
        _cleanup_free_ char *ca = NULL, *other_ca = NULL;

        *f = (Fixture) { .directory = test_directory_new() };
        f->ca = test_pair_now(TLS_KIND_AUTHORITY, "Test CA", NULL, NULL);
        f->other_ca = test_pair_now(TLS_KIND_AUTHORITY, "Other CA", NULL, NULL);
        ca = test_certificate(f->ca);
        other_ca = test_certificate(f->other_ca);
        f->ca_file = test_write(f->directory, "ca.pem", ca, NULL);
        f->other_ca_file = test_write(f->directory, "other-ca.pem", other_ca, NULL);
        f->server_file = write_pair(f->directory, "server.pem",
                test_pair_now(TLS_KIND_SERVER, "nas", "nas.example 192.0.2.7 2001:db8::7", f->ca));
        f->client_file = write_pair(f->directory, "client.pem",
                                    test_pair_now(TLS_KIND_CLIENT, "web1", NULL, f->ca));
        f->stranger_file = write_pair(f->directory, "stranger.pem",
                                      test_pair_now(TLS_KIND_CLIENT, "stranger", NULL, f->other_ca));
        f->server = new_server(&(TlsFiles) { .file = f->server_file }, TLS_REQUEST_NONE);
        f->client = new_client(&(TlsFiles) { .path = f->ca_file }, true);
}

void fixture_end(Fixture *f) {
        tls_context_unref(f->server);
        tls_context_unref(f->client);
        tls_pair_free(f->ca);
        tls_pair_free(f->other_ca);
        free(f->ca_file);
        free(f->other_ca_file);
        free(f->server_file);
        free(f->client_file);
        free(f->stranger_file);
        test_directory_free(f->directory);
}

static void make_pair(int *a, int *b) {
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        *a = fds[0];
        *b = fds[1];
}

void link_begin(Link *l, TlsContext *server, TlsContext *client, const char *host, bool pumped) {
        *l = (Link) { .pump = { -EBADF, -EBADF } };
        if (pumped) {
                make_pair(&l->server_fd, &l->pump[0]);
                make_pair(&l->client_fd, &l->pump[1]);
        } else
                make_pair(&l->server_fd, &l->client_fd);

        if (server)
                ASSERT_OK(tls_session_new(server, l->server_fd, NULL, &l->server));
        if (client)
                ASSERT_OK(tls_session_new(client, l->client_fd, host, &l->client));
}

void link_end(Link *l) {
        tls_session_free(l->server);
        tls_session_free(l->client);
        safe_close(l->server_fd);
        safe_close(l->client_fd);
        safe_close(l->pump[0]);
        safe_close(l->pump[1]);
}

/* One byte in each direction. */
static void pump(Link *l) {
        for (unsigned i = 0; i < 2 && l->pump[0] >= 0; i++) {
                char c;

                if (read(l->pump[i], &c, 1) == 1)
                        ASSERT_EQ(write(l->pump[!i], &c, 1), 1);
        }
}

void shake_hands(Link *l) {
        unsigned n = 0;

        while ((l->server_result == 0 || l->client_result == 0) && n++ < ROUNDS_MAX) {
                if (l->client_result == 0)
                        l->client_result = tls_session_handshake(l->client);
                if (l->server_result == 0)
                        l->server_result = tls_session_handshake(l->server);
                pump(l);
        }
        ASSERT_TRUE(n < ROUNDS_MAX);
}

void expect_recv(Link *l, TlsSession *s, const char *text) {
        char buffer[256];
        ssize_t n;

        for (unsigned i = 0; (n = tls_session_recv(s, buffer, sizeof(buffer) - 1)) == -EAGAIN; i++) {
                ASSERT_TRUE(i < ROUNDS_MAX);
                pump(l);
        }
        ASSERT_TRUE(n >= 0);
        buffer[n] = '\0';
        ASSERT_STREQ(buffer, text);
}

void talk(Link *l) {
        ASSERT_EQ(l->server_result, 1);
        ASSERT_EQ(l->client_result, 1);
        ASSERT_EQ(tls_session_send(l->client, "VER\n", 4), 4);
        expect_recv(l, l->server, "VER\n");
        ASSERT_EQ(tls_session_send(l->server, "OK\n", 3), 3);
        expect_recv(l, l->client, "OK\n");
        ASSERT_EQ(tls_session_recv(l->server, &(char) { 0 }, 1), -EAGAIN);
        ASSERT_STREQ(tls_session_error(l->server), "");
        tls_session_bye(l->server);
        expect_recv(l, l->client, "");
}
