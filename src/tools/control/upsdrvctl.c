/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>

#include "banner.h"
#include "output.h"
#include "status.h"
#include "string-util.h"

typedef enum Verb {
        VERB_NONE,
        VERB_START,
        VERB_STOP,
        VERB_SHUTDOWN,
        VERB_STATUS,
        VERB_LIST,
        VERB_ORDER, /* -c */
} Verb;

typedef struct Arguments {
        Verb verb;
        DriverOrder order;
        const char *name; /* of the device, or NULL for all */
        const char *user;
        unsigned debug, foreground;
        bool pass_debug, background, test;
} Arguments;

static int help(void) {
        puts("Starts and stops the drivers of the devices in ups.conf.\n"
             "\n"
             "usage: upsdrvctl [OPTIONS] (start | stop | shutdown | status | list) [<ups>]\n"
             "       upsdrvctl [OPTIONS] -c <command> [<ups>]\n"
             "\n"
             "  start [<ups>]     start the driver of <ups>, or all drivers\n"
             "  stop [<ups>]      stop it\n"
             "  shutdown [<ups>]  have the device cut its load: this machine most likely, too\n"
             "  status [<ups>]    show what runs, as a table\n"
             "  list [<ups>]      show the names of the devices\n"
             "\n"
             "  -c <command>      tell drivers that run:\n"
             "                     - reload, reload-or-error, reload-or-exit: read ups.conf\n"
             "                       again\n"
             "                     - exit: end, and be started again by systemd\n"
             "                     - data-dump: show all variables\n"
             "  -l                list\n"
             "  -t                show what would be done, and do nothing\n"
             "  -D                log more; with -d this is for the driver\n"
             "  -d                run the driver in the foreground with these -D, and show\n"
             "                    what it says\n"
             "  -F                run the driver in the foreground\n"
             "  -B                run it in the background, even with -d\n"
             "  -u <user>         run drivers as this user, where they are not services\n"
             "  -r <path>         refused: see RootDirectory= in systemd.exec(5)\n"
             "  -V                show the version\n"
             "  -h                show this help\n"
             "\n"
             "See upsdrvctl(8).");
        return 0;
}

_printf_(1, 2) static int usage_error(const char *fmt, ...) {
        va_list ap;

        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fputs("\nTry -h for help.\n", stderr);
        return -EINVAL;
}

/* NUT takes any beginning of a word, the first of these. */
static int parse_order(const char *s, Arguments *a) {
        static const struct {
                const char *name;
                DriverOrder order;
        } orders[] = {
                { "reload-or-error", DRIVER_RELOAD }, { "exit", DRIVER_EXIT },
                { "dump", DRIVER_DUMP },              { "data-dump", DRIVER_DUMP },
                { "reload-or-exit", DRIVER_RELOAD },
        };

        if (a->verb != VERB_NONE)
                return usage_error("Error: only one command per run can be sent with option -c.");
        for (size_t i = 0; !isempty(s) && i < ELEMENTSOF(orders); i++)
                if (startswith(orders[i].name, s)) {
                        a->verb = VERB_ORDER;
                        a->order = orders[i].order;
                        return 1;
                }
        return usage_error("Error: unknown argument to option -c: %s.", s);
}

static int parse_option(int c, Arguments *a) {
        switch (c) {
        case 't':
                a->test = true;
                return 1;
        case 'D':
                a->debug++;
                return 1;
        case 'd':
                a->pass_debug = true;
                return 1;
        case 'F':
                a->foreground++;
                return 1;
        case 'B':
                a->background = true;
                return 1;
        case 'u':
                a->user = optarg;
                return 1;
        case 'l':
                a->verb = VERB_LIST;
                return 1;
        case 'c':
                return parse_order(optarg, a);
        case 'r':
                return usage_error("Error: a driver does not change its root to %s; set RootDirectory= in "
                                   "its unit.", optarg);
        case 'V':
                puts(BANNER_OWN_VERSION);
                return 0;
        default:
                return help();
        }
}

static int parse_verb(const char *s, Verb *ret) {
        static const char *const verbs[] = {
                [VERB_START] = "start", [VERB_STOP] = "stop", [VERB_SHUTDOWN] = "shutdown",
                [VERB_STATUS] = "status", [VERB_LIST] = "list",
        };

        for (Verb v = VERB_START; v <= VERB_LIST; v++)
                if (streq(s, verbs[v])) {
                        *ret = v;
                        return 1;
                }
        return usage_error("Error: unrecognized command [%s]", s);
}

/* Returns 1 to go on, else 0 or a negative errno. */
static int parse_arguments(int argc, char *argv[], Arguments *a) {
        int c, r;

        while ((c = getopt(argc, argv, "+htu:r:DdFBVc:l")) >= 0) {
                r = parse_option(c, a);
                if (r <= 0)
                        return r;
        }
        if (a->verb == VERB_NONE) {
                if (optind >= argc)
                        return help();
                r = parse_verb(argv[optind++], &a->verb);
                if (r < 0)
                        return r;
        }
        if (optind < argc)
                a->name = argv[optind++];
        if (optind < argc)
                return usage_error("Error: extra arguments left on command line: %s", argv[optind]);
        return 1;
}

static int run(const Arguments *a) {
        bool foreground = !a->background && (a->foreground > 0 || (a->pass_debug && a->debug > 0));
        Control c = { .test = a->test, .user = a->user, .debug = a->pass_debug ? a->debug : 0 };
        _cleanup_(selection_done) Selection s = {};
        int r;

        if (a->test)
                puts("*** Testing mode: not calling exec/kill/signal");
        (void) fflush(stdout);
        r = selection_load(a->name, &s);
        if (r < 0)
                return r;
        if (a->verb == VERB_LIST) {
                status_list(&s);
                return 0;
        }

        r = control_init(&c);
        /* At the end of a shutdown there is no systemd any more that could be asked. */
        if (r < 0 && a->verb != VERB_SHUTDOWN)
                return r;
        if (c.systemd && a->user && !foreground && a->verb == VERB_START)
                fputs("-u has no effect on services; set User= in their units.\n", stderr);

        if (a->verb == VERB_START)
                r = foreground ? control_foreground(&c, &s) : control_start(&c, &s);
        else if (a->verb == VERB_STOP)
                r = control_stop(&c, &s);
        else if (a->verb == VERB_SHUTDOWN)
                r = control_power_off(&c, &s);
        else if (a->verb == VERB_STATUS)
                r = status_print(&c, &s, false);
        else
                r = control_order(&c, &s, a->order);
        control_done(&c);
        return r;
}

int main(int argc, char *argv[]) {
        Arguments a = {};
        int r;

        output_begin();
        print_banner("- UPS driver controller");
        r = parse_arguments(argc, argv, &a);
        if (r > 0)
                r = run(&a);
        if (r == -ENOMEM)
                fputs("Out of memory.\n", stderr);
        if (output_end("upsdrvctl") < 0)
                r = -EIO;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
