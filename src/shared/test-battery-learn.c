/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "battery-learn.h"

#include <math.h>

#include "test-util.h"
#include "time-util.h"

#define HOUR 3600.0
#define DAY (24 * HOUR)
#define YEAR_SEC (365 * DAY)
#define BEGIN_SEC INT64_C(1700000000)

/* A battery that is nothing like the model's idea of one, but for what all have in common. */
typedef struct Unit {
        uint64_t seed;
        double capacity, exponent, own, sag, noise, fade; /* fade: part of the capacity per year */
        double drawn;    /* work */
        double time;     /* seconds since the beginning */
        double load;
        bool on_battery;
        double low_at;   /* part that is left when it says that it is low; or 0: */
        double low_volts; /* by the voltage */
        double end_scatter, this_capacity;
        BatteryLearn learn;
} Unit;

static double draw_number(Unit *u, double min, double max) {
        u->seed = u->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return min + (max - min) * ((double) (u->seed >> 11) / (double) (UINT64_C(1) << 53));
}

/* Nearly normal. */
static double draw_normal(Unit *u) {
        double sum = 0;

        for (unsigned i = 0; i < 12; i++)
                sum += draw_number(u, -0.5, 0.5);
        return sum;
}

static void unit_init(Unit *u, uint64_t seed) {
        *u = (Unit) { .seed = seed * 7919 + 17 };
        for (unsigned i = 0; i < 5; i++)
                (void) draw_number(u, 0, 1);
        u->capacity = exp(draw_number(u, log(150), log(3000)));
        u->exponent = draw_number(u, 1.02, 1.35);
        u->own = draw_number(u, 2, 18);
        u->sag = draw_number(u, 0.3, 1.2);
        u->noise = draw_number(u, 0.01, 0.08);
        u->fade = draw_number(u, 0.02, 0.12);
        u->low_at = seed % 2 ? draw_number(u, 0.1, 0.3) : 0;
        u->low_volts = draw_number(u, 10.4, 10.8);
        u->end_scatter = 0.05;
        u->load = 30;
        battery_learn_init(&u->learn);
}

static double unit_left(const Unit *u) {
        return MAX(0.0, 1 - u->drawn / u->this_capacity);
}

/* Without noise. */
static double unit_volts(const Unit *u) {
        double left = unit_left(u);

        return 11.4 + 1.4 * left - 1.0 * exp(-left / 0.06) - (u->on_battery ? u->sag * u->load / 100 : -0.8);
}

static bool unit_is_low(const Unit *u) {
        return u->low_at > 0 ? unit_left(u) <= u->low_at : unit_volts(u) <= u->low_volts;
}

static bool unit_read(Unit *u) {
        BatteryReading r = {
                .boottime_usec = (uint64_t) ((u->time + 100) * USEC_PER_SEC),
                .realtime_sec = BEGIN_SEC + (int64_t) u->time,
                .on_battery = u->on_battery,
                .low = u->on_battery && unit_is_low(u),
                .voltage = rint((unit_volts(u) + u->noise * draw_normal(u)) * 10) / 10,
                .voltage_low = 10.4,
                .load_percent = rint(MAX(0.0, u->load + draw_number(u, -1, 1))),
        };

        return battery_learn_take(&u->learn, &r);
}

static void unit_pass(Unit *u, double seconds) {
        u->time += seconds;
        if (u->on_battery)
                u->drawn += seconds * battery_load_rate(u->load, u->exponent, u->own);
        else
                u->drawn *= exp(-seconds / (2.5 * HOUR));
}

static void unit_rest(Unit *u, double seconds) {
        u->on_battery = false;
        unit_pass(u, 2);
        (void) unit_read(u);
        for (double step = 0; step < seconds; step += 240) {
                unit_pass(u, 240);
                (void) unit_read(u);
        }
}

static void unit_fail(Unit *u) {
        u->this_capacity = u->capacity * exp(-u->fade * u->time / YEAR_SEC) *
                exp(u->end_scatter * draw_normal(u));
        u->on_battery = true;
        (void) unit_read(u);
}

/* A discharge until the battery is low, or a part of it is drawn. Half of them have a step of the load. */
static void unit_discharge(Unit *u, double part, double step) {
        double other = draw_number(u, 0, 1) < 0.5 ? draw_number(u, 15, 90) : u->load;

        unit_fail(u);
        for (unsigned i = 0; !unit_is_low(u) && unit_left(u) > 1 - part; i++) {
                unit_pass(u, step);
                (void) unit_read(u);
                if (unit_left(u) < 0.7)
                        u->load = other;
        }
        unit_pass(u, step);
        (void) unit_read(u);
        unit_pass(u, step);
        (void) unit_read(u);
}

