/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "battery-guess.h"
#include "battery-learn.h"
#include "driver.h"

/* What a device does not say of its battery, with the options of its section. */

typedef struct LineBattery {
        Device *device;
        int level; /* of the log, for what is wrong with options */
        const char *(*option)(const void *userdata, const char *name); /* before what is configured */
        const void *userdata;
        BatteryGuessSettings settings;
        BatteryGuessMemory memory;
        BatteryLearn learned;
        bool loaded; /* what was learned before, if anything */
} LineBattery;

/* Reads the options; what is wrong with one is logged with level, and it is left out. option() gives them,
 * and also what stands for "default.NAME" and "override.NAME", or NULL. */
void line_battery_init(LineBattery *b,
        Device *d,
        int level,
        const char *(*option)(const void *userdata, const char *name),
        const void *userdata);

/* Puts what can be worked out, and what was learned, into an update that holds a reading. */
void line_battery_apply(LineBattery *b, Update *u);

/* The last reading is over: keeps what was learned. */
void line_battery_done(LineBattery *b);
