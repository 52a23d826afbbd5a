/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "config.h"
#include "model.h"
#include "request.h"
#include "shared-memory.h"
#include "supervisor-times.h"
#include "worker.h"

/* The life of one device: opened, polled, opened anew after failures, and written to in between. What it
 * says by itself is heard while nothing else is done with it.
 *
 *              start ok              poll ok
 *   DOWN ──▶ STARTING ──▶ UP (poll) ─────────▶ UP (idle) ◀──▶ UP (poll, event, set, command)
 *    ▲          │ failed      │ maxretry failures, device gone, or a hook that hangs
 *    │          ▼             ▼
 *    └────── STOPPING ◀───────┘
 *   back-off    (a blocked thread may take its time; else it is over at once)
 *
 * A device that was handed over stays DOWN once it is gone.
 */

typedef struct Supervisor Supervisor;

typedef struct SupervisorOps {
        /* The model changed. */
        void (*changed)(void *userdata, const Change *change);
        /* A start failed, or a poll ended: 0 or a negative errno. The supervisor may not be freed in it. */
        void (*outcome)(void *userdata, int r);
        /* The device was opened: device_set_place(). May be NULL. */
        void (*placed)(void *userdata, const char *nodes, const char *native_path);
} SupervisorOps;

/* A supervisor that does nothing yet. config is shared, ops and userdata must outlive it. workers may be
 * NULL for IO_LOOP. */
int supervisor_new(sd_event *event, WorkerGroup *workers, DeviceConfig *config, const SupervisorOps *ops,
                void *userdata, Supervisor **ret);

/* Stops the device if it runs and answers the open requests with -ENODEV. */
Supervisor *supervisor_free(Supervisor *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Supervisor *, supervisor_free);

/* For those who cannot wait. What is changed holds from the next hook or timer on. */
SupervisorTimes *supervisor_times(Supervisor *s);

/* Memory to share with other devices, of which it takes a reference. Before it is started; without it, a
 * device has such memory for itself. */
void supervisor_share(Supervisor *s, SharedMemory *shared);

/* device_shared(). */
void *supervisor_shared(Supervisor *s);

/* Opens the device as soon as the event loop runs, or after begin_usec, and again and again until it is
 * there. */
int supervisor_start(Supervisor *s);

/* Takes a request over and answers it, now or when the device has: -ENODEV or -ESTALE for a device
 * without fresh data, -EOPNOTSUPP, -EROFS, -EMSGSIZE or -EINVAL for what the model does not bear, -EBUSY
 * when too many wait. */
void supervisor_request(Supervisor *s, Request *q);

/* What it works on; both live as long as it does. */
const Model *supervisor_model(const Supervisor *s) _pure_;
const DeviceConfig *supervisor_config(const Supervisor *s) _pure_;

/* Whether the first start has failed or the first poll has ended. */
bool supervisor_is_settled(const Supervisor *s) _pure_;

/* Whether the device is gone and cannot be opened again: device_set_handed_over(), and one of its
 * nodes leads nowhere any more. Known when the outcome is told. */
bool supervisor_is_gone(const Supervisor *s) _pure_;

/* device_explain(). */
void supervisor_explain(Supervisor *s, const char *text);

/* device_memo() and device_set_memo(). */
const char *supervisor_memo(const Supervisor *s) _pure_;
int supervisor_set_memo(Supervisor *s, const char *text);

/* The node that is kept for the device: taken over from an earlier process or supervisor, handed on
 * (negative for none), let go for good. Whoever is freed leaves it with the service manager. */
void supervisor_set_node(Supervisor *s, int fd);
int supervisor_take_node(Supervisor *s);
void supervisor_forget_node(Supervisor *s);

/* device_set_patience(): has changed it. */
void supervisor_follow_patience(Supervisor *s);

/* device_poll_within(), device_complete() and device_publish() end up here. */
void supervisor_poll_within(Supervisor *s, uint64_t usec);
void supervisor_complete(Supervisor *s, int r);
void supervisor_publish(Supervisor *s, Update *u);
