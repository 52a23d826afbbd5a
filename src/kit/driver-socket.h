/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>
#include <systemd/sd-event.h>

#include "listen-fds.h"
#include "model.h"
#include "request.h"

/* The socket of a device, <state directory>/<driver>-<name>, on which its driver speaks NUT's
 * driver-socket protocol: for stock upsd, and to be started by. */

typedef struct DriverSocket DriverSocket;

typedef struct DriverSocketConfig {
        const char *directory, *driver, *device;
        const ListenFds *listen_fds; /* sockets that came with the start; may be NULL */
} DriverSocketConfig;

/* Opens the socket: the one that the service manager passed, else a new one in place of one that nobody
 * serves. -EADDRINUSE when a process serves it. request gets each write. The model is borrowed. */
int driver_socket_new(sd_event *event, const DriverSocketConfig *config, const Model *model,
                void (*request)(void *userdata, Request *q), void *userdata, DriverSocket **ret);

/* Lets a group connect, if the socket is ours. 0 or a negative errno. */
int driver_socket_set_group(DriverSocket *s, gid_t group);

/* Closes all connections, and removes the socket if we made it. */
DriverSocket *driver_socket_free(DriverSocket *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(DriverSocket *, driver_socket_free);

/* Tells the clients of an applied change. */
void driver_socket_changed(DriverSocket *s, const Change *change);
