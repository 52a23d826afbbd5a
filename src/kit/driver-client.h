/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "model.h"
#include "request.h"

/* One connection to a driver's socket. */

typedef struct DriverClient DriverClient;

typedef struct DriverClientOps {
        /* A write, to be answered by request_done(). */
        void (*request)(void *userdata, Request *q);
        /* The connection is over; the client is to be freed. */
        void (*closed)(void *userdata, DriverClient *c);
} DriverClientOps;

/* Takes the descriptor over on success. The model is borrowed. */
int driver_client_new(sd_event *event, int fd, const Model *model, const DriverClientOps *ops,
                void *userdata, DriverClient **ret);

/* Writes that are under way go on; their answers go nowhere. */
DriverClient *driver_client_free(DriverClient *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(DriverClient *, driver_client_free);

/* Sends n bytes of lines that nobody asked for, unless the client does not want them. A client that has
 * not taken the last megabyte is cut off. */
void driver_client_broadcast(DriverClient *c, const char *text, size_t n);

/* Handles bytes as if they came from the connection. */
void driver_client_feed(DriverClient *c, const char *data, size_t n);
