/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "battery-guess.h"

#include "test-util.h"
#include "time-util.h"

static void test_parse(void) {
        static const struct {
                const char *runtimecal, *charge_time, *idle_load;
                int result;
        } cases[] = {
                { "240,100,720,50",         "43200", "10",    0       },
                { " 240.5, 100 ,720 , 50 ", "1",     "0.5",   0       },
                { "240,100,240,50",         NULL,    "100",   0       },
                { "240,100,720",            NULL,    NULL,    -EINVAL },
                { "240,100,720,50,30",      NULL,    NULL,    -EINVAL },
                { "",                       NULL,    NULL,    -EINVAL },
                { "a,b,c,d",                NULL,    NULL,    -EINVAL },
                { "720,50,240,100",         NULL,    NULL,    -EINVAL },
                { "240,101,720,50",         NULL,    NULL,    -EINVAL },
                { "240,50,720,50",          NULL,    NULL,    -EINVAL },
                { "240,100,720,0",          NULL,    NULL,    -EINVAL },
                { "0,100,720,50",           NULL,    NULL,    -EINVAL },
                { "nan,100,inf,50",         NULL,    NULL,    -EINVAL },
                { "240,100,720,50",         "0",     NULL,    -EINVAL },
                { "240,100,720,50",         "-5",    NULL,    -EINVAL },
                { "240,100,720,50",         "soon",  NULL,    -EINVAL },
                { "240,100,720,50",         NULL,    "0",     -EINVAL },
                { "240,100,720,50",         NULL,    "100.5", -EINVAL },
                { "240,100,720,50",         NULL,    "10%",   -EINVAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *why = NULL;
                BatteryGuessSettings s;
                int r;

                battery_guess_settings_init(&s);
                ASSERT_FALSE(s.has_points);
                r = battery_runtimecal_parse(cases[i].runtimecal, &s, &why);
                if (r >= 0)
                        r = battery_charge_time_parse(cases[i].charge_time, &s, &why);
                if (r >= 0)
                        r = battery_idle_load_parse(cases[i].idle_load, &s, &why);
                ASSERT_EQ(r, cases[i].result);
                ASSERT_EQ(r < 0, why != NULL);
        }
}

/* One reading, what the configuration says (pairs of name and value), and what comes of it. */
typedef struct Case {
        const char *given, *fixed, *expected;
        bool one_pack, runtime;
} Case;

static const char *lookup(const void *userdata, const char *name) {
        char *const *words = userdata;

        for (; *words; words += 2)
                if (streq(words[0], name))
                        return words[1];
        return NULL;
}

static Update *reading(const char *given) {
        _cleanup_strv_free_ char **words = NULL;
        Update *u = update_new();

        ASSERT_OK(strv_split(given, " ", &words));
        for (size_t i = 0; words && words[i]; i += 2)
                ASSERT_OK(update_set(u, words[i], words[i + 1]));
        return u;
}

static void assert_reading(const Update *u, const char *expected) {
        _cleanup_strv_free_ char **words = NULL;

        ASSERT_OK(strv_split(expected, " ", &words));
        for (size_t i = 0; words && words[i]; i += 2) {
                _cleanup_strv_free_ char **list = NULL;
                _cleanup_free_ char *joined = NULL;

                ASSERT_OK(strv_split(strempty(update_get(u, words[i])), " ", &list));
                joined = strv_join(list, "+");
                ASSERT_STREQ(streq(words[i + 1], "-") ? (joined[0] ? joined : "-") : joined, words[i + 1]);
        }
}

/* Values are those that stock nutdrv_qx 2.8.0 shows, where it shows them. */
static const Case cases[] = {
        { "battery.voltage 26.0 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 100 battery.voltage.low 20.80 battery.voltage.high 26.00 "
                "battery.voltage 26.0 battery.runtime - experimental.battery.packs - "
                "experimental.battery.guessed voltage.low+voltage.high+charge" },
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 ups.status OB", "",
                "battery.charge 50" },
        { "battery.voltage 2.17 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 100 battery.voltage 2.17 experimental.battery.packs 12" },
        { "battery.voltage 2.17 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 100 battery.voltage 26.04", true },
        { "battery.voltage 1.95 battery.packs 12 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 50 battery.voltage 23.40 experimental.battery.packs -", true },
        { "battery.voltage 13.0 ups.status OL",
                "default.battery.voltage.high 13.5 default.battery.voltage.low 10.5",
                "battery.charge 83 battery.voltage.low - experimental.battery.guessed charge" },
        /* The device knows better than default., and override. knows better than the device. */
        { "battery.voltage 13.0 battery.voltage.low 10.0 battery.voltage.high 14.0 ups.status OL",
                "default.battery.voltage.high 13.5 default.battery.voltage.low 10.5",
                "battery.charge 75" },
        { "battery.voltage 13.0 battery.voltage.low 10.0 battery.voltage.high 14.0 ups.status OL",
                "override.battery.voltage.high 13.5 override.battery.voltage.low 10.5",
                "battery.charge 83" },
        { "battery.voltage 13.0 ups.status OL", "override.battery.packs 2 "
                "default.battery.voltage.high 27 default.battery.voltage.low 21", "battery.charge 83" },
        /* With one limit alone both are taken from the nominal voltage. */
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 ups.status OL",
                "default.battery.voltage.high 27", "battery.charge 50 battery.voltage.high 26.00" },
        /* The device says it itself. */
        { "battery.charge 77 battery.voltage 23.4 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 77 experimental.battery.guessed voltage.low+voltage.high" },
        { "battery.charge 77 battery.runtime 900 battery.voltage 23.4 ups.status OL", "",
                "battery.charge 77 battery.runtime 900 experimental.battery.guessed -", false, true },
        /* Nothing is known, or makes no sense. */
        { "ups.status OL", "", "battery.charge - experimental.battery.guessed -" },
        { "battery.voltage 13.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 0.00 battery.voltage.nominal 24.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 220 battery.voltage.nominal 24.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 0.00 battery.voltage.nominal 0.0 ups.status OL", "",
                "battery.charge - battery.voltage.low -" },
        { "battery.voltage ---.- battery.voltage.nominal 24.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 13.0 ups.status OL", "default.battery.voltage.high 10 "
                "default.battery.voltage.low 12", "battery.charge -" },
        /* Deeply discharged: too low for any multiplier, and so as it is. */
        { "battery.voltage 19.0 battery.voltage.nominal 24.0 ups.status OB", "",
                "battery.charge 0 experimental.battery.packs -" },
        /* Runtime at full, half and no load. */
        { "battery.voltage 26.5 battery.voltage.nominal 24.0 ups.load 100 ups.status OL", "",
                "battery.charge 100 battery.runtime 240 "
                "experimental.battery.guessed voltage.low+voltage.high+charge+runtime", false, true },
        { "battery.voltage 26.5 battery.voltage.nominal 24.0 ups.load 50 ups.status OL", "",
                "battery.runtime 720", false, true },
        { "battery.voltage 26.5 battery.voltage.nominal 24.0 ups.load 0 ups.status OL", "",
                "battery.runtime 2400", false, true },
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 ups.load 50 ups.status OB", "",
                "battery.charge 50 battery.runtime 360", false, true },
        { "battery.voltage 26.5 battery.voltage.nominal 24.0 ups.status OL", "",
                "battery.charge 100 battery.runtime -", false, true },
        { "ups.load 50 ups.status OL", "default.battery.charge 80", "battery.runtime 576", false, true },
        { "ups.load 50 ups.status OL", "", "battery.charge - battery.runtime -", false, true },
};

