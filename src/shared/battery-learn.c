/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "battery-learn.h"

#include <math.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* Without readings for longer, nothing is known of the battery any more. */
#define GAP_MAX_SEC 300.0
/* After so long on mains a battery is full. */
#define FULL_AFTER_SEC (16 * 3600.0)
/* Shorter discharges teach nothing. */
#define DISCHARGE_MIN_SEC 30.0
/* When the voltage under load has settled. */
#define SETTLED_SEC 45.0
#define SMOOTHING_SEC 15.0
#define SAVE_EVERY_SEC 60.0
/* Less time on mains than that soon passes again. */
#define WORTH_SEC 3600.0
/* So much more or less work to the same end is another battery, or a cell of it has died. */
#define CHANGED_FACTOR 2.0

static const BatteryDischarge no_discharge = { .load_known = true, .depth = NAN };

void battery_learn_init(BatteryLearn *l) {
        *l = (BatteryLearn) {
                .load_percent = NAN, .voltage = NAN, .voltage_low = NAN, .begin_voltage = NAN,
                .current = no_discharge,
        };
}

double battery_load_rate(double load_percent, double exponent, double own_percent) {
        return pow((load_percent + own_percent) / (100 + own_percent), exponent);
}

double battery_discharge_work(const BatteryDischarge *d, double exponent, double own_percent) {
        double work = 0;

        for (unsigned i = 0; i < BATTERY_LOADS_MAX; i++)
                if (d->loads[i].seconds > 0)
                        work += d->loads[i].seconds * battery_load_rate(d->loads[i].percent_seconds /
                                                                      d->loads[i].seconds,
                                                              exponent, own_percent);
        return work;
}

double battery_discharge_seconds(const BatteryDischarge *d) {
        double seconds = 0;

        for (unsigned i = 0; i < BATTERY_LOADS_MAX; i++)
                seconds += d->loads[i].seconds;
        return seconds;
}

static double usual_work(const BatteryDischarge *d) {
        return battery_discharge_work(d, BATTERY_USUAL_EXPONENT, BATTERY_USUAL_OWN);
}

static void drop_discharge(BatteryLearn *l, unsigned at) {
        l->n_discharges--;
        memmove(l->discharges + at, l->discharges + at + 1, (l->n_discharges - at) * sizeof(*l->discharges));
}

/* What ended early goes first, as it teaches less. */
static void make_room(BatteryLearn *l) {
        if (l->n_discharges < BATTERY_DISCHARGES_MAX)
                return;
        for (unsigned i = 0; i < l->n_discharges; i++)
                if (!l->discharges[i].to_low) {
                        drop_discharge(l, i);
                        return;
                }
        drop_discharge(l, 0);
}

/* Whether a discharge tells of a battery that cannot be the one of the n first: 1 when it has more, -1 when
 * it has less, 0 when it may be that. */
static int compare_battery(const BatteryLearn *l, unsigned n, const BatteryDischarge *d) {
        double work = usual_work(d), before = 0;
        unsigned n_before = 0;

        for (unsigned i = 0; i < n; i++)
                if (l->discharges[i].to_low) {
                        before += log(usual_work(l->discharges + i));
                        n_before++;
                }
        if (n_before == 0)
                return 0;

        before = exp(before / n_before);
        if (work > CHANGED_FACTOR * before)
                return 1;
        return d->to_low && work < before / CHANGED_FACTOR ? -1 : 0;
}

unsigned battery_learn_suspect(const BatteryLearn *l) {
        for (unsigned i = l->n_discharges; i-- > 1;)
                if (compare_battery(l, i, l->discharges + i) != 0)
                        return i;
        return 0;
}

/* One that does not go with those before may be a mistake. The next one that can tell decides: if it does
 * not go with them either, they are forgotten, else the one is. */
static void judge_suspect(BatteryLearn *l, const BatteryDischarge *d) {
        unsigned suspect = battery_learn_suspect(l);
        bool refuted;
        int was, is;

        if (suspect == 0)
                return;

        was = compare_battery(l, suspect, l->discharges + suspect);
        is = compare_battery(l, suspect, d);
        refuted = d->to_low ||
                (was < 0 && usual_work(d) > CHANGED_FACTOR * usual_work(l->discharges + suspect));
        if (is == was) {
                l->n_discharges -= suspect;
                memmove(l->discharges, l->discharges + suspect, l->n_discharges * sizeof(*l->discharges));
                l->n_total = l->n_discharges;
        } else if (refuted)
                drop_discharge(l, suspect);
}

