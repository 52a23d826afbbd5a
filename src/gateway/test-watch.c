/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "state.h"
#include "string-util.h"
#include "test-server-util.h"
#include "watch.h"

static Device *zeta(const Setup *s) {
        return device_table_find(s->gateway->devices, "zeta");
}

static void happen(Setup *s) {
        server_tell_watchers(s->server, zeta(s));
        server_reap(s->server);
}

/* Asks something whose answer shows that nothing else has come. */
static void expect_nothing(Setup *s, int fd) {
        say(fd, "NETVER\n");
        expect(s, fd, "1.3\n");
}

/* One line for whatever happens until the client asks again. */
static void test_told_once(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fd = connect_client(&s, NULL), other = connect_client(&s, NULL);

        say(fd, "WATCH nosuch\nWATCH\nWATCH zeta x\nwatch ZETA\nWATCH zeta\n");
        expect(&s, fd, "ERR UNKNOWN-UPS\nERR INVALID-ARGUMENT\nERR INVALID-ARGUMENT\nOK WATCH\nOK WATCH\n");
        say(other, "NETVER\n");
        expect(&s, other, "1.3\n");

        for (unsigned i = 0; i < 3; i++) {
                for (unsigned j = 0; j < 100; j++)
                        happen(&s);
                expect(&s, fd, "CHANGED zeta\n");
                expect_nothing(&s, fd);
        }
        expect_nothing(&s, other);
        safe_close(fd);
        safe_close(other);
        while (s.server->n_clients > 0)
                turn(&s, USEC_PER_SEC);
        ASSERT_FALSE(zeta(&s)->watches);
        teardown(&s);
}

/* Nothing comes in the middle of a line or of an answer. */
static void test_between_requests(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int fd = connect_client(&s, &client);

        say(fd, "WATCH zeta\nNET");
        expect(&s, fd, "OK WATCH\n");
        ASSERT_EQ(client->phase, CLIENT_PARTIAL);
        happen(&s);
        say(fd, "VER\n");
        expect(&s, fd, "1.3\nCHANGED zeta\n");

        say(fd, "USERNAME slow\nPASSWORD secret\nLOGIN zeta\n");
        while (client->phase != CLIENT_WAITING && client->session.user_generation == 0)
                turn(&s, 10 * USEC_PER_MSEC);
        if (client->phase == CLIENT_WAITING) {
                happen(&s);
                expect(&s, fd, "OK\nOK\nOK\nCHANGED zeta\n");
        } else
                expect(&s, fd, "OK\nOK\nOK\n");
        safe_close(fd);
        teardown(&s);
}

#define TEXT_SIZE ((size_t) 1 << 24)

static unsigned count(const char *text, const char *what) {
        unsigned n = 0;

        for (const char *p = text; (p = strstr(p, what)); p++)
                n++;
        return n;
}

/* One who never reads is kept one line, and gets it in its place. */
static void test_slow_reader(void) {
        static const char request[] = "LIST VAR zeta\n";
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        Client *client;
        int fd = connect_client(&s, &client);
        unsigned sent = 0;
        _cleanup_free_ char *text = new0(char, TEXT_SIZE);
        size_t n = 0;

        ASSERT_TRUE(text);
        say(fd, "WATCH zeta\n");
        expect(&s, fd, "OK WATCH\n");
        for (unsigned idle = 0; idle < 20;)
                if (send(fd, request, strlen(request), MSG_DONTWAIT) == (ssize_t) strlen(request)) {
                        sent++;
                        idle = 0;
                } else {
                        turn(&s, 0);
                        idle++;
                }
        ASSERT_EQ(client->phase, CLIENT_BLOCKED);
        size_t kept = client->output->size;
        for (unsigned i = 0; i < 1000; i++)
                happen(&s);
        ASSERT_EQ(client->output->size, kept);

        uint64_t deadline = now_usec(CLOCK_MONOTONIC) + 30 * USEC_PER_SEC;
        while (count(text, "\nEND LIST VAR zeta\n") < sent) {
                ssize_t k = recv(fd, text + n, TEXT_SIZE - n - 1, MSG_DONTWAIT);

                ASSERT_TRUE(k != 0 && now_usec(CLOCK_MONOTONIC) < deadline);
                if (k < 0)
                        turn(&s, 10 * USEC_PER_MSEC);
                else
                        n += (size_t) k;
        }
        ASSERT_EQ(count(text, "CHANGED zeta\n"), 1);
        ASSERT_EQ(count(text, "\nEND LIST VAR zeta\nCHANGED zeta\n"), 1);
        safe_close(fd);
        teardown(&s);
}

static void test_limit(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int fd = connect_client(&s, NULL);
        char line[64];

        for (unsigned i = 0; i <= WATCHES_PER_SESSION_MAX; i++) {
                Device *d;

                (void) snprintf(line, sizeof(line), "many-%u", i);
                ASSERT_OK(device_table_present(s.gateway->devices, line, NULL, NULL, NULL, &d));
                (void) snprintf(line, sizeof(line), "WATCH many-%u\n", i);
                say(fd, line);
                expect(&s, fd, i < WATCHES_PER_SESSION_MAX ? "OK WATCH\n" : "ERR INVALID-ARGUMENT\n");
        }
        safe_close(fd);
        teardown(&s);
}

