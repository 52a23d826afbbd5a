/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "string-util.h"
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

static Peer handshake(Setup *s, TlsContext *context, int fd) {
        Peer p = { .fd = fd };
        int r;

        ASSERT_OK(tls_session_new(context, fd, NULL, &p.tls));
        while ((r = tls_session_handshake(p.tls)) == 0)
                turn(s, USEC_PER_MSEC);
        ASSERT_EQ(r, 1);
        return p;
}

static Peer secure(Setup *s, TlsContext *context, int fd) {
        say(fd, "STARTTLS\n");
        expect(s, fd, "OK STARTTLS\n");
        return handshake(s, context, fd);
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

        Peer p = secure(&s, context, fd);
        ASSERT_EQ(s.server->n_tls, 1);
        peer_say(&s, &p, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n");
        peer_expect(&s, &p, "OK\nOK\nOK\n");
        peer_say(&s, &p, "GET NUMLOGINS zeta\nSTARTTLS\n");
        peer_expect(&s, &p, "NUMLOGINS zeta 1\nERR ALREADY-SSL-MODE\n");
        ASSERT_EQ(c->session.host->network->turns.n_handshakes, 0);
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

/* Whoever is on the way may have said it: nothing of it is in force behind STARTTLS, nor is anything told in
 * the midst of the handshake. */
static void test_said_before(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Device *d = device_table_find(s.gateway->devices, "zeta");
        Client *c;
        int fd = connect_client(&s, &c);

        say(fd, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\nWATCH zeta\nSET TRACKING ON\n");
        expect(&s, fd, "OK\nOK\nOK\nOK WATCH\nOK\n");
        ASSERT_EQ(d->n_sessions, 1);
        say(fd, "STARTTLS\n");
        expect(&s, fd, "OK STARTTLS\n");
        ASSERT_EQ(d->n_sessions, 0);
        ASSERT_FALSE(c->session.watches || c->session.username || c->session.password || c->session.device ||
                     c->session.tracking || c->session.proven || c->session.user);
        device_note(d, NEWS_STATE);
        server_tell_watchers(s.server, d);
        Peer p = handshake(&s, context, fd);
        peer_say(&s, &p, "GET TRACKING\nPRIMARY zeta\nUSERNAME sec\nPASSWORD sp\nLOGIN zeta\n");
        peer_expect(&s, &p, "OFF\nERR USERNAME-REQUIRED\nOK\nOK\nOK\n");
        peer_say(&s, &p, "PRIMARY zeta\n");
        peer_expect(&s, &p, "ERR ACCESS-DENIED\n");
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
        ASSERT_EQ(s.server->n_kept, c->session.host->network->turns.n_kept);

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

/* Says a line many times, in records as large as there are, then reads until so many lines that begin with
 * answer have come. */
static void exchange_burst(Setup *s, Peer *p, const char *first, const char *line, unsigned n,
                const char *answer) {
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 20 * USEC_PER_SEC;
        size_t head = strlen(first), size = strlen(line), used = 0;
        _cleanup_free_ char *text = new0(char, head + n * size + 1);
        unsigned found = 0;
        char got[4096];

        ASSERT_TRUE(text);
        memcpy(text, first, head);
        for (unsigned i = 0; i < n; i++)
                memcpy(text + head + i * size, line, size);
        peer_say(s, p, text);
        while (found < n) {
                /* Changes come in between, too. */
                Device *d = device_table_find(s->gateway->devices, "zeta");
                device_note(d, NEWS_STATE);
                server_tell_watchers(s->server, d);

                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
                ssize_t k = tls_session_recv(p->tls, got + used, sizeof(got) - used);
                if (k < 0) {
                        ASSERT_EQ(k, -EAGAIN);
                        turn(s, USEC_PER_MSEC);
                        continue;
                }
                ASSERT_TRUE(k > 0);
                used += (size_t) k;
                for (char *end; (end = memchr(got, '\n', used));) {
                        found += startswith(got, answer) != NULL;
                        used -= (size_t) (end + 1 - got);
                        memmove(got, end + 1, used);
                }
        }
        ASSERT_EQ(found, n);
}

/* A record holds more than is looked at in one go, and no event on the socket tells of the rest: it is come
 * back to from wherever there was a pause. */
static void test_full_records(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        int small = 4096, large = 8 << 20;
        Client *c;

        /* for a verdict */
        Peer p = secure(&s, context, connect_client(&s, &c));
        exchange_burst(&s, &p, "USERNAME slow\nPASSWORD secret\nLOGIN zeta\n", "GET VAR zeta ups.id\n", 800,
                       "VAR zeta ups.id ");
        ASSERT_TRUE(c->session.device);
        peer_done(&p);

        /* because the turn was over */
        p = secure(&s, context, connect_client(&s, &c));
        ASSERT_EQ(setsockopt(c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &large, sizeof(large)), 0);
        exchange_burst(&s, &p, "", "LIST VAR zeta\n", 2000, "END LIST VAR ");
        peer_done(&p);

        /* because answers were not taken, with changes told or not */
        static const char *const firsts[] = { "", "WATCH zeta\n" };
        for (size_t i = 0; i < ELEMENTSOF(firsts); i++) {
                p = secure(&s, context, connect_client(&s, &c));
                ASSERT_EQ(setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
                exchange_burst(&s, &p, firsts[i], "LIST VAR zeta\n", 2000, "END LIST VAR ");
                peer_done(&p);
        }

        /* because of MAXREQUESTRATE */
        s.server->turns.rate = 1000;
        p = secure(&s, context, connect_from(&s, "192.0.2.1", NULL));
        exchange_burst(&s, &p, "", "NETVER\n", 2300, "1.3");
        peer_done(&p);
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

        /* Of all hosts together the oldest of the one with most makes room. */
        int others[] = { connect_from(&s, "192.0.2.2", NULL), connect_from(&s, "192.0.2.3", NULL) };
        s.server->n_handshakes += TLS_HANDSHAKES_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        say(others[0], "STARTTLS\n");
        expect(&s, others[0], "OK STARTTLS\n");
        expect_end(&s, fds[0]);
        s.server->n_handshakes -= TLS_HANDSHAKES_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        s.server->n_tls += TLS_SESSIONS_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        say(others[1], "STARTTLS\n");
        expect(&s, others[1], "OK STARTTLS\n");
        expect_end(&s, fds[1]);
        s.server->n_tls -= TLS_SESSIONS_MAX - TLS_HANDSHAKES_PER_HOST_MAX;
        for (int i = 0; i <= last; i++)
                safe_close(fds[i]);
        safe_close(others[0]);
        safe_close(others[1]);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_tls, 0);
        teardown(&s);
}

static Client *secure_from(Setup *s, TlsContext *context, const char *address, Peer *ret) {
        Client *c;

        *ret = secure(s, context, connect_from(s, address, &c));
        return c;
}

static void expect_starttls(Setup *s, const char *address, bool served) {
        int fd = connect_from(s, address, NULL);

        say(fd, "STARTTLS\n");
        expect(s, fd, served ? "OK STARTTLS\n" : "ERR ACCESS-DENIED\n");
        safe_close(fd);
        turn(s, 0);
        turn(s, 0);
}

/* Who has most encrypted connections makes room for those who have fewer, with the one that was idle for
 * longest; who is logged in stays, and this machine is always served. */
static void test_displacement(void) {
        static const char *const addresses[] = { "192.0.2.2", "192.0.2.1", "192.0.2.1", "192.0.2.1" };
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Peer peers[ELEMENTSOF(addresses)];
        Client *clients[ELEMENTSOF(addresses)];

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++)
                clients[i] = secure_from(&s, context, addresses[i], peers + i);
        peer_say(&s, peers + 1, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n");
        peer_expect(&s, peers + 1, "OK\nOK\nOK\n");
        NetworkTurns *turns = &clients[1]->session.host->network->turns;
        ASSERT_EQ(turns->n_tls, 3);

        unsigned more = TLS_SESSIONS_MAX - TLS_SESSIONS_KEPT - ELEMENTSOF(addresses);
        s.server->n_tls += more;
        expect_starttls(&s, "192.0.2.3", true);
        expect_end(&s, peers[2].fd);
        s.server->n_tls++;
        expect_starttls(&s, "192.0.2.3", true);
        expect_end(&s, peers[3].fd);
        /* Only the one who is logged in is left there, and one each elsewhere. */
        s.server->n_tls += 2;
        peer_done(peers + 2);
        clients[2] = secure_from(&s, context, "192.0.2.4", peers + 2);
        expect_end(&s, peers[0].fd);
        expect_starttls(&s, "127.0.0.1", true);
        peer_say(&s, peers + 1, "NETVER\n");
        peer_expect(&s, peers + 1, "1.3\n");
        peer_say(&s, peers + 2, "NETVER\n");
        peer_expect(&s, peers + 2, "1.3\n");
        s.server->n_tls -= more + 3;

        /* No network has more than its share, and makes room within it. */
        turns->n_tls += TLS_SESSIONS_PER_HOST_MAX - 1;
        expect_starttls(&s, "192.0.2.1", false);
        expect_starttls(&s, "192.0.2.2", true);
        turns->n_tls--;
        peer_done(peers + 3);
        clients[3] = secure_from(&s, context, "192.0.2.1", peers + 3);
        expect_starttls(&s, "192.0.2.1", true);
        expect_end(&s, peers[3].fd);
        turns->n_tls -= TLS_SESSIONS_PER_HOST_MAX - 2;
        for (size_t i = 0; i < ELEMENTSOF(peers); i++)
                peer_done(peers + i);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_tls, 0);
        ASSERT_EQ(s.server->n_handshakes, 0);
        ASSERT_EQ(turns->n_tls, 0);
        teardown(&s);
}

/* What a handshake or a record that does not end costs is counted, and who keeps us waiting for longest goes
 * when it is too much. */
static void test_memory(void) {
        static const char hello[] = "\x16\x03\x01\x30\x00\x01\x00\x3f\xff";
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        _cleanup_free_ char *rest = new0(char, 12000);
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Client *c, *first = NULL;
        int fds[20];
        Peer p;

        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_from(&s, "192.0.2.1", &c);
                first = first ?: c;
                say(fds[i], "STARTTLS\n");
                expect(&s, fds[i], "OK STARTTLS\n");
                ASSERT_EQ(send(fds[i], hello, sizeof(hello) - 1, MSG_NOSIGNAL), (ssize_t) sizeof(hello) - 1);
                ASSERT_EQ(send(fds[i], rest, 12000, MSG_NOSIGNAL), 12000);
                while (c->kept < 30000)
                        turn(&s, 10 * USEC_PER_MSEC);
        }
        ASSERT_TRUE(s.server->n_kept > ELEMENTSOF(fds) * 30000);
        ASSERT_EQ(s.server->n_kept, c->session.host->network->turns.n_kept);
        s.server->n_kept_max_per_host = ELEMENTSOF(fds) * 30000;
        ASSERT_EQ(send(fds[1], "", 1, MSG_NOSIGNAL), 1);
        expect_end(&s, fds[0]);
        ASSERT_TRUE(s.server->n_kept <= s.server->n_kept_max_per_host);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_kept, 0);

        /* Encrypted bytes that do not make a record have the limits of an unfinished line. */
        c = secure_from(&s, context, "192.0.2.1", &p);
        peer_say(&s, &p, "NETVER\n");
        peer_expect(&s, &p, "1.3\n");
        ASSERT_EQ(c->kept, 0);
        ASSERT_EQ(c->phase, CLIENT_IDLE);
        ASSERT_EQ(send(p.fd, "\x17\x03\x03\x40\x00xxxx", 9, MSG_NOSIGNAL), 9);
        while (c->phase == CLIENT_IDLE)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(c->phase, CLIENT_PARTIAL);
        ASSERT_TRUE(c->kept >= 16384);
        s.server->n_kept_max_per_host = 1000;
        ASSERT_EQ(send(p.fd, "x", 1, MSG_NOSIGNAL), 1);
        expect_end(&s, p.fd);
        peer_done(&p);
        teardown(&s);
}

/* A handshake counts as many requests, which can be had only later then. */
static void test_rate(void) {
        _cleanup_(tls_context_unrefp) TlsContext *context = client_context();
        Setup s = setup_tls(&SERVER_LIMITS_DEFAULT);
        Peer p;

        s.server->turns.rate = 10 * TLS_HANDSHAKE_REQUESTS;
        Client *c = secure_from(&s, context, "192.0.2.1", &p);
        while (!c->secured)
                turn(&s, 10 * USEC_PER_MSEC);
        unsigned allowed = turns_allowance(&s.server->turns, c->session.host->network, s.server->now_usec);
        ASSERT_TRUE(allowed <= 9 * TLS_HANDSHAKE_REQUESTS + 20 && allowed >= 9 * TLS_HANDSHAKE_REQUESTS - 2);
        peer_done(&p);
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
        test_said_before();
        test_backpressure();
        test_full_records();
        test_injection();
        test_deadline();
        test_too_many();
        test_displacement();
        test_memory();
        test_rate();
        test_required();
        return 0;
}
