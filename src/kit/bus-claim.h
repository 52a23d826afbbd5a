/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* The names of a driver process on the bus: its own, org.busbar.Driver.<instance>, and its place in the
 * queue for the marker org.busbar.Driver. */

typedef struct BusClaim BusClaim;

/* Another process owns the name; pid is 0 when the bus does not tell. */
typedef void (*BusClaimTaken)(void *userdata, const char *name, pid_t pid);

/* The instance of a process that serves one device: its name, escaped; or of one that serves all devices
 * of a driver, or those of a group. NULL without memory. */
char *bus_claim_instance(const char *device);
char *bus_claim_instance_all(const char *driver);
char *bus_claim_instance_group(const char *driver, const char *group);

/* Asks for the names; the answers come by the event loop. A refusal by the bus's policy is logged. */
int bus_claim_new(sd_bus *bus, const char *instance, BusClaimTaken taken, void *userdata, BusClaim **ret);

/* Forgets the names, which go with the connection. Takes NULL, returns NULL. */
BusClaim *bus_claim_free(BusClaim *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusClaim *, bus_claim_free);
