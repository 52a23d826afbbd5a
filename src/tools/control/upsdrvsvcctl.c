/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "banner.h"
#include "duration.h"
#include "output.h"
#include "status.h"
#include "string-util.h"
#include "time-util.h"

#define UNIT_ALL "busbar.service"
#define TIMEOUT_DEFAULT "90s"
/* As good as without end. */
#define TIMEOUT_NEVER (UINT64_C(7) * 86400 * USEC_PER_SEC)

typedef struct Arguments {
        const char *verb, *name;
        const char *timeout;
        bool test, limited;
} Arguments;

static int help(void) {
        puts("Starts and stops the services of the drivers of the devices in ups.conf.\n"
             "\n"
             "usage: upsdrvsvcctl [OPTIONS] (start | stop | shutdown) [<ups>]\n"
             "       upsdrvsvcctl [OPTIONS] (status | list | show-config) [<ups>]\n"
             "       upsdrvsvcctl [OPTIONS] (resync | reconfigure)\n"
             "\n"
             "  start [<ups>]        start the service of <ups>, or of all devices\n"
             "  stop [<ups>]         stop it\n"
             "  shutdown [<ups>]     stop it, have the device cut its load, and start it again\n"
             "  status [<ups>]       show services and drivers, as a table\n"
             "  list [<ups>]         show which unit serves which device\n"
             "  show-config [<ups>]  show what ups.conf says\n"
             "  resync, reconfigure  make what runs agree with ups.conf\n"
             "\n"
             "  -t                      show what would be done, and do nothing\n"
             "  -D, -r <path>, -u <user>  taken, without effect\n"
             "  --timeout-cmd <prog>    an empty one: wait for systemd however long it takes\n"
             "  --timeout-args <time>   wait that long, " TIMEOUT_DEFAULT " without\n"
             "  -V                      show the version\n"
             "  -h                      show this help\n"
             "\n"
             "See upsdrvsvcctl(8).");
        return 0;
}

static bool is_verb(const char *s) {
        static const char *const verbs[] = { "start", "stop", "shutdown", "status", "list", "show-config",
                                             "resync", "reconf", "reconfigure" };

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (streq(s, verbs[i]))
                        return true;
        return false;
}

/* An option with a value. How many words it is, or 0. */
static int take_value(char *const *argv, Arguments *a) {
        const char *value = argv[1];

        if (streq(argv[0], "--timeout-cmd"))
                a->limited = !isempty(value);
        else if (streq(argv[0], "--timeout-args") || streq(argv[0], "--timeout-len") ||
                 streq(argv[0], "--timeout-length"))
                a->timeout = value;
        else if (streq(argv[0], "-r") || streq(argv[0], "-u"))
                fprintf(stderr, "Option '%s %s' has no effect on services; set %s in their units\n", argv[0],
                                strempty(value), streq(argv[0], "-r") ? "RootDirectory=" : "User=");
        else
                return 0;
        return value ? 2 : 1;
}

/* Returns 1 to go on, else 0 or a negative errno. Options may stand behind the command, as with NUT. */
static int parse_arguments(char *argv[], Arguments *a) {
        for (int i = 1, n; argv[i]; i += n) {
                n = take_value(argv + i, a);
                if (n > 0)
                        continue;
                n = 1;
                if (streq(argv[i], "-h") || streq(argv[i], "--help"))
                        return help();
                if (streq(argv[i], "-V"))
                        return 0;
                if (streq(argv[i], "-t"))
                        a->test = true;
                else if (!a->verb && is_verb(argv[i]))
                        a->verb = argv[i];
                else if (a->verb && !a->name && argv[i][0] != '-')
                        a->name = argv[i];
                else if (!streq(argv[i], "-D")) {
                        fprintf(stderr, "Unrecognized argument: %s\nTry -h for help.\n", argv[i]);
                        return -EINVAL;
                }
        }
        if (!a->verb) {
                fputs("No action was requested!\nTry -h for help.\n", stderr);
                return -EINVAL;
        }
        return 1;
}

/*** What stands in ups.conf ***/

static void show_options(const UpsOption *options, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (options[i].value)
                        printf("%s=%s\n", options[i].key, options[i].value);
                else
                        puts(options[i].key);
}

