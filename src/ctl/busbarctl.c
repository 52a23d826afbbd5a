/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "output.h"
#include "parse-util.h"
#include "string-util.h"

#define LINES_MAX 1000

/* A machine room's worth of clients. */
#define TLS_ARGUMENTS_MAX 200

#define DAYS_MAX 36500

/* Each rule, and a device. */
#define POLICY_ARGUMENTS_MAX 5

#define SHUTDOWN_OPTIONS (CTL_OPTION_REASON | CTL_OPTION_YES | CTL_OPTION_DRY_RUN | CTL_OPTION_CANCEL)

#define TLS_OPTIONS (CTL_OPTION_DIRECTORY | CTL_OPTION_NAME | CTL_OPTION_DAYS | CTL_OPTION_RENEW)

static const Verb verbs[] = {
        { "status", 0, 0, 0, verb_status, "", "One line for each device; also without a verb" },
        { "list", 0, 0, 0, verb_list, "", "Names, drivers and descriptions of the devices" },
        { "show", 1, 1, 0, verb_show, "DEVICE", "All variables of a device" },
        { "get", 2, 2, 0, verb_get, "DEVICE VARIABLE", "The value of one variable, and nothing else" },
        { "describe", 1, 2, 0, verb_describe, "DEVICE [VARIABLE]",
          "What variables mean, and can be set to" },
        { "set", 1, 3, 0, verb_set, "DEVICE [VARIABLE VALUE]", "Set a variable; or list what can be set" },
        { "run", 1, 3, 0, verb_run, "DEVICE [COMMAND [ARG]]", "Run a command; or list the commands" },
        { "watch", 0, 1, 0, verb_watch, "[DEVICE]", "Print each change as it comes, until Ctrl-C" },
        { "plan", 0, 0, 0, verb_plan, "", "What happens if the mains fail now" },
        { "why", 0, 0, CTL_OPTION_LINES, verb_why, "", "The last shutdowns, and what decided" },
        { "policy", 0, POLICY_ARGUMENTS_MAX, 0, verb_policy, "[RULE=VALUE...] [DEVICE]",
          "When to shut down; or set that" },
        { "shutdown", 0, 0, SHUTDOWN_OPTIONS, verb_shutdown, "",
          "Shut down in order; or rehearse or cancel it" },
        { "check", 0, 0, 0, verb_check, "", "Check the configuration files" },
        { "report", 1, 2, CTL_OPTION_NO_REDACT, verb_report, "DEVICE [FILE]",
          "Write what a USB device says to a file" },
        { "tls", 0, TLS_ARGUMENTS_MAX, TLS_OPTIONS, verb_tls, "[show]",
          "Certificates, and how long they last" },
        { "profile", 0, 2, PROFILE_OPTIONS, verb_profile, "[list]", "What kinds of devices are known" },
        { "scan", 0, 60, 0, verb_scan, "[KIND] [NETWORK...]", "Look for devices" },
        { "doctor", 0, 1, 0, verb_doctor, "[DEVICE]", "Find out why something does not work" },
        { "migrate", 0, 1, 0, verb_migrate, "[DIRECTORY]", "What changes for a configuration of NUT" },
        { "fsd", 0, 3, 0, verb_fsd, "[list]", "Devices under a forced shutdown" }, /* last: print_help() */
};

