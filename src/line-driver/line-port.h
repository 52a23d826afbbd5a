/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-driver.h"
#include "serial.h"

/* Devices on a serial port, and recordings of devices, by port=. */

/* Whether port= names a recording, and if so its path in new memory; else NULL. It is one if it is a regular
 * file, in the configuration directory for a name without "/", or if it is called so. */
int line_port_recording(const Device *d, char **ret);

/* Which modem lines are on, by a value of cablepower= ("normal": DTR, "reverse": RTS, "both", "none"); NULL
 * leaves them as they are. */
typedef struct LinePortPower {
        SerialLine dtr, rts;
} LinePortPower;
LinePortPower line_port_power(const char *cable_power);

/* Opens the port and finds out what is there. prepare of setup is the port's own, for the speed that a
 * profile has. Why it fails is logged. */
int line_port_open(Device *d,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LinePortPower power,
        LineDriver **ret);

/* The same for a recording. */
int line_port_open_recording(Device *d,
        const char *path,
        const LineProfiles *profiles,
        const LineDriverSetup *setup,
        LineDriver **ret);
