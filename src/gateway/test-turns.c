/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-server-util.h"

#define BULK_LINES 15000U

static bool has_answer(int fd) {
        char c;

        return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

/* In one round of sockets; there may be one of the event loop before it. */
static void expect_soon(Setup *s, int fd) {
        turn(s, 0);
        if (!has_answer(fd))
                turn(s, 0);
        ASSERT_TRUE(has_answer(fd));
}

/* Many copies of a line, in new memory. */
static char *repeat(const char *line, unsigned n) {
        size_t size = strlen(line);
        char *text = new0(char, n * size + 1);

        ASSERT_TRUE(text);
        for (unsigned i = 0; i < n; i++)
                memcpy(text + i * size, line, size);
        return text;
}

/* Takes the answers that are there; returns how many lines. */
static unsigned take_lines(int fd) {
        char buffer[65536];
        unsigned lines = 0;
        ssize_t n;

        while ((n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
                for (ssize_t i = 0; i < n; i++)
                        lines += buffer[i] == '\n';
        return lines;
}

/* Who asks for little is answered before those who ask for much, and these one after the other. */
static void test_long_row(void) {
        _cleanup_free_ char *row = repeat("NETVER\n", BULK_LINES);
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int bulk[3];
        unsigned n[3] = {};
        Client *c;
        int probe = connect_client(&s, NULL);

        for (size_t i = 0; i < ELEMENTSOF(bulk); i++) {
                bulk[i] = connect_client(&s, &c);
                say(bulk[i], row);
        }
        say(probe, "NETVER\n");
        expect_soon(&s, probe);
        ASSERT_TRUE(c->due);
        ASSERT_EQ(take_lines(probe), 1);

        while (n[0] < BULK_LINES || n[1] < BULK_LINES || n[2] < BULK_LINES) {
                say(probe, "NETVER\n");
                expect_soon(&s, probe);
                ASSERT_EQ(take_lines(probe), 1);
                for (size_t i = 0; i < ELEMENTSOF(bulk); i++)
                        n[i] += take_lines(bulk[i]);
        }
        for (unsigned i = 0; i < 3; i++)
                turn(&s, 0);
        ASSERT_FALSE(c->due);
        ASSERT_FALSE(c->input);
        for (size_t i = 0; i < ELEMENTSOF(bulk); i++)
                safe_close(bulk[i]);
        safe_close(probe);
        teardown(&s);
}

/* Answers of any size end a turn, too, and what was read is answered by the one who stops. */
static void test_long_answers(void) {
        _cleanup_free_ char *row = repeat("LIST VAR zeta\n", 250);
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *c;
        int fd = connect_client(&s, &c), size = 8 << 20;

        ASSERT_EQ(setsockopt(c->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)), 0);
        say(fd, row);
        turn(&s, 0);
        ASSERT_TRUE(s.server->turn.n_output < 4 * SERVER_OUTPUT_BATCH);
        unsigned before = take_lines(fd);
        s.server = server_free(s.server);
        unsigned after = take_lines(fd);
        ASSERT_TRUE(before > 0);
        ASSERT_EQ((before + after) % 250, 0);
        safe_close(fd);
        teardown(&s);
}

/* A host that asks more often than it may waits, whatever its number of connections and of addresses in its
 * network, and loses nothing;
 * others do not wait. */
static void test_rate(void) {
        _cleanup_free_ char *row = repeat("NETVER\n", 120);
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fast[2] = { connect_from(&s, "2001:db8::1", NULL), connect_from(&s, "2001:db8::2", NULL) },
            other = connect_from(&s, "2001:db8:0:1::1", NULL), here = connect_from(&s, "127.0.0.1", NULL);
        uint64_t start = now_usec(CLOCK_MONOTONIC);
        unsigned n = 0;

        s.server->turns.rate = 100;
        say(fast[0], row);
        say(fast[1], row);
        while (n < 240) {
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start < 20 * USEC_PER_SEC);
                turn(&s, 50 * USEC_PER_MSEC);
                n += take_lines(fast[0]) + take_lines(fast[1]);
                ASSERT_TRUE(n <= 101 + (now_usec(CLOCK_MONOTONIC) - start) / 10000);
                if (n < 200) {
                        say(other, "NETVER\n");
                        expect(&s, other, "1.3\n");
                }
        }
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start >= 1300 * USEC_PER_MSEC);

        start = now_usec(CLOCK_MONOTONIC);
        say(here, row);
        say(here, row);
        for (n = 0; n < 240; n += take_lines(here))
                turn(&s, 50 * USEC_PER_MSEC);
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start < 1000 * USEC_PER_MSEC);
        safe_close(fast[0]);
        safe_close(fast[1]);
        safe_close(other);
        safe_close(here);
        teardown(&s);
}

/* One host cannot have all the memory for those who do not read. */
static void test_memory_of_host(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *clients[6];
        int fds[ELEMENTSOF(clients)];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_from(&s, i == 0 ? "192.0.2.2" : "192.0.2.1", clients + i);
                fill(&s, fds[i]);
                if (i == 0)
                        s.server->n_kept_max_per_host = 3 * s.server->n_kept;
        }
        ASSERT_EQ(clients[0]->phase, CLIENT_BLOCKED);
        ASSERT_TRUE(clients[0]->session.host->n_clients == 1);
        ASSERT_TRUE(s.server->n_clients < ELEMENTSOF(fds));
        ASSERT_EQ(send(fds[1], "x", 1, MSG_NOSIGNAL), -1);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        while (s.server->n_clients > 0)
                turn(&s, 10 * USEC_PER_MSEC);
        ASSERT_EQ(s.server->n_kept, 0);
        teardown(&s);
}

int main(void) {
        test_long_row();
        test_long_answers();
        test_rate();
        test_memory_of_host();
        return 0;
}
