/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "readers.h"
#include "ups-conf.h"

/* What the generator writes: links, drop-ins and units. */

typedef struct Generator {
        const char *output; /* where they go */
        const char *early;  /* the same, before what administrators say; NULL if not given */
        const char *root;   /* of the system that is looked at; "" outside of tests */
        bool flawed;        /* some device was left out */
} Generator;

/* Whether there is such a file in a directory of the system. */
bool exists_below(const Generator *g, const char *directory, const char *name);

/* A drop-in for the unit, and a unit of its own. */
int write_drop_in(const Generator *g, const char *unit, const char *text);
int write_unit(const Generator *g, const char *unit, const char *text);

/* busbar.target is to want the unit, which the named file in the unit directory defines; NULL: we wrote
 * it. */
int want_unit(const Generator *g, const char *unit, const char *file);

/* Keeps a unit from being started, whatever administrators say. */
int mask_unit(const Generator *g, const char *unit);

/* "SupplementaryGroups=..." and a line end, or nothing; in new memory, NULL without memory. The services
 * have no privileges: without this, files that are 0640 root:nut would be closed to them. */
char *reader_groups(const Readers *readers);

/* Has an instance of the section's driver serve the device, and tells its name in new memory: NULL if
 * there cannot be one, which is reported, or if it comes with the device. Devices of a group have one
 * together. */
int want_device(Generator *g, const UpsConf *c, const UpsSection *s, char **ret_unit);

/* The template of the units that serve the devices of a driver, in new memory: one for each device, or for
 * each group of them. NULL in *ret when there is no such driver. */
int driver_template(const Generator *g, const char *driver, char **ret, bool *ret_grouped);