/* More than a successor could be told of is refused, so that nobody is dropped at a restart for it. */
static void test_limit_of_names(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        Session s = { .address = "192.0.2.1" };
        char name[64], line[80];
        unsigned n = 0;

        for (unsigned i = 0; i < WATCHES_PER_SESSION_MAX; i++) {
                Device *d;

                (void) snprintf(name, sizeof(name), "a-device-with-quite-a-long-name-%02u", i);
                ASSERT_OK(device_table_present(f->gateway.devices, name, NULL, NULL, NULL, &d));
                (void) snprintf(line, sizeof(line), "WATCH %s\n", name);
                _cleanup_free_ char *answer = fake_gateway_ask(f, &s, line, strlen(line));
                if (streq(answer, "OK WATCH\n"))
                        n++;
                else
                        ASSERT_STREQ(answer, "ERR INVALID-ARGUMENT\n");
                ASSERT_EQ(!!d->watches, streq(answer, "OK WATCH\n"));
        }
        ASSERT_TRUE(n >= 4 && n < WATCHES_PER_SESSION_MAX);
        ASSERT_TRUE(state_has_room_for_watches(&s));
        session_done(&s);
}

/* Who watches a device that is no more hears of it for the last time, and goes on; one who is just saying
 * something hears it behind the answer, and one who was told and has not asked yet will see. */
static void test_device_dropped(void) {
        Setup s = setup(&SERVER_LIMITS_DEFAULT);
        int in = connect_client(&s, NULL), out = connect_client(&s, NULL);
        int busy = connect_client(&s, NULL), told = connect_client(&s, NULL);
        Client *client = s.server->clients[CLIENT_IDLE].last;

        say(told, "WATCH zeta\n");
        expect(&s, told, "OK WATCH\n");
        happen(&s);
        expect(&s, told, "CHANGED zeta\n");
        say(in, "WATCH extra\nWATCH zeta\n");
        expect(&s, in, "OK WATCH\nOK WATCH\n");
        say(out, "WATCH extra\n");
        expect(&s, out, "OK WATCH\n");
        say(busy, "WATCH zeta\nNET");
        expect(&s, busy, "OK WATCH\n");
        server_drop_device(s.server, zeta(&s));
        ASSERT_FALSE(zeta(&s)->watches);
        expect(&s, in, "CHANGED zeta\n");
        expect_nothing(&s, in);
        expect_nothing(&s, out);
        say(busy, "VER\n");
        expect(&s, busy, "1.3\nCHANGED zeta\n");
        ASSERT_FALSE(client->session.watches);
        expect_nothing(&s, told);
        ASSERT_EQ(s.server->n_clients, 4);

        /* The other watch of the first is as it was, and it may watch the same one again. */
        server_tell_watchers(s.server, device_table_find(s.gateway->devices, "extra"));
        expect(&s, in, "CHANGED extra\n");
        expect(&s, out, "CHANGED extra\n");
        say(in, "WATCH zeta\n");
        expect(&s, in, "OK WATCH\n");
        happen(&s);
        expect(&s, in, "CHANGED zeta\n");
        safe_close(in);
        safe_close(out);
        safe_close(busy);
        safe_close(told);
        teardown(&s);
}

static void on_pending(void *userdata) {
        unsigned *n = userdata;

        (*n)++;
}

static void on_tell_any(void *userdata, Device *d, unsigned news) {
}

static void on_tell(void *userdata, Device *d, unsigned news) {
        unsigned *told = userdata;

        ASSERT_STREQ(d->name, "zeta");
        *told |= news;
}

/* Logins and what clients need are news, once for all that comes together. */
static void test_news(void) {
        _cleanup_(fake_gateway_freep) FakeGateway *f = fake_gateway_new();
        DeviceTable *t = f->gateway.devices;
        Session s = { .address = "192.0.2.1" };
        unsigned n = 0, told = 0;

        device_table_tell(t, on_tell_any, NULL); /* of the beginning */
        device_table_on_news(t, on_pending, &n);
        free(fake_gateway_ask(f, &s, "USERNAME mon\nPASSWORD mp\nLOGIN zeta\nNEED zeta 300\n", 51));
        ASSERT_EQ(s.need_seconds, 300);
        ASSERT_EQ(n, 1);
        device_table_tell(t, on_tell, &told);
        ASSERT_EQ(told, NEWS_LOGINS);

        told = 0;
        free(fake_gateway_ask(f, &s, "FSD zeta\n", 9));
        session_done(&s);
        ASSERT_EQ(n, 2);
        device_table_tell(t, on_tell, &told);
        ASSERT_EQ(told, NEWS_LOGINS | NEWS_STATE);
        told = 0;
        device_table_tell(t, on_tell, &told);
        ASSERT_EQ(told, 0);
        device_table_on_news(t, NULL, NULL);
}

int main(void) {
        test_told_once();
        test_between_requests();
        test_slow_reader();
        test_limit();
        test_limit_of_names();
        test_device_dropped();
        test_news();
        return 0;
}
