/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <getopt.h>
#include <stdio.h>

#include "ctl.h"
#include "string-util.h"

static const Verb verbs[] = {
        { "status", 0, 0, verb_status, "", "One line for each device; the same without a verb" },
        { "list", 0, 0, verb_list, "", "Names, drivers and descriptions of the devices" },
        { "show", 1, 1, verb_show, "DEVICE", "All variables of a device" },
        { "get", 2, 2, verb_get, "DEVICE VARIABLE", "The value of one variable, and nothing else" },
        { "describe", 1, 2, verb_describe, "DEVICE [VARIABLE]", "What variables mean, and can be set to" },
        { "set", 1, 3, verb_set, "DEVICE [VARIABLE VALUE]", "Set a variable; or list what can be set" },
        { "run", 1, 3, verb_run, "DEVICE [COMMAND [ARG]]", "Run a command; or list the commands" },
        { "watch", 0, 1, verb_watch, "[DEVICE]", "Print each change as it comes, until Ctrl-C" },
        { "check", 0, 0, verb_check, "", "Check ups.conf, upsd.conf and upsd.users" },
        { "fsd", 0, 3, verb_fsd, "[list]", "Devices under a forced shutdown" }, /* last: see print_help() */
};

static void print_help(void) {
        puts("Usage: busbarctl [OPTION...] [VERB [ARGUMENT...]]\n\n"
             "Show and control the power devices of this machine.\n\n"
             "Verbs:");

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                const Verb *v = &verbs[i];
                int n = printf("  %s%s%s", v->name, v->synopsis[0] ? " " : "", v->synopsis);

                printf("%*s%s\n", n < 30 ? 30 - n : 1, "", v->help);
        }

        puts("  fsd clear DEVICE            End the forced shutdown of a device\n"
             "  fsd set DEVICE [REASON]     Tell everybody on a device to shut down\n\n"
             "Options:\n"
             "  -j, --json                  Write JSON\n"
             "      --no-ask-password       Do not let polkit ask for a password\n"
             "  -h, --help                  Show this help and exit\n"
             "      --version               Show the version and exit\n\n"
             "See busbarctl(1), and busbar-names(7) for what variables and commands mean.");
}

static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (streq(verbs[i].name, name))
                        return &verbs[i];

        return NULL;
}

static void report_unknown_verb(const char *name) {
        const Verb *nearest = &verbs[0];

        for (size_t i = 1; i < ELEMENTSOF(verbs); i++)
                if (string_distance(name, verbs[i].name) < string_distance(name, nearest->name))
                        nearest = &verbs[i];

        if (string_distance(name, nearest->name) <= 2)
                ctl_error(0, "Unknown verb \"%s\". Did you mean \"%s\"?", name, nearest->name);
        else
                ctl_error(0, "Unknown verb \"%s\". See \"busbarctl --help\".", name);
}

/* The exit status. */
static int dispatch(Ctl *c, char **args) {
        const Verb *verb = find_verb(args[0] ?: "status");
        unsigned n = (unsigned) strv_length(args);
        int r;

        if (!verb) {
                report_unknown_verb(args[0]);
                return CTL_EXIT_USAGE;
        }

        n -= n > 0;
        if (n < verb->min || n > verb->max) {
                ctl_error(0, "Usage: busbarctl %s%s%s", verb->name, verb->synopsis[0] ? " " : "",
                          verb->synopsis);
                return CTL_EXIT_USAGE;
        }

        r = verb->run(c, args[0] ? args + 1 : args);
        ctl_disconnect(c);
        return r < 0 ? EXIT_FAILURE : r;
}

enum {
        OPTION_VERSION = 256,
        OPTION_NO_ASK_PASSWORD,
};

/* Returns 1 to go on, 0 when all is done, -EINVAL. */
static int parse_options(Ctl *c, int argc, char *argv[]) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPTION_VERSION },
                { "json", no_argument, NULL, 'j' },
                { "no-ask-password", no_argument, NULL, OPTION_NO_ASK_PASSWORD },
                {},
        };
        int option;

        while ((option = getopt_long(argc, argv, "hj", options, NULL)) >= 0)
                switch (option) {

                case 'h':
                        print_help();
                        return 0;

                case OPTION_VERSION:
                        puts("busbarctl " BUSBAR_VERSION);
                        return 0;

                case 'j':
                        c->json = true;
                        break;

                case OPTION_NO_ASK_PASSWORD:
                        c->ask_password = false;
                        break;

                default:
                        fputs("See \"busbarctl --help\". A value that begins with - goes behind --.\n",
                              stderr);
                        return -EINVAL;
                }

        return 1;
}

static bool colors_wanted(void) {
        const char *term = getenv("TERM");

        return isatty(STDOUT_FILENO) && isempty(getenv("NO_COLOR")) && term && !streq(term, "dumb");
}

int main(int argc, char *argv[]) {
        Ctl c = {
                .ask_password = true,
                .terminal = isatty(STDOUT_FILENO),
                .color = colors_wanted(),
        };
        int r;

        r = parse_options(&c, argc, argv);
        r = r > 0 ? dispatch(&c, argv + optind) : r < 0 ? CTL_EXIT_USAGE : EXIT_SUCCESS;

        if (r == EXIT_SUCCESS && (fflush(stdout) == EOF || ferror(stdout)))
                return ctl_error(EXIT_FAILURE, "Cannot write the output: %s.", strerror(errno));

        return r;
}
