/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* What the main of every service has in common: an event loop that ends on SIGTERM and SIGINT, the
 * watchdog, and a bus connection that comes back when the bus does. */

typedef struct BusLink BusLink;

typedef struct BusLinkOps {
        /* Connected. Objects and matches are to be added and names requested here. A negative return
         * closes the connection, and it is tried again later. */
        int (*connected)(void *userdata, sd_bus *bus);
        /* The connection is gone; everything on it must be let go of before the return. */
        void (*lost)(void *userdata);
} BusLinkOps;

/* Makes the default event loop of the process: SIGTERM and SIGINT end it with 0, the watchdog of
 * $WATCHDOG_USEC is fed by it, SIGPIPE is ignored. Free with sd_event_unref(). */
int daemon_event_new(sd_event **ret);

/* Calls handler on SIGHUP, until the event loop goes. */
int daemon_on_reload(sd_event *event, sd_event_signal_handler_t handler, void *userdata);

/* Connects to the system bus ($DBUS_SYSTEM_BUS_ADDRESS, else the well-known socket), now or as soon as
 * there is one, and again after each loss, trying every 100 ms at first and every 5 s at last; a connection
 * that is lost within 10 s counts as an attempt that failed.
 * connected() may be called before the return. */
int bus_link_new(sd_event *event, const BusLinkOps *ops, void *userdata, BusLink **ret);

/* Calls lost() if connected, flushes and closes. Takes NULL, returns NULL. */
BusLink *bus_link_free(BusLink *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusLink *, bus_link_free);

/* Tells the service manager, as sd_notify() does; nothing without one. */
void daemon_notify(const char *state);

/* SIGHUP protocol: daemon_notify_reloading() when it begins (with MONOTONIC_USEC, as Type=notify-reload
 * wants), daemon_notify("READY=1") when it ends. */
void daemon_notify_reloading(void);