static void print_help(void) {
        puts("Usage: busbarctl [OPTION...] [VERB [ARGUMENT...]]\n\n"
             "Show and control the power devices of this machine.\n\n"
             "Verbs:");

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                const Verb *v = &verbs[i];
                int n = printf("  %s%s%s", v->name, v->synopsis[0] ? " " : "", v->synopsis);

                printf("%*s%s\n", n < 34 ? 34 - n : 1, "", v->help);
        }

        puts("  tls init [CLIENT...]            Make certificates for server and clients\n"
             "  profile check [FILE|DIRECTORY]  Check a profile, or all\n"
             "  profile show ID                 Print a profile\n"
             "  profile hwdb                    Print the devices of all profiles for udev\n"
             "  profile import WALK             Draft a profile from a walk of an SNMP agent\n"
             "  fsd clear DEVICE                End the forced shutdown of a device\n"
             "  fsd set DEVICE [REASON]         Tell everybody on a device to shut down\n\n"
             "Options:\n"
             "  -j, --json                      Write JSON\n"
             "  -n, --lines N                   why: this many shutdowns, not 3\n"
             "      --reason TEXT               shutdown: what it is for\n"
             "  -y, --yes                       shutdown: do not ask whether that is meant\n"
             "      --dry-run                   shutdown: walk through it, without any effect\n"
             "      --cancel                    shutdown: call off the one under way\n"
             "      --directory DIRECTORY       tls: where the certificates are\n"
             "      --name NAME                 tls init: one more name of this server;\n"
             "                              profile import: that of the profile\n"
             "      --days N                    tls init: valid for so long\n"
             "      --renew                     tls init: replace those that are there\n"
             "      --mib FILE                  profile import: a MIB with names; several\n"
             "      --enterprise OID            profile import: the subtree to look at\n"
             "      --no-redact                 report: with serial numbers and the like\n"
             "      --no-ask-password           Do not let polkit ask for a password\n"
             "  -h, --help                      Show this help and exit\n"
             "      --version                   Show the version and exit\n\n"
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

/* The first of some options. */
static const char *option_name(CtlOptions options) {
        static const struct {
                CtlOptions option;
                const char *name;
        } names[] = {
                { CTL_OPTION_LINES, "--lines" },     { CTL_OPTION_REASON, "--reason" },
                { CTL_OPTION_YES, "--yes" },         { CTL_OPTION_DRY_RUN, "--dry-run" },
                { CTL_OPTION_CANCEL, "--cancel" },   { CTL_OPTION_NO_REDACT, "--no-redact" },
                { CTL_OPTION_NAME, "--name" },       { CTL_OPTION_DIRECTORY, "--directory" },
                { CTL_OPTION_DAYS, "--days" },       { CTL_OPTION_RENEW, "--renew" },
                { CTL_OPTION_MIB, "--mib" },         { CTL_OPTION_ENTERPRISE, "--enterprise" },
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (options & names[i].option)
                        return names[i].name;

        return "that option";
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

        if (c->given & ~verb->options) {
                ctl_error(0, "The verb %s does not take %s.", verb->name,
                          option_name(c->given & ~verb->options));
                return CTL_EXIT_USAGE;
        }

        r = verb->run(c, args[0] ? args + 1 : args);
        ctl_disconnect(c);
        return r < 0 ? EXIT_FAILURE : r;
}

enum {
        OPTION_VERSION = 256,
        OPTION_NO_ASK_PASSWORD,
        OPTION_REASON,
        OPTION_DRY_RUN,
        OPTION_CANCEL,
        OPTION_NO_REDACT,
        OPTION_DIRECTORY,
        OPTION_NAME,
        OPTION_DAYS,
        OPTION_RENEW,
        OPTION_MIB,
        OPTION_ENTERPRISE,
};

static int parse_number(const char *option, const char *s, uint32_t max, uint32_t *ret) {
        uint64_t n;

        if (parse_uint64(s, 1, max, &n) < 0)
                return ctl_error(
                        -EINVAL, "%s wants a number from 1 to %" PRIu32 ", not \"%s\".", option, max, s);

        *ret = (uint32_t) n;
        return 0;
}

/* Of the verb tls. */
static int parse_tls_option(Ctl *c, int option, const char *argument) {
        switch (option) {

        case OPTION_DIRECTORY:
                c->given |= CTL_OPTION_DIRECTORY;
                c->directory = argument;
                return 0;

        case OPTION_NAME:
                c->given |= CTL_OPTION_NAME;
                return strv_extend(&c->names, argument) < 0 ? ctl_error(-ENOMEM, "Out of memory.") : 0;

        case OPTION_DAYS:
                c->given |= CTL_OPTION_DAYS;
                return parse_number("--days", argument, DAYS_MAX, &c->days);

        default: /* OPTION_RENEW */
                c->given |= CTL_OPTION_RENEW;
                return 0;
        }
}

/* What only some verbs take. Returns 0, or -EINVAL for a wrong argument. */
static int parse_verb_option(Ctl *c, int option, const char *argument) {
        switch (option) {

        case 'n':
                c->given |= CTL_OPTION_LINES;
                return parse_number("--lines", argument, LINES_MAX, &c->lines);

        case 'y':
                c->given |= CTL_OPTION_YES;
                return 0;

        case OPTION_REASON:
                c->given |= CTL_OPTION_REASON;
                c->reason = argument;
                return 0;

        case OPTION_DRY_RUN:
                c->given |= CTL_OPTION_DRY_RUN;
                return 0;

        case OPTION_NO_REDACT:
                c->given |= CTL_OPTION_NO_REDACT;
                return 0;

        case OPTION_CANCEL:
                c->given |= CTL_OPTION_CANCEL;
                return 0;

        case OPTION_MIB:
                c->given |= CTL_OPTION_MIB;
                return strv_extend(&c->mibs, argument) < 0 ? ctl_error(-ENOMEM, "Out of memory.") : 0;

        case OPTION_ENTERPRISE:
                c->given |= CTL_OPTION_ENTERPRISE;
                c->enterprise = argument;
                return 0;

        default:
                return parse_tls_option(c, option, argument);
        }
}

/* Returns 1 to go on, 0 when all is done, -EINVAL. */
static int parse_options(Ctl *c, int argc, char *argv[]) {
        static const struct option options[] = {
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPTION_VERSION },
                { "json", no_argument, NULL, 'j' },
                { "no-ask-password", no_argument, NULL, OPTION_NO_ASK_PASSWORD },
                { "lines", required_argument, NULL, 'n' },
                { "reason", required_argument, NULL, OPTION_REASON },
                { "yes", no_argument, NULL, 'y' },
                { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
                { "cancel", no_argument, NULL, OPTION_CANCEL },
                { "no-redact", no_argument, NULL, OPTION_NO_REDACT },
                { "directory", required_argument, NULL, OPTION_DIRECTORY },
                { "name", required_argument, NULL, OPTION_NAME },
                { "days", required_argument, NULL, OPTION_DAYS },
                { "renew", no_argument, NULL, OPTION_RENEW },
                { "mib", required_argument, NULL, OPTION_MIB },
                { "enterprise", required_argument, NULL, OPTION_ENTERPRISE },
                {},
        };
        int option;

        while ((option = getopt_long(argc, argv, "hjn:y", options, NULL)) >= 0)
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

                case '?':
                        fputs("See \"busbarctl --help\". A value that begins with - goes behind --.\n",
                              stderr);
                        return -EINVAL;

                default:
                        if (parse_verb_option(c, option, optarg) < 0)
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

        output_begin();
        r = parse_options(&c, argc, argv);
        r = r > 0 ? dispatch(&c, argv + optind) : r < 0 ? CTL_EXIT_USAGE : EXIT_SUCCESS;
        strv_free(c.names);
        strv_free(c.mibs);

        int k = output_end("busbarctl");
        return k < 0 && r == EXIT_SUCCESS ? EXIT_FAILURE : r;
}
