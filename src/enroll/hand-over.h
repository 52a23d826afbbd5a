/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugged.h"
#include "systemd.h"

/* A device whose name is known is handed over to its driver: a socket unit opens its nodes, and the service
 * of the same name gets them. The socket is made by whoever is started before the service, so that it is
 * there whoever starts the service; see docs/PLUG-AND-PLAY.md. */

typedef struct HandOver {
        const char *name;        /* of the device */
        const char *driver;
        const char *description; /* what it is */
        const char *first, *second; /* nodes; the second may be NULL */
        const char *device_node; /* with this one it ends; NULL: with the driver only */
} HandOver;

/* The nodes that the driver is to get: what the kernel's driver has, and that of the device as such; the
 * latter alone where libusb is used. */
void hand_over_init(const char *name, const char *driver, const Plugged *p, UsbWay way, HandOver *ret);

/* Whether somebody wants devices to be served: not while Busbar is stopped, nor on a mere client. */
bool hand_over_is_wanted(Systemd *s);

/* Has the driver started for a device that was found, unless it is there already. Others that have nodes
 * of it under another name are stopped. Returns 1 when something was to be done; -ERFKILL, without a
 * word, when somebody has masked the driver. Other failures are logged. */
int hand_over_start(Systemd *s, const HandOver *h);

/* Makes the socket, for a driver that is about to be started, and starts it if it is not, after all.
 * Failures are logged. */
int hand_over_open(Systemd *s, const HandOver *h);

/* Whether the device is in the hands of our driver. */
bool hand_over_is_done(Systemd *s, const HandOver *h);

/* Whether it will be without anybody's doing: the driver is about to be started, after a crash say, which
 * has the device handed over first. */
bool hand_over_is_coming(Systemd *s, const HandOver *h);

/* Whether our driver had it before, so that it is about to be started again. */
bool hand_over_was_done(Systemd *s, const HandOver *h);
