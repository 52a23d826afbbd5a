/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* Whom the monitor talks to, and how: each call has a deadline and nobody waits for it. */

typedef struct Peer {
        const char *name, *path, *interface;
} Peer;

#define PEER_LOGIN ((Peer) { "org.freedesktop.login1", "/org/freedesktop/login1", \
                             "org.freedesktop.login1.Manager" })
#define PEER_SYSTEMD ((Peer) { "org.freedesktop.systemd1", "/org/freedesktop/systemd1", \
                               "org.freedesktop.systemd1.Manager" })

/* Calls a method; handler gets the answer, or an error after timeout_usec. What *slot held is dropped.
 * -ENOTCONN when bus is NULL. */
int call_method(sd_bus *bus, sd_bus_slot **slot, Peer peer, const char *member, uint64_t timeout_usec,
                sd_bus_message_handler_t handler, void *userdata, const char *types, ...);

/* Asks for a property of the peer's interface. */
int call_get(sd_bus *bus, sd_bus_slot **slot, Peer peer, const char *property, uint64_t timeout_usec,
                sd_bus_message_handler_t handler, void *userdata);

/* Why a call failed, for people; never NULL. */
const char *call_failure(sd_bus_message *m);

/* The name of the error of an answer, or NULL when it is none. */
const char *call_error_name(sd_bus_message *m);
