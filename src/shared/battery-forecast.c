/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "battery-learn.h"

/* What is not known of the battery (its capacity as the logarithm of seconds at full load, the exponent of
 * the load, what the unit takes for itself) is a grid of possibilities. Each gets a weight: how well it goes
 * with what was seen. The forecast is what they say together. */

#define CAPACITY_STEP 0.03
#define CAPACITY_STEPS_MAX 400U
/* How far beyond what was seen the capacity is looked for, as logarithms. */
#define CAPACITY_MARGIN 0.9
#define CAPACITY_MARGIN_ABOVE 2.2

/* Standard deviations, of logarithms. */
#define SAME_AGAIN 0.08    /* from one discharge to the next */
#define YEAR 0.15          /* by age, per year */
#define LOAD_UNKNOWN 0.35
#define MODEL 0.05         /* what the model leaves out */

#define SEC_PER_YEAR (365.25 * 86400)

/* Time in which an empty battery is full again. */
static const double recharge_sec[] = { 5 * 3600.0, 14 * 3600.0 };

/* The runtime may be wrong by that many deviations, with these weights. */
static const struct {
        double deviations, weight;
} scatter[] = { { -1.7, 0.11 }, { -0.8, 0.24 }, { 0, 0.3 }, { 0.8, 0.24 }, { 1.7, 0.11 } };

static const struct {
        double percent, weight;
} own_loads[] = { { 2, 0.25 }, { 6, 0.35 }, { 12, 0.25 }, { 20, 0.15 } };

#define EXPONENT_FIRST 0.95
#define EXPONENT_STEP 0.1
#define N_EXPONENTS 7U
#define EXPONENT_USUAL 1.17
#define EXPONENT_DEVIATION 0.12

/* Weights of runtimes, by their logarithm. */
#define BIN 0.02
#define N_BINS 800U
typedef struct Histogram {
        double bins[N_BINS], sum; /* the first one: up to a second */
} Histogram;

static void histogram_add(Histogram *h, double seconds, double weight) {
        double at = seconds > 1 ? 1 + log(seconds) / BIN : 0;

        h->bins[(unsigned) MIN(at, N_BINS - 1.0)] += weight;
        h->sum += weight;
}

static double histogram_quantile(const Histogram *h, double part) {
        double sum = 0;

        for (unsigned i = 0; i < N_BINS; i++) {
                sum += h->bins[i];
                if (sum >= part * h->sum)
                        return i == 0 ? 0 : exp((i - 0.5) * BIN);
        }
        return 0;
}

/* One possibility but for the capacity, and what was seen in its terms. */
typedef struct Case {
        const BatteryLearn *l;
        double exponent, own, weight;
        double work[BATTERY_DISCHARGES_MAX], deviation[BATTERY_DISCHARGES_MAX]; /* logarithms */
        double deepest, deepest_deviation; /* capacity by the voltage of what ended early; NaN: none */
        double now_work;                   /* since the battery was full; 0: nothing */
        double now, now_deviation;         /* capacity by the voltage of now; NaN: not known */
        double spread;                     /* what is uncertain of the next discharge */
} Case;

static double log_below(double deviations) {
        return log(0.5 * erfc(-deviations / M_SQRT2) + 1e-12);
}

static double square(double x) {
        return x * x;
}

/* The logarithm of the weight of a capacity. */
static double case_weigh(const Case *c, double capacity) {
        const BatteryLearn *l = c->l;
        double sum = c->weight;

        for (unsigned i = 0; i < l->n_discharges; i++) {
                double off = (capacity - c->work[i]) / c->deviation[i];

                sum += l->discharges[i].to_low ? -square(off) / 2 : log_below(off);
        }
        if (!isnan(c->deepest))
                sum -= square((capacity - c->deepest) / c->deepest_deviation) / 2;
        if (c->now_work > 0)
                sum += log_below((capacity - log(c->now_work)) / SAME_AGAIN);
        if (!isnan(c->now))
                sum -= square((capacity - c->now) / c->now_deviation) / 2;
        return sum;
}

/* Which part of the battery was drawn when a discharge to the end had the voltage and load of now; NaN: it
 * had not. */
