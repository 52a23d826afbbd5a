/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gateway-link.h"

#include <stdarg.h>
#include <sys/socket.h>

#include "test-util.h"
#include "time-util.h"

static sd_bus *bus_new(void) {
        sd_bus *bus = NULL;
        int fds[2];

        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        ASSERT_OK(sd_bus_new(&bus));
        ASSERT_OK(sd_bus_set_fd(bus, fds[0], fds[0]));
        ASSERT_OK(sd_bus_start(bus));
        safe_close(fds[1]);
        return bus;
}

/* A message with these values, to be read. */
static sd_bus_message *message(sd_bus *bus, const char *types, ...) {
        sd_bus_message *m = NULL;
        va_list values;

        ASSERT_OK(sd_bus_message_new_signal(bus, &m, "/", "a.b", "C"));
        va_start(values, types);
        ASSERT_OK(sd_bus_message_appendv(m, types, values));
        va_end(values);
        ASSERT_OK(sd_bus_message_seal(m, 1, 0));
        ASSERT_OK(sd_bus_message_rewind(m, true));
        return m;
}

static void expect(sd_bus_message *m, int n, uint64_t lease_usec) {
        unsigned found = 77;
        uint64_t lease = 77;

        int r = gateway_link_read_logins(m, &found, &lease);
        if (n < 0) {
                ASSERT_TRUE(r < 0);
                ASSERT_EQ(found, 77);
                ASSERT_EQ(lease, 77);
        } else {
                ASSERT_OK(r);
                ASSERT_EQ(found, n);
                ASSERT_EQ(lease, lease_usec);
        }
        sd_bus_message_unref(m);
}

/* The gateway may be of an earlier version, or of one that tells more. */
static void test_versions(void) {
        sd_bus *bus = bus_new();

        expect(message(bus, "a(ssxb)", 3, "a", "u", INT64_C(-1), true, "b", "u", INT64_C(120), true,
                       "c", "u", INT64_C(600), false), 2, 120 * USEC_PER_SEC);
        expect(message(bus, "a(ssxb)", 0), 0, 0);
        expect(message(bus, "a(ssx)", 2, "a", "u", INT64_C(-1), "b", "u", INT64_C(30)), 2,
                        30 * USEC_PER_SEC);
        expect(message(bus, "a(ssx)", 0), 0, 0);
        expect(message(bus, "a(ssxbsa{sv})", 2, "a", "u", INT64_C(1), true, "more", 1, "k", "s", "v",
                       "b", "u", INT64_C(2), true, "more", 0), 2, 2 * USEC_PER_SEC);
        expect(message(bus, "a(ssxs)", 1, "a", "u", INT64_C(1), "more"), 1, USEC_PER_SEC);
        expect(message(bus, "a(ssx)", 1, "a", "u", INT64_C(1) << 62), 1, 86400 * USEC_PER_SEC);
        sd_bus_unref(bus);
}

static void test_unknown(void) {
        sd_bus *bus = bus_new();

        expect(message(bus, "a(ssu)", 1, "a", "u", 1U), -1, 0);
        expect(message(bus, "a(ss)", 0), -1, 0);
        expect(message(bus, "as", 1, "a"), -1, 0);
        expect(message(bus, "s", "a"), -1, 0);
        expect(message(bus, ""), -1, 0);
        sd_bus_unref(bus);
}

int main(void) {
        test_versions();
        test_unknown();
        return 0;
}
