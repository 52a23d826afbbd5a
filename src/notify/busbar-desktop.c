/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "daemon.h"
#include "desktop.h"
#include "log.h"

static void help(void) {
        puts("Usage: busbar-desktop [OPTION...]\n"
             "Show on the desktop when a power failure is about to shut this computer down.\n"
             "\n"
             "  -D                 Log more\n"
             "  -h, --help         Show this help\n"
             "      --version      Show the version\n"
             "\n"
             "See busbar-desktop(1).");
}

enum { OPTION_VERSION = 256 };

static const struct option options[] = {
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, OPTION_VERSION },
        {},
};

/* Returns 1 to go on, or the exit status of a program that has done what it was asked. */
static int parse_arguments(int argc, char *argv[], int *ret_level) {
        int c;

        while ((c = getopt_long(argc, argv, "hD", options, NULL)) >= 0)
                switch (c) {
                case 'h':
                        help();
                        return 0;
                case OPTION_VERSION:
                        puts("busbar-desktop " BUSBAR_VERSION);
                        return 0;
                case 'D':
                        *ret_level = LOG_DEBUG;
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
        _cleanup_(desktop_freep) Desktop *desktop = NULL;
        int level = LOG_INFO;

        int r = parse_arguments(argc, argv, &level);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(level);
        r = daemon_event_new(&event);
        if (r >= 0)
                r = desktop_new(event, &desktop);
        if (r >= 0) {
                daemon_notify("READY=1");
                r = sd_event_loop(event);
        }
        if (r < 0)
                log_error_errno(r, "Cannot go on: %m");
        daemon_notify("STOPPING=1");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
