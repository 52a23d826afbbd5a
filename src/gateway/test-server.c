/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "client.h"
#include "fake-gateway.h"
#include "test-util.h"
#include "time-util.h"

/* A server whose clients are the other ends of socket pairs, all in this process. */
typedef struct Setup {
        FakeGateway *fake;
        Gateway *gateway;
        Server *server;
} Setup;

static Setup setup(const ServerLimits *limits) {
        Setup s = { .fake = fake_gateway_new() };

        s.gateway = &s.fake->gateway;
        ASSERT_OK(sd_event_new(&s.gateway->event));
        ASSERT_OK(verifier_new(s.gateway->event, &s.gateway->verifier));
        ASSERT_OK(server_new(s.gateway, limits, &s.server));
        s.gateway->server = s.server;
        return s;
}

static void teardown(Setup *s) {
        server_free(s->server);
        verifier_free(s->gateway->verifier);
        sd_event_unref(s->gateway->event);
        fake_gateway_free(s->fake);
}

static int connect_address(Setup *s, const SocketAddress *a, Client **ret) {
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        Client *c = server_adopt(s->server, fds[1], a);
        if (ret)
                *ret = c;
        return fds[0];
}

/* Returns our end; *ret, if not NULL, becomes the server's client, NULL when it was refused. */
static int connect_client(Setup *s, Client **ret) {
        return connect_address(s, &(SocketAddress) { .sa.sa_family = AF_UNIX }, ret);
}

static int connect_from(Setup *s, const char *address, Client **ret) {
        SocketAddress a = { .in.sin_family = AF_INET };

        ASSERT_EQ(inet_pton(AF_INET, address, &a.in.sin_addr), 1);
        return connect_address(s, &a, ret);
}

static void turn(Setup *s, uint64_t usec) {
        ASSERT_OK(server_turn(s->server, (int) (usec / USEC_PER_MSEC)));
}

static void say(int fd, const char *text) {
        ASSERT_EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t) strlen(text));
}

/* Turns the loop until the text has come, or the end of the connection ("" then). */
static void expect(Setup *s, int fd, const char *text) {
        char buffer[8192];
        size_t n = 0, wanted = strlen(text);
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;

        while (n < MAX(wanted, (size_t) 1)) {
                ssize_t k = recv(fd, buffer + n, sizeof(buffer) - 1 - n, MSG_DONTWAIT);

                if (k == 0)
                        break;
                if (k > 0) {
                        n += (size_t) k;
                        continue;
                }
                ASSERT_TRUE(errno == EAGAIN && now_usec(CLOCK_MONOTONIC) < deadline);
                turn(s, 10 * USEC_PER_MSEC);
        }
        buffer[n] = '\0';
        ASSERT_STREQ(buffer, text);
}

static void test_requests(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fd = connect_client(&s, NULL);

        say(fd, "NETVER\nPROTVER\r\nNETVER\r\r\n");
        expect(&s, fd, "1.3\n1.3\n1.3\n");
        for (const char *c = "GET VAR zeta ups.status\nNETVER\n"; *c; c++) {
                ASSERT_EQ(send(fd, c, 1, 0), 1);
                turn(&s, 0);
        }
        expect(&s, fd, "VAR zeta ups.status \"OL CHRG\"\n1.3\n");

        say(fd, "NETVER\nNETVER");
        ASSERT_EQ(shutdown(fd, SHUT_WR), 0);
        expect(&s, fd, "1.3\n");
        expect(&s, fd, "");
        safe_close(fd);

        fd = connect_client(&s, NULL);
        say(fd, "NETVER\nLOGOUT\nNETVER\n");
        expect(&s, fd, "1.3\nOK Goodbye\n");
        expect(&s, fd, "");
        safe_close(fd);
        ASSERT_EQ(s.server->n_clients, 0);
        teardown(&s);
}

/* Reads whatever comes until a number of list ends has come. */
static void count_lists(Setup *s, int fd, unsigned n) {
        static const char end[] = "END LIST VAR zeta\n";
        char buffer[65536];
        size_t matched = 0;
        unsigned found = 0;
        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 30 * USEC_PER_SEC;

        while (found < n) {
                ssize_t k = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < deadline);
                ASSERT_TRUE(k != 0);
                if (k < 0)
                        turn(s, 10 * USEC_PER_MSEC);
                for (ssize_t i = 0; i < k; i++) {
                        matched = buffer[i] == end[matched] ? matched + 1 : buffer[i] == end[0];
                        if (end[matched] == '\0') {
                                found++;
                                matched = 0;
                        }
                }
        }
        ASSERT_EQ(found, n);
}

