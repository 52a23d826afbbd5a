/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "test-server-util.h"
#include "tls-make.h"
#include "tls.h"

static void complain(void *userdata, const char *file, const char *message) {
        log_error("%s: %s", file, message);
}

/* A certificate with its key, in a file. */
static char *make_certificate(const char *directory, int64_t days) {
        _cleanup_(tls_pair_freep) TlsPair *pair = NULL;
        _cleanup_free_ char *certificate = NULL;
        _cleanup_(tls_secret_freep) char *key = NULL;
        int64_t now = time(NULL);
        const TlsWish wish = {
                .kind = TLS_KIND_SERVER,
                .name = "server",
                .begin = now - 3600,
                .end = now + days * 86400,
        };

        ASSERT_OK(tls_pair_new(&wish, NULL, &pair));
        ASSERT_OK(tls_pair_certificate_pem(pair, &certificate));
        ASSERT_OK(tls_pair_key_pem(pair, NULL, &key));
        char *path = strjoin(directory, "/server.pem");
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(dprintf(fd, "%s%s", certificate, key), (int) (strlen(certificate) + strlen(key)));
        safe_close(fd);
        return path;
}

static Setup setup_tls(const ServerLimits *limits) {
        char directory[] = "/tmp/busbar-test-XXXXXX";
        Setup s = setup(limits);

        ASSERT_TRUE(mkdtemp(directory));
        _cleanup_free_ char *path = make_certificate(directory, 90);
        s.gateway->conf->cert_file = strdup(path);
        server_read_certificates(s.server, s.gateway->conf);
        ASSERT_TRUE(s.server->tls);
        (void) unlink(path);
        (void) rmdir(directory);
        return s;
}

/* Our end of an encrypted connection. */
typedef struct Peer {
        int fd;
        TlsSession *tls;
} Peer;

static TlsContext *client_context(void) {
        TlsContext *c;

        ASSERT_OK(tls_context_new_client(&(TlsFiles) {}, false, complain, NULL, &c));
        return c;
}

static Peer secure(Setup *s, TlsContext *context, int fd) {
        Peer p = { .fd = fd };
        int r;

        say(fd, "STARTTLS\n");
        expect(s, fd, "OK STARTTLS\n");
        ASSERT_OK(tls_session_new(context, fd, NULL, &p.tls));
        while ((r = tls_session_handshake(p.tls)) == 0)
                turn(s, USEC_PER_MSEC);
        ASSERT_EQ(r, 1);
        return p;
}

static void peer_done(Peer *p) {
        p->tls = tls_session_free(p->tls);
        p->fd = safe_close(p->fd);
}

static void peer_say(Setup *s, Peer *p, const char *text) {
        size_t n = strlen(text);

        while (n > 0) {
                ssize_t k = tls_session_send(p->tls, text, n);

                ASSERT_TRUE(k > 0 || k == -EAGAIN);
                if (k > 0) {
                        text += k;
                        n -= (size_t) k;
                } else
                        turn(s, 0);
        }
}

static void peer_expect(Setup *s, Peer *p, const char *text) {
        char buffer[8192];
        size_t n = 0;

        while (n < MAX(strlen(text), (size_t) 1)) {
                ssize_t k = tls_session_recv(p->tls, buffer + n, sizeof(buffer) - 1 - n);

                if (k == 0)
                        break;
                if (k > 0)
                        n += (size_t) k;
                else {
                        ASSERT_EQ(k, -EAGAIN);
                        turn(s, 10 * USEC_PER_MSEC);
                }
        }
        buffer[n] = '\0';
        ASSERT_STREQ(buffer, text);
}

/* Waits for the end of the connection; what came before is thrown away. */
static void expect_end(Setup *s, int fd) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;
        char buffer[4096];

        for (;;) {
                ssize_t k = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                if (k == 0 || (k < 0 && errno == ECONNRESET))
                        return;
                ASSERT_TRUE(k > 0 || errno == EAGAIN);
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
                turn(s, 10 * USEC_PER_MSEC);
        }
}

