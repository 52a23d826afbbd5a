/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "gateway.h"
#include "gateway-bus.h"
#include "log.h"
#include "parse-util.h"

static void help(void) {
        puts("Usage: busbar-gateway [OPTION...]\n"
             "Serve all power devices of this machine to clients of the NUT protocol.\n"
             "\n"
             "  -D                 Log more; also for -DD and further\n"
             "      --port=PORT    Listen on 127.0.0.1:PORT only; 0 takes any free port\n"
             "      --introspect   Print the description of the D-Bus interface\n"
             "  -h, --help         Show this help\n"
             "      --version      Show the version\n"
             "\n"
             "See busbar-gateway(8), upsd.conf(5) and upsd.users(5).");
}

enum { OPTION_VERSION = 256, OPTION_PORT, OPTION_INTROSPECT };

static const struct option options[] = {
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, OPTION_VERSION },
        { "port", required_argument, NULL, OPTION_PORT },
        { "introspect", no_argument, NULL, OPTION_INTROSPECT },
        {},
};

typedef struct Arguments {
        int port, log_level;
} Arguments;

static int introspect(void) {
        int r = gateway_bus_introspect(stdout);

        return r < 0 ? log_error_errno(r, "Cannot describe the interface: %m") : 0;
}

/* Returns 1 to go on, or the exit status of a program that has done what it was asked. */
static int parse_arguments(int argc, char *argv[], Arguments *a) {
        uint64_t port;
        int c;

        while ((c = getopt_long(argc, argv, "hD", options, NULL)) >= 0)
                switch (c) {
                case 'h':
                        help();
                        return 0;
                case OPTION_VERSION:
                        puts("busbar-gateway " BUSBAR_VERSION);
                        return 0;
                case OPTION_INTROSPECT:
                        return introspect();
                case 'D':
                        a->log_level = LOG_DEBUG;
                        break;
                case OPTION_PORT:
                        if (parse_uint64(optarg, 0, 65535, &port) < 0)
                                return log_full(LOG_ERR, EINVAL, NULL, "Not a port: %s", optarg);
                        a->port = (int) port;
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
        _cleanup_(gateway_freep) Gateway *gateway = NULL;
        Arguments a = { .port = -1, .log_level = LOG_INFO };

        int r = parse_arguments(argc, argv, &a);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(a.log_level);
        r = daemon_event_new(&event);
        if (r < 0)
                return log_error_errno(r, "Cannot make an event loop: %m") < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        r = gateway_new(event, a.port, a.log_level, &gateway);
        if (r < 0)
                return EXIT_FAILURE;
        r = gateway_run(gateway);
        if (r < 0)
                log_error_errno(r, "The event loop failed: %m");
        daemon_notify("STOPPING=1");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
