/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ups-conf.h"

/* The devices of ups.conf, those that were plugged in among them, and which of them are meant. */

typedef struct Target {
        const UpsSection *section;
        char *unit;   /* that serves it; NULL if none can be named after its driver */
        char *socket; /* of its driver */
        bool grouped; /* the unit serves others as well */
        bool selected;
} Target;

typedef struct Selection {
        UpsConf *conf;
        Target *targets; /* all of them, in the order of the file */
        size_t n_targets;
        bool named; /* one of them was named, and that is selected; else all are */
} Selection;

/* Reads ups.conf. name: the one that is meant, NULL for all. Says what is wrong. 0 or a negative errno,
 * -ENOENT if there is no such device, or none. */
int selection_load(const char *name, Selection *ret);
void selection_done(Selection *s);

/* Names of all devices that stand for one unit, selected or else not selected, separated by ", "; NULL
 * without memory. */
char *selection_names(const Selection *s, const char *unit, bool selected);

/* Whether this is the first selected one with its unit. */
bool selection_is_first(const Selection *s, size_t i);

/* Path of the program of a driver, in new memory. -EINVAL if that cannot be its name. */
int driver_program(const char *driver, char **ret);

/* Says that the driver is not among those that are installed, and which one may be meant. */
void complain_driver(const UpsSection *s);
