/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>
#include <systemd/sd-bus.h>

/* The description of a bus object as XML, from its vtables. */

typedef struct BusInterface {
        const char *name;
        const sd_bus_vtable *vtable;
} BusInterface;

/* Writes what an object with these interfaces, which end with a NULL name, says of itself, without the
 * interfaces that every object has. Handlers and getters are not called. 0 or a negative errno. */
int bus_introspect(FILE *f, const BusInterface *interfaces);
