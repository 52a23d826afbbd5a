/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announce.h"
#include "fake-gateway.h"
#include "server.h"
#include "test-bus-util.h"

/* What resolved is told, and how it ends. */

#define RESOLVED "org.freedesktop.resolve1"

typedef struct Bench {
        FakeGateway *fake;
        Gateway *gateway;
        sd_bus *bus, *resolved;
        sd_event *resolved_event; /* its own: ours stops */
        bool dumb;                /* it answers nothing */
        unsigned n_registered, n_withdrawn;
        char *devices;            /* as registered last; NULL: none */
} Bench;

static void read_texts(Bench *b, sd_bus_message *m) {
        const char *key;
        const void *value;
        size_t n;

        ASSERT_OK(sd_bus_message_skip(m, "sssqqq"));
        ASSERT_OK(sd_bus_message_enter_container(m, 'a', "a{say}"));
        ASSERT_OK(sd_bus_message_enter_container(m, 'a', "{say}"));
        while (sd_bus_message_enter_container(m, 'e', "say") > 0) {
                ASSERT_OK(sd_bus_message_read(m, "s", &key));
                ASSERT_OK(sd_bus_message_read_array(m, 'y', &value, &n));
                if (streq(key, "ups")) {
                        b->devices = strndup(value, n);
                        ASSERT_TRUE(b->devices);
                }
                ASSERT_OK(sd_bus_message_exit_container(m));
        }
}

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Bench *b = userdata;

        if (sd_bus_message_is_method_call(m, RESOLVED ".Manager", "RegisterService") > 0) {
                b->n_registered++;
                free(b->devices);
                b->devices = NULL;
                read_texts(b, m);
        } else if (sd_bus_message_is_method_call(m, RESOLVED ".Manager", "UnregisterService") > 0)
                b->n_withdrawn++;
        else
                return 0;
        return b->dumb ? 1 : sd_bus_reply_method_return(m, NULL);
}

static void run_both(Bench *b) {
        ASSERT_OK(sd_event_run(b->gateway->event, USEC_PER_MSEC));
        ASSERT_OK(sd_event_run(b->resolved_event, USEC_PER_MSEC));
}

static void until_registered(Bench *b, unsigned n) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + 10 * USEC_PER_SEC;

        while (b->n_registered < n) {
                ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) < end);
                run_both(b);
        }
}

static void bench_open(Bench *b) {
        Listener *l;

        *b = (Bench) { .fake = fake_gateway_new() };
        b->gateway = &b->fake->gateway;
        ASSERT_OK(sd_event_new(&b->gateway->event));
        ASSERT_OK(sd_event_new(&b->resolved_event));
        ASSERT_OK(server_new(b->gateway, &SERVER_LIMITS_DEFAULT, &b->gateway->server));
        ASSERT_OK(listener_new("0.0.0.0", 0, false, &l));
        ASSERT_OK(server_add_listener(b->gateway->server, l));
        b->gateway->conf->announce = b->gateway->ready = true;

        b->bus = test_bus_open(b->gateway->event);
        b->resolved = test_bus_open(b->resolved_event);
        ASSERT_OK(sd_bus_add_filter(b->resolved, NULL, on_call, b));
        ASSERT_OK(sd_bus_request_name(b->resolved, RESOLVED, 0));
        ASSERT_OK(announcer_new(b->bus, b->gateway, &b->gateway->announcer));
        until_registered(b, 2);
}

static void bench_close(Bench *b) {
        b->gateway->announcer = announcer_free(b->gateway->announcer);
        server_free(b->gateway->server);
        sd_bus_flush_close_unref(b->bus);
        sd_bus_flush_close_unref(b->resolved);
        sd_event_unref(b->gateway->event);
        sd_event_unref(b->resolved_event);
        free(b->devices);
        fake_gateway_free(b->fake);
}

static const char *registered_anew(Bench *b) {
        unsigned n = b->n_registered;

        announcer_update(b->gateway->announcer);
        until_registered(b, n + 2);
        return b->devices;
}

/* Names of devices are told only where LIST UPS tells them to everybody. */
static void test_devices(void) {
        UpsdConf *c;
        Bench b;

        bench_open(&b);
        c = b.gateway->conf;
        ASSERT_STREQ(b.devices, "zeta,Alpha,gone,extra");
        c->require_tls = UPSD_REQUIRE_TLS_YES;
        ASSERT_FALSE(registered_anew(&b));
        c->require_tls = UPSD_REQUIRE_TLS_LOGIN;
        ASSERT_STREQ(registered_anew(&b), "zeta,Alpha,gone,extra");
        c->require_login = true;
        ASSERT_FALSE(registered_anew(&b));
        bench_close(&b);
}

/* Both services are taken back at the end, which does not wait for long where nobody answers. */
static void test_end(void) {
        uint64_t start;
        Bench b;

        bench_open(&b);
        for (unsigned i = 0; i < 10; i++)
                run_both(&b);
        unsigned n = b.n_withdrawn;
        b.dumb = true;

        start = now_usec(CLOCK_MONOTONIC);
        ASSERT_OK(sd_event_exit(b.gateway->event, 0));
        ASSERT_OK(sd_event_loop(b.gateway->event));
        ASSERT_TRUE(now_usec(CLOCK_MONOTONIC) - start < 800 * USEC_PER_MSEC);
        while (b.n_withdrawn < n + 2)
                ASSERT_OK(sd_event_run(b.resolved_event, USEC_PER_SEC));
        bench_close(&b);
}

int main(void) {
        test_devices();
        test_end();
        return 0;
}
