/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "fake-gateway.h"
#include "lockout.h"
#include "test-util.h"
#include "time-util.h"

#define SECOND USEC_PER_SEC

static const LockoutPolicy policy = { .max_failures = 3, .max_usec = 60 * USEC_PER_SEC };

static Host host(const char *text) {
        Host h = {};

        if (strchr(text, ':'))
                ASSERT_EQ(inet_pton(AF_INET6, text, &h.key), 1);
        else {
                h.key.s6_addr[10] = h.key.s6_addr[11] = 0xff;
                ASSERT_EQ(inet_pton(AF_INET, text, h.key.s6_addr + 12), 1);
        }
        h.loopback = strncmp(text, "127.", 4) == 0 || strcmp(text, "::1") == 0;
        (void) snprintf(h.address, sizeof(h.address), "%s", text);
        return h;
}

static bool refuses(Lockouts *t, const Host *h, const char *user, uint64_t now) {
        return lockouts_refuse(t, &policy, h, user, now);
}

/* Fails until a lock-out begins, which is to be with the n-th. */
static void fail(Lockouts *t, const Host *h, const char *user, unsigned n, uint64_t now) {
        for (unsigned i = 1; i <= n; i++) {
                ASSERT_FALSE(refuses(t, h, user, now));
                ASSERT_EQ(lockouts_failed(t, &policy, h, user, now), i == n);
        }
        ASSERT_TRUE(refuses(t, h, user, now));
}

/* It begins with the third, doubles with each further one up to the longest, and ends with a right one. */
static void test_doubling(void) {
        static const unsigned seconds[] = { 5, 10, 20, 40, 60, 60 };
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host h = host("192.0.2.1"), other = host("192.0.2.2");
        uint64_t now = 1000 * SECOND;

        fail(t, &h, "admin", 3, now);
        for (size_t i = 0; i < ELEMENTSOF(seconds); i++) {
                ASSERT_FALSE(refuses(t, &other, "admin", now));
                ASSERT_FALSE(refuses(t, &h, "else", now));
                now += seconds[i] * SECOND;
                ASSERT_TRUE(refuses(t, &h, "admin", now - 1));
                ASSERT_FALSE(refuses(t, &h, "admin", now));
                ASSERT_TRUE(lockouts_failed(t, &policy, &h, "admin", now));
        }
        now += 60 * SECOND;
        lockouts_succeeded(t, &h, "admin", now);
        ASSERT_FALSE(refuses(t, &h, "admin", now));
        fail(t, &h, "admin", 3, now);
        ASSERT_FALSE(refuses(t, &h, "admin", now + 5 * SECOND));

        lockouts_failed(t, &policy, &h, "admin", now + 5 * SECOND);
        ASSERT_TRUE(refuses(t, &h, "admin", now + 6 * SECOND));
        lockouts_lift(t);
        ASSERT_FALSE(refuses(t, &h, "admin", now + 6 * SECOND));
}

/* Names that change get a host as a whole locked out, but not for those it has been before. */
static void test_names(void) {
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host h = host("192.0.2.1"), other = host("192.0.2.2");
        uint64_t now = 1000 * SECOND;
        char name[32];

        lockouts_succeeded(t, &h, "known", now);
        for (unsigned i = 0; i < 15; i++) {
                (void) snprintf(name, sizeof(name), "u%u", i);
                ASSERT_FALSE(refuses(t, &h, name, now));
                ASSERT_EQ(lockouts_failed(t, &policy, &h, name, now), i == 14);
        }
        ASSERT_TRUE(refuses(t, &h, "new", now));
        ASSERT_TRUE(refuses(t, &h, "u0", now));
        ASSERT_FALSE(refuses(t, &h, "known", now));
        ASSERT_FALSE(refuses(t, &other, "new", now));
        fail(t, &h, "known", 3, now); /* which can be guessed no more than any other */
        ASSERT_FALSE(refuses(t, &h, "new", now + 5 * SECOND));
}

