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
        for (size_t i = 0; words && words[i]; i += 2) {
                for (char *plus = words[i + 1]; (plus = strchr(plus, '+')) != NULL;)
                        *plus = ' ';
                ASSERT_OK(update_set(u, words[i], words[i + 1]));
        }
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
        { "battery.voltage 1.95 battery.voltage.nominal 24.0 ups.status OL", "override.battery.packs 12",
                "battery.charge 50 battery.voltage 23.40 experimental.battery.packs -", true },
        /* What the device says of its packs is how many there are in parallel. */
        { "battery.voltage 21.0 battery.packs 2 battery.voltage.low 20.0 battery.voltage.high 27.6 "
          "ups.status OB", "", "battery.charge 13 battery.voltage 21.0" },
        { "battery.voltage 21.0 battery.packs 2 battery.voltage.low 20.0 battery.voltage.high 27.6 "
          "ups.status OB", "", "battery.charge 13 battery.voltage 21.0", true },
        { "battery.voltage 23.4 battery.packs 3 battery.voltage.nominal 24.0 ups.status OB", "",
                "battery.charge 50" },
        /* The limits of a device are those of what its voltage is of. */
        { "battery.voltage 26.40 battery.voltage.low 20.0 battery.voltage.high 27.6 ups.status OL",
                "override.battery.packs 2", "battery.charge 84 battery.voltage 52.80 "
                "battery.voltage.low 40.00 battery.voltage.high 55.20", true },
        { "battery.voltage 26.40 battery.voltage.low 20.0 battery.voltage.high 27.6 ups.status OL",
                "override.battery.packs 2", "battery.charge 84 battery.voltage 26.40 "
                "battery.voltage.low 20.0 battery.voltage.high 27.6" },
        { "battery.voltage 13.5 battery.voltage.nominal 24 battery.voltage.low 20 battery.voltage.high 28 "
          "ups.status OL", "override.battery.packs 2",
                "battery.charge 88 battery.voltage 27.00 battery.voltage.low 20", true },
        { "battery.voltage 238 battery.voltage.nominal 240 battery.voltage.low 21 ups.status OL", "",
                "battery.charge 58 battery.voltage.low 21 battery.voltage.high 260.00" },
        { "battery.voltage 26.4 ups.status OL battery.voltage.low 20.0 battery.voltage.high 27.6",
                "override.battery.voltage.high 26", "battery.charge 100" },
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
        /* Only the limit that is missing comes from the nominal voltage. */
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 ups.status OL",
                "default.battery.voltage.high 27", "battery.charge 42 battery.voltage.low 20.80 "
                "battery.voltage.high - experimental.battery.guessed voltage.low+charge" },
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 ups.status OL",
                "override.battery.voltage.low 21.9", "battery.charge 37 battery.voltage.low - "
                "battery.voltage.high 26.00 experimental.battery.guessed voltage.high+charge" },
        { "battery.voltage 23.4 battery.voltage.nominal 24.0 battery.voltage.low 22.0 ups.status OL", "",
                "battery.charge 35 battery.voltage.low 22.0 "
                "experimental.battery.guessed voltage.high+charge" },
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
        /* What may be a part, or a battery at its end, or a wrong nominal voltage, is nothing. */
        { "battery.voltage 13.0 battery.voltage.nominal 24.0 ups.status OB+LB", "",
                "battery.charge - experimental.battery.packs -" },
        { "battery.voltage 13.0 battery.voltage.nominal 24.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 27.0 battery.voltage.nominal 12.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 9.0 battery.voltage.nominal 24.0 ups.status OL", "", "battery.charge -" },
        { "battery.voltage 13.0 battery.voltage.nominal 24.0 ups.status OL", "override.battery.packs 2",
                "battery.charge 100" },
        { "battery.voltage 13.0 battery.voltage.nominal 12.0 ups.status OL", "override.battery.packs 2",
                "battery.charge -" },
        { "battery.voltage 13.0 battery.voltage.nominal 24.0 ups.status OB", "",
                "battery.charge - battery.voltage -", true },
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
                { 30100, "battery.voltage 27 ups.load 50 ups.status OFF",
                        "battery.charge 50 battery.runtime 360" },
                { 30110, "battery.voltage 27 ups.load 50 ups.status OL+CAL",
                        "battery.charge 49 battery.runtime 350" },
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

/* One memory, and readings of a nominal voltage: what they are multiplied by, and the charge. */
static void assert_packs(const char *nominal, bool one_pack, const char *const (*steps)[4]) {
        const char *const fixed[] = { "default.battery.voltage.nominal", nominal, NULL };
        BatteryGuessSettings s;
        BatteryGuessMemory m;

        battery_guess_settings_init(&s);
        battery_guess_memory_init(&m);
        s.one_pack = one_pack;
        for (; (*steps)[0]; steps++) {
                _cleanup_(update_freep) Update *u = update_new();

                ASSERT_OK(update_set(u, "battery.voltage", (*steps)[0]));
                ASSERT_OK(update_set(u, "ups.status", (*steps)[1]));
                (void) battery_guess_apply(&s, &m, lookup, fixed, USEC_PER_SEC, u);
                ASSERT_STREQ(update_get(u, "experimental.battery.packs"), (*steps)[2]);
                ASSERT_STREQ(update_get(u, "battery.charge"), (*steps)[3]);
        }
}

