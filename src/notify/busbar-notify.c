/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "log.h"
#include "notify.h"
#include "string-util.h"

static void help(void) {
        puts("Usage: busbar-notify [OPTION...]\n"
             "Tell people what the monitor says: on terminals, and by programs of theirs.\n"
             "\n"
             "  -D                 Log more; also for -DD and further\n"
             "  -h, --help         Show this help\n"
             "      --version      Show the version\n"
             "\n"
             "See busbar-notify(8), upsmon.conf(5) and upssched.conf(5).");
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
                        puts("busbar-notify " BUSBAR_VERSION);
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

/* Not daemon_event_new(): the end is to wait for scripts. An early reload waits for its handler. */
static int make_event(sd_event **ret) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        sigset_t set;
        int r;

        (void) signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGCHLD);
        sigaddset(&set, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(event);
        return 0;
}

/* systemd may give several, of which the first is ours. */
static int runtime_directory(char **ret) {
        const char *e = getenv("RUNTIME_DIRECTORY");

        *ret = isempty(e) ? NULL : strndup(e, strcspn(e, ":"));
        return isempty(e) || *ret ? 0 : -ENOMEM;
}

int main(int argc, char *argv[]) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(notify_freep) Notify *notify = NULL;
        _cleanup_free_ char *directory = NULL;
        int level = LOG_INFO;

        int r = parse_arguments(argc, argv, &level);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(level);
        r = runtime_directory(&directory);
        if (r >= 0)
                r = make_event(&event);
        if (r >= 0)
                r = notify_new(event, directory, &notify);
        if (r >= 0)
                r = notify_run(notify);
        if (r < 0)
                log_error_errno(r, "Cannot go on: %m");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