/* A client with a wrong password that never gives up costs the others behind its address nothing. */
static void test_one_misconfigured(void) {
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host h = host("192.0.2.1");
        uint64_t now = 1000 * SECOND;

        for (unsigned i = 0; i < 10000; i++, now += SECOND) {
                if (!refuses(t, &h, "wrong", now))
                        lockouts_failed(t, &policy, &h, "wrong", now);
                ASSERT_FALSE(refuses(t, &h, "right", now));
                lockouts_expire(t, now);
        }
}

/* Users of this machine do not lock out its services. */
static void test_loopback(void) {
        static const char *const addresses[] = { "127.0.0.1", "::1" };

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
                Host h = host(addresses[i]);
                char name[32];

                lockouts_succeeded(t, &h, "service", SECOND);
                for (unsigned j = 0; j < 100; j++) {
                        ASSERT_FALSE(lockouts_failed(t, &policy, &h, "service", SECOND));
                        (void) snprintf(name, sizeof(name), "u%u", j);
                        ASSERT_FALSE(lockouts_failed(t, &policy, &h, name, SECOND));
                }
                ASSERT_FALSE(refuses(t, &h, "service", SECOND));
                ASSERT_FALSE(refuses(t, &h, "other service", SECOND));
                fail(t, &h, "admin", 3, SECOND);
        }
}

/* Of IPv6 a network counts as one, and of link-local addresses the link. */
static void test_networks(void) {
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host a = host("2001:db8:0:1::1"), b = host("2001:db8:0:1:ffff::2"), c = host("2001:db8:0:2::1");
        Host d = host("fe80::1"), e = host("fe80:0:0:1::2"), f = host("fe80::1");

        f.scope = 3;
        fail(t, &a, "u", 3, SECOND);
        ASSERT_TRUE(refuses(t, &b, "u", SECOND));
        ASSERT_FALSE(refuses(t, &c, "u", SECOND));
        fail(t, &d, "u", 3, SECOND);
        ASSERT_TRUE(refuses(t, &e, "u", SECOND));
        ASSERT_FALSE(refuses(t, &f, "u", SECOND));
}

/* Nobody beside it locks out a user who was right from its own address, whatever is tried; and that it is
 * right again gives those no new attempts. */
static void test_neighbour(void) {
        static const char *const addresses[][3] = {
                { "2001:db8::2", "2001:db8::bad", "2001:db8::3" },
                { "fe80::2", "fe80::bad", "fe80::3" },
        };

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
                Host victim = host(addresses[i][0]), bad = host(addresses[i][1]);
                Host other = host(addresses[i][2]);
                uint64_t now = 1000 * SECOND;
                unsigned n_looked_at = 0;

                lockouts_succeeded(t, &victim, "mon", now);
                ASSERT_TRUE(lockouts_trust(t, &victim, "mon"));
                ASSERT_FALSE(lockouts_trust(t, &bad, "mon"));
                ASSERT_FALSE(lockouts_trust(t, &victim, "else"));
                for (unsigned j = 0; j < 1000; j++, now += SECOND / 20) {
                        if (!refuses(t, &bad, "mon", now)) {
                                n_looked_at++;
                                lockouts_failed(t, &policy, &bad, "mon", now);
                        }
                        ASSERT_FALSE(refuses(t, &victim, "mon", now));
                        if (j % 100 == 0)
                                lockouts_succeeded(t, &victim, "mon", now);
                        lockouts_expire(t, now);
                }
                ASSERT_TRUE(n_looked_at <= 3 + 4); /* and after 5, 10, 20 and 40 seconds */
                ASSERT_TRUE(refuses(t, &other, "mon", now));

                /* Its own count is its own. */
                fail(t, &victim, "mon", 3, now);
                ASSERT_FALSE(refuses(t, &other, "else", now));
                ASSERT_FALSE(refuses(t, &victim, "mon", now + 5 * SECOND));
        }
}

