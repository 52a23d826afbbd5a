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

/* A smaller multiplier cannot be told from a battery at its end, or from a wrong nominal voltage. */
#define MULTIPLIER_MIN 4
/* If the administrator says that it is a part. */
#define MULTIPLIER_MIN_OF_PART 2
/* So many readings on mains have to agree. */
#define AGREEING 5U

/* A cell of lead has 2 V, batteries of them are made of blocks of 6 or 12 V. */
#define CELL_NOMINAL 2.0
#define CELL_MIN 1.5
#define CELL_MAX 2.6
#define BLOCK_NOMINAL 6.0

/* A limit that the device says within these parts of the nominal voltage is one of the same thing. */
#define LIMIT_MIN 0.5
#define LIMIT_MAX 1.5

void battery_guess_settings_init(BatteryGuessSettings *settings) {
        *settings = (BatteryGuessSettings) { .charge_time_sec = 43200, .idle_load_percent = 10 };
}

void battery_guess_memory_init(BatteryGuessMemory *m) {
        *m = (BatteryGuessMemory) {
                .packs = NAN, .candidate = NAN, .estimate_sec = NAN, .effective_load = 1,
        };
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
        double packs;                       /* what the voltage was multiplied by; NaN: not known */
        bool has_charge, has_runtime;       /* said by the device, or the configuration */
        char guessed[64];
        unsigned shown;
        const char *why;
} Guess;

static double to_number(const char *s) {
        double v;

        return s && parse_double(s, &v) >= 0 ? v : NAN;
}

static const char *guess_fixed(const Guess *g, const char *prefix, const char *name) {
        char full[VARIABLE_NAME_MAX + 10];

        (void) snprintf(full, sizeof(full), "%s%s", prefix, name);
        return g->fixed(g->userdata, full);
}

/* The value that clients will see, but for guesses. */
static const char *guess_value(const Guess *g, const char *name) {
        return guess_fixed(g, "override.", name) ?: update_get(g->u, name) ?:
                guess_fixed(g, "default.", name);
}

static bool guess_is_configured(const Guess *g, const char *name) {
        return guess_fixed(g, "override.", name) || guess_fixed(g, "default.", name);
}

/* What is worth a line in the log, each once. */
typedef enum Complaint {
        COMPLAINT_PACKS,
        COMPLAINT_MISFIT,
        COMPLAINT_SMALL,
        COMPLAINT_LIMITS,
        COMPLAINT_NOTHING,
        COMPLAINT_LOAD,
} Complaint;

