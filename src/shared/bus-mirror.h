/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"
#include "model.h"

/* A consumer's copy of every device on the bus, kept by signals. */

typedef struct Mirror Mirror;
typedef struct MirrorDevice MirrorDevice;

/* All of them are needed but for those that are optional, which may be NULL. Called from the event loop, and
 * for removals from mirror_free(). They may write to devices, but must not attach, detach or free
 * the mirror. */
typedef struct MirrorOps {
        /* A device is there with all its data, or an update changed it. change is NULL for a new device
         * and after a resync, when anything may have changed. */
        void (*device_changed)(void *userdata, MirrorDevice *d, const Change *change);
        /* A device went: its driver left the bus or withdrew it. d is freed after the call. */
        void (*device_removed)(void *userdata, MirrorDevice *d);
        /* All drivers that were on the bus when it was attached have been read (also when there are none),
         * but for those that do not answer within 4 s. Called once per attach. Optional. */
        void (*synced)(void *userdata);
} MirrorOps;

/* A mirror without bus and devices. */
int mirror_new(const MirrorOps *ops, void *userdata, Mirror **ret);
Mirror *mirror_free(Mirror *m);
DEFINE_TRIVIAL_CLEANUP_FUNC(Mirror *, mirror_free);

/* Starts to follow the drivers on a bus, which must be on an event loop. The devices of an earlier bus are
 * kept until their driver is back; those that are not synced 10 s later are removed. So clients see no gap
 * while the bus restarts. On failure the mirror is without bus. */
int mirror_attach(Mirror *m, sd_bus *bus);

/* Lets go of the bus, which is lost. Devices stay, with their age running; open writes end with -ENODEV. */
void mirror_detach(Mirror *m);

/* Whether the drivers of the present bus have all been read. */
bool mirror_is_synced(const Mirror *m) _pure_;

/* Asks each driver process whether it lives (one Peer.Ping per process, and none while the last is open).
 * mirror_device_age_usec() counts from the last answer. */
void mirror_ping(Mirror *m);

/* The device of that name, ignoring case, or NULL. */
MirrorDevice *mirror_find(Mirror *m, const char *name);

/* All devices, sorted by name. */
size_t mirror_n_devices(const Mirror *m) _pure_;
MirrorDevice *mirror_device(Mirror *m, size_t i);

/* Name, as the driver spells it. */
const char *mirror_device_name(const MirrorDevice *d) _pure_;

/* What Device1 says of it: the driver's name, the description and the transport ("" for none), and all the
 * rest. */
const char *mirror_device_driver(const MirrorDevice *d) _pure_;
const char *mirror_device_description(const MirrorDevice *d) _pure_;
const char *mirror_device_transport(const MirrorDevice *d) _pure_;
const Model *mirror_device_model(const MirrorDevice *d) _pure_;

/* The nodes by which its driver reaches it, a strv; NULL for none, or while the driver does not say. */
char *const *mirror_device_nodes(const MirrorDevice *d) _pure_;

/* Time since the driver process was last heard, in microseconds of CLOCK_BOOTTIME. */
uint64_t mirror_device_age_usec(const MirrorDevice *d);

/* For the consumer's own data about the device; NULL at first. The consumer frees it in device_removed(). */
void mirror_device_set_userdata(MirrorDevice *d, void *userdata);
void *mirror_device_userdata(const MirrorDevice *d) _pure_;

/* More open writes than anybody has in mind for one device: whoever gets there does not wait for answers. */
#define MIRROR_WRITES_MAX 1024U

/* Called once with the device's verdict: 0 or a negative errno as in bus-error.h. message may be NULL. */
typedef void (*MirrorReply)(void *userdata, int r, const char *message);

/* Takes a write to the device and calls reply() when the device has answered, at the latest after 120 s
 * (-ETIMEDOUT), also when the device or the mirror goes away meanwhile (-ENODEV). Writes are sent in the
 * order in which they were taken, and may have to wait for the answers to earlier ones. Returns 0 if it was
 * taken; otherwise reply() is not called: -ENODEV while the bus is away, -EBUSY when
 * MIRROR_WRITES_MAX writes to the device have not been answered yet, or another negative errno. */
int mirror_device_set(MirrorDevice *d, const char *name, const char *value, MirrorReply reply,
                void *userdata);
int mirror_device_run(MirrorDevice *d, const char *command, const char *argument, MirrorReply reply,
                void *userdata);