static void test_one_reading(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(update_freep) Update *u = reading(cases[i].given);
                _cleanup_strv_free_ char **fixed = NULL;
                const char *const none[] = { NULL };
                BatteryGuessSettings s;
                BatteryGuessMemory m;
                const char *why;

                battery_guess_settings_init(&s);
                battery_guess_memory_init(&m);
                s.one_pack = cases[i].one_pack;
                if (cases[i].runtime)
                        ASSERT_OK(battery_runtimecal_parse("240,100,720,50", &s, &why));
                ASSERT_OK(strv_split(cases[i].fixed, " ", &fixed));
                (void) battery_guess_apply(&s, &m, lookup, fixed ? (const void *) fixed : none,
                                100 * USEC_PER_SEC, u);
                ASSERT_OK(update_error(u));
                assert_reading(u, cases[i].expected);
        }
}

/* A discharge and what comes after it, in seconds since its begin. */
static void test_over_time(void) {
        static const struct {
                unsigned sec;
                const char *given, *expected;
        } steps[] = {
                { 0,     "battery.voltage 27 ups.load 50 ups.status OL",
                        "battery.charge 100 battery.runtime 720" },
                { 10,    "battery.voltage 27 ups.load 50 ups.status OB",
                        "battery.charge 99 battery.runtime 710" },
                { 370,   "battery.voltage 27 ups.load 100 ups.status OB",
                        "battery.charge 49 battery.runtime 117" },
                /* The load of the time that has passed counts. */
                { 400,   "battery.voltage 27 ups.load 50 ups.status OB",
                        "battery.charge 36 battery.runtime 260" },
                /* The voltage says that it is less. */
                { 400,   "battery.voltage 22.1 ups.load 50 ups.status OB",
                        "battery.charge 25 battery.runtime 180" },
                { 4000,  "battery.voltage 22.1 ups.load 50 ups.status OB",
                        "battery.charge 0 battery.runtime 0" },
                { 25600, "battery.voltage 27 ups.load 50 ups.status OL",
                        "battery.charge 50 battery.runtime 360" },
                /* Without a status nothing is known of the time that has passed. */
                { 30000, "battery.voltage 27 ups.load 50", "battery.charge 50 battery.runtime 360" },
                { 90000, "battery.voltage 27 ups.load 50 ups.status OL",
                        "battery.charge 100 battery.runtime 720" },
                /* A clock that goes back is no time. */
                { 80000, "battery.voltage 27 ups.load 50 ups.status OB",
                        "battery.charge 100 battery.runtime 720" },
        };
        const char *const fixed[] = { "default.battery.voltage.nominal", "24", NULL }, *why;
        BatteryGuessSettings s;
        BatteryGuessMemory m;

        battery_guess_settings_init(&s);
        battery_guess_memory_init(&m);
        ASSERT_OK(battery_runtimecal_parse("240,100,720,50", &s, &why));
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                _cleanup_(update_freep) Update *u = reading(steps[i].given);

                ASSERT_FALSE(battery_guess_apply(
                                &s, &m, lookup, fixed, (steps[i].sec + 7) * USEC_PER_SEC, u));
                assert_reading(u, steps[i].expected);
        }
}

