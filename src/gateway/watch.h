/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"
#include "session.h"

/* Clients that asked to be told when something happens to a device, with the request WATCH. They hear of it
 * by a line CHANGED between two answers, and then ask what it was: at most one line for a device that the
 * client has not answered by asking anything, so that one who does not read costs no more than that. */

/* A session may watch so many devices: as many as what outlives us has room for, and clients need. */
#define WATCHES_PER_SESSION_MAX 16U

struct Watch {
        Session *session;
        Device *device; /* NULL when it is no more, which the client is yet to be told */
        Watch *next;                        /* of the session */
        Watch *device_next, *device_previous; /* of the device */
        bool due;  /* something happened that the client was not told */
        bool told; /* it was told, and has asked nothing since */
        char name[]; /* of the device */
};

/* Watches a device from now on; nothing when it does so already. -E2BIG for too many, or -ENOMEM. */
int watch_add(Session *s, Device *d, Watch **ret);

/* The device is no more: the watch ends with a last line, unless one has been told already that the client
 * has not answered. */
void watch_end(Watch *w);

/* Ends this one now. */
void watch_free(Watch *w);

/* Ends all that a session watches. */
void watch_clear(Session *s);

/* Something happened to the device. */
void watch_note(Device *d);

/* The client has asked something: what it asks for after its last line, it finds as it is now. */
void watch_heard(Session *s);

/* Makes the lines that the session has not been told yet. True when watches have ended with them. */
bool watch_tell(Session *s, Buffer *out);