/* One that asks and does not read costs a bounded amount of memory, and nobody else anything. */
static void test_backpressure(void) {
        static const char request[] = "LIST VAR zeta\n";
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int greedy = connect_client(&s, &client), other = connect_client(&s, NULL);
        unsigned sent = 0;

        for (unsigned idle = 0; idle < 20;)
                if (send(greedy, request, strlen(request), MSG_DONTWAIT) == (ssize_t) strlen(request)) {
                        sent++;
                        idle = 0;
                } else {
                        turn(&s, 0);
                        idle++;
                }
        ASSERT_TRUE(sent > 1000);
        ASSERT_EQ(client->phase, CLIENT_BLOCKED);
        ASSERT_TRUE(client->output->size < 2 * SERVER_OUTPUT_BATCH);
        ASSERT_TRUE(!client->input || client->input->size <= SERVER_INPUT_SIZE);

        say(other, "NETVER\n");
        expect(&s, other, "1.3\n");

        count_lists(&s, greedy, sent);
        say(greedy, "NETVER\n");
        expect(&s, greedy, "1.3\n");
        ASSERT_FALSE(client->output);
        ASSERT_FALSE(client->input);
        ASSERT_EQ(client->phase, CLIENT_IDLE);

        safe_close(greedy);
        safe_close(other);
        teardown(&s);
}

/* A line that does not end has its own, shorter limit, which more bytes do not prolong. */
static void test_time_limits(void) {
        static const ServerLimits limits = {
                .idle_usec = 1200 * USEC_PER_MSEC,
                .partial_usec = 300 * USEC_PER_MSEC,
                .blocked_usec = 300 * USEC_PER_MSEC,
                .leaving_usec = 300 * USEC_PER_MSEC,
        };
        Setup s = setup(&limits);
        int idle = connect_client(&s, NULL), slow = connect_client(&s, NULL),
            busy = connect_client(&s, NULL);
        uint64_t start = now_usec(CLOCK_MONOTONIC), slow_end = 0, idle_end = 0;

        while (!idle_end) {
                char c;

                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start < 10 * USEC_PER_SEC);
                if (!slow_end && send(slow, "x", 1, MSG_NOSIGNAL) < 0)
                        slow_end = now_usec(CLOCK_MONOTONIC);
                say(busy, "NETVER\n");
                expect(&s, busy, "1.3\n");
                turn(&s, 20 * USEC_PER_MSEC);
                if (recv(idle, &c, 1, MSG_DONTWAIT) == 0)
                        idle_end = now_usec(CLOCK_MONOTONIC);
        }
        ASSERT_TRUE(slow_end);
        ASSERT_TRUE(slow_end - start >= limits.partial_usec);
        ASSERT_TRUE(slow_end < idle_end);
        ASSERT_TRUE(idle_end - start >= limits.idle_usec);
        ASSERT_EQ(s.server->n_clients, 1);

        safe_close(idle);
        safe_close(slow);
        safe_close(busy);
        teardown(&s);
}

/* Over the limit a client is told so, and there is room again when one goes. */
static void test_refusal(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *c;

        s.server->n_max = 2;
        int a = connect_client(&s, &c);
        ASSERT_TRUE(c);
        int b = connect_client(&s, &c);
        ASSERT_TRUE(c);
        int refused = connect_client(&s, &c);
        ASSERT_FALSE(c);
        ASSERT_EQ(s.server->n_clients, 2);
        ASSERT_EQ(s.server->n_leaving, 1);
        say(refused, "STARTTLS\n");
        expect(&s, refused, "ERR ACCESS-DENIED\n");
        safe_close(refused);
        say(b, "NETVER\n");
        expect(&s, b, "1.3\n");

        safe_close(a);
        while (s.server->n_clients > 1)
                turn(&s, USEC_PER_SEC);
        a = connect_client(&s, &c);
        ASSERT_TRUE(c);

        s.server->n_max = 100;
        s.server->n_max_per_host = 2;
        refused = connect_client(&s, &c);
        ASSERT_FALSE(c);
        expect(&s, refused, "ERR ACCESS-DENIED\n");
        safe_close(refused);
        safe_close(a);
        safe_close(b);
        teardown(&s);
}