static double part_by_voltage(const BatteryLearn *l, const BatteryDischarge *d) {
        double whole = battery_discharge_work(d, BATTERY_USUAL_EXPONENT, BATTERY_USUAL_OWN);

        for (unsigned i = 1; i < d->n_samples; i++) {
                double above = d->samples[i - 1].voltage, below = d->samples[i].voltage, at;

                if (above < l->voltage || below > l->voltage || above <= below)
                        continue;
                if (fabs(d->samples[i].load_percent - l->load_percent) > 10)
                        return NAN;
                at = (above - l->voltage) / (above - below);
                return (d->samples[i - 1].work + at * (d->samples[i].work - d->samples[i - 1].work)) / whole;
        }
        return NAN;
}

static void case_look_at_voltage(Case *c) {
        const BatteryLearn *l = c->l;
        double part = NAN;

        c->now = NAN;
        if (!l->on_battery || !l->counts || isnan(l->begin_voltage) || isnan(l->load_percent))
                return;
        for (unsigned i = l->n_discharges; i-- > 0 && isnan(part);)
                if (l->discharges[i].to_low)
                        part = part_by_voltage(l, l->discharges + i);
        if (isnan(part) || part < 0.1)
                return;

        c->now = log(c->now_work / MIN(part, 1.0));
        c->now_deviation = hypot(0.2, 0.12 / part);
}

/* A discharge that ended early says that there was more, and its voltage how much, more or less: the deepest
 * one does. Their errors have the same cause, so that several say no more than one. */
static void case_look_at_depth(Case *c) {
        const BatteryLearn *l = c->l;
        double depth = 0.15;

        c->deepest = NAN;
        for (unsigned i = 0; i < l->n_discharges; i++) {
                const BatteryDischarge *d = l->discharges + i;

                if (d->to_low || !(d->depth > depth))
                        continue;
                depth = d->depth;
                c->deepest = c->work[i] - log(depth);
                c->deepest_deviation = hypot(c->deviation[i], 0.25 + 0.1 / depth);
        }
}

static void case_look(Case *c) {
        const BatteryLearn *l = c->l;
        int64_t last = 0;

        for (unsigned i = 0; i < l->n_discharges; i++)
                last = MAX(last, l->discharges[i].ended_sec);
        for (unsigned i = 0; i < l->n_discharges; i++) {
                const BatteryDischarge *d = l->discharges + i;

                c->work[i] = log(battery_discharge_work(d, c->exponent, c->own));
                c->deviation[i] = hypot(SAME_AGAIN, YEAR * (double) (last - d->ended_sec) / SEC_PER_YEAR);
                if (!d->load_known)
                        c->deviation[i] = hypot(c->deviation[i], LOAD_UNKNOWN);
        }
        /* A clock that was set is no reason to be surer. */
        c->spread = hypot(hypot(SAME_AGAIN, MODEL),
                        YEAR * fabs((double) (l->read_sec - last)) / SEC_PER_YEAR);
        if (isnan(l->load_percent))
                c->spread = hypot(c->spread, LOAD_UNKNOWN);
        c->now_work = l->on_battery ? battery_discharge_work(&l->current, c->exponent, c->own) : 0;
        case_look_at_voltage(c);
        case_look_at_depth(c);
}

/* What all possibilities say. */
typedef struct Sum {
        Histogram left, whole; /* runtimes of what is left, and of a full battery */
        double charge;         /* times weight */
} Sum;

static void case_sum(const Case *c, double capacity, double weight, Sum *s) {
        const BatteryLearn *l = c->l;
        double load = isnan(l->load_percent) ? 50 : CLAMP(l->load_percent, 0.0, 200.0);
        double rate = battery_load_rate(load, c->exponent, c->own);

        for (unsigned i = 0; i < ELEMENTSOF(scatter); i++) {
                double whole = exp(capacity + scatter[i].deviations * c->spread);
                double w = weight * scatter[i].weight;

                histogram_add(&s->whole, whole / rate, w);
                for (unsigned k = 0; k < ELEMENTSOF(recharge_sec); k++) {
                        double missing = MAX(0.0, l->missing - whole * l->rest_sec / recharge_sec[k]);
                        double left = MAX(0.0, whole - missing - c->now_work);

                        histogram_add(&s->left, left / rate, w / ELEMENTSOF(recharge_sec));
                        s->charge += left / whole * w / ELEMENTSOF(recharge_sec);
                }
        }
}