static void show_config(const Selection *s) {
        if (!s->named)
                show_options(s->conf->globals, s->conf->n_globals);
        for (size_t i = 0; i < s->n_targets; i++) {
                const UpsSection *section = s->targets[i].section;

                if (!s->targets[i].selected)
                        continue;
                printf("[%s]\ndriver=%s\nport=%s\n", section->name, section->driver, section->port);
                if (section->description)
                        printf("desc=%s\n", section->description);
                show_options(section->options, section->n_options);
        }
}

static void list(const Selection *s) {
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;

                if (t->selected && s->named)
                        puts(t->unit ?: "N/A");
                else if (t->selected)
                        printf("%s\t%s\n", t->unit ?: "N/A", t->section->name);
        }
}

/*** What is done ***/

static int set_patience(Control *c, const Arguments *a) {
        uint64_t usec = TIMEOUT_NEVER;

        if (a->limited && duration_parse(a->timeout ?: TIMEOUT_DEFAULT, &usec) < 0) {
                fprintf(stderr, "Not a time: %s; 90 or 90s or 2min would be\n", a->timeout);
                return -EINVAL;
        }
        if (c->systemd)
                systemd_set_patience(c->systemd, usec);
        return 0;
}

static int resync(Control *c) {
        int r;

        if (c->test) {
                fputs("systemctl reload-or-restart " UNIT_ALL "\n", stderr);
                return 0;
        }
        r = systemd_begin(c->systemd, "ReloadOrRestartUnit", UNIT_ALL);
        if (r < 0)
                return control_complain(r, UNIT_ALL, systemd_failure(c->systemd));
        (void) systemd_wait(c->systemd);
        if (streq_ptr(systemd_result(c->systemd, 0), "done"))
                return 0;
        fputs(UNIT_ALL ": that did not go well; journalctl --unit=" UNIT_ALL " tells why\n", stderr);
        return -EIO;
}

static void tell(const Selection *s, const char *what) {
        for (size_t i = 0; i < s->n_targets; i++)
                if (selection_is_first(s, i) && s->targets[i].unit)
                        fprintf(stderr, "%s %s ...\n", what, s->targets[i].unit);
}

static int start(Control *c, const Selection *s) {
        tell(s, "Starting");
        return units_start(c, s);
}

/* What was not running is as it should be. */
static int stop(Control *c, const Selection *s) {
        tell(s, "Stopping");
        return units_stop(c, s, true);
}

static int power_off(Control *c, const Selection *s) {
        int r, started;

        r = control_power_off(c, s);
        started = start(c, s);
        return r < 0 ? r : started;
}

static int run(const Arguments *a) {
        Control c = { .test = a->test };
        _cleanup_(selection_done) Selection s = {};
        bool all = streq(a->verb, "resync") || startswith(a->verb, "reconf");
        int r = 0;

        if (!all)
                r = selection_load(a->name, &s);
        if (r < 0)
                return r;
        if (streq(a->verb, "show-config")) {
                show_config(&s);
                return 0;
        }
        if (streq(a->verb, "list")) {
                list(&s);
                return 0;
        }

        r = control_init(&c);
        if (r >= 0 && !c.systemd && !a->test) {
                fputs("There is no systemd here that could do it; upsdrvctl does without.\n", stderr);
                return -EOPNOTSUPP;
        }
        if (r >= 0)
                r = set_patience(&c, a);
        if (r >= 0)
                r = all ? resync(&c)
                        : streq(a->verb, "start") ? start(&c, &s)
                        : streq(a->verb, "stop") ? stop(&c, &s)
                        : streq(a->verb, "shutdown") ? power_off(&c, &s)
                        : status_print(&c, &s, true);
        control_done(&c);
        return r;
}

int main(int argc, char *argv[]) {
        Arguments a = { .limited = true };
        int r;

        output_begin();
        r = parse_arguments(argv, &a);
        if (r == 0 || (r > 0 && a.test))
                print_banner("- UPS driver controller");
        if (r > 0)
                r = run(&a);
        if (r == -ENOMEM)
                fputs("Out of memory.\n", stderr);
        if (output_end("upsdrvsvcctl") < 0)
                r = -EIO;
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
