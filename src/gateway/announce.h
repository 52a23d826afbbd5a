/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gateway.h"

/* Tells the network by DNS-SD that there is a server here, by way of systemd-resolved: _nut._tcp and
 * _upsd._tcp, for as long as clients of other machines can connect. A NULL one is allowed everywhere. */

typedef struct Announcer Announcer;

/* Follows systemd-resolved as it comes and goes; says nothing yet. Returns 0 or a negative errno. */
int announcer_new(sd_bus *bus, const Gateway *g, Announcer **ret);

/* Says what is right now, if that is another thing than what was said last. */
void announcer_update(Announcer *a);

/* Takes back what was said. Returns NULL. */
Announcer *announcer_free(Announcer *a);
DEFINE_TRIVIAL_CLEANUP_FUNC(Announcer *, announcer_free);