static void test_packs(void) {
        /* Blocks of 12 V: five readings on mains. */
        static const char *const blocks[][4] = {
                { "13.6", "OB", NULL, NULL },      { "13.6", "OL", NULL, NULL },
                { "13.5", "OL", NULL, NULL },      { "13.6", "OL LB", NULL, NULL },
                { "13.6", "OL", NULL, NULL },      { "13.6", "OL", NULL, NULL },
                { "13.6", "OL CAL", NULL, NULL },  { "13.6", "OL", NULL, NULL },
                { "13.5", "OL", NULL, NULL },      { "13.6", "OL", NULL, NULL },
                { "13.6", "OL CHRG", NULL, NULL }, { "13.6", "OL", "4", "100" },
                { "11.7", "OB", "4", "50" },
                /* Near its end. On mains such a voltage is another's. */
                { "9.0", "OB LB", "4", "0" },      { "9.0", "OL", NULL, NULL },
                { NULL },
        };
        /* What fits no more is dropped at once, and there is no charge until others agree. */
        static const char *const dropped[][4] = {
                { "2.2", "OL", "24", "100" }, { "4.0", "OB", NULL, NULL }, { "13.0", "OL", NULL, NULL },
                { "13.0", "OL", NULL, NULL }, { "13.0", "OL", NULL, NULL }, { "13.0", "OL", NULL, NULL },
                { "13.0", "OL", "4", "100" }, { NULL },
        };
        /* The whole battery stays that. */
        static const char *const whole[][4] = {
                { "27", "OL", NULL, "100" }, { "27", "OL", NULL, "100" }, { "27", "OB", NULL, "100" },
                { "24", "OB", NULL, "62" },  { "22", "OB", NULL, "23" },  { "13", "OB LB", NULL, "0" },
                { "2.1", "OB LB", NULL, "0" }, { "2.1", "OL", NULL, "0" }, { "27", "OL", NULL, "100" },
                { "60", "OL", NULL, NULL }, { NULL },
        };
        /* Never by itself. */
        static const char *const half[][4] = {
                { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL },
                { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL },
                { "26", "OL", NULL, "100" }, { NULL },
        };
        static const char *const said[][4] = {
                { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL }, { "13", "OL", NULL, NULL },
                { "13", "OL", NULL, NULL }, { "13", "OL", "2", "100" }, { "11", "OB", "2", "23" }, { NULL },
        };

        assert_packs("48", false, blocks);
        assert_packs("48", false, dropped);
        assert_packs("24", false, whole);
        assert_packs("24", false, half);
        assert_packs("24", true, said);
}

/* Each mistake once, and nothing about what is right. */
static void test_complains_once(void) {
        static const struct {
                const char *given, *fixed, *expected;
                bool runtime, one_pack;
        } news[] = {
                { "battery.voltage 220", "default.battery.voltage.nominal 24", "do not fit together" },
                { "battery.voltage 13", "default.battery.voltage.nominal 24", "far from" },
                { "battery.voltage 13", "default.battery.voltage.nominal 12 override.battery.packs 2",
                        "times battery.packs" },
                { "battery.voltage 13 ups.load 5", "", "are not known", true },
                { "battery.voltage 13 ups.load 5", "", "are not known", false, true },
                { "battery.voltage 13", "", NULL },
                { "battery.voltage 13", "override.battery.voltage.low 10", "are not known" },
                { "battery.voltage 13", "override.battery.packs 2", "are not known" },
                { "battery.voltage 26", "default.battery.voltage.nominal 24", "ups.load", true },
                { "battery.voltage 26", "default.battery.voltage.nominal 24", NULL },
                { "battery.voltage 26", "default.battery.voltage.nominal 24 override.battery.packs 0",
                        "more than 0" },
                { "battery.voltage 26", "default.battery.voltage.nominal 24 default.battery.packs two",
                        "more than 0" },
                { "battery.voltage 26", "default.battery.voltage.high 20 default.battery.voltage.low 27",
                        "less than battery.voltage.high" },
                { "battery.charge 50 battery.voltage 26", "default.battery.packs 1", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(news); i++) {
                _cleanup_strv_free_ char **fixed = NULL;
                const char *const none[] = { NULL }, *why;
                BatteryGuessSettings s;
                BatteryGuessMemory m;

                battery_guess_settings_init(&s);
                battery_guess_memory_init(&m);
                s.one_pack = news[i].one_pack;
                if (news[i].runtime)
                        ASSERT_OK(battery_runtimecal_parse("240,100,720,50", &s, &why));
                ASSERT_OK(strv_split(news[i].fixed, " ", &fixed));
                for (unsigned k = 0; k < 3; k++) {
                        _cleanup_(update_freep) Update *u = reading(news[i].given);

                        ASSERT_OK(update_set(u, "ups.status", "OL"));
                        why = battery_guess_apply(
                                        &s, &m, lookup, fixed ? (const void *) fixed : none, 1, u);
                        ASSERT_EQ(why != NULL, k == 0 && news[i].expected);
                        ASSERT_TRUE(!why || strstr(why, news[i].expected));
                }
        }
}

int main(void) {
        test_parse();
        test_one_reading();
        test_over_time();
        test_goes_away();
        test_packs();
        test_complains_once();
        return 0;
}
