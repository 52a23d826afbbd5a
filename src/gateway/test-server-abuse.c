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

/* Hosts take turns, so that one who asks for many verdicts delays itself. */
static void test_password_flood(void) {
        Setup s = setup_slow();
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

int main(void) {
        test_password_flood();
        test_password_withdrawn();
        test_password_shared();
        test_password_erased();
        test_log_flood();
        test_memory_of_blocked();
        return 0;
}
