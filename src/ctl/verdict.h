/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"

/* The verdict of a device in words. */

/* Says why a value was refused, and which ones would not be; returns r. */
int verdict_set(const Ctl *c, const MirrorDevice *d, const char *variable, const char *value, int r,
                const char *message);

/* Says why a command was not run; returns r. */
int verdict_run(const Ctl *c, const MirrorDevice *d, const char *command, int r, const char *message);

/* What a variable accepts: "one of a, b", "a number from 1 to 5 or 10 to 20", "up to 8 characters"; "" when
 * it does not say, NULL without memory. */
char *accepted_values(const Variable *v);