/* How long it really lasts from here on, at this load. */
static double unit_runtime(const Unit *now) {
        Unit u = *now;

        while (!unit_is_low(&u))
                unit_pass(&u, 1);
        return u.time - now->time;
}

/* One more outage, of which the end is not learned: whether the forecasts in it were right. */
static void unit_judge(const Unit *trained, unsigned *n, unsigned *n_right, double *width) {
        Unit u = *trained;

        u.load = draw_number(&u, 15, 90);
        unit_fail(&u);
        for (double part = 0.1; part < 0.6; part += 0.2) {
                BatteryForecast f;
                double truth;

                while (unit_left(&u) > 1 - part && !unit_is_low(&u)) {
                        unit_pass(&u, 5);
                        (void) unit_read(&u);
                }
                truth = unit_runtime(&u);
                if (!battery_learn_forecast(&u.learn, &f))
                        continue;
                ASSERT_TRUE(f.runtime_low_sec <= f.runtime_sec && f.runtime_sec <= f.runtime_high_sec);
                ASSERT_TRUE(f.charge_percent >= 0 && f.charge_percent <= 100);
                *n += 1;
                *n_right += truth >= f.runtime_low_sec && truth <= f.runtime_high_sec;
                if (part < 0.2)
                        *width += (f.runtime_high_sec - f.runtime_low_sec) / MAX(truth, 1.0);
        }
}

#define N_UNITS 200U
#define N_OUTAGES 8U

static void test_coverage(void) {
        static const unsigned judged_after[] = { 1, 2, 4, 8 };
        double last_width = INFINITY;

        for (unsigned k = 0; k < ELEMENTSOF(judged_after); k++) {
                unsigned n = 0, n_right = 0;
                double width = 0;

                for (unsigned seed = 0; seed < N_UNITS; seed++) {
                        Unit u;

                        unit_init(&u, seed);
                        for (unsigned i = 0; i < judged_after[k]; i++) {
                                unit_rest(&u, 20 * DAY);
                                u.load = draw_number(&u, 15, 90);
                                unit_discharge(&u, i == 0 || draw_number(&u, 0, 1) < 0.6 ? 1 :
                                                draw_number(&u, 0.1, 0.7), 5);
                        }
                        unit_rest(&u, 20 * DAY);
                        unit_judge(&u, &n, &n_right, &width);
                }
                width /= N_UNITS;
                fprintf(stderr, "after %u: %u of %u right (%.0f %%), mean width %.2f of the runtime\n",
                                judged_after[k], n_right, n, 100.0 * n_right / n, width);
                ASSERT_TRUE(n >= 2 * N_UNITS);
                ASSERT_TRUE(n_right >= 0.8 * n);
                ASSERT_TRUE(width < last_width);
                last_width = width;
        }
}

static BatteryForecast forecast_of(const Unit *u) {
        BatteryForecast f;

        ASSERT_TRUE(battery_learn_forecast(&u->learn, &f));
        return f;
}

static double width_of(const Unit *u) {
        BatteryForecast f = forecast_of(u);

        return log(f.runtime_high_sec / f.runtime_low_sec);
}

static void assert_silent(const Unit *u) {
        BatteryForecast f;

        ASSERT_FALSE(battery_learn_forecast(&u->learn, &f));
}

/* A unit that has had so many outages, and is full. */
static void unit_trained(Unit *u, uint64_t seed, unsigned n) {
        unit_init(u, seed);
        for (unsigned i = 0; i < n; i++) {
                unit_rest(u, DAY);
                u->load = 40;
                unit_fail(u);
                while (!unit_is_low(u)) {
                        unit_pass(u, 5);
                        (void) unit_read(u);
                }
                unit_pass(u, 5);
                (void) unit_read(u);
                unit_pass(u, 5);
                (void) unit_read(u);
                assert_silent(u);
        }
        unit_rest(u, DAY);
        ASSERT_EQ(u->learn.n_total, n);
}

