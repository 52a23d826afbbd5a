/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"
#include "model.h"

/* A model of a battery that is learned from its own discharges: what was drawn, at which load, until the
 * device said that the battery was low or mains came back, and how the voltage went meanwhile. It forecasts
 * the time until the battery is low, as an interval; with nothing to go by it says nothing. Pure
 * calculation: no clock, no I/O. Times are those of the readings. */

#define BATTERY_DISCHARGES_MAX 12U
#define BATTERY_LOADS_MAX 21U
#define BATTERY_SAMPLES_MAX 24U

/* What was drawn is counted in seconds at full load ("work"), which takes assumptions about how the runtime
 * depends on the load. For those that can be wrong the times at each load are kept. */
typedef struct BatteryDischarge {
        int64_t ended_sec; /* CLOCK_REALTIME */
        bool to_low;       /* until the battery was low; else mains came back */
        bool load_known;
        double depth;      /* 0 to 1, by the voltage, a rough guess; NaN: not known */
        struct {
                double seconds, percent_seconds;
        } loads[BATTERY_LOADS_MAX]; /* one for every five percent */
        struct {
                double work, voltage, load_percent;
        } samples[BATTERY_SAMPLES_MAX];
        unsigned n_samples;
} BatteryDischarge;

typedef struct BatteryLearn {
        BatteryDischarge discharges[BATTERY_DISCHARGES_MAX]; /* oldest first */
        unsigned n_discharges;
        unsigned n_total; /* also those that are no longer kept; since the battery was changed */
        char date[32];    /* battery.date */

        uint64_t read_usec; /* CLOCK_BOOTTIME of the last reading; 0: none by this process */
        int64_t read_sec;   /* CLOCK_REALTIME of it; 0: none */
        bool on_battery;
        double load_percent, voltage, voltage_low; /* the second smoothed; NaN: not known */
        bool known;      /* what is missing */
        double missing;  /* work that was not recharged yet when mains came back */
        double rest_sec; /* since then */

        BatteryDischarge current; /* while on battery */
        bool counts;              /* it teaches: it began with a full battery, and its end was not seen */
        unsigned n_low;           /* readings in a row that say low battery */
        double begin_voltage;
        double sample_step; /* work between samples */
        double unsaved_sec;
} BatteryLearn;

/* Nothing is known yet. */
void battery_learn_init(BatteryLearn *l);

/* One reading. NaN for numbers that are not known. */
typedef struct BatteryReading {
        uint64_t boottime_usec;
        int64_t realtime_sec;
        bool on_battery, low;
        bool test; /* of the battery, or its calibration: also on mains, and nothing is learned from it */
        double voltage, voltage_low; /* of the same thing: the whole battery, or a cell */
        double load_percent;
        const char *date; /* battery.date, or NULL */
} BatteryReading;

/* Learns from a reading; only those that tell mains from battery for sure. True: something was learned that
 * is worth saving now. It is also to be saved when readings end. */
bool battery_learn_take(BatteryLearn *l, const BatteryReading *reading);

typedef struct BatteryForecast {
        double charge_percent;
        double runtime_sec;                      /* until the battery is low, at the load of now */
        double runtime_low_sec, runtime_high_sec; /* it is in between in nine of ten cases */
} BatteryForecast;

/* False: not enough has been seen, or the battery is low already. */
bool battery_learn_forecast(const BatteryLearn *l, BatteryForecast *ret);

/* All of it for a device: learns from what is in u, which is to hold all that is known of the device and its
 * status now, and puts experimental.battery.* there (or removes them). True: to be saved. */
bool battery_learn_apply(BatteryLearn *l, uint64_t boottime_usec, int64_t realtime_sec, Update *u);

/* What was learned, as text of at most BATTERY_LEARN_TEXT_MAX bytes. 0 or -ENOMEM. */
#define BATTERY_LEARN_TEXT_MAX 32768U
int battery_learn_format(const BatteryLearn *l, char **ret);

/* Whether there is anything in it that would be missed. */
bool battery_learn_is_worth_saving(const BatteryLearn *l);

/* The way back. -EBADMSG: it is not such a text, or was damaged; *ret is untouched then. */
int battery_learn_parse(const char *text, BatteryLearn *ret);

/* For the files of it: how much faster than at full load the battery runs down, for an exponent and a
 * consumption of the unit itself in percent; and the work of a discharge. */
double battery_load_rate(double load_percent, double exponent, double own_percent);
double battery_discharge_work(const BatteryDischarge *d, double exponent, double own_percent);
double battery_discharge_seconds(const BatteryDischarge *d);

/* The discharge that does not go with those before it, while it is not decided whether it was a mistake or
 * the battery is another one since; 0: none. */
unsigned battery_learn_suspect(const BatteryLearn *l);

/* What is assumed where it makes little difference. */
#define BATTERY_USUAL_EXPONENT 1.15
#define BATTERY_USUAL_OWN 6.0
