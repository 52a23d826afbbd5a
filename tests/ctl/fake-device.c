/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A device on the bus that does what a test wants. Lines on stdin change it:
 *
 *   set NAME VALUE...    a variable
 *   unset NAME
 *   status [TOKEN...]
 *   alarm [TEXT...]      without a text: none
 *   freshness WORD
 *   command NAME         one more; the last shutdown.* that was run is in experimental.last
 *
 * Each line is answered with "ok" once it is published; "ready" is the first line. Writes to ups.id and
 * load.off have the verdicts below, all others succeed at once. */

#include <stdio.h>

#include "bus-device.h"
#include "bus-names.h"
#include "daemon.h"
#include "string-util.h"
#include "time-util.h"

#define INSTANCE "fake"
#define SLOW_USEC (300 * USEC_PER_MSEC)

typedef struct Fake {
        sd_event *event;
        Model *model;
        BusGate *gate;
        BusDevice *device;
} Fake;

static int apply(Fake *f, Update *u) {
        _cleanup_(change_freep) Change *change = NULL;
        int r;

        r = model_apply(f->model, u, &change);
        return r < 0 || !f->device ? r : bus_device_changed(f->device, change);
}

/* A value that says what the verdict is to be. */
static int verdict_for(const char *value) {
        static const struct {
                const char *value;
                int r;
        } verdicts[] = {
                { "busy", -EBUSY },
                { "refuse", -EINVAL },
                { "fail", -EIO },
                { "stale", -ESTALE },
                { "absent", -ENODEV },
                { "unknown", -EOPNOTSUPP },
        };

        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++)
                if (streq(verdicts[i].value, value))
                        return verdicts[i].r;

        return 0;
}

static const char *message_for(int r) {
        return r == -EIO ? "the relay is welded shut\x1b[31m" : NULL;
}

static void on_set(void *userdata, BusRequest *request, const char *name, const char *value) {
        _cleanup_(update_freep) Update *u = update_new();
        int r = verdict_for(value);

        if (r >= 0) {
                (void) update_set(u, name, value);
                r = apply(userdata, u);
        }

        bus_request_done(request, r, message_for(r));
}

static int on_later(sd_event_source *s, uint64_t usec, void *userdata) {
        bus_request_done(userdata, 0, NULL);
        sd_event_source_unref(s);
        return 0;
}

static void on_run(void *userdata, BusRequest *request, const char *command, const char *argument) {
        Fake *f = userdata;
        sd_event_source *s = NULL;
        int r = verdict_for(strempty(argument));

        if (streq_ptr(argument, "slow"))
                r = sd_event_add_time_relative(f->event, &s, CLOCK_MONOTONIC, SLOW_USEC, 1, on_later,
                                               request);

        if (r >= 0 && startswith(command, "shutdown.")) {
                _cleanup_(update_freep) Update *u = update_new();

                (void) update_set(u, "experimental.last", command);
                r = apply(f, u);
        }
        if (!s)
                bus_request_done(request, r, message_for(r));
}

static void fill(Update *u) {
        (void) update_freshness(u, FRESHNESS_FRESH);
        (void) update_status(u, "OL CHRG");
        (void) update_set(u, "battery.charge", "87");
        (void) update_set(u, "battery.charge.low", "20");
        (void) update_set(u, "battery.runtime", "2605");
        (void) update_set(u, "input.voltage", "231.4");
        (void) update_set(u, "ups.load", "23");
        (void) update_set(u, "ups.temperature", "31.5");
        (void) update_set(u, "ups.id", "say \"hello\" \\ # \x1b[31m");
        (void) update_describe(u, "ups.id", VARIABLE_WRITABLE | VARIABLE_STRING, 12);
        (void) update_set(u, "ups.delay.shutdown", "20");
        (void) update_describe(u, "ups.delay.shutdown", VARIABLE_WRITABLE, 0);
        (void) update_range(u, "ups.delay.shutdown", 0, 60);
        (void) update_range(u, "ups.delay.shutdown", 120, 600);
        (void) update_set(u, "ups.beeper.status", "enabled");
        (void) update_describe(u, "ups.beeper.status", VARIABLE_WRITABLE | VARIABLE_STRING, 16);
        (void) update_enum(u, "ups.beeper.status", "enabled");
        (void) update_enum(u, "ups.beeper.status", "disabled");
        (void) update_set(u, "vendor.secret", "1");
        (void) update_command(u, "load.off");
        (void) update_command(u, "test.battery.start.quick");
        (void) update_command(u, "outlet.1.load.off");
}

static int obey(Fake *f, char *line) {
        _cleanup_(update_freep) Update *u = update_new();
        char *rest = line + strcspn(line, " "), *value;

        if (*rest)
                *rest++ = '\0';
        value = rest + strcspn(rest, " ");

        if (streq(line, "set")) {
                if (*value)
                        *value++ = '\0';
                (void) update_set(u, rest, value);
        } else if (streq(line, "unset"))
                (void) update_unset(u, rest);
        else if (streq(line, "command"))
                (void) update_command(u, rest);
        else if (streq(line, "status"))
                (void) update_status(u, rest);
        else if (streq(line, "alarm"))
                (void) update_alarm(u, rest);
        else if (streq(line, "freshness"))
                (void) update_freshness(u, freshness_from_string(rest));
        else
                return -EINVAL;

        return apply(f, u);
}

static int on_input(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Fake *f = userdata;
        char line[512];
        int r;

        /* One line at a time is sent, and its answer is waited for. */
        if (!fgets(line, sizeof(line), stdin))
                return sd_event_exit(f->event, 0);

        line[strcspn(line, "\n")] = '\0';
        r = obey(f, line);
        if (r < 0)
                return sd_event_exit(f->event, r);

        puts("ok");
        (void) fflush(stdout);
        return 0;
}

static int publish(Fake *f, sd_bus *bus) {
        static const BusDeviceInfo info = {
                .name = "Fake",
                .driver = "fake-device",
                .driver_version = "1",
                .description = "Not \x1b[31mreal, \"but\" ours \xc3\xa9",
                .transport = "file",
                .native_path = "",
        };
        static const BusDeviceOps ops = { .set = on_set, .run = on_run };
        _cleanup_(update_freep) Update *u = update_new();
        int r;

        f->model = model_new();
        if (!f->model || !u)
                return -ENOMEM;

        fill(u);
        r = apply(f, u);
        if (r < 0)
                return r;

        r = bus_device_add_manager(bus, NULL);
        if (r < 0)
                return r;
        r = bus_gate_new(&f->gate);
        if (r < 0)
                return r;
        r = bus_device_new(bus, f->gate, &info, f->model, &ops, f, &f->device);
        if (r < 0)
                return r;

        r = sd_bus_request_name(bus, BUS_NAME_DRIVER "." INSTANCE, 0);
        if (r < 0)
                return r;
        return sd_bus_request_name(bus, BUS_NAME_DRIVER, SD_BUS_NAME_QUEUE);
}

static int run(Fake *f) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        r = daemon_event_new(&f->event);
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, f->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = publish(f, bus);
        if (r >= 0)
                r = sd_event_add_io(f->event, NULL, STDIN_FILENO, EPOLLIN, on_input, f);
        if (r >= 0) {
                puts("ready");
                (void) fflush(stdout);
                r = sd_event_loop(f->event);
        }

        f->device = bus_device_free(f->device);
        return r;
}

int main(void) {
        Fake f = {};
        int r = run(&f);

        if (r < 0)
                fprintf(stderr, "fake-device: %s\n", strerror(-r));

        bus_gate_free(f.gate);
        model_free(f.model);
        sd_event_unref(f.event);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
