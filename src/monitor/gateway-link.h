/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* The monitor's side of the gateway: who is logged in, which devices have FSD, and setting it. Links to
 * other servers have this in their variables, and the setting in a command. */

/* Begins to follow the gateway on the monitor's bus. */
int gateway_link_new(Monitor *m, GatewayLink **ret);
GatewayLink *gateway_link_free(GatewayLink *g);
DEFINE_TRIVIAL_CLEANUP_FUNC(GatewayLink *, gateway_link_free);

/* Asks for all of it again, for new supplies. */
void gateway_link_refresh(GatewayLink *g);

/* Whether what was asked has been answered, or failed. True when g is NULL. */
bool gateway_link_is_settled(const GatewayLink *g) _pure_;

/* Reads the answer to ListLogins, of this version, the one before, or one that tells more of each: how many
 * count, and the longest time that one of these needs. 0 or a negative errno. */
int gateway_link_read_logins(sd_bus_message *m, unsigned *ret_n, uint64_t *ret_lease_usec);

/* Tells the relays of links for how long this machine needs power once it is told to go, those that do not
 * know it yet; their servers wait so long. */
void gateway_tell_need(Monitor *m);

/* Called once, when all that were asked have answered; n_failed of them did not do it. */
typedef void (*GatewayDone)(void *userdata, unsigned n_failed);

/* Sets FSD on all supplies of which we are the primary, or takes it back where we set it. g may be NULL:
 * then only links are told. Returns 1 when done() will be called, 0 when there was nobody to ask. A call
 * that is under way is given up. */
int gateway_force(Monitor *m, GatewayLink *g, const char *reason, GatewayDone done);
int gateway_clear(Monitor *m, GatewayLink *g, GatewayDone done);
