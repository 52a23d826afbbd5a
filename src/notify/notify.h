/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "macro.h"

/* The service: tells people what the monitor says, as upsmon.conf and upssched.conf want it. */

typedef struct Notify Notify;

/* Serves on the event loop, which has to have SIGCHLD blocked. directory is for the socket and the memory of
 * the service, or NULL to do without. */
int notify_new(sd_event *event, const char *directory, Notify **ret);

/* Takes NULL, returns NULL. */
Notify *notify_free(Notify *n);
DEFINE_TRIVIAL_CLEANUP_FUNC(Notify *, notify_free);

/* Runs until SIGTERM or SIGINT; then what was begun or waits is brought to its end, for at most 10 s. */
int notify_run(Notify *n);
