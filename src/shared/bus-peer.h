/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* Another service on the bus. Anybody may send us a signal with any path and interface, and sd-bus cannot
 * tell for a match whether its sender owns a well-known name. Who acts on signals asks here. */

typedef struct BusPeer BusPeer;

/* The service has come, gone (owner is NULL), or been replaced by another one. */
typedef void (*BusPeerChanged)(void *userdata, const char *owner);

/* Follows the owner of a well-known name, from the event loop. changed() is called with what is found
 * first, also when that is nobody, and at each change; it may free the peer. NULL: nobody wants to know.
 * Returns 0 or a negative errno. */
int bus_peer_new(sd_bus *bus, const char *name, BusPeerChanged changed, void *userdata, BusPeer **ret);

/* Takes NULL, returns NULL. */
BusPeer *bus_peer_free(BusPeer *p);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusPeer *, bus_peer_free);

/* Unique name of the service, NULL as long as there is none, or none is known yet. */
const char *bus_peer_owner(const BusPeer *p) _pure_;

/* Whether the message is from the service. */
bool bus_peer_sent(const BusPeer *p, sd_bus_message *m);

/* Whether the message is from the bus itself. Of a unicast NameOwnerChanged that is not self-evident. */
bool bus_message_is_from_bus(sd_bus_message *m);
