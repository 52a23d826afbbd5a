/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "battery-guess.h"

#include <math.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* A nominal voltage of 12 V stands for a battery that is empty at 10.4 V and full at 13 V. */
#define LOW_OF_NOMINAL (104.0 / 120.0)
#define HIGH_OF_NOMINAL (130.0 / 120.0)

/* What a voltage may have to be multiplied by, to be that of the whole battery: it may be that of a cell
 * or of a block. */
static const double multipliers[] = { 120, 100, 80, 60, 48, 36, 30, 24, 18, 12, 8, 6, 4, 3, 2, 1, 0.5 };

/* A voltage within these parts of the nominal one can be that of the whole battery. */
#define MULTIPLIED_MIN 0.8
#define MULTIPLIED_MAX 1.25

void battery_guess_settings_init(BatteryGuessSettings *settings) {
        *settings = (BatteryGuessSettings) { .charge_time_sec = 43200, .idle_load_percent = 10 };
}

void battery_guess_memory_init(BatteryGuessMemory *m) {
        *m = (BatteryGuessMemory) { .packs = NAN, .estimate_sec = NAN, .effective_load = 1 };
}

static int parse_numbers(const char *s, double *numbers, size_t n) {
        _cleanup_strv_free_ char **words = NULL;
        int r;

        r = strv_split(s, ", \t", &words);
        if (r < 0)
                return r;
        if (strv_length(words) != n)
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                if (parse_double(words[i], numbers + i) < 0)
                        return -EINVAL;
        return 0;
}

int battery_runtimecal_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why) {
        double v[4];
        int r;

        r = parse_numbers(s, v, ELEMENTSOF(v));
        if (r == -ENOMEM)
                return r;

        if (r < 0)
                *ret_why = "it has to be four numbers: seconds, percent of load, seconds, percent of load";
        else if (v[0] <= 0 || v[2] < v[0])
                *ret_why = "the first runtime has to be more than 0, and the second not less than the first";
        else if (v[1] > 100 || v[3] <= 0 || v[3] >= v[1])
                *ret_why = "the first load has to be 100 at most, and the second less than the first but "
                           "more than 0";
        else {
                settings->points[0] = (struct BatteryRuntimePoint) { v[0], v[1] };
                settings->points[1] = (struct BatteryRuntimePoint) { v[2], v[3] };
                settings->has_points = true;
                return 0;
        }

        return -EINVAL;
}

int battery_charge_time_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why) {
        double v;

        if (!s)
                return 0;
        if (parse_double(s, &v) < 0 || v < 1) {
                *ret_why = "it has to be a number of seconds, more than 0";
                return -EINVAL;
        }

        settings->charge_time_sec = floor(v);
        return 0;
}

int battery_idle_load_parse(const char *s, BatteryGuessSettings *settings, const char **ret_why) {
        double v;

        if (!s)
                return 0;
        if (parse_double(s, &v) < 0 || v <= 0 || v > 100) {
                *ret_why = "it has to be a number of percent, more than 0 and up to 100";
                return -EINVAL;
        }

        settings->idle_load_percent = v;
        return 0;
}

/* All that may be put into a reading. */
typedef enum Output {
        OUTPUT_LOW,
        OUTPUT_HIGH,
        OUTPUT_CHARGE,
        OUTPUT_RUNTIME,
        OUTPUT_PACKS,
        OUTPUT_GUESSED,
        _OUTPUT_MAX,
} Output;

static const char *const output_names[_OUTPUT_MAX] = {
        [OUTPUT_LOW]     = "battery.voltage.low",
        [OUTPUT_HIGH]    = "battery.voltage.high",
        [OUTPUT_CHARGE]  = "battery.charge",
        [OUTPUT_RUNTIME] = "battery.runtime",
        [OUTPUT_PACKS]   = "experimental.battery.packs",
        [OUTPUT_GUESSED] = "experimental.battery.guessed",
};

/* One reading, while it is being looked at. */
typedef struct Guess {
        const BatteryGuessSettings *settings;
        BatteryGuessMemory *memory;
        const char *(*fixed)(const void *userdata, const char *name);
        const void *userdata;
        Update *u;
        double voltage, low, high, nominal; /* of the whole battery; NaN: not known */
        bool has_charge, has_runtime;       /* said by the device, or the configuration */
        char guessed[64];
        unsigned shown;
        const char *why;
} Guess;

