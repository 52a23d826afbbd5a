/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"
#include "model.h"

/* Charge and runtime of a device that gives none, worked out from its voltage and load, as nutdrv_qx(8) and
 * blazer(8) document it. A pure calculation: no clock, no I/O. What the device says itself always wins. */

/* What the administrator says; NaN for what is not given. */
typedef struct BatteryGuessSettings {
        struct BatteryRuntimePoint {
                double runtime_sec, load_percent;
        } points[2]; /* runtimecal=; the first with the smaller load */
        bool has_points;
        double charge_time_sec;   /* chargetime=, 43200 by default */
        double idle_load_percent; /* idleload=, 10 by default */
        bool one_pack;            /* battery_voltage_reports_one_pack */
} BatteryGuessSettings;

/* "240,100,720,50". -EINVAL with a text in *ret_why (static) that says what is wrong. */
int battery_runtimecal_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why);

/* What has to be remembered from one reading to the next. battery_guess_memory_init() makes one. */
typedef struct BatteryGuessMemory {
        double packs;        /* multiplier of the voltage; NaN: not known yet */
        double estimate_sec; /* runtime left at full load; NaN: not known yet */
        uint64_t read_usec;  /* of the last reading; 0: none */
        bool complained;
} BatteryGuessMemory;

/* Nothing is known yet. */
void battery_guess_memory_init(BatteryGuessMemory *m);

/* Works out what is missing from what is in u, the reading now, and puts it there: battery.packs,
 * battery.voltage (with one_pack), battery.charge, battery.runtime. fixed(name) is what default.NAME or
 * override.NAME of the configuration says, or NULL. now_usec is CLOCK_BOOTTIME. Returns a static text worth
 * a line in the log, or NULL. */
const char *battery_guess_apply(const BatteryGuessSettings *settings,
        BatteryGuessMemory *memory,
        const char *(*fixed)(const void *userdata, const char *name),
        const void *userdata,
        uint64_t now_usec,
        Update *u);
