/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/mman.h>

#include "test-server-util.h"

#define FLOOD 100U

/* "secret", hashed as slowly as users have it. */
#define SLOW_HASH "$y$j9T$busbarbusbar$/LmyoZK.5PuzJrYpKjTRClkT8rv0wZxw9DzkFcVmmeB"

static Setup setup_slow(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);

        for (size_t i = 0; i < s.gateway->users->n_users; i++)
                if (streq(s.gateway->users->users[i].name, "slow"))
                        ASSERT_OK(free_and_strdup(&s.gateway->users->users[i].password, SLOW_HASH));
        return s;
}

/* Whether somebody has not come as far as to wait for the verdict. */
static bool somebody_talks(const Setup *s) {
        for (const Client *c = s->server->clients[CLIENT_IDLE].first; c; c = c->next)
                if (c->session.user_generation == 0)
                        return true;
        return s->server->clients[CLIENT_PARTIAL].first;
}

/* Lets many clients ask for a slow verdict, with as many passwords or with one: of one address, or each of
 * its own that begins so. */
static void flood_from(Setup *s, const char *begin, bool one_password, int fds[static FLOOD]) {
        for (unsigned i = 0; i < FLOOD; i++) {
                _cleanup_free_ char *text = strprintf("USERNAME slow\nPASSWORD wrong%u\nLOGIN zeta\n",
                                one_password ? 0 : i);
                _cleanup_free_ char *address = begin ? strprintf("%s%u", begin, i) : strdup("192.0.2.1");

                fds[i] = connect_from(s, address, NULL);
                say(fds[i], text);
        }
        while (somebody_talks(s))
                turn(s, USEC_PER_MSEC);
}

static void flood(Setup *s, bool one_password, int fds[static FLOOD]) {
        flood_from(s, NULL, one_password, fds);
}

static unsigned n_verifying(const Setup *s) {
        unsigned n = 0;

        for (const Client *c = s->server->clients[CLIENT_WAITING].first; c; c = c->next)
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

        say(fd, "USERNAME slow\nPASSWORD secret\nLOGIN zeta\n");
        expect(s, fd, "OK\nOK\nOK\n");
        safe_close(fd);
        for (size_t i = 0; i < s->gateway->users->n_users; i++) {
                free(s->gateway->users->users[i].known); /* so that the next one takes as long */
                s->gateway->users->users[i].known = NULL;
        }
        return now_usec(CLOCK_MONOTONIC) - start;
}

/* Another host gets its verdict while most of the flood still waits. */
static void login_beside_flood(Setup *s) {
        unsigned n = n_verifying(s);

        ASSERT_TRUE(n > FLOOD / 2);
        (void) time_login(s, "192.0.2.2");
        ASSERT_TRUE(n - n_verifying(s) <= FLOOD / 4);
}

/* Hosts take turns, so that one who asks for many verdicts delays itself. */
static void test_password_flood(void) {
        Setup s = setup_slow();
        int fds[FLOOD];

        flood(&s, false, fds);
        login_beside_flood(&s);
        close_all(&s, fds);
        teardown(&s);
}

/* Nor does one who has as many addresses as it likes, as of IPv6. */
static void test_password_flood_of_network(void) {
        static const char *const begins[] = { "2001:db8::", "fe80::" };

        for (size_t i = 0; i < ELEMENTSOF(begins); i++) {
                Setup s = setup_slow();
                int fds[FLOOD];

                flood_from(&s, begins[i], false, fds);
                login_beside_flood(&s);
                close_all(&s, fds);
                teardown(&s);
        }
}

/* Who was right before does not wait for any number of strangers, wherever they are; they have their turns,
 * too. */
static void test_password_flood_of_strangers(void) {
        static const char *const begins[] = { "198.51.100.", "2001:db8::" };

        for (size_t i = 0; i < ELEMENTSOF(begins); i++) {
                Setup s = setup_slow();
                int fds[FLOOD];

                _cleanup_(lockouts_freep) Lockouts *lockouts = lockouts_new();

                s.gateway->lockouts = lockouts;
                s.gateway->conf->max_login_failures = 0;
                (void) time_login(&s, "192.0.2.2");
                (void) time_login(&s, "2001:db8::ffff");
                flood_from(&s, begins[i], false, fds);
                unsigned n = n_verifying(&s);
                ASSERT_TRUE(n > FLOOD / 2);
                (void) time_login(&s, "192.0.2.2");
                (void) time_login(&s, "2001:db8::ffff");
                ASSERT_TRUE(n - n_verifying(&s) <= FLOOD / 4);
                ASSERT_TRUE(n_verifying(&s) < n);
                close_all(&s, fds);
                teardown(&s);
        }
}