static void test_silence(void) {
        Unit u;

        /* Nothing was seen; the outage begins when the battery may not be full; it is a short one. */
        unit_init(&u, 1);
        assert_silent(&u);
        unit_rest(&u, 4 * HOUR);
        unit_discharge(&u, 1, 5);
        unit_rest(&u, DAY);
        ASSERT_EQ(u.learn.n_discharges, 0);
        assert_silent(&u);
        unit_fail(&u);
        for (unsigned i = 0; i < 5; i++) {
                unit_pass(&u, 5);
                (void) unit_read(&u);
        }
        unit_rest(&u, DAY);
        ASSERT_EQ(u.learn.n_discharges, 0);

        /* One that does not go deep says that there is more, not how much. */
        unit_discharge(&u, 0.12, 5);
        unit_rest(&u, DAY);
        ASSERT_EQ(u.learn.n_discharges, 1);
        ASSERT_FALSE(u.learn.discharges[0].to_low);
        assert_silent(&u);
}

static void test_widens(void) {
        Unit u, other;
        double width;

        unit_trained(&u, 2, 3);
        unit_rest(&u, DAY);
        width = width_of(&u);

        /* With the load away from what was seen, */
        other = u;
        other.load = 5;
        (void) unit_read(&other);
        ASSERT_TRUE(width_of(&other) > 1.1 * width);

        /* and with age. */
        unit_rest(&u, 2 * YEAR_SEC);
        ASSERT_TRUE(width_of(&u) > 1.3 * width);
}

static void test_low_is_no_noise(void) {
        Unit u;
        BatteryReading r;

        unit_trained(&u, 3, 1);
        unit_fail(&u);
        for (unsigned i = 0; i < 60; i++) {
                unit_pass(&u, 2);
                r = (BatteryReading) {
                        .boottime_usec = (uint64_t) ((u.time + 100) * USEC_PER_SEC), .on_battery = true,
                        .realtime_sec = BEGIN_SEC + (int64_t) u.time, .low = i % 7 == 6,
                        .voltage = 12, .voltage_low = 10.4, .load_percent = i % 5 == 0 ? NAN : 40,
                };
                (void) battery_learn_take(&u.learn, &r);
        }
        ASSERT_EQ(u.learn.n_discharges, 1);
        ASSERT_TRUE(u.learn.counts);
}

/* Text and back, as over a restart, with the clock as given. */
static void unit_restart(Unit *u, double seconds) {
        _cleanup_free_ char *text = NULL;
        BatteryLearn l;

        ASSERT_OK(battery_learn_format(&u->learn, &text));
        ASSERT_TRUE(strlen(text) <= BATTERY_LEARN_TEXT_MAX);
        ASSERT_OK(battery_learn_parse(text, &l));
        ASSERT_EQ(l.read_usec, 0);
        u->learn = l;
        unit_pass(u, seconds);
        (void) unit_read(u);
}

static void test_restarts(void) {
        Unit u;
        double before;

        unit_trained(&u, 4, 2);
        before = forecast_of(&u).runtime_sec;
        unit_restart(&u, 60);
        ASSERT_TRUE(fabs(forecast_of(&u).runtime_sec / before - 1) < 0.1);

        /* In the middle of a discharge. */
        unit_fail(&u);
        while (unit_left(&u) > 0.6) {
                unit_pass(&u, 5);
                (void) unit_read(&u);
        }
        before = forecast_of(&u).runtime_sec;
        unit_restart(&u, 5);
        ASSERT_TRUE(u.learn.counts);
        ASSERT_TRUE(fabs(forecast_of(&u).runtime_sec + 5 - before) < 0.1 * before);

        /* Away for too long: anything may have happened. */
        unit_restart(&u, 400);
        assert_silent(&u);
        unit_rest(&u, DAY);
        ASSERT_EQ(u.learn.n_discharges, 2);
        (void) forecast_of(&u);
        unit_restart(&u, -HOUR);
        assert_silent(&u);
        unit_rest(&u, DAY);
        (void) forecast_of(&u);
}

/* The clock of the wall may say what it likes while the process runs; one that slept has lost track. */
static void test_clocks(void) {
        Unit u, other;
        BatteryReading r;
        BatteryForecast f;

        unit_trained(&u, 5, 2);
        for (int64_t sec = 0; sec < 2 * BEGIN_SEC; sec += BEGIN_SEC) {
                other = u;
                r = (BatteryReading) {
                        .boottime_usec = (uint64_t) ((u.time + 105) * USEC_PER_SEC), .realtime_sec = sec,
                        .voltage = 13, .voltage_low = 10.4, .load_percent = 40,
                };
                (void) battery_learn_take(&other.learn, &r);
                if (sec > 0) {
                        ASSERT_TRUE(battery_learn_forecast(&other.learn, &f));
                        ASSERT_TRUE(fabs(f.runtime_sec / forecast_of(&u).runtime_sec - 1) < 0.1);
                } else if (battery_learn_forecast(&other.learn, &f))
                        ASSERT_TRUE(f.runtime_high_sec / f.runtime_low_sec > exp(width_of(&u)));
        }

        unit_pass(&u, HOUR);
        (void) unit_read(&u);
        assert_silent(&u);
        ASSERT_EQ(u.learn.n_discharges, 2);
}

