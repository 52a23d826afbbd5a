/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "args.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"

#define COLUMNS 80

static const char usage[] =
        "  -a NAME       Serve the device [NAME] of ups.conf; may be given again\n"
        "      --all     Serve all devices of ups.conf that name this driver\n"
        "      --group NAME  Serve all of these that are in this group\n"
        "  -s NAME       Serve a device NAME without ups.conf, as -x says\n"
        "  -x KEY=VALUE  Set an option, over what ups.conf says; -s needs -x port=\n"
        "  -i SECONDS    Poll the device that often\n"
        "  -d COUNT      Poll COUNT times, print the variables and exit\n"
        "  -k            Cut the load as the configuration says, and exit\n"
        "  -c COMMAND    Tell the running driver -P: reload or exit\n"
        "  -P PID        Process that -c means\n"
        "  -u USER       Run as USER when started by root\n"
        "  -g GROUP      Group that may use the driver's socket\n"
        "  -D            Log debug messages\n"
        "  -q            Log less\n"
        "  -F, -B        Accepted; a driver always stays in the foreground\n"
        "  -L            List the options of the driver\n"
        "      --check   Print what is wrong in ups.conf with options of this driver\n"
        "  -V, --version Print the version\n"
        "  -h, --help    Print this help\n";

/* Prints words so that no line gets too long. */
static void print_wrapped(const char *text, int indent) {
        int column = indent;

        (void) printf("%*s", indent, "");
        while (*text) {
                int n = (int) strcspn(text, " ");

                if (column > indent && column + n >= COLUMNS) {
                        (void) printf("\n%*s", indent, "");
                        column = indent;
                } else if (column > indent) {
                        (void) putchar(' ');
                        column++;
                }
                (void) printf("%.*s", n, text);
                column += n;
                text += n;
                text += strspn(text, " ");
        }
        (void) putchar('\n');
}

void args_print_help(const Driver *driver) {
        (void) printf("Usage: %s {-a NAME | --all | -s NAME -x port=VALUE} [OPTION...]\n\n", driver->name);
        print_wrapped(driver->description, 0);
        (void) printf("\n%s", usage);

        if (driver->options && driver->options->name)
                (void) printf("\nOptions for -x and ups.conf:\n");
        for (const Option *o = driver->options; o && o->name; o++) {
                (void) printf("  %s%s\n", o->name, o->type == OPTION_FLAG ? "" : "=VALUE");
                print_wrapped(o->help, 8);
        }

        (void) printf("\nSee %s(8) and ups.conf(5) for all others. %s\n", driver->name, BUSBAR_URL);
}

void args_print_version(const Driver *driver) {
        (void) printf("Busbar - %s %s (%s)\n", driver->description, driver->version, BUSBAR_VERSION);
}

void args_print_options(const Driver *driver) {
        for (const Option *o = driver->options; o && o->name; o++)
                (void) printf("%s %s \"%s\"\n", o->type == OPTION_FLAG ? "FLAG" : "VALUE", o->name, o->help);
}

void args_done(Args *a) {
        strv_free(a->devices);
        strv_free(a->pairs);
        free(a->section);
        free(a->process_group);
        free(a->user);
        free(a->group);
        *a = (Args) {};
}

static int parse_command(const char *command, int *ret) {
        static const struct {
                const char *name;
                int signal;
        } commands[] = {
                /* A reload stops and starts what has changed, so the three ways that NUT tells apart are
                 * one. */
                { "reload", SIGHUP },
                { "reload-or-error", SIGHUP },
                { "reload-or-exit", SIGHUP },
                { "exit", SIGTERM },
        };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (streq(commands[i].name, command)) {
                        *ret = commands[i].signal;
                        return 0;
                }

        (void) log_error("-c knows reload, reload-or-error, reload-or-exit and exit, not %s.", command);
        return -EINVAL;
}

static int parse_number(int option, const char *value, uint64_t max, uint64_t *ret) {
        int r;

        r = parse_uint64(value, 1, max, ret);
        if (r < 0)
                (void) log_error("-%c needs a number from 1 to %" PRIu64 ", not %s.", option, max, value);
        return r < 0 ? -EINVAL : 0;
}

static int set_interval(Args *a, const char *value) {
        uint64_t n;
        int r;

        r = parse_number('i', value, 86400, &n);
        return r < 0 ? r : strv_consume(&a->pairs, strprintf("pollinterval=%" PRIu64, n));
}

