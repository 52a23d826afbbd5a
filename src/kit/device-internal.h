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
        _Atomic(uint64_t) patience_usec; /* device_set_patience() */
        int watch_fd;              /* of the driver, or -1; the loop reads it when no hook runs */
        char *nodes, *native_path; /* likewise, after start() */
        char *memo;                /* likewise; IO_BLOCKING only */
        char *explanation;         /* device_explain() of the hook that runs; likewise */
        uint64_t end_usec;         /* when power_off() is to be over; 0: not said */
        int kept_fd;               /* a node that outlives the session, or negative; likewise */
        bool keeps;                /* the driver has said so in this session */
        bool retry;                /* the log knows that the device is absent; set before start() */
        bool restart;              /* there was a session before; likewise */
        sd_event *event;        /* IO_LOOP only; borrowed */
        Supervisor *supervisor; /* NULL once let go; on the loop thread only */
};

/* A new session of a device with zeroed state. event and supervisor may be NULL. */
int device_new(DeviceConfig *config, sd_event *event, Supervisor *supervisor, Device **ret);

/* Whether a path is the node of the device with that number. */
bool node_is_at(const char *path, dev_t number);

/* Whether the kernel calls the device of that number so, below /dev. */
bool node_has_name(dev_t number, const char *name);

/* Whether one of the nodes that were opened for this process leads nowhere any more; true when there are
 * none, since nothing speaks against it then. */
bool nodes_are_gone(void);

/* device_memo() of a device that has power_off(), on disk: in the directory of the driver sockets, for the
 * late power-off, which is another process. What stands there is as old as the boot at the most. NULL in
 * *ret when there is none. */
int device_memo_load(const DeviceConfig *config, char **ret);
int device_memo_save(const DeviceConfig *config, const char *memo);

/* Frees the memory; stop() has to be over. Takes NULL, returns NULL. */
Device *device_free(Device *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(Device *, device_free);