static void test_conversation(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Client *c;
        int fd = connect_client(&s, &c);

        say(fd, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n");
        expect(&s, fd, "OK\nOK\nOK\n");
        Peer p = secure(&s, context, fd);
        ASSERT_EQ(s.server->n_tls, 1);
        peer_say(&s, &p, "GET NUMLOGINS zeta\nSTARTTLS\n");
        peer_expect(&s, &p, "NUMLOGINS zeta 1\nERR ALREADY-SSL-MODE\n");
        ASSERT_EQ(c->session.host->turns.n_handshakes, 0);
        peer_say(&s, &p, "WATCH zeta\n");
        peer_expect(&s, &p, "OK WATCH\n");
        device_note(c->session.device, NEWS_STATE);
        server_tell_watchers(s.server, c->session.device);
        peer_expect(&s, &p, "CHANGED zeta\n");

        server_read_certificates(s.server, s.gateway->conf); /* the file is gone: all stays */
        ASSERT_TRUE(s.server->tls);
        free(s.gateway->conf->cert_file);
        s.gateway->conf->cert_file = NULL;
        server_read_certificates(s.server, s.gateway->conf);
        ASSERT_FALSE(s.server->tls);
        peer_say(&s, &p, "LOGOUT\nNETVER\n");
        peer_expect(&s, &p, "OK Goodbye\n");
        peer_expect(&s, &p, "");
        ASSERT_EQ(s.server->n_tls, 0);
        peer_done(&p);
        teardown(&s);
}

/* Many requests ahead, whose answers are not read for a while: all come, in order. */
static void test_backpressure(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Client *c;
        Peer p = secure(&s, context, connect_client(&s, &c));
        unsigned asked = 0;
        char text[80];

        while (c->phase != CLIENT_BLOCKED) {
                (void) snprintf(text, sizeof(text), "GET VAR zeta no.such.%u\nLIST VAR zeta\n", asked);
                if (tls_session_send(p.tls, text, strlen(text)) > 0)
                        asked++;
                turn(&s, 0);
        }
        ASSERT_TRUE(s.server->n_kept > 0);
        ASSERT_EQ(s.server->n_kept, c->session.host->turns.n_kept);

        FILE *answers = tmpfile();
        char *line = NULL;
        size_t allocated = 0;
        unsigned ends = 0;
        ASSERT_TRUE(answers);
        for (unsigned n_quiet = 0; n_quiet < 10;) {
                bool quiet = c->phase == CLIENT_IDLE && !c->due;
                char buffer[65536];
                ssize_t k = tls_session_recv(p.tls, buffer, sizeof(buffer));

                if (k > 0)
                        ASSERT_EQ(fwrite(buffer, 1, (size_t) k, answers), (size_t) k);
                else
                        turn(&s, USEC_PER_MSEC);
                n_quiet = quiet && k < 0 ? n_quiet + 1 : 0;
        }
        rewind(answers);
        while (getline(&line, &allocated, answers) > 0)
                ends += startswith(line, "END LIST VAR ") != NULL;
        ASSERT_EQ(ends, asked);
        free(line);
        fclose(answers);
        ASSERT_EQ(s.server->n_kept, 0);
        peer_done(&p);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_tls, 0);
        teardown(&s);
}

static void test_injection(void) {
        static const char *const tails[] = { "x", "USERNAME evil\n", "\x16\x03\x01" };
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);

        for (size_t i = 0; i < ELEMENTSOF(tails); i++) {
                _cleanup_free_ char *text = strjoin("NETVER\nSTARTTLS\n", tails[i]);
                int fd = connect_client(&s, NULL);

                say(fd, text);
                expect(&s, fd, "1.3\nERR ACCESS-DENIED\n");
                expect_end(&s, fd);
                safe_close(fd);
        }
        ASSERT_EQ(s.server->n_tls, 0);

        int fd = connect_client(&s, NULL);
        say(fd, "STARTTLS\n");
        expect(&s, fd, "OK STARTTLS\n");
        say(fd, "USERNAME evil\n");
        expect_end(&s, fd);
        safe_close(fd);
        ASSERT_EQ(s.server->n_tls, 0);
        teardown(&s);
}

