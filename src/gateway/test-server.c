/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-server-util.h"

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

static bool is_admitted(Setup *s, const char *address, int *ret_fd) {
        Client *c;

        *ret_fd = connect_from(s, address, &c);
        return c;
}

/* Of IPv6 a network, or a link, has the share of one host. */
static void test_networks(void) {
        static const struct {
                const char *address;
                bool admitted;
        } newcomers[] = {
                { "2001:db8::1",     true  },
                { "2001:db8::2",     true  },
                { "2001:db8::",      false },
                { "2001:db8::1",     false },
                { "2001:db8:0:1::1", true  },
                { "fe80::1",         true  },
                { "fe80::1:0:0:2",   true  },
                { "fe80::3",         false },
                { "192.0.2.1",       true  },
                { "192.0.2.2",       true  },
                { "192.0.2.3",       true  },
                { "::1",             true  },
                { "::1",             true  },
                { "::1",             true  },
        };
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fds[ELEMENTSOF(newcomers)];

        s.server->n_max_per_host = 2;
        for (size_t i = 0; i < ELEMENTSOF(newcomers); i++)
                ASSERT_EQ(is_admitted(&s, newcomers[i].address, fds + i), newcomers[i].admitted);
        for (size_t i = 0; i < ELEMENTSOF(newcomers); i++)
                safe_close(fds[i]);
        teardown(&s);
}

#define WAITING 300U

static int connect_listener(const Listener *l) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        SocketAddress a;
        socklen_t n = sizeof(a);

        ASSERT_TRUE(fd >= 0);
        ASSERT_EQ(getsockname(l->fd, &a.sa, &n), 0);
        ASSERT_TRUE(connect(fd, &a.sa, n) == 0 || errno == EINPROGRESS);
        return fd;
}

/* Who has connected to an address that is listened on no more is let in, however many there are, and also
 * when it lasts until anybody is. */
static void test_leaving(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fds[WAITING];
        Listener *l;

        ASSERT_OK(listener_new("127.0.0.2", 0, false, &l));
        ASSERT_OK(server_add_listener(s.server, l));
        server_hold(s.server, true);
        for (unsigned i = 0; i < WAITING; i++)
                fds[i] = connect_listener(l);
        ASSERT_OK(server_listen(s.server, s.gateway->conf, /* port= */ 0));
        ASSERT_TRUE(l->leaving);

        for (uint64_t end = l->leaving_usec + 200 * USEC_PER_MSEC; now_usec(CLOCK_MONOTONIC) < end;)
                turn(&s, 50 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_clients, 0);
        server_hold(s.server, false);
        ASSERT_OK(server_listen(s.server, s.gateway->conf, /* port= */ 0));
        for (unsigned i = 0; i < WAITING; i++) {
                say(fds[i], "NETVER\n");
                expect(&s, fds[i], "1.3\n");
                safe_close(fds[i]);
        }
        while (s.server->listeners == l)
                turn(&s, USEC_PER_SEC);
        ASSERT_FALSE(s.server->listeners->next);
        teardown(&s);
}

