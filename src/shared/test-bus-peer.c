/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/socket.h>

#include "bus-mirror.h"
#include "bus-names.h"
#include "bus-peer.h"
#include "test-bus-util.h"

/* Who the signals are from, among those who pretend to be somebody else. */

#define NAME "org.busbar.Driver.peer"

typedef struct Bench {
        sd_event *event;
        sd_bus *bus, *service, *forger;
        BusPeer *peer;
        unsigned n_changes, n_signals, n_believed, n_removed;
        char *owner;
} Bench;

static void on_changed(void *userdata, const char *owner) {
        Bench *b = userdata;

        b->n_changes++;
        ASSERT_OK(free_and_strdup(&b->owner, owner));
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bench *b = userdata;

        b->n_signals++;
        if (bus_peer_sent(b->peer, m))
                b->n_believed++;
        return 0;
}

static void bench_open(Bench *b) {
        *b = (Bench) {};
        ASSERT_OK(sd_event_new(&b->event));
        b->bus = test_bus_open(b->event);
        b->service = test_bus_open(b->event);
        b->forger = test_bus_open(b->event);
}

static void bench_close(Bench *b) {
        bus_peer_free(b->peer);
        sd_bus_flush_close_unref(b->bus);
        sd_bus_flush_close_unref(b->service);
        sd_bus_flush_close_unref(b->forger);
        sd_event_unref(b->event);
        free(b->owner);
}

/* To one receiver, which gets it whatever it asked the bus for. */
static void send_signal(sd_bus *from, sd_bus *to, const char *path, const char *interface,
                const char *member, const char *name, const char *before, const char *after) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *unique;

        ASSERT_OK(sd_bus_get_unique_name(to, &unique));
        ASSERT_OK(sd_bus_message_new_signal(from, &m, path, interface, member));
        ASSERT_OK(sd_bus_message_append(m, "sss", name, before, after));
        ASSERT_OK(sd_bus_send_to(from, m, unique, NULL));
}

static void forge_owner_changed(Bench *b, const char *name, const char *before, const char *after) {
        send_signal(b->forger, b->bus, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                name, before, after);
}

static void test_owner(void) {
        const char *unique;
        Bench b;

        bench_open(&b);
        ASSERT_OK(sd_bus_get_unique_name(b.service, &unique));
        ASSERT_OK(bus_peer_new(b.bus, NAME, on_changed, &b, &b.peer));
        ASSERT_FALSE(bus_peer_owner(b.peer));
        RUN_UNTIL(b.event, b.n_changes == 1);
        ASSERT_FALSE(b.owner);

        ASSERT_OK(sd_bus_request_name(b.service, NAME, 0));
        RUN_UNTIL(b.event, b.n_changes == 2);
        ASSERT_STREQ(b.owner, unique);
        ASSERT_STREQ(bus_peer_owner(b.peer), unique);

        ASSERT_OK(sd_bus_release_name(b.service, NAME));
        RUN_UNTIL(b.event, b.n_changes == 3);
        ASSERT_FALSE(b.owner);

        /* One that is there before. */
        ASSERT_OK(sd_bus_request_name(b.service, NAME, 0));
        RUN_UNTIL(b.event, b.n_changes == 4);
        b.peer = bus_peer_free(b.peer);
        ASSERT_OK(bus_peer_new(b.bus, NAME, on_changed, &b, &b.peer));
        RUN_UNTIL(b.event, b.n_changes == 5);
        ASSERT_STREQ(b.owner, unique);
        bench_close(&b);
}

static void test_forged(void) {
        const char *unique, *forger;
        Bench b;

        bench_open(&b);
        ASSERT_OK(sd_bus_get_unique_name(b.service, &unique));
        ASSERT_OK(sd_bus_get_unique_name(b.forger, &forger));
        ASSERT_OK(sd_bus_request_name(b.service, NAME, 0));
        ASSERT_OK(bus_peer_new(b.bus, NAME, on_changed, &b, &b.peer));
        RUN_UNTIL(b.event, b.n_changes == 1);
        ASSERT_OK(sd_bus_match_signal(b.bus, NULL, NAME, "/test", "org.busbar.Test", "Said", on_signal, &b));

        forge_owner_changed(&b, NAME, unique, forger);
        send_signal(b.forger, b.bus, "/test", "org.busbar.Test", "Said", "", "", "");
        RUN_UNTIL(b.event, b.n_signals == 1);
        ASSERT_EQ(b.n_believed, 0U);
        send_signal(b.service, b.bus, "/test", "org.busbar.Test", "Said", "", "", "");
        RUN_UNTIL(b.event, b.n_signals == 2);
        ASSERT_EQ(b.n_believed, 1U);
        ASSERT_EQ(b.n_changes, 1U);
        ASSERT_STREQ(bus_peer_owner(b.peer), unique);
        bench_close(&b);
}

