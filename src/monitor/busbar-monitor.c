/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "log.h"
#include "monitor.h"
#include "monitor-bus.h"

static void help(void) {
        puts("Usage: busbar-monitor [OPTION...]\n"
             "Watch the power of this machine, and shut it down in order before it ends.\n"
             "\n"
             "  -D                 Log more; also for -DD and further\n"
             "      --introspect   Print the description of the D-Bus interface\n"
             "  -h, --help         Show this help\n"
             "      --version      Show the version\n"
             "\n"
             "See busbar-monitor(8) and upsmon.conf(5).");
}

enum { OPTION_VERSION = 256, OPTION_INTROSPECT };

static const struct option options[] = {
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, OPTION_VERSION },
        { "introspect", no_argument, NULL, OPTION_INTROSPECT },
        {},
};

static int introspect(void) {
        int r = monitor_bus_introspect(stdout);

        return r < 0 ? log_error_errno(r, "Cannot describe the interface: %m") : 0;
}

/* Returns 1 to go on, or the exit status of a program that has done what it was asked. */
static int parse_arguments(int argc, char *argv[], int *log_level) {
        int c;

        while ((c = getopt_long(argc, argv, "hD", options, NULL)) >= 0)
                switch (c) {
                case 'h':
                        help();
                        return 0;
                case OPTION_VERSION:
                        puts("busbar-monitor " BUSBAR_VERSION);
                        return 0;
                case OPTION_INTROSPECT:
                        return introspect();
                case 'D':
                        *log_level = LOG_DEBUG;
                        break;
                default:
                        return -EINVAL;
                }

        if (optind < argc)
                return log_full(LOG_ERR, EINVAL, NULL, "There are no arguments, see --help");
        return 1;
}

int main(int argc, char *argv[]) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(monitor_freep) Monitor *monitor = NULL;
        int log_level = LOG_INFO;

        int r = parse_arguments(argc, argv, &log_level);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(log_level);
        r = daemon_event_new(&event);
        if (r < 0)
                return log_error_errno(r, "Cannot make an event loop: %m") < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        r = monitor_new(event, &monitor);
        if (r < 0)
                return EXIT_FAILURE;
        r = sd_event_loop(event);
        if (r < 0)
                log_error_errno(r, "The event loop failed: %m");
        daemon_notify("STOPPING=1");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