/* However many addresses and names there are, memory is bounded; those who were right are kept. */
static void test_bounds(void) {
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host good = host("192.0.2.1"), h = host("2001:db8::1");
        char name[32];

        lockouts_succeeded(t, &good, "known", SECOND);
        for (unsigned i = 0; i < 100000; i++) {
                h.key.s6_addr[5] = (uint8_t) (i >> 16);
                h.key.s6_addr[6] = (uint8_t) (i >> 8);
                h.key.s6_addr[7] = (uint8_t) i;
                (void) snprintf(name, sizeof(name), "u%u", i);
                lockouts_failed(t, &policy, &h, name, SECOND);
                ASSERT_TRUE(lockouts_count(t) <= 4096 + 1);
        }
        for (unsigned i = 0; i < 15; i++) {
                (void) snprintf(name, sizeof(name), "u%u", i);
                lockouts_failed(t, &policy, &good, name, SECOND);
        }
        ASSERT_TRUE(refuses(t, &good, "new", SECOND));
        ASSERT_FALSE(refuses(t, &good, "known", SECOND));

        lockouts_expire(t, 10000 * SECOND);
        ASSERT_EQ(lockouts_count(t), 1);
}

static void test_off(void) {
        static const LockoutPolicy never = { .max_failures = 0, .max_usec = SECOND };
        _cleanup_(lockouts_freep) Lockouts *t = lockouts_new();
        Host h = host("192.0.2.1");

        for (unsigned i = 0; i < 100; i++)
                ASSERT_FALSE(lockouts_failed(t, &never, &h, "u", SECOND));
        ASSERT_FALSE(lockouts_refuse(t, &never, &h, "u", SECOND));
        ASSERT_FALSE(lockouts_failed(NULL, &policy, &h, "u", SECOND));
        ASSERT_FALSE(lockouts_refuse(NULL, &policy, &h, "u", SECOND));
        ASSERT_FALSE(lockouts_failed(t, &policy, NULL, "u", SECOND));
        lockouts_succeeded(NULL, &h, "u", SECOND);
}

static char *ask(FakeGateway *f, Host *h, const char *password) {
        Session s = { .address = h->address, .host = h };
        char text[128];

        (void) snprintf(text, sizeof(text), "USERNAME mon\nPASSWORD %s\nLOGIN zeta\n", password);
        char *answer = fake_gateway_ask(f, &s, text, strlen(text));
        session_done(&s);
        return answer;
}

/* The same by way of requests. One who was right already goes on, also when the accounts are read anew. */
static void test_conversation(void) {
        FakeGateway *f = fake_gateway_new();
        Host h = host("192.0.2.1");
        Session before = { .address = h.address, .host = &h };
        static const char login[] = "USERNAME mon\nPASSWORD mp\nLOGIN zeta\n", primary[] = "PRIMARY zeta\n";

        f->gateway.lockouts = lockouts_new();
        ASSERT_TRUE(f->gateway.lockouts);
        _cleanup_free_ char *first = fake_gateway_ask(f, &before, login, strlen(login));
        ASSERT_STREQ(first, "OK\nOK\nOK\n");
        for (unsigned i = 0; i < 12; i++) {
                _cleanup_free_ char *wrong = ask(f, &h, "wrong");
                ASSERT_STREQ(wrong, "OK\nOK\nERR ACCESS-DENIED\n");
        }
        _cleanup_free_ char *locked = ask(f, &h, "mp");
        ASSERT_STREQ(locked, "OK\nOK\nERR ACCESS-DENIED\n");

        f->gateway.user_generation++;
        _cleanup_free_ char *on = fake_gateway_ask(f, &before, primary, strlen(primary));
        ASSERT_STREQ(on, "OK PRIMARY-GRANTED\n");
        session_done(&before);
        lockouts_free(f->gateway.lockouts);
        fake_gateway_free(f);
}

int main(void) {
        test_doubling();
        test_names();
        test_one_misconfigured();
        test_loopback();
        test_networks();
        test_neighbour();
        test_bounds();
        test_off();
        test_conversation();
        return 0;
}