static int set_count(Args *a, const char *value) {
        uint64_t n;
        int r;

        r = parse_number('d', value, 1000000, &n);
        if (r < 0)
                return r;

        a->action = ACTION_DUMP;
        a->dump_count = (unsigned) n;
        return 0;
}

static int set_pid(Args *a, const char *value) {
        uint64_t n;
        int r;

        r = parse_number('P', value, INT32_MAX, &n);
        if (r < 0)
                return r;

        a->pid = (pid_t) n;
        return 0;
}

static int refuse_root(const char *directory) {
        (void) log_error("-r %s is not supported; set RootDirectory= in the unit of the driver instead.",
                        directory);
        return -EINVAL;
}

/* Options that say what to do or on which device. */
static int take_action(Args *a, int option, const char *value) {
        switch (option) {
        case 'a':
                return strv_extend(&a->devices, value);
        case 'A':
                a->all = true;
                return 0;
        case 'G':
                return free_and_strdup(&a->process_group, value);
        case 's':
                return free_and_strdup(&a->section, value);
        case 'd':
                return set_count(a, value);
        case 'k':
                a->action = ACTION_POWER_OFF;
                return 0;
        case 'c':
                a->action = ACTION_SIGNAL;
                return parse_command(value, &a->signal);
        case 'L':
                a->action = ACTION_LIST_OPTIONS;
                return 0;
        case 'C':
                a->action = ACTION_CHECK;
                return 0;
        case 'V':
                a->action = ACTION_VERSION;
                return 0;
        case 'h':
                a->action = ACTION_HELP;
                return 0;
        default:
                return -EINVAL; /* getopt has said what is wrong */
        }
}

static int take_option(Args *a, int option, const char *value) {
        switch (option) {
        case 'x':
                return strv_extend(&a->pairs, value);
        case 'i':
                return set_interval(a, value);
        case 'P':
                return set_pid(a, value);
        case 'u':
                return free_and_strdup(&a->user, value);
        case 'g':
                return free_and_strdup(&a->group, value);
        case 'r':
                return refuse_root(value);
        case 'D':
                a->debug++;
                return 0;
        case 'q':
                a->quiet++;
                return 0;
        case 'F':
        case 'B':
                return 0;
        default:
                return take_action(a, option, value);
        }
}

static int args_check(const Args *a, const char *program) {
        unsigned ways = (a->devices ? 1 : 0) + (a->all ? 1 : 0) + (a->section ? 1 : 0) +
                (a->process_group ? 1 : 0);

        switch (a->action) {
        case ACTION_LIST_OPTIONS:
        case ACTION_CHECK:
        case ACTION_VERSION:
        case ACTION_HELP:
                return 0;

        case ACTION_SIGNAL:
                if (a->pid > 0)
                        return 0;
                (void) log_error("-c needs -P PID; for a unit, use systemctl reload or systemctl stop.");
                return -EINVAL;

        default:
                break;
        }

        if (ways != 1) {
                (void) log_error("Give one of -a NAME, --all, --group NAME or -s NAME; %s -h tells more.",
                                program);
                return -EINVAL;
        }
        if (a->action == ACTION_DUMP && (a->all || a->process_group || strv_length(a->devices) > 1)) {
                (void) log_error("-d prints one device; name it with -a or -s.");
                return -EINVAL;
        }

        return 0;
}

int args_parse(const Driver *driver, int argc, char *argv[], Args *ret) {
        static const struct option options[] = {
                { "all", no_argument, NULL, 'A' },
                { "group", required_argument, NULL, 'G' },
                { "check", no_argument, NULL, 'C' },
                { "version", no_argument, NULL, 'V' },
                { "help", no_argument, NULL, 'h' },
                {}
        };
        _cleanup_(args_done) Args a = {};
        int option, r;

        optind = 0; /* a program may call this more than once, as the tests do */
        while ((option = getopt_long(argc, argv, "a:s:x:i:d:kc:P:u:g:r:DqFBLVh", options, NULL)) >= 0) {
                r = take_option(&a, option, optarg);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                (void) log_error("%s takes no argument %s; %s -h tells more.", driver->name, argv[optind],
                                driver->name);
                return -EINVAL;
        }

        r = args_check(&a, driver->name);
        if (r < 0)
                return r;

        *ret = a;
        a = (Args) {};
        return 0;
}