static double to_number(const char *s) {
        double v;

        return s && parse_double(s, &v) >= 0 ? v : NAN;
}

/* The value that clients will see, but for guesses. */
static const char *guess_value(const Guess *g, const char *name) {
        char full[VARIABLE_NAME_MAX + 10];
        const char *value;

        (void) snprintf(full, sizeof(full), "override.%s", name);
        value = g->fixed(g->userdata, full) ?: update_get(g->u, name);
        if (value)
                return value;

        (void) snprintf(full, sizeof(full), "default.%s", name);
        return g->fixed(g->userdata, full);
}

static double guess_number(const Guess *g, const char *name) {
        return to_number(guess_value(g, name));
}

static void guess_publish(Guess *g, Output output, int decimals, double value) {
        const char *name = output_names[output];
        size_t n = strlen(g->guessed);

        (void) update_setf(g->u, name, "%.*f", decimals, value);
        (void) snprintf(g->guessed + n, sizeof(g->guessed) - n, "%s%s", n > 0 ? " " : "",
                        name + strlen("battery."));
        g->shown |= 1U << output;
}

static void guess_limits(Guess *g) {
        g->low = guess_number(g, "battery.voltage.low");
        g->high = guess_number(g, "battery.voltage.high");
        g->nominal = guess_number(g, "battery.voltage.nominal");
        if ((!isnan(g->low) && !isnan(g->high)) || isnan(g->nominal) || g->nominal <= 0)
                return;

        g->low = LOW_OF_NOMINAL * g->nominal;
        g->high = HIGH_OF_NOMINAL * g->nominal;
        guess_publish(g, OUTPUT_LOW, 2, g->low);
        guess_publish(g, OUTPUT_HIGH, 2, g->high);
}

/* For ranges that overlap it is the highest: a battery on its way back up is soon above its nominal
 * voltage. */
static double find_multiplier(double voltage, double nominal) {
        for (size_t i = 0; i < ELEMENTSOF(multipliers); i++) {
                double product = multipliers[i] * voltage;

                if (product > MULTIPLIED_MAX * nominal)
                        continue;
                return product < MULTIPLIED_MIN * nominal ? NAN : multipliers[i];
        }

        return NAN;
}

/* How many times the reading the voltage of the whole battery is; NaN when the two do not fit. */
static double guess_packs(Guess *g, double reading) {
        BatteryGuessMemory *m = g->memory;
        double said = guess_number(g, "battery.packs");

        if (said > 0)
                return said;
        if (g->has_charge && g->has_runtime && !g->settings->one_pack)
                return 1;
        if (isnan(m->packs) && g->nominal > 0)
                m->packs = find_multiplier(reading, g->nominal);
        if (!isnan(m->packs)) {
                if (m->packs != 1) {
                        (void) update_setf(g->u, output_names[OUTPUT_PACKS], "%g", m->packs);
                        g->shown |= 1U << OUTPUT_PACKS;
                }
                return m->packs;
        }

        /* Without a nominal voltage it is taken as it is; likewise when it may be that of a battery that is
         * nearly dead. */
        if (isnan(g->nominal) || g->nominal <= 0 || reading < MULTIPLIED_MIN * g->nominal)
                return 1;
        if (!m->complained)
                g->why = "battery.voltage and battery.voltage.nominal do not fit together: no charge is "
                         "worked out. If the latter is wrong, override.battery.voltage.nominal= says "
                         "better.";
        m->complained = true;
        return NAN;
}

static void guess_voltage(Guess *g) {
        double reading = guess_number(g, "battery.voltage"), packs;

        g->voltage = NAN;
        if (isnan(reading) || reading <= 0)
                return;
        packs = guess_packs(g, reading);
        if (isnan(packs))
                return;

        g->voltage = packs * reading;
        if (g->settings->one_pack && packs >= 2 && update_get(g->u, "battery.voltage"))
                (void) update_setf(g->u, "battery.voltage", "%.2f", g->voltage);
}

/* The part of the charge that the voltage alone tells; NaN when it does not. */
static double charge_by_voltage(const Guess *g) {
        if (isnan(g->voltage) || isnan(g->low) || isnan(g->high) || g->low <= 0 || g->high <= g->low)
                return NAN;
        return CLAMP((g->voltage - g->low) / (g->high - g->low), 0.0, 1.0);
}

