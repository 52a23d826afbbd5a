/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-claim.h"
#include "daemon.h"
#include "listen-fds.h"
#include "manager.h"
#include "served-device.h"

/* Shared by manager.c, which makes and runs it, and manager-reload.c, which changes its devices. */

typedef struct Manager {
        const Driver *driver;
        const Args *args;
        sd_event *event;
        WorkerGroup *workers;
        ServedDevice **devices;
        size_t n_devices;
        ListenFds listen_fds;

        char *instance; /* that names the process on the bus */
        BusLink *link;
        BusGate *gate;
        sd_bus *bus; /* NULL while there is none */
        sd_bus_slot *object_manager;
        BusClaim *claim;
        SharedMemory *shared; /* NULL for a driver that has none */

        sd_event_source *ready_timer;  /* when readiness is told at the latest */
        sd_event_source *status_timer; /* gathers news for STATUS= */
        char *status;                  /* as last told */
        sd_event_source *gone_source;  /* takes devices away that are gone for good */
        sd_event_source *again_timer;  /* tries those that wait once more */
        unsigned n_again;              /* how often it has done so in a row */
        DeviceConfig **waiting;        /* of devices that another process still serves */
        size_t n_waiting;
        char *waiting_path;            /* of their sockets */
        bool ready;
} Manager;

/* Makes a device with its socket, puts it on the bus if there is one, and starts it. A failure is logged.
 * -EADDRINUSE: another process serves it; if that may be one that is about to let go of it, as its section
 * has moved from one group to another, it is tried again by and by. */
int manager_add_device(Manager *m, DeviceConfig *config, const char *state_path);

/*** manager-waiting.c ***/

/* Has a device that another process serves tried again, for ever, ever less often. 0 or -ENOMEM. */
int manager_wait_for_device(Manager *m, DeviceConfig *config, const char *state_path);

/* How important it is that a device is served by another process: it is news once, and a mistake when it
 * stays so. */
int manager_waiting_level(const Manager *m);

/* Before the devices are read from ups.conf anew. */
void manager_forget_waiting(Manager *m);

/* Makes and frees what it needs. */
int manager_waiting_set_up(Manager *m);
void manager_waiting_done(Manager *m);

/*** manager.c ***/

/* Takes device i away. */
void manager_remove_device(Manager *m, size_t i);

/* To be called after any news: schedules a new STATUS=. */
void manager_note_news(Manager *m);

/* Whether the devices are not known by name, but by what ups.conf says of them: then there may be none. */
bool manager_serves_many(const Manager *m);

/* Reads ups.conf anew and brings the devices in line with it; what cannot be read is left as it is. */
void manager_reload(Manager *m);
