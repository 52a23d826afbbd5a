/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* One program under several names: nutdrv_qx, and those that it takes the place of. */

typedef enum QxLines {
        QX_LINES_ANY, /* by port and options */
        QX_LINES_SERIAL,
        QX_LINES_USB,
} QxLines;

typedef struct QxDriver {
        Driver driver;
        QxLines lines;
        const char *protocol;  /* without protocol=, or NULL */
        const char *off_delay; /* what the driver of that name has without offdelay= and ondelay=, or */
        const char *on_delay;  /* NULL: as the profile says */
        bool in_minutes;       /* ondelay=, and what test.battery.start takes */
        bool keeps_pending_shutdown; /* -k does not stop one that is under way first */
} QxDriver;

/* All of them, NULL at the end. The first is the one that is meant by any other name. */
extern const QxDriver *const qx_drivers[];

/* The one that a program is by its name, which may be a path. */
const Driver *qx_driver_find(const char *program);

/* The one that serves a device. */
const QxDriver *qx_driver_of(const Device *d);