/* By how much the runtime grows as the load becomes smaller. */
static double load_exponent(const BatteryGuessSettings *s) {
        return log(s->points[1].runtime_sec / s->points[0].runtime_sec) /
                log(s->points[0].load_percent / s->points[1].load_percent);
}

/* What the load takes out of the battery, relative to full load; NaN when the load is not known. */
static double effective_load(const Guess *g) {
        double load = guess_number(g, "ups.load");

        if (isnan(load) || load < 0)
                return NAN;
        return MAX(pow(load / 100, load_exponent(g->settings)), g->settings->idle_load_percent / 100);
}

/* How much of the runtime at full load is left: counted since the last reading, but never more than the
 * voltage allows, as an old battery has less than it should. */
static void count_estimate(Guess *g, uint64_t now, double nominal_sec) {
        BatteryGuessMemory *m = g->memory;
        double passed = (double) usec_sub(now, m->read_usec) / USEC_PER_SEC;
        double by_voltage = charge_by_voltage(g);

        if (isnan(m->estimate_sec)) {
                double charge = guess_number(g, "battery.charge") / 100;

                if (isnan(charge) && !isnan(by_voltage))
                        charge = rint(100 * by_voltage) / 100;
                if (isnan(charge))
                        return;
                m->estimate_sec = nominal_sec * CLAMP(charge, 0.0, 1.0);
                passed = 0;
        }

        if (!update_gives_status(g->u))
                passed = 0;
        if (update_has_status(g->u, "OL"))
                m->estimate_sec += nominal_sec * passed / g->settings->charge_time_sec;
        else
                m->estimate_sec -= m->effective_load * passed;
        m->estimate_sec = CLAMP(m->estimate_sec, 0.0, nominal_sec);

        if (!isnan(by_voltage))
                m->estimate_sec = MIN(m->estimate_sec, by_voltage * nominal_sec);
}

static void guess_by_runtime(Guess *g, uint64_t now) {
        const BatteryGuessSettings *s = g->settings;
        BatteryGuessMemory *m = g->memory;
        double full_load = pow(s->points[0].load_percent / 100, load_exponent(s));
        double nominal_sec = s->points[0].runtime_sec * full_load;
        double load = effective_load(g);

        count_estimate(g, now, nominal_sec);
        m->read_usec = now;
        if (!isnan(load))
                m->effective_load = load;
        if (isnan(m->estimate_sec))
                return;

        if (!g->has_charge)
                guess_publish(g, OUTPUT_CHARGE, 0, 100 * m->estimate_sec / nominal_sec);
        if (!g->has_runtime && !isnan(load))
                guess_publish(g, OUTPUT_RUNTIME, 0, m->estimate_sec / load);
}

static void guess_finish(Guess *g) {
        if (*g->guessed) {
                (void) update_set(g->u, output_names[OUTPUT_GUESSED], g->guessed);
                g->shown |= 1U << OUTPUT_GUESSED;
        }
        for (Output i = 0; i < _OUTPUT_MAX; i++)
                if (g->memory->shown & ~g->shown & 1U << i && !update_get(g->u, output_names[i]))
                        (void) update_unset(g->u, output_names[i]);
        g->memory->shown = g->shown;
}

const char *battery_guess_apply(const BatteryGuessSettings *settings, BatteryGuessMemory *memory,
                const char *(*fixed)(const void *userdata, const char *name), const void *userdata,
                uint64_t now_usec, Update *u) {
        Guess g = { .settings = settings, .memory = memory, .fixed = fixed, .userdata = userdata, .u = u };
        double charge;

        g.has_charge = update_get(u, "battery.charge") || fixed(userdata, "override.battery.charge");
        g.has_runtime = update_get(u, "battery.runtime") || fixed(userdata, "override.battery.runtime");

        guess_limits(&g);
        guess_voltage(&g);
        if (settings->has_points)
                guess_by_runtime(&g, now_usec);
        else if (!g.has_charge) {
                charge = charge_by_voltage(&g);
                if (!isnan(charge))
                        guess_publish(&g, OUTPUT_CHARGE, 0, 100 * charge);
        }

        guess_finish(&g);
        return g.why;
}
