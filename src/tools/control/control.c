/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control.h"

#include <signal.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "driver-link.h"
#include "string-util.h"
#include "time-util.h"

/* The longest that the start of a unit may take is 90 s; polkit may ask a person before. */
#define PATIENCE_USEC (180 * USEC_PER_SEC)

int control_complain(int r, const char *what, const char *why) {
        fprintf(stderr, "%s: %s\n", what, why ?: strerror(-r));
        if (r == -EACCES || r == -EPERM)
                fputs("This is for root to do.\n", stderr);
        return r;
}

int control_init(Control *c) {
        int r = systemd_new(&c->systemd);

        if (r >= 0)
                systemd_set_patience(c->systemd, PATIENCE_USEC);
        else if (r != -EHOSTUNREACH && !getenv("DBUS_SYSTEM_BUS_ADDRESS") && sd_booted() > 0)
                return control_complain(r, "Cannot reach systemd", NULL);
        return 0;
}

void control_done(Control *c) {
        c->systemd = systemd_free(c->systemd);
}

int control_start(Control *c, const Selection *s) {
        return c->systemd ? units_start(c, s) : processes_start(c, s);
}

int control_stop(Control *c, const Selection *s) {
        return c->systemd ? units_stop(c, s, false) : processes_stop(c, s, false);
}

/*** Orders ***/

static void print_variable(void *userdata, const char *name, const char *value) {
        printf("%s: %s\n", name, value);
}

static int dump(const Control *c, const Selection *s) {
        int result = 0;

        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                int r;

                if (!t->selected)
                        continue;
                if (c->test) {
                        fprintf(stderr, "ask %s\n", t->socket);
                        continue;
                }
                r = driver_dump(t->socket, print_variable, NULL);
                if (r < 0)
                        result = control_complain(r, t->socket, NULL);
        }
        return result;
}

int control_order(Control *c, const Selection *s, DriverOrder order) {
        if (order == DRIVER_DUMP)
                return dump(c, s);
        if (c->systemd)
                return units_order(c, s, order);
        return processes_signal(c, s, order == DRIVER_EXIT ? SIGTERM : SIGHUP);
}

/*** Commands of drivers ***/

int driver_command_init(const Control *c, const UpsSection *s, const char *option, DriverCommand *ret) {
        DriverCommand d = {};
        size_t n = 0;
        int r;

        r = driver_program(s->driver, &d.program);
        if (r < 0)
                return r;
        d.argv[n++] = d.program;
        d.argv[n++] = "-a";
        d.argv[n++] = s->name;
        if (option)
                d.argv[n++] = option;
        if (c->debug > 0) {
                d.debug = new(char, c->debug + 2);
                if (!d.debug) {
                        driver_command_done(&d);
                        return -ENOMEM;
                }
                memset(d.debug, 'D', c->debug + 1);
                d.debug[0] = '-';
                d.debug[c->debug + 1] = '\0';
                d.argv[n++] = d.debug;
        }
        if (c->user) {
                d.argv[n++] = "-u";
                d.argv[n++] = c->user;
        }
        *ret = d;
        return 0;
}

void driver_command_done(DriverCommand *d) {
        free(d->program);
        free(d->debug);
        *d = (DriverCommand) {};
}

void driver_command_print(const DriverCommand *d, const char *note) {
        fputs("exec: ", stderr);
        for (const char *const *word = d->argv; *word; word++)
                fprintf(stderr, " %s", *word);
        if (note)
                fprintf(stderr, " (%s)", note);
        fputc('\n', stderr);
}
