/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hand-over.h"
#include "sections.h"
#include "state.h"

/* Everything that is looked at, and what comes out. */

typedef enum Outcome {
        OUTCOME_NONE,    /* nothing was tried */
        OUTCOME_SERVED,  /* its driver has it */
        OUTCOME_STARTED, /* its driver is being started */
        OUTCOME_LEFT,    /* somebody else has it */
        OUTCOME_WAITING, /* Busbar is stopped, or the driver is masked */
        OUTCOME_FAILED,
        _OUTCOME_MAX,
} Outcome;

typedef struct Enrolled {
        const char *name;
        char *rival; /* or NULL */
        Outcome outcome;
} Enrolled;

typedef struct Enroll {
        const char *root; /* "" outside of tests */
        bool dry;
        PluggedList plugged;
        Sections sections;
        UpsConf *conf;
        State state;
        Enrolled *enrolled; /* for each device that is plugged in */
} Enroll;

/* Looks at all that is plugged in, and gives it names. Nothing is written. Failures are logged. */
int enroll_look(Enroll *e);
void enroll_done(Enroll *e);

/* Writes down the names, after which others may do so. Failures are logged, and no reason to leave a device
 * unserved. */
void enroll_write(Enroll *e);

/* Index of the device with this name or this node, or -1. */
ssize_t enroll_find_name(const Enroll *e, const char *name);
ssize_t enroll_find_node(const Enroll *e, const char *node);

/* The driver that serves device i, once it has a name. */
const char *enroll_driver(const Enroll *e, size_t i);

/* Whether the section of that name is for something that is not plugged in, so that its driver needs nothing
 * of us: a serial line. */
bool enroll_is_elsewhere(const Enroll *e, const char *name);

/* Has the driver of device i started, or says why not. A driver that is about to be started anyway is left
 * to the service manager, unless the device is new: just plugged in. 0, or a negative errno, which was
 * logged. */
int enroll_serve(Enroll *e, Systemd *s, size_t i, bool is_new);

/* Hands device i over to its driver, which is about to be started. As above; -EBUSY when it is left to
 * another program. */
int enroll_open(Enroll *e, Systemd *s, size_t i);

/* For people, and for programs. */
void enroll_print(const Enroll *e);
void enroll_print_json(const Enroll *e);
