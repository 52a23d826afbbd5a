/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "bus-names.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

/* What stands in ExecStop= of busbar-guard.service: when this machine is being powered off, whoever began
 * that and by whatever way, has the monitor finish first. */

#define ASK_TIMEOUT_USEC (5 * USEC_PER_SEC)

/* The monitor answers earlier; the unit has a limit too. */
#define FINISH_TIMEOUT_USEC (9 * 60 * USEC_PER_SEC)

#define BUSY_PAUSE_USEC (200 * USEC_PER_MSEC)

static void help(void) {
        puts("Usage: busbar-guard [OPTION...]\n"
             "When this machine is being powered off, wait until busbar-monitor is ready for that.\n"
             "\n"
             "  -h, --help         Show this help\n"
             "      --version      Show the version\n"
             "\n"
             "See busbar-monitor(8).");
}

enum { OPTION_VERSION = 256 };

static const struct option options[] = {
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, OPTION_VERSION },
        {},
};

static int call(sd_bus *bus, const char *name, const char *path, const char *interface, const char *member,
                uint64_t timeout_usec, sd_bus_error *error, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        int r = sd_bus_message_new_method_call(bus, &m, name, path, interface, member);
        if (r < 0)
                return r;
        (void) sd_bus_message_set_auto_start(m, false);
        r = sd_bus_call(bus, m, timeout_usec, error, ret);
        if (r < 0)
                log_info("%s: %s", member, error->message ?: strerror(-r));
        return r;
}

/* Whether there is a job that ends with the power off. A reboot and its like end otherwise. */
static int is_powering_off(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *unit, *type, *state, *job, *object;
        uint32_t id;

        int r = call(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager",
                        "ListJobs", ASK_TIMEOUT_USEC, &error, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(reply, 'a', "(usssoo)");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(reply, "(usssoo)", &id, &unit, &type, &state, &job, &object)) > 0)
                if (streq(type, "start") && (streq(unit, "poweroff.target") || streq(unit, "halt.target")))
                        return 1;
        return r;
}

/* A monitor that others keep busy is asked again. */
static int finish_shutdown(sd_bus *bus) {
        uint64_t end = usec_add(now_usec(CLOCK_BOOTTIME), FINISH_TIMEOUT_USEC);

        for (;;) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
                uint64_t left = usec_sub(end, now_usec(CLOCK_BOOTTIME));

                if (left == 0)
                        return -ETIMEDOUT;
                int r = call(bus, BUS_NAME_MONITOR, BUS_PATH_MONITOR, BUS_INTERFACE_MONITOR,
                                "FinishShutdown", left, &error, NULL);
                if (r >= 0 || !sd_bus_error_has_name(&error, BUS_ERROR_BUSY))
                        return r;
                (void) usleep(BUSY_PAUSE_USEC);
        }
}

static int guard(void) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

        int r = sd_bus_open_system(&bus);
        if (r < 0) {
                log_info("There is no bus, so there is nobody to wait for");
                return 0;
        }
        r = is_powering_off(bus);
        if (r <= 0)
                return r;

        log_info("This machine is being powered off; waiting for the monitor");
        return finish_shutdown(bus);
}

int main(int argc, char *argv[]) {
        int c;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (c) {
                case 'h':
                        help();
                        return EXIT_SUCCESS;
                case OPTION_VERSION:
                        puts("busbar-guard " BUSBAR_VERSION);
                        return EXIT_SUCCESS;
                default:
                        return EXIT_FAILURE;
                }

        /* Nobody is helped by a shutdown that hangs on its guard. */
        (void) guard();
        return EXIT_SUCCESS;
}
