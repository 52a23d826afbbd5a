/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor-times.h"

#include "test-kit.h"

static const Driver driver = {
        .name = "fake",
        .description = "Fake",
        .version = "1",
        .transport = TRANSPORT_SERIAL,
};

static SupervisorTimes times_of(const char *option) {
        _cleanup_(device_config_unrefp) DeviceConfig *c = NULL;

        c = test_config(&driver, "ups", "port=x", option, NULL);
        return supervisor_times_from_config(c);
}

static void test_from_config(void) {
        static const struct {
                const char *option;
                uint64_t poll, full_poll, start_timeout, hook_timeout, retry_min, retry_max; /* seconds */
        } table[] = {
                { NULL, 2, 30, 75, 10, 2, 30 },
                { "pollinterval=1", 1, 30, 75, 10, 1, 30 },
                { "pollinterval=20", 20, 30, 100, 100, 20, 30 },
                { "pollinterval=60", 60, 30, 300, 300, 60, 60 },
                { "pollfreq=5", 2, 5, 75, 10, 2, 30 },
                { "maxstartdelay=5", 2, 30, 10, 10, 2, 30 },
                { "retrydelay=7", 2, 30, 75, 10, 7, 30 },
                { "retrydelay=100", 2, 30, 75, 10, 100, 100 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                SupervisorTimes t = times_of(table[i].option);

                ASSERT_EQ(t.poll_usec, table[i].poll * USEC_PER_SEC);
                ASSERT_EQ(t.full_poll_usec, table[i].full_poll * USEC_PER_SEC);
                ASSERT_EQ(t.start_timeout_usec, table[i].start_timeout * USEC_PER_SEC);
                ASSERT_EQ(t.hook_timeout_usec, table[i].hook_timeout * USEC_PER_SEC);
                ASSERT_EQ(t.retry_min_usec, table[i].retry_min * USEC_PER_SEC);
                ASSERT_EQ(t.retry_max_usec, table[i].retry_max * USEC_PER_SEC);
        }

        ASSERT_TRUE(times_of("retrydelay=0").retry_min_usec > 0);
}

/* What costs nothing to try is tried at the same pace all the time. */
static void test_file(void) {
        const Driver of_files = { .name = "fake", .version = "1", .transport = TRANSPORT_FILE };
        _cleanup_(device_config_unrefp) DeviceConfig *c = test_config(&of_files, "ups", "port=x", NULL);
        SupervisorTimes t = supervisor_times_from_config(c);

        ASSERT_EQ(t.retry_max_usec, t.retry_min_usec);
}

static Transport by_port(const Device *d) {
        return streq(device_port(d), "far") ? TRANSPORT_NETWORK : TRANSPORT_FILE;
}

/* What is at the other end of a connection is tried again sooner at first. */
static void test_network(void) {
        const Driver of_both = {
                .name = "fake", .version = "1", .transport = TRANSPORT_FILE, .transport_of = by_port
        };
        static const struct {
                const char *port, *option;
                uint64_t retry_min, retry_max; /* milliseconds */
        } table[] = {
                { "port=far", NULL, 500, 2000 },
                { "port=near", NULL, 2000, 2000 },
                { "port=far", "retrydelay=1", 1000, 1000 },
                { "port=far", "pollinterval=60", 500, 60000 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(device_config_unrefp) DeviceConfig *c =
                        test_config(&of_both, "ups", table[i].port, table[i].option, NULL);
                SupervisorTimes t = supervisor_times_from_config(c);

                ASSERT_EQ(t.retry_min_usec, table[i].retry_min * USEC_PER_MSEC);
                ASSERT_EQ(t.retry_max_usec, table[i].retry_max * USEC_PER_MSEC);
        }
}

/* Whether it is plugged in again costs nothing to look. */
static void test_usb(void) {
        const Driver of_usb = { .name = "fake", .version = "1", .transport = TRANSPORT_USB };
        _cleanup_(device_config_unrefp) DeviceConfig *c = test_config(&of_usb, "ups", "port=auto", NULL);
        SupervisorTimes t = supervisor_times_from_config(c);

        ASSERT_EQ(t.retry_min_usec, 500 * USEC_PER_MSEC);
        ASSERT_EQ(t.retry_max_usec, 2 * USEC_PER_SEC);
}

static void test_doubt(void) {
        const SupervisorTimes t = { .poll_usec = 1000 };

        ASSERT_EQ(supervisor_times_until_doubt(&t, 0), 2000);
        ASSERT_EQ(supervisor_times_until_doubt(&t, 900), 2000);
        ASSERT_EQ(supervisor_times_until_doubt(&t, 1500), 3000);
}

/* A driver can ask for more time, up to ten minutes; nobody gets less than without that. */
static void test_patience(void) {
        SupervisorTimes t = times_of(NULL);

        ASSERT_EQ(supervisor_times_of_hook(&t, false, 0), 10 * USEC_PER_SEC);
        ASSERT_EQ(supervisor_times_of_hook(&t, false, 5 * USEC_PER_SEC), 10 * USEC_PER_SEC);
        ASSERT_EQ(supervisor_times_of_hook(&t, false, 40 * USEC_PER_SEC), 40 * USEC_PER_SEC);
        ASSERT_EQ(supervisor_times_of_hook(&t, true, 40 * USEC_PER_SEC), 75 * USEC_PER_SEC);
        ASSERT_EQ(supervisor_times_of_hook(&t, true, 100 * USEC_PER_SEC), 100 * USEC_PER_SEC);
        ASSERT_EQ(supervisor_times_of_hook(&t, true, USEC_INFINITY), 600 * USEC_PER_SEC);

        t.patience_max_usec = 0;
        ASSERT_EQ(supervisor_times_of_hook(&t, false, USEC_INFINITY), 10 * USEC_PER_SEC);
}

static void test_polls(void) {
        const SupervisorTimes t = { .poll_usec = 1000 };
        uint64_t least = UINT64_MAX, most = 0;

        ASSERT_EQ(supervisor_times_until_poll(&t, 0, false), 1000);
        ASSERT_EQ(supervisor_times_until_poll(&t, 300, false), 700);
        ASSERT_EQ(supervisor_times_until_poll(&t, 950, false), 100);
        ASSERT_EQ(supervisor_times_until_poll(&t, 100000, false), 100);

        for (unsigned i = 0; i < 1000; i++) {
                uint64_t wait = supervisor_times_until_poll(&t, 0, true);

                least = MIN(least, wait);
                most = MAX(most, wait);
        }
        /* Spread over most of the interval: the chance to miss an edge by this much is nil. */
        ASSERT_TRUE(least >= 250 && least < 400);
        ASSERT_TRUE(most < 1000 && most > 850);

        /* What a slow start took counts, and who was slower than the interval gets a rest, too. */
        for (unsigned i = 0; i < 1000; i++) {
                uint64_t wait = supervisor_times_until_poll(&t, 600, true);

                ASSERT_TRUE(wait >= 100 && wait < 400);
                ASSERT_EQ(supervisor_times_until_poll(&t, 5000, true), 100);
        }
}

static void test_starts(void) {
        const SupervisorTimes t = { .retry_min_usec = 1000, .retry_max_usec = 30000 };
        uint64_t delay = t.retry_min_usec, before = 0;

        for (unsigned i = 0; i < 20; i++) {
                uint64_t expected = delay, wait = supervisor_times_until_start(&t, &delay);

                ASSERT_TRUE(wait >= expected && wait < expected + expected / 4);
                ASSERT_TRUE(expected > before || expected == t.retry_max_usec);
                before = expected;
        }
        ASSERT_EQ(delay, t.retry_max_usec);
}

int main(void) {
        test_from_config();
        test_file();
        test_network();
        test_usb();
        test_doubt();
        test_patience();
        test_polls();
        test_starts();
        return 0;
}
