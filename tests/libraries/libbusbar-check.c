/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every call of libbusbar, on the devices of test-libbusbar.py. Argument: the part to run. */

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "busbar.h"
#include "test-util.h"

#define TIMEOUT_USEC UINT64_C(30000000)

typedef struct Seen {
        unsigned n_added, n_changed, n_removed, n_synced, n_lost;
        int result;
        bool answered;
        sd_event *event;
        BusbarDevice *device;
} Seen;

static void on_event(Busbar *b, BusbarEvent event, BusbarDevice *d, const BusbarChange *change,
                void *userdata) {
        Seen *seen = userdata;

        seen->n_added += event == BUSBAR_ADDED;
        seen->n_changed += event == BUSBAR_CHANGED;
        seen->n_removed += event == BUSBAR_REMOVED;
        seen->n_synced += event == BUSBAR_SYNCED;
        seen->n_lost += event == BUSBAR_BUS_LOST;
        ASSERT_TRUE(!d == (event == BUSBAR_SYNCED || event == BUSBAR_BUS_LOST));
        if (event == BUSBAR_CHANGED && busbar_change_has(change, "ups.id")) {
                ASSERT_TRUE(busbar_change_bits(change) & BUSBAR_VARIABLES);
                ASSERT_TRUE(!change || streq(busbar_change_changed(change)[0], "ups.id"));
                ASSERT_TRUE(!busbar_change_removed(change)[0]);
                seen->device = d;
        }
}

static void on_reply(Busbar *b, int result, const char *message, void *userdata) {
        Seen *seen = userdata;

        seen->result = result;
        seen->answered = true;
}

static Busbar *open_synced(Seen *seen) {
        Busbar *b;

        ASSERT_EQ(busbar_open(NULL, on_event, seen, &b), 0);
        ASSERT_EQ(busbar_count(b), 0U);
        ASSERT_EQ(busbar_sync(b, TIMEOUT_USEC), 0);
        ASSERT_TRUE(busbar_is_connected(b) && busbar_is_synced(b));
        return b;
}

static int wait_answer(Busbar *b, Seen *seen) {
        while (!seen->answered)
                ASSERT_TRUE(busbar_wait(b, TIMEOUT_USEC) > 0);
        seen->answered = false;
        return seen->result;
}

static void check_rack(const BusbarDevice *d) {
        ASSERT_STREQ(busbar_device_name(d), "rack");
        ASSERT_STREQ(busbar_device_driver(d), "dummy-ups");
        ASSERT_STREQ(busbar_device_description(d), "In the rack");
        ASSERT_STREQ(busbar_device_transport(d), "file");
        ASSERT_EQ(busbar_device_freshness(d), BUSBAR_FRESH);
        ASSERT_STREQ(busbar_freshness_name(BUSBAR_STALE), "stale");
        ASSERT_TRUE(busbar_device_age(d) < UINT64_MAX);
        ASSERT_STREQ(busbar_device_status(d)[0], "ALARM");
        ASSERT_TRUE(busbar_device_has_status(d, "OB") && !busbar_device_has_status(d, "OL"));
        ASSERT_STREQ(busbar_device_alarms(d)[0], "Replace battery!");
        ASSERT_TRUE(busbar_device_on_battery_since(d) > 0);
        ASSERT_STREQ(busbar_device_get(d, "Battery.CHARGE"), "42");
        ASSERT_TRUE(fabs(busbar_device_get_number(d, "battery.charge") - 42) < 0.1);
        ASSERT_TRUE(isnan(busbar_device_get_number(d, "ups.status")));
        ASSERT_TRUE(!busbar_device_get(d, "no.such"));
}

static void check_fake(BusbarDevice *d) {
        const char *name, *value;
        int64_t min, max;

        ASSERT_EQ(busbar_device_variable(d, 0, &name, &value), 0);
        ASSERT_STREQ(busbar_device_get(d, name), value);
        ASSERT_EQ(busbar_device_variable(d, 0, NULL, NULL), 0);
        ASSERT_EQ(busbar_device_variable(d, busbar_device_count(d), &name, &value), -ENOENT);
        ASSERT_TRUE(busbar_device_is_writable(d, "ups.id") && !busbar_device_is_writable(d, "ups.load"));
        ASSERT_EQ(busbar_device_length_max(d, "ups.id"), 12U);
        ASSERT_EQ(busbar_device_length_max(d, "no.such"), 0U);
        ASSERT_STREQ(busbar_device_values(d, "ups.beeper.status")[1], "disabled");
        ASSERT_TRUE(!busbar_device_values(d, "ups.id")[0]);
        ASSERT_EQ(busbar_device_range(d, "ups.delay.shutdown", 1, &min, &max), 0);
        ASSERT_TRUE(min == 120 && max == 600);
        ASSERT_EQ(busbar_device_range(d, "ups.delay.shutdown", 2, &min, &max), -ENOENT);
        ASSERT_TRUE(busbar_device_has_command(d, "LOAD.off") && !busbar_device_has_command(d, "load.on"));
        ASSERT_STREQ(busbar_device_commands(d)[0], "load.off");
        busbar_device_set_userdata(d, &name);
        ASSERT_TRUE(busbar_device_userdata(d) == &name);
}