/* A discharge to the end of another capacity, and a day after it. */
static void unit_discharge_of(Unit *u, double capacity) {
        u->capacity = capacity;
        u->drawn = 0;
        u->load = 40;
        unit_fail(u);
        while (!unit_is_low(u)) {
                unit_pass(u, 5);
                (void) unit_read(u);
        }
        unit_pass(u, 5);
        (void) unit_read(u);
        unit_rest(u, DAY);
}

static void test_one_odd_discharge(void) {
        static const double factors[] = { 4, 0.3 };
        Unit u;
        double capacity, before;

        for (size_t i = 0; i < ELEMENTSOF(factors); i++) {
                BatteryForecast f;

                unit_trained(&u, 6, 3);
                capacity = u.capacity;
                before = forecast_of(&u).runtime_sec;
                unit_discharge_of(&u, factors[i] * capacity);
                ASSERT_EQ(u.learn.n_total, 4);
                ASSERT_EQ(battery_learn_suspect(&u.learn), 3);
                if (battery_learn_forecast(&u.learn, &f))
                        ASSERT_TRUE(f.runtime_sec < 1.2 * before && f.runtime_low_sec < f.runtime_sec);
                unit_restart(&u, 5);

                /* It was a mistake. */
                unit_discharge_of(&u, capacity);
                ASSERT_EQ(battery_learn_suspect(&u.learn), 0);
                ASSERT_EQ(u.learn.n_discharges, 4);
                ASSERT_TRUE(fabs(forecast_of(&u).runtime_sec / before - 1) < 0.2);
        }
}

static void test_other_battery(void) {
        Unit u;
        BatteryReading r;
        double before, capacity;

        unit_trained(&u, 6, 3);
        before = forecast_of(&u).runtime_sec;
        capacity = 4 * u.capacity;
        unit_discharge_of(&u, capacity);
        unit_discharge_of(&u, capacity);
        ASSERT_EQ(u.learn.n_total, 2);
        ASSERT_EQ(battery_learn_suspect(&u.learn), 0);
        ASSERT_TRUE(forecast_of(&u).runtime_sec > 2.5 * before);

        /* It is said. */
        r = (BatteryReading) {
                .boottime_usec = (uint64_t) ((u.time + 105) * USEC_PER_SEC), .load_percent = 40,
                .realtime_sec = BEGIN_SEC + (int64_t) u.time + 5, .voltage = 13, .voltage_low = 10.4,
                .date = "2024/05/01",
        };
        (void) battery_learn_take(&u.learn, &r);
        ASSERT_EQ(u.learn.n_total, 2);
        r.date = "2027/05/01";
        r.boottime_usec += USEC_PER_SEC;
        (void) battery_learn_take(&u.learn, &r);
        ASSERT_EQ(u.learn.n_total, 0);
        assert_silent(&u);
}

/* The second outage soon after the first finds a battery that is not full. */
static void test_not_full(void) {
        Unit u;
        double full;

        unit_trained(&u, 7, 2);
        full = forecast_of(&u).runtime_sec;
        unit_fail(&u);
        while (unit_left(&u) > 0.5) {
                unit_pass(&u, 5);
                (void) unit_read(&u);
        }
        unit_rest(&u, HOUR);
        unit_fail(&u);
        ASSERT_TRUE(forecast_of(&u).runtime_sec < 0.85 * full);
        ASSERT_FALSE(u.learn.counts);
}

