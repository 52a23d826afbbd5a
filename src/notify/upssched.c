/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "log.h"
#include "sched-lone.h"
#include "sched-socket.h"
#include "string-util.h"

#define SOCKET_DEFAULT "/run/busbar-notify/upssched"

static void help(void) {
        puts("Usage: upssched [OPTION...] [MESSAGE]\n"
             "Do what upssched.conf says about a notice of upsmon, named by $UPSNAME and $NOTIFYTYPE.\n"
             "\n"
             "  -l                 List the timers that run\n"
             "  -D                 Log more; also for -DD and further\n"
             "  -h                 Show this help\n"
             "  -V                 Show the version\n"
             "\n"
             "See upssched(8) and upssched.conf(5).");
}

typedef struct Arguments {
        bool list;
        int level;
} Arguments;

/* Returns 1 to go on, or the exit status of a program that has done what it was asked. */
static int parse_arguments(int argc, char *argv[], Arguments *a) {
        int c;

        while ((c = getopt(argc, argv, "+lDhV")) >= 0)
                switch (c) {
                case 'l':
                        a->list = true;
                        break;
                case 'D':
                        a->level = LOG_DEBUG;
                        break;
                case 'h':
                        help();
                        return 0;
                case 'V':
                        puts("Network UPS Tools upssched " NUT_COMPAT_VERSION "\nBusbar " BUSBAR_VERSION);
                        return 0;
                default:
                        help();
                        return -EINVAL;
                }
        return 1;
}

/* That of the service. Others than its user and root are not let in, and are on their own. */
static int connect_service(void) {
        const char *path = getenv("BUSBAR_NOTIFY_SOCKET");

        return sched_connect(isempty(path) ? SOCKET_DEFAULT : path, true);
}

static int list(void) {
        SchedRequest request = { .verb = SCHED_LIST_TIMERS };
        _cleanup_close_ int fd = connect_service();
        int r;

        if (fd < 0)
                fd = sched_lone_connect();
        r = fd < 0 ? fd : sched_call(fd, &request, stdout, NULL);
        if (r < 0)
                fprintf(stderr, "upssched timer is not running\n");
        return r;
}

static int notice(const char *message) {
        _cleanup_free_ char *why = NULL;
        _cleanup_close_ int fd = -EBADF;
        SchedRequest request = {
                .verb = SCHED_EVENT,
                .event = { getenv("NOTIFYTYPE"), getenv("UPSNAME"), message },
        };
        int r;

        if (!request.event.type || !request.event.system) {
                puts("Error: UPSNAME and NOTIFYTYPE must be set.\n"
                     "This program should only be run from upsmon.");
                return -EINVAL;
        }

        fd = connect_service();
        if (fd < 0)
                return sched_lone_notice(&request.event);

        r = sched_call(fd, &request, NULL, &why);
        if (r == -EPROTO)
                log_error("The service does not take the notice %s: %s", request.event.type, strempty(why));
        else if (r < 0)
                log_error_errno(r, "Cannot hand the notice to the service: %m");
        return r;
}

int main(int argc, char *argv[]) {
        Arguments a = { .level = LOG_INFO };
        int r;

        r = parse_arguments(argc, argv, &a);
        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        log_set_max_level(a.level);
        r = a.list ? list() : notice(optind < argc ? argv[optind] : getenv("NOTIFYMSG"));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
