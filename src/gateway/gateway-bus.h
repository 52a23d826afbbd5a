/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "gateway.h"

/* org.busbar.Gateway1: the gateway's own face on the bus. A NULL one is allowed everywhere. */

/* Takes the name and publishes the object. */
int gateway_bus_new(Gateway *g, sd_bus *bus, GatewayBus **ret);
GatewayBus *gateway_bus_free(GatewayBus *b);
DEFINE_TRIVIAL_CLEANUP_FUNC(GatewayBus *, gateway_bus_free);

/* The set of forced shutdowns, or where we listen, is another one now. */
void gateway_bus_forced_changed(GatewayBus *b);
void gateway_bus_listening_changed(GatewayBus *b);

/* Somebody logged in to the device, or left it, or told how long it needs power. */
void gateway_bus_logins_changed(GatewayBus *b, const Device *d);

/* Writes the introspection XML of the object to f, from the vtable itself. */
int gateway_bus_introspect(FILE *f);