/* In a model, which keeps what it was not told to forget. */
static void test_goes_away(void) {
        static const char *const steps[] = {
                "battery.voltage 2.17 battery.voltage.nominal 24 ups.load 50 ups.status OL",
                "battery.voltage.nominal 24 ups.load 50",
                "battery.charge 50 battery.runtime 600 ups.status OL",
        };
        static const char *const expected[][3] = {
                { "100", "720", "12" }, { "100", "720", NULL }, { "50", "600", NULL },
        };
        _cleanup_(model_freep) Model *model = model_new();
        const char *const fixed[] = { NULL }, *why;
        BatteryGuessSettings s;
        BatteryGuessMemory m;

        battery_guess_settings_init(&s);
        battery_guess_memory_init(&m);
        ASSERT_OK(battery_runtimecal_parse("240,100,720,50", &s, &why));
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                _cleanup_(update_freep) Update *u = reading(steps[i]);

                (void) battery_guess_apply(&s, &m, lookup, fixed, USEC_PER_SEC, u);
                ASSERT_OK(model_apply(model, u, NULL));
                ASSERT_STREQ(model_get(model, "battery.charge"), expected[i][0]);
                ASSERT_STREQ(model_get(model, "battery.runtime"), expected[i][1]);
                ASSERT_STREQ(model_get(model, "experimental.battery.packs"), expected[i][2]);
        }
        ASSERT_FALSE(model_find(model, "battery.voltage.low"));
        ASSERT_FALSE(model_find(model, "experimental.battery.guessed"));
}

static void test_complains_once(void) {
        const char *const fixed[] = { "default.battery.voltage.nominal", "24", NULL };
        BatteryGuessSettings s;
        BatteryGuessMemory m;

        battery_guess_settings_init(&s);
        battery_guess_memory_init(&m);
        for (unsigned i = 0; i < 3; i++) {
                _cleanup_(update_freep) Update *u = reading("battery.voltage 220 ups.status OL");

                ASSERT_EQ(battery_guess_apply(&s, &m, lookup, fixed, 1, u) != NULL, i == 0);
        }
}

int main(void) {
        test_parse();
        test_one_reading();
        test_over_time();
        test_goes_away();
        test_complains_once();
        return 0;
}