static void test_text(void) {
        _cleanup_free_ char *text = NULL, *damaged = NULL;
        static const char *const bad[] = { "", "busbar-battery 1\n", "busbar-battery 1\nend 00000000\n",
                "busbar-battery 2\nend 00000000\n", "\nend \n" };
        BatteryLearn l;
        Unit u;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_EQ(battery_learn_parse(bad[i], &l), -EBADMSG);

        unit_init(&u, 8);
        for (unsigned i = 0; i < 20; i++) {
                unit_rest(&u, DAY);
                u.load = draw_number(&u, 5, 95);
                unit_discharge(&u, i % 2 ? 1 : 0.3, 5);
        }
        ASSERT_EQ(u.learn.n_discharges, BATTERY_DISCHARGES_MAX);
        ASSERT_EQ(u.learn.n_total, 20);
        ASSERT_OK(battery_learn_format(&u.learn, &text));
        ASSERT_OK(battery_learn_parse(text, &l));
        ASSERT_EQ(l.n_total, 20);

        damaged = strdup(text);
        for (size_t i = 0; i < strlen(text); i += 7) {
                damaged[i] ^= 1;
                ASSERT_EQ(battery_learn_parse(damaged, &l), -EBADMSG);
                damaged[i] = text[i];
        }
        for (size_t n = 0; n < strlen(text); n += 13) {
                damaged[n] = '\0';
                ASSERT_EQ(battery_learn_parse(damaged, &l), -EBADMSG);
                damaged[n] = text[n];
        }
}

static void test_update(void) {
        Unit u;
        BatteryForecast f;

        unit_trained(&u, 9, 2);
        for (unsigned i = 0; i < 2; i++) {
                _cleanup_(update_freep) Update *update = update_new();

                ASSERT_OK(update_set(update, "ups.status", i == 0 ? "OL" : ""));
                ASSERT_OK(update_set(update, "battery.voltage", "2.2"));
                ASSERT_OK(update_set(update, "battery.voltage.low", "20.8"));
                ASSERT_OK(update_set(update, "experimental.battery.packs", "12"));
                ASSERT_OK(update_set(update, "ups.load", "40"));
                (void) battery_learn_apply(&u.learn, (uint64_t) ((u.time + 105 + i) * USEC_PER_SEC),
                                BEGIN_SEC + (int64_t) u.time + 5, update);
                ASSERT_TRUE(fabs(u.learn.voltage_low - 20.8 / 12) < 0.001);
                ASSERT_TRUE(battery_learn_forecast(&u.learn, &f));
                ASSERT_STREQ(update_get(update, "experimental.battery.discharges"), "2");
                ASSERT_STREQ(update_get(update, "experimental.battery.charge"), "100");
                ASSERT_EQ(atoi(update_get(update, "experimental.battery.runtime")), rint(f.runtime_sec));
                ASSERT_TRUE(update_get(update, "experimental.battery.runtime.low"));
                ASSERT_TRUE(update_get(update, "experimental.battery.runtime.high"));
        }
}

/* A test draws from the battery while the device says that it is on mains. */
static void test_calibration(void) {
        static const char *const tokens[] = { "OL CAL", "OL TEST", "OB CAL" };

        for (size_t i = 0; i < ELEMENTSOF(tokens); i++) {
                Unit u;

                unit_trained(&u, 9, 2);
                (void) forecast_of(&u);
                for (unsigned k = 1; k < 60; k++) {
                        _cleanup_(update_freep) Update *update = update_new();

                        ASSERT_OK(update_set(update, "ups.status", tokens[i]));
                        ASSERT_OK(update_set(update, "battery.voltage", "11"));
                        ASSERT_OK(update_set(update, "ups.load", "40"));
                        unit_pass(&u, 10);
                        (void) battery_learn_apply(&u.learn, (uint64_t) ((u.time + 100) * USEC_PER_SEC),
                                        BEGIN_SEC + (int64_t) u.time, update);
                        ASSERT_STREQ(update_get(update, "experimental.battery.runtime"), NULL);
                        ASSERT_STREQ(update_get(update, "experimental.battery.charge"), NULL);
                }

                /* The outage that follows finds an empty battery, and teaches nothing. */
                u.drawn = 0.9 * u.this_capacity;
                unit_rest(&u, 600);
                assert_silent(&u);
                unit_fail(&u);
                u.drawn = 0.9 * u.this_capacity;
                for (unsigned k = 0; k < 40; k++) {
                        unit_pass(&u, 5);
                        (void) unit_read(&u);
                }
                ASSERT_EQ(u.learn.n_discharges, 2);
                unit_rest(&u, DAY);
                ASSERT_EQ(u.learn.n_discharges, 2);
                (void) forecast_of(&u);
        }
}

int main(void) {
        test_silence();
        test_calibration();
        test_one_odd_discharge();
        test_widens();
        test_low_is_no_noise();
        test_restarts();
        test_clocks();
        test_other_battery();
        test_not_full();
        test_text();
        test_update();
        test_coverage();
        return 0;
}