static void test_device_dropped(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int in = connect_client(&s, NULL), out = connect_client(&s, NULL);

        say(in, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n");
        expect(&s, in, "OK\nOK\nOK\n");
        server_drop_device(s.server, device_table_find(s.gateway->devices, "zeta"));
        expect(&s, in, "");
        say(out, "GET NUMLOGINS zeta\n");
        expect(&s, out, "NUMLOGINS zeta 0\n");

        /* The count follows connections that just end. */
        say(out, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\nGET NUMLOGINS zeta\n");
        expect(&s, out, "OK\nOK\nOK\nNUMLOGINS zeta 1\n");
        safe_close(out);
        while (s.server->n_clients > 0)
                turn(&s, USEC_PER_SEC);
        ASSERT_EQ(device_table_find(s.gateway->devices, "zeta")->n_sessions, 0);
        safe_close(in);
        teardown(&s);
}

#define SLOW "USERNAME slow\nPASSWORD secret\n"

/* Turns the loop until the client waits for its verdict. False when that came while we did not look,
 * which takes a busy machine. */
static bool until_verifying(Setup *s, const Client *c) {
        while (c->phase != CLIENT_VERIFYING && c->session.user_generation == 0)
                turn(s, 10 * USEC_PER_MSEC);
        return c->phase == CLIENT_VERIFYING;
}

/* A slow hash holds up its own client only, whose answers stay in order; the next one need not wait. */
static void test_slow_password(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int slow = connect_client(&s, &client), other = connect_client(&s, NULL);

        say(slow, "NETVER\n" SLOW "LOGIN nosuch\nLOGIN zeta\nGET NUMLOGINS zeta\n");
        if (until_verifying(&s, client)) {
                say(other, "NETVER\n");
                expect(&s, other, "1.3\n");
        }
        say(slow, "NETVER\nLOGOUT\nNETVER\n");
        expect(&s, slow, "1.3\nOK\nOK\nERR UNKNOWN-UPS\nOK\nNUMLOGINS zeta 1\n1.3\nOK Goodbye\n");
        expect(&s, slow, "");
        safe_close(slow);

        slow = connect_client(&s, &client);
        say(slow, SLOW "LOGIN zeta\nNET");
        expect(&s, slow, "OK\nOK\nOK\n");
        ASSERT_FALSE(client->session.verification);
        ASSERT_EQ(client->phase, CLIENT_PARTIAL);
        say(slow, "VER\n");
        expect(&s, slow, "1.3\n");
        safe_close(slow);

        slow = connect_client(&s, NULL);
        say(slow, "USERNAME slow\nPASSWORD wrong\nLOGIN zeta\nLOGIN zeta\n");
        expect(&s, slow, "OK\nOK\nERR ACCESS-DENIED\nERR ACCESS-DENIED\n");
        safe_close(slow);
        safe_close(other);
        teardown(&s);
}

/* Whatever happens while the question is open, nobody is left behind. */
static void test_slow_password_interrupted(void) {
        for (unsigned what = 0, missed = 0; what < 4; what++) {
                Setup s = setup(&SERVER_LIMITS_DEFAULT);
                Client *client;
                int fd = connect_client(&s, &client);

                say(fd, SLOW "LOGIN zeta\nNETVER\n");
                if (!until_verifying(&s, client)) {
                        ASSERT_TRUE(++missed < 100);
                        what--;
                        safe_close(fd);
                        teardown(&s);
                        continue;
                }
                switch (what) {
                case 0: /* the client goes */
                        fd = safe_close(fd);
                        while (s.server->n_clients > 0)
                                turn(&s, 10 * USEC_PER_MSEC);
                        break;
                case 1: /* the users file is read again */
                        s.gateway->user_generation++;
                        expect(&s, fd, "OK\nOK\nOK\n1.3\n");
                        break;
                case 2: /* ... and the user is gone */
                        s.gateway->users->n_users = 1;
                        s.gateway->user_generation++;
                        expect(&s, fd, "OK\nOK\nERR ACCESS-DENIED\n1.3\n");
                        s.gateway->users->n_users = 6;
                        break;
                case 3: /* we go */
                        break;
                }
                safe_close(fd);
                teardown(&s);
        }
}

#define FLOOD 100U

/* Whether somebody has not come as far as to wait for the verdict. */
static bool somebody_talks(const Setup *s) {
        for (const Client *c = s->server->clients[CLIENT_IDLE].first; c; c = c->next)
                if (c->session.user_generation == 0)
                        return true;
        return s->server->clients[CLIENT_PARTIAL].first;
}

/* Lets many clients of one address ask for a slow verdict, with as many passwords or with one. */
static void flood(Setup *s, bool one_password, int fds[static FLOOD]) {
        for (unsigned i = 0; i < FLOOD; i++) {
                _cleanup_free_ char *text = strprintf("USERNAME slow\nPASSWORD wrong%u\nLOGIN zeta\n",
                                one_password ? 0 : i);

                fds[i] = connect_from(s, "192.0.2.1", NULL);
                say(fds[i], text);
        }
        while (somebody_talks(s))
                turn(s, USEC_PER_MSEC);
}

static unsigned n_verifying(const Setup *s) {
        unsigned n = 0;

        for (const Client *c = s->server->clients[CLIENT_VERIFYING].first; c; c = c->next)
                n++;
        return n;
}

static void close_all(Setup *s, int fds[static FLOOD]) {
        for (unsigned i = 0; i < FLOOD; i++)
                safe_close(fds[i]);
        while (s->server->n_clients > 0)
                turn(s, 10 * USEC_PER_MSEC);
}

/* How long one right login takes. */
static uint64_t time_login(Setup *s, const char *address) {
        uint64_t start = now_usec(CLOCK_MONOTONIC);
        int fd = connect_from(s, address, NULL);

        say(fd, SLOW "LOGIN zeta\n");
        expect(s, fd, "OK\nOK\nOK\n");
        safe_close(fd);
        for (size_t i = 0; i < s->gateway->users->n_users; i++) {
                free(s->gateway->users->users[i].known); /* so that the next one takes as long */
                s->gateway->users->users[i].known = NULL;
        }
        return now_usec(CLOCK_MONOTONIC) - start;
}

/* Hosts take turns, so that one who asks for many verdicts delays itself. */
static void test_password_flood(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fds[FLOOD];

        flood(&s, false, fds);
        unsigned n = n_verifying(&s);
        ASSERT_TRUE(n > FLOOD / 2);
        (void) time_login(&s, "192.0.2.2");
        ASSERT_TRUE(n - n_verifying(&s) <= FLOOD / 4);
        close_all(&s, fds);
        teardown(&s);
}

/* Who does not wait for the verdict costs nothing any more. */
static void test_password_withdrawn(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        uint64_t usual = time_login(&s, "192.0.2.1");
        int fds[FLOOD];

        flood(&s, false, fds);
        close_all(&s, fds);
        ASSERT_TRUE(time_login(&s, "192.0.2.1") < usual * FLOOD / 4);
        teardown(&s);
}

/* A whole network with the same credentials is answered at once. */
static void test_password_shared(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        uint64_t usual = time_login(&s, "192.0.2.1"), start = now_usec(CLOCK_MONOTONIC);
        int fds[FLOOD];

        flood(&s, true, fds);
        for (unsigned i = 0; i < FLOOD; i++)
                expect(&s, fds[i], "OK\nOK\nERR ACCESS-DENIED\n");
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start < usual * FLOOD / 4);
        close_all(&s, fds);
        teardown(&s);
}

/* Standard error goes into a file until the end of the capture. */
typedef struct Capture {
        int saved, file;
} Capture;

static Capture capture(void) {
        Capture c = { .saved = dup(STDERR_FILENO), .file = memfd_create("log", MFD_CLOEXEC) };

        ASSERT_TRUE(c.saved >= 0 && c.file >= 0);
        ASSERT_TRUE(dup2(c.file, STDERR_FILENO) >= 0);
        return c;
}

static char *capture_end(Capture *c) {
        static char text[1 << 20];

        ASSERT_TRUE(dup2(c->saved, STDERR_FILENO) >= 0);
        ssize_t n = pread(c->file, text, sizeof(text) - 1, 0);
        ASSERT_TRUE(n >= 0);
        text[n] = '\0';
        safe_close(c->saved);
        safe_close(c->file);
        return text;
}

static unsigned count(const char *text, const char *part) {
        unsigned n = 0;

        for (; (text = strstr(text, part)); text += strlen(part))
                n++;
        return n;
}

static void repeat(Setup *s, int fd, const char *request, const char *answer) {
        for (unsigned i = 0; i < 100; i++) {
                say(fd, request);
                expect(s, fd, answer);
        }
}

/* Clients cannot fill the log, not with many connections either, and do not hide what others do. */
static void test_log_flood(void) {
        static const char wrong[] = "USERNAME mon\nPASSWORD no\n";
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Capture c = capture();

        for (unsigned i = 0; i < 3; i++) {
                int fd = connect_from(&s, "192.0.2.1", NULL);

                say(fd, wrong);
                expect(&s, fd, "OK\nOK\n");
                repeat(&s, fd, "LOGIN zeta\n", "ERR ACCESS-DENIED\n");
                safe_close(fd);
                while (s.server->n_clients > 0)
                        turn(&s, 10 * USEC_PER_MSEC);
        }
        int other = connect_from(&s, "192.0.2.2", NULL), writer = connect_from(&s, "192.0.2.3", NULL);
        say(other, wrong);
        say(other, "LOGIN zeta\n");
        expect(&s, other, "OK\nOK\nERR ACCESS-DENIED\n");
        say(writer, "USERNAME admin\nPASSWORD pw\n");
        expect(&s, writer, "OK\nOK\n");
        repeat(&s, writer, "INSTCMD zeta load.off\n", "OK\n");
        repeat(&s, writer, "SET VAR zeta ups.id x\n", "OK\n");

        const char *log = capture_end(&c);
        ASSERT_EQ(count(log, "mon@192.0.2.1 match no user"), 10);
        ASSERT_EQ(count(log, "mon@192.0.2.2 match no user"), 1);
        ASSERT_EQ(count(log, "admin@192.0.2.3 did load.off"), 50);
        ASSERT_EQ(count(log, "admin@192.0.2.3 set ups.id"), 0);
        ASSERT_TRUE(count(log, "did not") <= 50);
        safe_close(other);
        safe_close(writer);
        teardown(&s);
}

/* All that do not read share one budget, and the one that waits longest pays. */
static void test_memory_of_blocked(void) {
        static const char request[] = "LIST VAR zeta\n";
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *clients[8];
        int fds[ELEMENTSOF(clients)];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_client(&s, clients + i);
                for (unsigned idle = 0; idle < 20; idle++)
                        if (send(fds[i], request, strlen(request), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
                                idle = 0;
                        else
                                turn(&s, 0);
                ASSERT_EQ(clients[i]->phase, CLIENT_BLOCKED);
                if (i == 0)
                        s.server->n_kept_max = 3 * s.server->n_kept;
                ASSERT_TRUE(s.server->n_kept > 0);
                ASSERT_TRUE(s.server->n_kept <= s.server->n_kept_max);
        }
        ASSERT_TRUE(s.server->n_clients < ELEMENTSOF(fds));
        ASSERT_EQ(send(fds[0], "x", 1, MSG_NOSIGNAL), -1);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_kept, 0);
        teardown(&s);
}

/* Not even the bytes of the line stay where they were read. */
static void test_password_erased(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fd = connect_client(&s, NULL);

        say(fd, "PASSWORD hush-hush\n");
        expect(&s, fd, "OK\n");
        ASSERT_FALSE(memmem(s.server->input, sizeof(s.server->input), "hush", 4));
        safe_close(fd);
        teardown(&s);
}

/* What a client costs while nothing is going on. */
static void test_memory(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *c;
        int fd = connect_client(&s, &c);

        say(fd, "LIST VAR zeta\nNETVER\n");
        while (recv(fd, (char[65536]) {}, 65536, MSG_DONTWAIT) < 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_FALSE(c->lexer);
        ASSERT_FALSE(c->input);
        ASSERT_FALSE(c->output);
        ASSERT_TRUE(sizeof(Client) <= 256);
        safe_close(fd);
        teardown(&s);
}

int main(void) {
        test_requests();
        test_backpressure();
        test_time_limits();
        test_refusal();
        test_device_dropped();
        test_slow_password();
        test_slow_password_interrupted();
        test_password_flood();
        test_password_withdrawn();
        test_password_shared();
        test_password_erased();
        test_log_flood();
        test_memory_of_blocked();
        test_memory();
        return 0;
}