static void on_device_changed(void *userdata, MirrorDevice *d, const Change *change) {
}

static void on_device_removed(void *userdata, MirrorDevice *d) {
        Bench *b = userdata;

        b->n_removed++;
}

/* A device cannot be talked away. */
static void test_mirror(void) {
        static const MirrorOps ops = {
                .device_changed = on_device_changed,
                .device_removed = on_device_removed,
        };
        const char *unique;
        TestDriver *driver;
        Mirror *mirror;
        Bench b;

        bench_open(&b);
        driver = test_driver_new(b.event, "peer");
        (void) test_driver_add(driver, "apc", test_update_ups());
        ASSERT_OK(mirror_new(&ops, &b, &mirror));
        ASSERT_OK(mirror_attach(mirror, b.bus));
        RUN_UNTIL(b.event, mirror_find(mirror, "apc"));

        ASSERT_OK(sd_bus_get_unique_name(driver->bus, &unique));
        ASSERT_OK(sd_bus_match_signal(b.bus, NULL, NULL, "/test", "org.busbar.Test", "Said", on_signal, &b));
        forge_owner_changed(&b, NAME, unique, "");
        send_signal(b.forger, b.bus, "/test", "org.busbar.Test", "Said", "", "", "");
        RUN_UNTIL(b.event, b.n_signals == 1);
        ASSERT_EQ(b.n_removed, 0U);
        ASSERT_TRUE(mirror_find(mirror, "apc"));

        mirror_free(mirror);
        test_driver_free(driver);
        bench_close(&b);
}

/*** A bus that is in trouble, at the other end of a socket ***/

typedef struct Troubled {
        unsigned n_asked, n_failures;
} Troubled;

static int on_question(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Troubled *t = userdata;

        if (!sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "GetNameOwner"))
                return 0;
        if (++t->n_asked <= t->n_failures)
                return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_LIMITS_EXCEEDED, "Out of something");
        return sd_bus_reply_method_return(m, "s", ":1.7");
}

/* An error that says nothing of the owner is not taken for "nobody". */
static void test_trouble(void) {
        Troubled t = { .n_failures = 2 };
        sd_bus *server;
        sd_id128_t id;
        int fds[2];
        Bench b = {};

        ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
        ASSERT_OK(sd_id128_randomize(&id));
        ASSERT_OK(sd_event_new(&b.event));
        ASSERT_OK(sd_bus_new(&server));
        ASSERT_OK(sd_bus_set_fd(server, fds[0], fds[0]));
        ASSERT_OK(sd_bus_set_server(server, true, id));
        ASSERT_OK(sd_bus_start(server));
        ASSERT_OK(sd_bus_attach_event(server, b.event, 0));
        ASSERT_OK(sd_bus_add_filter(server, NULL, on_question, &t));
        ASSERT_OK(sd_bus_new(&b.bus));
        ASSERT_OK(sd_bus_set_fd(b.bus, fds[1], fds[1]));
        ASSERT_OK(sd_bus_start(b.bus));
        ASSERT_OK(sd_bus_attach_event(b.bus, b.event, 0));

        ASSERT_OK(bus_peer_new(b.bus, NAME, on_changed, &b, &b.peer));
        RUN_UNTIL(b.event, b.n_changes == 1);
        ASSERT_EQ(t.n_asked, 3U);
        ASSERT_STREQ(b.owner, ":1.7");
        sd_bus_close_unref(server);
        bench_close(&b);
}

int main(int argc, char *argv[]) {
        test_owner();
        test_forged();
        test_mirror();
        test_trouble();
        return EXIT_SUCCESS;
}
