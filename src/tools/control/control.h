/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "selection.h"
#include "systemd.h"

/* How drivers are controlled: as units, or, where systemd is not there, as processes. All of these say on
 * stderr what went wrong, go on with the other devices then, and return 0 or a negative errno. */

typedef enum DriverOrder {
        DRIVER_RELOAD,
        DRIVER_EXIT, /* so that whoever looks after it starts it again */
        DRIVER_DUMP,
} DriverOrder;

typedef struct Control {
        Systemd *systemd; /* NULL: processes */
        bool test;        /* say what would be done */
        bool quiet;       /* services are named by their caller */
        bool hurry;       /* the power is about to go: what does not stop soon is killed */
        unsigned debug;   /* for drivers that are run in the foreground */
        const char *user; /* that drivers are to have, or NULL */
} Control;

/* Looks for systemd. */
int control_init(Control *c);
void control_done(Control *c);

/* Adds what people can do about an error. */
int control_complain(int r, const char *what, const char *why);

int control_start(Control *c, const Selection *s);
int control_stop(Control *c, const Selection *s);
int control_order(Control *c, const Selection *s, DriverOrder order);

/* Runs the drivers in the foreground, one of them in our place. */
int control_foreground(Control *c, const Selection *s);

/* Stops the drivers, and has their devices cut the load, in the order of sdorder. */
int control_power_off(Control *c, const Selection *s);

/* The two ways; see control.c for what is common. */
int units_start(Control *c, const Selection *s);
int units_stop(Control *c, const Selection *s, bool running_only);
int units_order(Control *c, const Selection *s, DriverOrder order);
int processes_start(Control *c, const Selection *s);
int processes_stop(Control *c, const Selection *s, bool running_only);
int processes_signal(Control *c, const Selection *s, int number);

/* The arguments of a driver for one device, NULL at the end, for test output and for running it. strings is
 * what has to stay as long. */
#define DRIVER_ARGUMENTS_MAX 8U
typedef struct DriverCommand {
        const char *argv[DRIVER_ARGUMENTS_MAX];
        char *program, *debug;
} DriverCommand;

int driver_command_init(const Control *c, const UpsSection *s, const char *option, DriverCommand *ret);
void driver_command_done(DriverCommand *d);

/* Writes it down as NUT's upsdrvctl does in testing mode. */
void driver_command_print(const DriverCommand *d, const char *note);