/* Where capacities are looked for. */
static double case_first(const Case *c, unsigned *ret_n) {
        double low = INFINITY, high = -INFINITY;

        for (unsigned i = 0; i < c->l->n_discharges; i++) {
                bool to_low = c->l->discharges[i].to_low;

                low = MIN(low, c->work[i] - (to_low ? CAPACITY_MARGIN : 0));
                high = MAX(high, c->work[i] + (to_low ? CAPACITY_MARGIN : CAPACITY_MARGIN_ABOVE));
        }
        *ret_n = (unsigned) MIN((high - low) / CAPACITY_STEP, (double) CAPACITY_STEPS_MAX);
        return low;
}

static double for_each_case(const BatteryLearn *l, double highest, Sum *s) {
        double best = -INFINITY;

        for (unsigned i = 0; i < N_EXPONENTS * ELEMENTSOF(own_loads); i++) {
                Case c = {
                        .l = l,
                        .exponent = EXPONENT_FIRST + EXPONENT_STEP * (i % N_EXPONENTS),
                        .own = own_loads[i / N_EXPONENTS].percent,
                };
                double first;
                unsigned n;

                c.weight = log(own_loads[i / N_EXPONENTS].weight) -
                        square((c.exponent - EXPONENT_USUAL) / EXPONENT_DEVIATION) / 2;
                case_look(&c);
                first = case_first(&c, &n);
                for (unsigned k = 0; k < n; k++) {
                        double weight = case_weigh(&c, first + k * CAPACITY_STEP);

                        best = MAX(best, weight);
                        if (s && weight > highest - 12)
                                case_sum(&c, first + k * CAPACITY_STEP, exp(weight - highest), s);
                }
        }
        return best;
}

/* What may be so many times as much is not known. */
#define TOO_WIDE 5

static bool forecast_by_all(const BatteryLearn *l, BatteryForecast *ret) {
        Sum s = {};

        if (l->n_discharges == 0)
                return false;

        (void) for_each_case(l, for_each_case(l, 0, NULL), &s);
        if (!(s.left.sum > 0) || !isfinite(s.left.sum))
                return false;

        if (histogram_quantile(&s.whole, 0.95) > TOO_WIDE * histogram_quantile(&s.whole, 0.05))
                return false;

        *ret = (BatteryForecast) {
                .charge_percent = 100 * s.charge / s.left.sum,
                .runtime_sec = histogram_quantile(&s.left, 0.5),
                .runtime_low_sec = histogram_quantile(&s.left, 0.05),
                .runtime_high_sec = histogram_quantile(&s.left, 0.95),
        };
        return true;
}

/* While it is not decided which battery it is, it may be either; the worse one is to be reckoned with. */
static bool forecast_by_either(const BatteryLearn *l, unsigned suspect, BatteryForecast *ret) {
        BatteryLearn old = *l, new = *l;
        BatteryForecast a, b;

        old.n_discharges--;
        memmove(old.discharges + suspect, old.discharges + suspect + 1,
                        (old.n_discharges - suspect) * sizeof(*old.discharges));
        new.n_discharges = 1;
        new.discharges[0] = l->discharges[suspect];
        if (!forecast_by_all(&old, &a) || !forecast_by_all(&new, &b))
                return false;

        *ret = a.runtime_sec < b.runtime_sec ? a : b;
        ret->runtime_low_sec = MIN(a.runtime_low_sec, b.runtime_low_sec);
        ret->runtime_high_sec = MAX(a.runtime_high_sec, b.runtime_high_sec);
        return ret->runtime_high_sec <= TOO_WIDE * ret->runtime_low_sec;
}

bool battery_learn_forecast(const BatteryLearn *l, BatteryForecast *ret) {
        unsigned suspect = battery_learn_suspect(l);

        if (!l->known || (l->on_battery && l->n_low > 0))
                return false;
        return suspect > 0 ? forecast_by_either(l, suspect, ret) : forecast_by_all(l, ret);
}
