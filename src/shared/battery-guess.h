/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"
#include "model.h"

/* Charge and runtime of a device that gives none, worked out from its voltage and load, as nutdrv_qx(8) and
 * blazer(8) document it. A pure calculation: no clock, no I/O. What the device says itself always wins. */

/* What the administrator says. */
typedef struct BatteryGuessSettings {
        struct BatteryRuntimePoint {
                double runtime_sec, load_percent;
        } points[2]; /* runtimecal=, as given: the first has the higher load */
        bool has_points;
        double charge_time_sec;   /* chargetime=, 43200 by default */
        double idle_load_percent; /* idleload=, 10 by default */
        bool one_pack;            /* battery_voltage_reports_one_pack */
} BatteryGuessSettings;

/* The defaults, without runtimecal=. */
void battery_guess_settings_init(BatteryGuessSettings *settings);

/* "240,100,720,50". -EINVAL with a text in *ret_why (static) that says what is wrong. */
int battery_runtimecal_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why);

/* Values of chargetime= (whole seconds, more than 0) and idleload= (percent, more than 0 and up to 100); may
 * be NULL for what is not given. Likewise. */
int battery_charge_time_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why);
int battery_idle_load_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why);

/* What has to be remembered from one reading to the next. battery_guess_memory_init() makes one. */
typedef struct BatteryGuessMemory {
        double packs;          /* multiplier of the voltage that was found; NaN: not known yet */
        double candidate;      /* what the last readings would say that it is; NaN: nothing */
        unsigned n_agreeing;   /* how many of them in a row */
        unsigned n_whole;      /* readings that can only be of the whole battery, up to the number needed */
        double estimate_sec;   /* runtime left at full load; NaN: not known yet */
        double effective_load; /* at the last reading: how much faster than at full load that runs down */
        uint64_t read_usec;    /* of the last reading; 0: none */
        unsigned shown;        /* which variables the last reading was given */
        unsigned complained;   /* what was said once */
} BatteryGuessMemory;

/* Nothing is known yet. */
void battery_guess_memory_init(BatteryGuessMemory *m);

/* Works out what is missing from what is in u, which is to hold all that is known of the device and its
 * status now, and puts it there: battery.voltage (with one_pack, and then also the limits that the device
 * says, if they are those of one pack), battery.voltage.low and .high (from the nominal voltage),
 * battery.charge and battery.runtime. Which of these are guesses is put there as well, as
 * experimental.battery.guessed, a list of names without "battery."; and when the voltage had to be
 * multiplied by a number that nobody gave, that number as experimental.battery.packs. fixed(name) is what
 * the configuration says for "default.NAME" and "override.NAME", or NULL; see device_fixed(). now_usec is
 * CLOCK_BOOTTIME. What was put there the last time and is not known any more is removed. Returns a static
 * text worth a line in the log, each once, or NULL. */
const char *battery_guess_apply(const BatteryGuessSettings *settings,
        BatteryGuessMemory *memory,
        const char *(*fixed)(const void *userdata, const char *name),
        const void *userdata,
        uint64_t now_usec,
        Update *u);
