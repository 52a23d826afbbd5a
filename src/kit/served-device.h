/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-device.h"
#include "driver-socket.h"
#include "supervisor.h"

/* A device with its faces to the world: the bus object and the driver socket. */

typedef struct ServedDevice ServedDevice;

/* A start failed, a poll ended, or the device has another freshness: it may have become settled, or be
 * gone. */
typedef void (*ServedDeviceNews)(void *userdata);

/* A device without faces that is not started. */
int served_device_new(sd_event *event, WorkerGroup *workers, DeviceConfig *config, ServedDeviceNews news,
                void *userdata, ServedDevice **ret);

/* Takes it off the bus, closes its socket and stops it. Takes NULL, returns NULL. */
ServedDevice *served_device_free(ServedDevice *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(ServedDevice *, served_device_free);

/* Opens the driver socket. */
int served_device_listen(ServedDevice *d, const DriverSocketConfig *config);

/* Lets a group use the driver socket, if there is one. */
int served_device_set_group(ServedDevice *d, gid_t group);

/* Puts it on the bus, and off again. The gate is borrowed. */
int served_device_attach(ServedDevice *d, sd_bus *bus, BusGate *gate);
void served_device_detach(ServedDevice *d);

/* What it is made of; both stay its own. */
Supervisor *served_device_supervisor(ServedDevice *d);
DeviceConfig *served_device_config(ServedDevice *d);
