/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "macro.h"

/* Repeats a device of a NUT server as a device of ours. */

typedef struct Relay Relay;

/* Reads the device's port= (name@host[:port]) and credentials; connects to nothing yet. Says what is wrong
 * with them at log_level. 0 or a negative errno. */
int relay_new(Device *d, int log_level, Relay **ret);

/* Hangs up and forgets a pending hook. Takes NULL, returns NULL. */
Relay *relay_free(Relay *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Relay *, relay_free);

/* The hooks of Driver. Each poll connects anew if the connection was lost. */
int relay_poll(Relay *r, PollSet what, Update *u);
int relay_set(Relay *r, const char *variable, const char *value, Update *u);
int relay_command(Relay *r, const char *command, const char *argument, Update *u);