static void part_calls(void) {
        Seen seen = { 0 };
        Busbar *b = open_synced(&seen);
        BusbarDevice *d = busbar_find(b, "FAKE");
        uint64_t usec;

        ASSERT_STREQ(busbar_version(), BUSBAR_VERSION);
        ASSERT_TRUE(seen.n_added == 3 && seen.n_synced == 1);
        ASSERT_EQ(busbar_count(b), 3U);
        ASSERT_TRUE(d && busbar_device(b, 0) == d && !busbar_device(b, 3) && !busbar_find(b, "no"));
        check_fake(d);
        check_rack(busbar_find(b, "rack"));

        busbar_set_ask_password(b, false);
        busbar_ping(b);
        ASSERT_TRUE(busbar_get_fd(b) >= 0 && busbar_get_events(b) == POLLIN);
        ASSERT_EQ(busbar_get_timeout(b, &usec), 0);

        ASSERT_EQ(busbar_device_set(d, "ups.id", "new", on_reply, &seen), 0);
        ASSERT_EQ(wait_answer(b, &seen), 0);
        while (!seen.device)
                ASSERT_TRUE(busbar_wait(b, TIMEOUT_USEC) > 0);
        ASSERT_STREQ(busbar_device_get(d, "ups.id"), "new");
        ASSERT_EQ(busbar_device_set(d, "ups.load", "1", on_reply, &seen), 0);
        ASSERT_EQ(wait_answer(b, &seen), -EROFS);
        ASSERT_EQ(busbar_device_set(d, "ups.delay.shutdown", "90", on_reply, &seen), 0);
        ASSERT_EQ(wait_answer(b, &seen), -EINVAL);
        ASSERT_EQ(busbar_device_run(d, "no.such", NULL, on_reply, &seen), 0);
        ASSERT_EQ(wait_answer(b, &seen), -EOPNOTSUPP);
        ASSERT_EQ(busbar_device_run(d, "load.off", NULL, NULL, NULL), 0);
        ASSERT_TRUE(!streq(busbar_strerror(-EROFS), busbar_strerror(-EIO)));

        /* One that is under way is answered at the end. */
        ASSERT_EQ(busbar_device_set(d, "ups.id", "newer", on_reply, &seen), 0);
        ASSERT_TRUE(!busbar_close(b));
        ASSERT_TRUE(seen.answered && seen.result == -ENODEV && seen.n_removed == 3);
        ASSERT_TRUE(!busbar_close(NULL));
}

/* Closed by the handler itself, on a loop of its own and on one of the caller. */
static void on_event_close(Busbar *b, BusbarEvent event, BusbarDevice *d, const BusbarChange *change,
                void *userdata) {
        Seen *seen = userdata;

        seen->n_added++;
        if (event == BUSBAR_SYNCED) {
                ASSERT_TRUE(!busbar_close(b));
                ASSERT_TRUE(!busbar_close(b));
                if (seen->event)
                        (void) sd_event_exit(seen->event, 7);
        }
}

static void part_closing(void) {
        Seen seen = { 0 };
        Busbar *b;
        int r;

        ASSERT_EQ(busbar_open(NULL, on_event_close, &seen, &b), 0);
        do
                r = busbar_wait(b, TIMEOUT_USEC);
        while (r > 0);
        ASSERT_EQ(r, -ESHUTDOWN);
        ASSERT_EQ(seen.n_added, 4U);
}

static void part_event(void) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Seen seen = { 0 };
        uint64_t usec;
        Busbar *b;

        ASSERT_TRUE(sd_event_new(&event) >= 0);
        seen.event = event;
        ASSERT_EQ(busbar_open(event, on_event_close, &seen, &b), 0);
        ASSERT_EQ(busbar_get_fd(b), -EOPNOTSUPP);
        ASSERT_EQ(busbar_get_timeout(b, &usec), -EOPNOTSUPP);
        ASSERT_EQ(busbar_process(b), -EOPNOTSUPP);
        ASSERT_EQ(busbar_sync(b, 0), -EOPNOTSUPP);
        ASSERT_EQ(sd_event_loop(event), 7);
        ASSERT_EQ(seen.n_added, 4U);
}

/* Without a bus it waits for one. */
static void part_no_bus(void) {
        Seen seen = { 0 };
        Busbar *b;

        ASSERT_EQ(busbar_open(NULL, on_event, &seen, NULL), -EINVAL);
        ASSERT_EQ(busbar_open(NULL, on_event, &seen, &b), 0);
        ASSERT_TRUE(!busbar_is_connected(b) && !busbar_is_synced(b));
        ASSERT_EQ(busbar_sync(b, 1000), -ETIMEDOUT);
        busbar_ping(b);
        ASSERT_TRUE(!busbar_close(b));
}

int main(int argc, char **argv) {
        static const struct {
                const char *name;
                void (*run)(void);
        } parts[] = {
                { "calls",   part_calls   },
                { "closing", part_closing },
                { "event",   part_event   },
                { "no-bus",  part_no_bus  },
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (argc == 2 && streq(argv[1], parts[i].name)) {
                        parts[i].run();
                        return 0;
                }
        fprintf(stderr, "Which part?\n");
        return 2;
}