/* A handshake that does not end has its own limit, which more bytes do not prolong. */
static void test_deadline(void) {
        ServerLimits limits = SERVER_LIMITS_DEFAULT;

        limits.handshake_usec = 300 * USEC_PER_MSEC;
        Setup s = setup_tls(&limits);
        int fd = connect_client(&s, NULL), other = connect_client(&s, NULL);
        uint64_t start = now_usec(CLOCK_MONOTONIC), said = 0;

        say(fd, "STARTTLS\n");
        expect(&s, fd, "OK STARTTLS\n");
        say(fd, "\x16\x03\x01\x02"); /* a record of more than 512 bytes */
        while (s.server->n_clients > 1) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);

                ASSERT_TRUE(now - start < 10 * USEC_PER_SEC);
                if (now - said > 10 * USEC_PER_MSEC) {
                        said = now;
                        (void) send(fd, "", 1, MSG_NOSIGNAL);
                }
                turn(&s, 20 * USEC_PER_MSEC);
        }
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start >= limits.handshake_usec);
        ASSERT_EQ(s.server->n_tls, 0);
        say(other, "NETVER\n");
        expect(&s, other, "1.3\n");
        safe_close(fd);
        safe_close(other);
        teardown(&s);
}

static void test_too_many(void) {
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        int fds[TLS_HANDSHAKES_PER_HOST_MAX + 1], last = ELEMENTSOF(fds) - 1;

        for (int i = 0; i <= last; i++) {
                fds[i] = connect_from(&s, "192.0.2.1", NULL);
                say(fds[i], "STARTTLS\n");
                expect(&s, fds[i], i < last ? "OK STARTTLS\n" : "ERR ACCESS-DENIED\n");
        }
        expect_end(&s, fds[last]);

        /* Of all hosts together the oldest makes room. */
        s.server->n_tls += TLS_SESSIONS_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        int other = connect_from(&s, "192.0.2.2", NULL);
        say(other, "STARTTLS\n");
        expect(&s, other, "OK STARTTLS\n");
        expect_end(&s, fds[0]);
        s.server->n_tls -= TLS_SESSIONS_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        for (int i = 0; i <= last; i++)
                safe_close(fds[i]);
        safe_close(other);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_tls, 0);
        teardown(&s);
}

static void test_required(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        int here = connect_from(&s, "127.0.0.1", NULL), there = connect_from(&s, "192.0.2.1", NULL);

        s.gateway->conf->require_tls = UPSD_REQUIRE_TLS_LOGIN;
        say(here, "USERNAME mon\nNETVER\n");
        expect(&s, here, "OK\n1.3\n");
        say(there, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\nGET VAR zeta ups.id\n");
        expect(&s, there,
               "ERR TLS-NOT-ENABLED\nERR TLS-NOT-ENABLED\nERR TLS-NOT-ENABLED\nVAR zeta ups.id \"rack\"\n");

        s.gateway->conf->require_tls = UPSD_REQUIRE_TLS_YES;
        say(here, "GET VAR zeta ups.id\n");
        expect(&s, here, "VAR zeta ups.id \"rack\"\n");
        say(there, "GET VAR zeta ups.id\nLIST UPS\nSET TRACKING ON\nNETVER\n");
        expect(&s, there, "ERR TLS-NOT-ENABLED\nERR TLS-NOT-ENABLED\nERR TLS-NOT-ENABLED\n1.3\n");
        Peer p = secure(&s, context, there);
        peer_say(&s, &p, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n");
        peer_expect(&s, &p, "OK\nOK\nOK\n");
        peer_done(&p);
        safe_close(here);
        teardown(&s);
}

int main(void) {
        test_conversation();
        test_backpressure();
        test_injection();
        test_deadline();
        test_too_many();
        test_required();
        return 0;
}
