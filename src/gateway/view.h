/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"

/* A device as clients see it: lines of answers. ups is the client's own spelling of the device's name, which
 * answers repeat. */

/* Names server.* are between the driver and the bus: on this protocol they would be about this server, and
 * whoever may run any command could have a whole room of machines shut down. */
bool view_hides(const char *name) _pure_;

/* A variable or a command of the device, or NULL when clients see none of that name. */
const Variable *view_find_variable(const Device *d, const char *name) _pure_;
const char *view_find_command(const Device *d, const char *name) _pure_;

/* The whole answer to LIST VAR, LIST RW or LIST CMD. Returns where it is kept until something changes, or
 * NULL when it is not. */
const Buffer *view_list(Device *d, ViewList list, const char *ups, Buffer *out);

/* The whole answer to LIST UPS; likewise. */
const Buffer *view_devices(DeviceTable *t, Buffer *out);

/* The answer to GET VAR; v is one of the device's. name is the client's spelling. */
void view_variable(const Device *d, const Variable *v, const char *ups, const char *name, Buffer *out);

/* The answer to GET TYPE. */
void view_type(const Variable *v, const char *ups, const char *name, Buffer *out);