static bool has_ended(int fd) {
        char c;

        return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

/* One machine with many addresses fills MAXCONN: those of this machine and newcomers get in all the same, at
 * its cost, but not at that of who has shown credentials. */
static void test_room_for_newcomers(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int crowd[36], here[4], newcomer, fd;
        char address[INET6_ADDRSTRLEN];
        Client *c;

        s.server->n_max = 40;
        for (unsigned i = 0; i < ELEMENTSOF(crowd); i++) {
                (void) snprintf(address, sizeof(address), "2001:db8::%x", i);
                crowd[i] = connect_from(&s, address, &c);
                ASSERT_TRUE(c);
                c->session.proven = i == 0;
        }
        ASSERT_FALSE(is_admitted(&s, "2001:db8::1:1", &fd));
        safe_close(fd);
        for (unsigned i = 0; i < ELEMENTSOF(here); i++)
                ASSERT_TRUE(is_admitted(&s, i % 2 ? "127.0.0.1" : "::1", here + i));

        /* Half of the difference, but never too many at a time. */
        s.server->room_usec = 0;
        ASSERT_TRUE(is_admitted(&s, "192.0.2.1", &newcomer));
        turn(&s, 0);
        ASSERT_FALSE(has_ended(crowd[0]));
        for (unsigned i = 1; i < ELEMENTSOF(crowd); i++)
                ASSERT_EQ(has_ended(crowd[i]), i <= 18);
        say(newcomer, "NETVER\n");
        expect(&s, newcomer, "1.3\n");
        ASSERT_EQ(s.server->n_clients, 40 + 1 - 18);

        for (unsigned i = 0; i < ELEMENTSOF(crowd); i++)
                safe_close(crowd[i]);
        for (unsigned i = 0; i < ELEMENTSOF(here); i++)
                safe_close(here[i]);
        safe_close(newcomer);
        teardown(&s);
}

/* Of many that have as much each, none goes for another. */
static void test_no_room(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fds[9], fd;
        char address[INET6_ADDRSTRLEN];

        s.server->n_max = ELEMENTSOF(fds);
        for (unsigned i = 0; i < ELEMENTSOF(fds); i++) {
                (void) snprintf(address, sizeof(address), "192.0.2.%u", i);
                ASSERT_TRUE(is_admitted(&s, address, fds + i));
        }
        ASSERT_FALSE(is_admitted(&s, "192.0.2.100", &fd));
        for (unsigned i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        safe_close(fd);
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
        while (c->phase != CLIENT_WAITING && c->session.user_generation == 0)
                turn(s, 10 * USEC_PER_MSEC);
        return c->phase == CLIENT_WAITING;
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

/* One with many writes open waits for the device, and so do its next requests. */
static void test_writes_wait(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int fd = connect_client(&s, &client), other = connect_client(&s, NULL);

        s.fake->keep_open = true;
        say(fd, "USERNAME admin\nPASSWORD pw\n");
        expect(&s, fd, "OK\nOK\n");
        for (unsigned i = 0; i < 512; i++) {
                say(fd, "SET VAR zeta ups.id x\n");
                expect(&s, fd, "OK\n");
        }
        say(fd, "NETVER\nSET VAR zeta ups.id y\nNETVER\n");
        expect(&s, fd, "1.3\n");
        ASSERT_EQ(client->phase, CLIENT_WAITING);
        ASSERT_EQ(s.fake->n_open, 512);
        server_give_room(s.server); /* for nothing */
        say(fd, "SET VAR zeta ups.id z\n");
        say(other, "NETVER\n");
        expect(&s, other, "1.3\n");
        ASSERT_EQ(client->phase, CLIENT_WAITING);

        fake_gateway_reply(s.fake, 0);
        server_give_room(s.server);
        expect(&s, fd, "OK\n1.3\nOK\n");
        ASSERT_EQ(s.fake->n_open, 2);

        /* It may go while it waits. */
        for (unsigned i = 0; i < 510; i++) {
                say(fd, "INSTCMD zeta load.off\n");
                expect(&s, fd, "OK\n");
        }
        say(fd, "INSTCMD zeta load.off\n");
        while (client->phase != CLIENT_WAITING)
                turn(&s, 10 * USEC_PER_MSEC);
        safe_close(fd);
        while (s.server->n_clients > 1)
                turn(&s, 10 * USEC_PER_MSEC);
        server_give_room(s.server);
        safe_close(other);
        teardown(&s);
}

/* A device may have only so many of all clients; who comes then waits as well, and nobody else. */
static void test_device_full(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int fds[3];

        s.fake->keep_open = true;
        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_client(&s, &client);
                say(fds[i], "USERNAME admin\nPASSWORD pw\n");
                expect(&s, fds[i], "OK\nOK\n");
                for (unsigned k = 0; i < 2 && k < 512; k++) {
                        say(fds[i], "SET VAR zeta ups.id x\n");
                        expect(&s, fds[i], "OK\n");
                }
        }
        ASSERT_EQ(s.fake->n_open, 1024);
        say(fds[2], "NETVER\nSET VAR zeta ups.id y\nNETVER\n");
        expect(&s, fds[2], "1.3\n");
        ASSERT_EQ(client->phase, CLIENT_WAITING);
        say(fds[0], "NETVER\n");
        expect(&s, fds[0], "1.3\n");

        fake_gateway_reply(s.fake, 0);
        server_give_room(s.server);
        expect(&s, fds[2], "OK\n1.3\n");
        ASSERT_STREQ(s.fake->last_write, "set zeta ups.id=y");
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        teardown(&s);
}

/* That many who wait for something else cost next to nothing at each end of a write. */
static void test_room_among_many(void) {
        enum { N = 30000 };
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        ClientList *l = s.server->clients + CLIENT_WAITING;
        _cleanup_free_ Client *many = new0(Client, N);

        ASSERT_TRUE(many);
        for (size_t i = 0; i < N; i++) {
                many[i].server = s.server;
                many[i].phase = CLIENT_WAITING;
                many[i].previous = i > 0 ? many + i - 1 : NULL;
                many[i].next = i + 1 < N ? many + i + 1 : NULL;
        }
        *l = (ClientList) { many, many + N - 1 };

        uint64_t begin = now_usec(CLOCK_PROCESS_CPUTIME_ID);
        server_give_room(s.server);
        ASSERT_TRUE(now_usec(CLOCK_PROCESS_CPUTIME_ID) - begin < 100 * USEC_PER_MSEC);
        *l = (ClientList) {};
        teardown(&s);
}

/* Nobody is left in the belief that what he agreed with an earlier process still holds. */
static void test_drop_passed(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fds[2], held;

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        held = dup(fds[1]); /* as the service manager does */
        ASSERT_OK(held);
        s.server->passed = new0(int, 1);
        ASSERT_TRUE(s.server->passed);
        s.server->passed[0] = fds[1];
        s.server->n_passed = 1;
        server_drop_passed(s.server);
        ASSERT_EQ(s.server->n_passed, 0);
        expect(&s, fds[0], "");
        server_resume_clients(s.server);
        ASSERT_EQ(s.server->n_clients, 0);
        safe_close(fds[0]);
        safe_close(held);
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
        test_leaving();
        test_networks();
        test_room_for_newcomers();
        test_no_room();
        test_device_dropped();
        test_slow_password();
        test_slow_password_interrupted();
        test_writes_wait();
        test_device_full();
        test_room_among_many();
        test_drop_passed();
        test_memory();
        return 0;
}
