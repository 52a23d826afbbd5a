/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "busbar.h"
#include "bus-mirror.h"
#include "daemon.h"

/* Marks what programs may call, and with libbusbar.map is all that they see. */
#define _public_ __attribute__((__visibility__("default")))

struct Busbar {
        sd_event *event;
        bool owns_event;
        BusLink *link;
        Mirror *mirror;
        sd_bus *bus; /* while connected; the link's */
        sd_event_source *end; /* frees it, when it was closed by a handler on the loop of somebody else */
        BusbarHandler handler;
        void *userdata;
        unsigned n_calling; /* handlers and replies that are being called */
        bool ask_password;
        bool closing;  /* by busbar_close(), from outside of handlers */
        bool silenced; /* closed by a handler: nobody is called any more */
};

struct BusbarDevice {
        Busbar *busbar;
        MirrorDevice *mirrored;
        void *userdata;
};

struct BusbarChange {
        const Change *change;
};

/* Calls the handler, if there is one to be called. */
void busbar_tell(Busbar *b, BusbarEvent event, BusbarDevice *d, const BusbarChange *change);

/* Waits for the descriptor of a loop of its own and deals with what comes; as busbar_wait(). */
int busbar_loop_wait(Busbar *b, uint64_t timeout_usec);

/* Frees what busbar_open() made. */
Busbar *busbar_free(Busbar *b);
DEFINE_TRIVIAL_CLEANUP_FUNC(Busbar *, busbar_free);
