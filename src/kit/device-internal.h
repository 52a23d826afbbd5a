/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>

#include "config.h"
#include "driver.h"

/* A device as the hooks see it, for one session: from before start() until after stop(). A blocked thread
 * may hold it longer than anybody else, so it refers to nothing but what it owns, and to its supervisor
 * only while that wants to hear of it. */

typedef struct Supervisor Supervisor;

struct Device {
        DeviceConfig *config;
        void *state;
        atomic_bool cancelled, handed_over;
        int watch_fd;              /* of the driver, or -1; the loop reads it when no hook runs */
        char *nodes, *native_path; /* likewise, after start() */
        char *memo;                /* likewise; IO_BLOCKING only */
        int kept_fd;               /* a node that outlives the session, or negative; likewise */
        bool keeps;                /* the driver has said so in this session */
        bool retry;                /* the log knows that the device is absent; set before start() */
        bool restart;              /* there was a session before; likewise */
        sd_event *event;        /* IO_LOOP only; borrowed */
        Supervisor *supervisor; /* NULL once let go; on the loop thread only */
};

/* A new session of a device with zeroed state. event and supervisor may be NULL. */
int device_new(DeviceConfig *config, sd_event *event, Supervisor *supervisor, Device **ret);

/* Whether the kernel calls the device of that number so, below /dev. */
bool node_has_name(dev_t number, const char *name);

/* Whether one of the nodes that were opened for this process leads nowhere any more; true when there are
 * none, since nothing speaks against it then. */
bool nodes_are_gone(void);

/* Frees the memory; stop() has to be over. Takes NULL, returns NULL. */
Device *device_free(Device *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(Device *, device_free);