/* Ends the discharge as far as it can teach. */
static bool conclude(BatteryLearn *l, int64_t now_sec, bool to_low) {
        BatteryDischarge *d = &l->current;
        double fallen = l->begin_voltage - l->voltage, all = l->begin_voltage - l->voltage_low;

        if (!l->counts)
                return false;
        l->counts = false;
        if (battery_discharge_seconds(d) < DISCHARGE_MIN_SEC)
                return false;

        d->ended_sec = MAX(now_sec, INT64_C(1));
        d->to_low = to_low;
        d->depth = all > 0 && !isnan(fallen) ? CLAMP(fallen / all, 0.0, 1.0) : NAN;
        judge_suspect(l, d);
        make_room(l);
        l->discharges[l->n_discharges++] = *d;
        l->n_total++;
        return true;
}

static void begin_discharge(BatteryLearn *l) {
        l->current = no_discharge;
        l->counts = l->known && l->missing == 0;
        l->n_low = 0;
        l->begin_voltage = NAN;
        l->sample_step = 5;
        l->unsaved_sec = 0;
}

/* Mains is back. What was recharged before, if not all, is left out of account. */
static bool end_discharge(BatteryLearn *l, int64_t now_sec) {
        bool learned = conclude(l, now_sec, false);

        l->missing += usual_work(&l->current);
        l->rest_sec = 0;
        l->current = no_discharge;
        return learned;
}

/* Nobody knows what has happened since the last reading. */
static void lose_track(BatteryLearn *l) {
        l->known = l->counts = false;
        l->missing = l->rest_sec = 0;
        l->current = no_discharge;
        l->begin_voltage = l->voltage = NAN;
}

/* Time on battery at the load of its begin. */
static void draw(BatteryLearn *l, double seconds) {
        double load = isnan(l->load_percent) ? 50 : CLAMP(l->load_percent, 0.0, 200.0);
        unsigned i = MIN((unsigned) (load / 5), BATTERY_LOADS_MAX - 1);

        l->current.loads[i].seconds += seconds;
        l->current.loads[i].percent_seconds += seconds * load;
        if (isnan(l->load_percent))
                l->current.load_known = false;
        l->unsaved_sec += seconds;
}

/* When there is no more room, every other one is left out, and so are those to come. */
static void take_sample(BatteryLearn *l) {
        BatteryDischarge *d = &l->current;
        double work = usual_work(d);
        unsigned n = 0;

        if (isnan(l->voltage) || isnan(l->load_percent) || isnan(l->begin_voltage))
                return;
        if (d->n_samples > 0 && work < d->samples[d->n_samples - 1].work + l->sample_step)
                return;
        if (d->n_samples == BATTERY_SAMPLES_MAX) {
                for (unsigned i = 0; i < BATTERY_SAMPLES_MAX; i += 2)
                        d->samples[n++] = d->samples[i];
                d->n_samples = n;
                l->sample_step *= 2;
        }

        d->samples[d->n_samples].work = work;
        d->samples[d->n_samples].voltage = l->voltage;
        d->samples[d->n_samples].load_percent = l->load_percent;
        d->n_samples++;
}

static void take_voltage(BatteryLearn *l, const BatteryReading *r, double seconds) {
        double old = exp(-seconds / SMOOTHING_SEC);

        if (isnan(r->voltage) || r->voltage <= 0)
                return;
        l->voltage = isnan(l->voltage) ? r->voltage : old * l->voltage + (1 - old) * r->voltage;
        l->voltage_low = r->voltage_low;
}

static bool take_on_battery(BatteryLearn *l, const BatteryReading *r) {
        bool save = false;

        if (isnan(l->begin_voltage) && battery_discharge_seconds(&l->current) >= SETTLED_SEC)
                l->begin_voltage = l->voltage;
        take_sample(l);

        /* One reading alone may be noise. */
        l->n_low = r->low ? MIN(l->n_low + 1, 2U) : 0;
        if (l->n_low >= 2)
                save = conclude(l, r->realtime_sec, true);
        if (l->unsaved_sec >= SAVE_EVERY_SEC) {
                l->unsaved_sec = 0;
                save = true;
        }
        return save;
}

/* Seconds since the last reading; negative when they cannot be told. A process that has just begun has only
 * the clock of the wall to go by. */