static void complain(Guess *g, Complaint c, const char *text) {
        if (g->why || g->memory->complained & 1U << c)
                return;
        g->why = text;
        g->memory->complained |= 1U << c;
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

/* Whether the battery is neither drawn from nor near its end, so that its voltage is about that of a full
 * one. */
static bool guess_is_at_rest(const Guess *g) {
        static const char *const others[] = { "OB", "DISCHRG", "LB", "CAL", "TEST" };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (update_has_status(g->u, others[i]))
                        return false;
        return update_has_status(g->u, "OL");
}

/* The multiplier that leaves no doubt: the voltage is that of the whole battery, or that of a cell. */
static double find_sure_multiplier(double reading, double nominal) {
        double blocks = nominal / BLOCK_NOMINAL;

        if (reading >= MULTIPLIED_MIN * nominal && reading <= MULTIPLIED_MAX * nominal)
                return 1;
        if (reading >= CELL_MIN && reading <= CELL_MAX && blocks > 0.5 && fabs(blocks - rint(blocks)) < 0.01)
                return nominal / CELL_NOMINAL;
        return NAN;
}

/* What was found holds as long as the voltage goes with it. On battery, less is a battery at its end. */
static bool found_still_fits(const Guess *g, double reading) {
        double product = g->memory->packs * reading;

        return product <= MULTIPLIED_MAX * g->nominal &&
                (product >= MULTIPLIED_MIN * g->nominal || !guess_is_at_rest(g));
}

/* Without a sure multiplier: the one that some readings on mains agree in. */
static double agree_on_packs(Guess *g, double reading) {
        BatteryGuessMemory *m = g->memory;
        double candidate = find_multiplier(reading, g->nominal);

        /* A whole battery that is nearly dead; no part of one has such a voltage. */
        if (isnan(candidate) && reading < g->nominal && reading > MULTIPLIED_MAX / 2 * g->nominal)
                return 1;
        if (isnan(candidate))
                complain(g, COMPLAINT_MISFIT,
                        "battery.voltage and battery.voltage.nominal do not fit together: no charge is "
                        "worked out. If the latter is wrong, override.battery.voltage.nominal= says "
                        "better.");
        else if (candidate < (g->settings->one_pack ? MULTIPLIER_MIN_OF_PART : MULTIPLIER_MIN)) {
                complain(g, COMPLAINT_SMALL,
                        "battery.voltage is far from battery.voltage.nominal: either the battery is at its "
                        "end, or this is the voltage of a part of it, or the nominal one is wrong. No "
                        "charge is worked out, unless override.battery.packs= or "
                        "override.battery.voltage.nominal= says more.");
                candidate = NAN;
        }

        if (isnan(candidate) || !guess_is_at_rest(g)) {
                m->n_agreeing = 0;
                return NAN;
        }
        m->n_agreeing = candidate == m->candidate ? m->n_agreeing + 1 : 1;
        m->candidate = candidate;
        if (m->n_agreeing >= AGREEING)
                m->packs = candidate;
        return m->packs;
}

/* What the administrator says that the voltage has to be multiplied by; NaN: nothing. What the device says
 * of its packs does not count: it has them in parallel. */
static double configured_packs(Guess *g) {
        const char *said = guess_fixed(g, "override.", "battery.packs") ?:
                guess_fixed(g, "default.", "battery.packs");
        double packs = to_number(said);

        if (packs > 0)
                return packs;
        if (said)
                complain(g, COMPLAINT_PACKS,
                        "battery.packs of the configuration is left out: it has to be a number of more than "
                        "0, what battery.voltage has to be multiplied by.");
        return NAN;
}

/* How many times the reading the voltage of the whole battery is; NaN while that is not known. */
static double guess_packs(Guess *g, double reading) {
        BatteryGuessMemory *m = g->memory;
        double said = configured_packs(g), sure, packs;

        if (!isnan(said))
                return said;
        if ((g->has_charge && g->has_runtime && !g->settings->one_pack) || !(g->nominal > 0))
                return 1;

        sure = find_sure_multiplier(reading, g->nominal);
        if (sure == 1)
                m->n_whole = MIN(m->n_whole + 1, AGREEING);
        else if (m->n_whole == AGREEING && reading < g->nominal)
                return 1; /* it is near its end, or no longer connected */

        if (!isnan(m->packs) && !found_still_fits(g, reading)) {
                m->packs = m->candidate = NAN;
                m->n_agreeing = 0;
        }
        if (isnan(m->packs))
                m->packs = sure;
        packs = isnan(m->packs) ? agree_on_packs(g, reading) : m->packs;
        if (!isnan(packs) && packs != 1) {
                (void) update_setf(g->u, output_names[OUTPUT_PACKS], "%g", packs);
                g->shown |= 1U << OUTPUT_PACKS;
        }
        return packs;
}

static void guess_voltage(Guess *g) {
        double reading = guess_number(g, "battery.voltage");

        g->voltage = g->packs = NAN;
        g->nominal = guess_number(g, "battery.voltage.nominal");
        if (isnan(reading) || reading <= 0)
                return;

        g->packs = guess_packs(g, reading);
        g->voltage = g->packs * reading;
        if (!g->settings->one_pack || !update_get(g->u, "battery.voltage"))
                return;
        if (isnan(g->packs))
                (void) update_unset(g->u, "battery.voltage");
        else if (g->packs >= 2)
                (void) update_setf(g->u, "battery.voltage", "%.2f", g->voltage);
}

/* A limit of the whole battery; NaN: not known. That of the device may be one of the part that its voltage
 * is of, or of something else, by the nominal voltage; without one it is of the part. */
static double read_limit(const Guess *g, Output output) {
        const char *name = output_names[output];
        double limit = guess_number(g, name);
        bool alone = !(g->nominal > 0);

        if (isnan(limit) || guess_fixed(g, "override.", name) || !update_get(g->u, name))
                return limit;
        if (!alone && limit >= LIMIT_MIN * g->nominal && limit <= LIMIT_MAX * g->nominal)
                return limit;
        if (isnan(g->packs))
                return NAN;

        limit *= g->packs;
        if (!alone && (limit < LIMIT_MIN * g->nominal || limit > LIMIT_MAX * g->nominal))
                return NAN;
        if (g->settings->one_pack && g->packs >= 2)
                (void) update_setf(g->u, name, "%.2f", limit);
        return limit;
}

static double guess_limit(Guess *g, Output output, double of_nominal) {
        double limit = read_limit(g, output);

        if (!isnan(limit) || !(g->nominal > 0))
                return limit;

        limit = of_nominal * g->nominal;
        if (!update_get(g->u, output_names[output]))
                guess_publish(g, output, 2, limit);
        if (g->voltage > MULTIPLIED_MAX * g->nominal) {
                complain(g, COMPLAINT_MISFIT,
                        "battery.voltage times battery.packs and battery.voltage.nominal do not fit "
                        "together: no charge is worked out. override.battery.voltage.nominal= has to be "
                        "that of the whole battery.");
                g->voltage = NAN;
        }
        return limit;
}

static void guess_limits(Guess *g) {
        g->low = guess_limit(g, OUTPUT_LOW, LOW_OF_NOMINAL);
        g->high = guess_limit(g, OUTPUT_HIGH, HIGH_OF_NOMINAL);
        if (!g->has_charge && (g->low <= 0 || g->high <= g->low))
                complain(g, COMPLAINT_LIMITS,
                        "battery.voltage.low has to be more than 0 and less than battery.voltage.high: no "
                        "charge is worked out. override.battery.voltage.low= and .high= say better.");
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

/* In a test, which may be in progress on mains, it bears the load as well. */
static bool is_drawn_from(const Update *u) {
        static const char *const tokens[] = { "OB", "DISCHRG", "CAL", "TEST" };

        for (size_t i = 0; i < ELEMENTSOF(tokens); i++)
                if (update_has_status(u, tokens[i]))
                        return true;
        return false;
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

        /* A status that does not tell where the power comes from, counts as nothing. */
        if (is_drawn_from(g->u))
                m->estimate_sec -= m->effective_load * passed;
        else if (update_has_status(g->u, "OL"))
                m->estimate_sec += nominal_sec * passed / g->settings->charge_time_sec;
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

/* What the administrator gave, and nothing comes of it. */
static void guess_explain(Guess *g) {
        bool meant = g->settings->has_points || g->settings->one_pack ||
                guess_is_configured(g, "battery.voltage.low") ||
                guess_is_configured(g, "battery.voltage.high") || guess_is_configured(g, "battery.packs");

        if (g->has_charge || !meant)
                return;
        if (!(g->nominal > 0) && (isnan(g->low) || isnan(g->high)) && !(g->shown & 1U << OUTPUT_CHARGE))
                complain(g, COMPLAINT_NOTHING,
                        "No charge is worked out, as the voltages of the battery are not known: "
                        "default.battery.voltage.nominal= says what they are, or "
                        "default.battery.voltage.low= and .high= together.");
        else if (g->settings->has_points && !g->has_runtime && isnan(guess_number(g, "ups.load")))
                complain(g, COMPLAINT_LOAD,
                        "runtimecal gives no battery.runtime, as the device does not say ups.load. "
                        "default.ups.load= says what to assume.");
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

        guess_voltage(&g);
        guess_limits(&g);
        if (settings->has_points)
                guess_by_runtime(&g, now_usec);
        else if (!g.has_charge) {
                charge = charge_by_voltage(&g);
                if (!isnan(charge))
                        guess_publish(&g, OUTPUT_CHARGE, 0, 100 * charge);
        }

        guess_explain(&g);
        guess_finish(&g);
        return g.why;
}