/* Who does not wait for the verdict costs nothing any more. */
static void test_password_withdrawn(void) {
        Setup s = setup_slow();
        uint64_t usual = time_login(&s, "192.0.2.1");
        int fds[FLOOD];

        flood(&s, false, fds);
        close_all(&s, fds);
        ASSERT_TRUE(time_login(&s, "192.0.2.1") < usual * FLOOD / 4);
        teardown(&s);
}

/* A whole network with the same credentials is answered at once. */
static void test_password_shared(void) {
        Setup s = setup_slow();
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

/* Up to 1 KB of what has come. */
static void take_some(Setup *s, int fd) {
        char bytes[1024];

        ASSERT_TRUE(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0);
        turn(s, 0);
}

/* A byte now and then gives no more time; reading does, however slow it is. */
static void test_trickle(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *trickling, *slow;
        int size = 4096, fds[] = { connect_client(&s, &trickling), connect_client(&s, &slow) };

        ASSERT_EQ(setsockopt(trickling->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
        ASSERT_EQ(setsockopt(slow->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
        fill(&s, fds[1]);
        fill(&s, fds[0]);
        ASSERT_TRUE(trickling->phase == CLIENT_BLOCKED && slow->phase == CLIENT_BLOCKED);
        ASSERT_TRUE(trickling->output->size > SERVER_BLOCKED_PROGRESS);
        const uint64_t since = s.server->now_usec - USEC_PER_SEC;
        trickling->since_usec = slow->since_usec = since;

        size_t before = trickling->output->size;
        for (unsigned i = 0; i < 12; i++)
                take_some(&s, fds[0]);
        ASSERT_TRUE(trickling->output->size < before);
        ASSERT_EQ(trickling->since_usec, since);

        before = slow->output->size;
        for (unsigned i = 0; i < 60 && slow->since_usec == since; i++)
                take_some(&s, fds[1]);
        ASSERT_EQ(slow->phase, CLIENT_BLOCKED);
        ASSERT_TRUE(slow->since_usec > since);
        ASSERT_TRUE(before - slow->output->size >= SERVER_BLOCKED_PROGRESS);
        ASSERT_TRUE(s.server->clients[CLIENT_BLOCKED].first == trickling);
        safe_close(fds[0]);
        safe_close(fds[1]);
        teardown(&s);
}

/* Where the memory is short, those pay who have the most of it, however long others have waited. */
static void test_memory_of_greedy(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *modest, *greedy[4];
        int fd = connect_from(&s, "192.0.2.2", &modest), fds[ELEMENTSOF(greedy)];

        fill(&s, fd);
        s.server->n_kept_max = 4 * s.server->n_kept;
        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_from(&s, "192.0.2.1", greedy + i);
                fill(&s, fds[i]);
        }
        ASSERT_TRUE(s.server->n_kept <= s.server->n_kept_max);
        ASSERT_TRUE(s.server->n_clients < 1 + ELEMENTSOF(fds));
        ASSERT_EQ(send(fds[0], "x", 1, MSG_NOSIGNAL), -1);
        ASSERT_TRUE(s.server->clients[CLIENT_BLOCKED].first == modest);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
        safe_close(fd);
        teardown(&s);
}

/* All that do not read share one budget, and the one that waits longest pays. */
static void test_memory_of_blocked(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *clients[8];
        int fds[ELEMENTSOF(clients)];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = connect_client(&s, clients + i);
                fill(&s, fds[i]);
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

int main(void) {
        test_password_flood();
        test_password_flood_of_network();
        test_password_flood_of_strangers();
        test_password_withdrawn();
        test_password_shared();
        test_password_erased();
        test_log_flood();
        test_memory_of_blocked();
        test_memory_of_greedy();
        test_trickle();
        return 0;
}