static double seconds_since(const BatteryLearn *l, const BatteryReading *r) {
        if (l->read_usec == 0)
                return l->read_sec == 0 ? -1 : (double) r->realtime_sec - (double) l->read_sec;
        if (r->boottime_usec < l->read_usec)
                return -1;
        return (double) (r->boottime_usec - l->read_usec) / USEC_PER_SEC;
}

static void take_date(BatteryLearn *l, const char *date) {
        char copy[sizeof(l->date)];

        if (isempty(date))
                return;
        (void) snprintf(copy, sizeof(copy), "%s", date);
        if (!isempty(l->date) && !streq(l->date, copy)) {
                l->n_discharges = l->n_total = 0;
                lose_track(l);
        }
        memcpy(l->date, copy, sizeof(copy));
}

bool battery_learn_take(BatteryLearn *l, const BatteryReading *r) {
        double seconds = seconds_since(l, r);
        bool save = false, was = l->on_battery;

        take_date(l, r->date);
        /* How much of the load the battery bears in a test is not known. */
        if (seconds < 0 || seconds > GAP_MAX_SEC || r->test) {
                lose_track(l);
                was = r->on_battery;
                seconds = 0;
        }

        /* Mains may have gone or come at any time since then. */
        if (was != r->on_battery)
                seconds /= 2;
        if (was)
                draw(l, seconds);
        else
                l->rest_sec += seconds;
        if (l->rest_sec >= FULL_AFTER_SEC) {
                l->known = true;
                l->missing = 0;
        }

        if (!isnan(r->load_percent) && r->load_percent >= 0)
                l->load_percent = r->load_percent;
        if (!was && r->on_battery) {
                begin_discharge(l);
                l->voltage = NAN;
        }
        take_voltage(l, r, seconds);
        if (was && !r->on_battery)
                save = end_discharge(l, r->realtime_sec) || l->known;
        else if (r->on_battery) {
                if (!was)
                        draw(l, seconds);
                save = take_on_battery(l, r);
        }

        l->on_battery = r->on_battery;
        l->read_usec = MAX(r->boottime_usec, UINT64_C(1));
        l->read_sec = r->realtime_sec;
        return save;
}

bool battery_learn_is_worth_saving(const BatteryLearn *l) {
        return l->n_discharges > 0 || l->on_battery || l->rest_sec >= WORTH_SEC;
}

static double number_of(const Update *u, const char *name) {
        const char *s = update_get(u, name);
        double v;

        return s && parse_double(s, &v) >= 0 ? v : NAN;
}

static void publish(const BatteryLearn *l, Update *u) {
        static const char *const names[] = { "charge", "runtime", "runtime.low", "runtime.high" };
        BatteryForecast f;
        bool known = battery_learn_forecast(l, &f);
        const double values[] = { f.charge_percent, f.runtime_sec, f.runtime_low_sec, f.runtime_high_sec };
        char name[64];

        for (unsigned i = 0; i < ELEMENTSOF(names); i++) {
                (void) snprintf(name, sizeof(name), "experimental.battery.%s", names[i]);
                if (known)
                        (void) update_setf(u, name, "%.0f", values[i]);
                else
                        (void) update_unset(u, name);
        }
        if (l->n_total > 0)
                (void) update_setf(u, "experimental.battery.discharges", "%u", l->n_total);
        else
                (void) update_unset(u, "experimental.battery.discharges");
}

bool battery_learn_apply(BatteryLearn *l, uint64_t boottime_usec, int64_t realtime_sec, Update *u) {
        double packs = number_of(u, "experimental.battery.packs");
        double limit = number_of(u, "battery.voltage.low");
        BatteryReading r = {
                .boottime_usec = boottime_usec,
                .realtime_sec = realtime_sec,
                .on_battery = update_has_status(u, "OB") || update_has_status(u, "DISCHRG"),
                .low = update_has_status(u, "LB"),
                .test = update_has_status(u, "CAL") || update_has_status(u, "TEST"),
                .voltage = number_of(u, "battery.voltage"),
                .load_percent = number_of(u, "ups.load"),
                .date = update_get(u, "battery.date"),
        };
        bool save = false;

        /* The limit is that of the whole battery; the voltage may be that of a part. */
        r.voltage_low = r.voltage < limit / 2 ? limit / packs : limit;
        if (r.on_battery || update_has_status(u, "OL"))
                save = battery_learn_take(l, &r);
        publish(l, u);
        return save;
}
