/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "macro.h"

/* The service of a user: shows on the desktop what the monitor is about to do, and lets the user call it
 * off. */

typedef struct Desktop Desktop;

/* Connects to the system bus and the bus of the session, and to each again when it comes back. */
int desktop_new(sd_event *event, Desktop **ret);

/* Takes what is shown away. Takes NULL, returns NULL. */
Desktop *desktop_free(Desktop *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(Desktop *, desktop_free);
