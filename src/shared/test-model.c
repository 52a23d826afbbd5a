/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model.h"

#include <math.h>

#include "test-util.h"

/* Applies u, frees it, and returns the change. */
static Change *apply(Model *m, Update *u) {
        Change *c = NULL;

        ASSERT_OK(model_apply(m, u, &c));
        update_free(u);
        return c;
}

static void assert_strv(char *const *l, const char *expected) {
        _cleanup_free_ char *joined = strv_join(l, " ");

        ASSERT_STREQ(joined, expected);
}

static void test_names(void) {
        char longest[VARIABLE_NAME_MAX + 2] = {};

        memset(longest, 'x', VARIABLE_NAME_MAX + 1);
        ASSERT_FALSE(variable_name_is_valid(longest));
        longest[VARIABLE_NAME_MAX] = '\0';
        ASSERT_TRUE(variable_name_is_valid(longest));
        ASSERT_TRUE(variable_name_is_valid("input.L1-N.voltage"));
        ASSERT_FALSE(variable_name_is_valid(""));
        ASSERT_FALSE(variable_name_is_valid("a b"));
        ASSERT_FALSE(variable_name_is_valid("a\"b"));
        ASSERT_FALSE(variable_name_is_valid("a\nb"));
        ASSERT_FALSE(variable_name_is_valid("b\xc3\xa4"));
}

static void test_diff(void) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(change_freep) Change *c = NULL;
        Update *u = update_new();

        update_set(u, "ups.load", "10");
        update_set(u, "battery.charge", "100");
        update_set(u, "Ambient.temperature", "20.5");
        update_freshness(u, FRESHNESS_FRESH);
        c = apply(m, u);
        assert_strv(c->changed, "Ambient.temperature battery.charge ups.load");
        ASSERT_TRUE(c->freshness);
        ASSERT_EQ(model_revision(m), 1);
        ASSERT_EQ(model_n_variables(m), 3);
        ASSERT_STREQ(model_variable(m, 0)->name, "Ambient.temperature");
        ASSERT_STREQ(model_get(m, "AMBIENT.TEMPERATURE"), "20.5");
        ASSERT_TRUE(model_get_number(m, "ambient.temperature") == 20.5);
        ASSERT_TRUE(isnan(model_get_number(m, "no.such")));

        /* The same again is no change; the first spelling stays. */
        c = change_free(c);
        u = update_new();
        update_set(u, "UPS.LOAD", "10");
        c = apply(m, u);
        ASSERT_TRUE(change_is_empty(c));
        ASSERT_EQ(model_revision(m), 1);
        ASSERT_STREQ(model_find(m, "ups.load")->name, "ups.load");

        c = change_free(c);
        u = update_new();
        update_set(u, "ups.load", "11");
        update_unset(u, "battery.charge");
        update_unset(u, "no.such");
        c = apply(m, u);
        assert_strv(c->changed, "ups.load");
        assert_strv(c->removed, "battery.charge");
        ASSERT_EQ(model_revision(m), 2);
}

static void test_describe(void) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(change_freep) Change *c = NULL;

        for (int i = 0; i < 2; i++) {
                Update *u = update_new();

                update_set(u, "ups.delay.start", "20");
                update_describe(u, "ups.delay.start", VARIABLE_WRITABLE, 0);
                update_range(u, "ups.delay.start", 0, 100);
                update_range(u, "ups.delay.start", 200, 300);
                update_describe(u, "never.set", VARIABLE_WRITABLE, 0);
                change_free(c);
                c = apply(m, u);
                assert_strv(c->described, i == 0 ? "ups.delay.start" : "");
        }

        const Variable *v = model_find(m, "ups.delay.start");
        ASSERT_EQ(v->n_ranges, 2);
        ASSERT_EQ(variable_check_value(v, "100"), VALUE_OK);
        ASSERT_EQ(variable_check_value(v, "150"), VALUE_INVALID);
        ASSERT_EQ(variable_check_value(v, "265abc"), VALUE_INVALID);
        ASSERT_TRUE(model_find(m, "never.set") == NULL);
}

static void test_check_value(void) {
        char *enums[] = { (char *) "on", (char *) "off", NULL };
        const Variable read_only = { .flags = VARIABLE_STRING, .length_max = 5 };
        const Variable text = { .flags = VARIABLE_WRITABLE | VARIABLE_STRING, .length_max = 5 };
        const Variable no_length = { .flags = VARIABLE_WRITABLE | VARIABLE_STRING };
        const Variable number = { .flags = VARIABLE_WRITABLE };
        const Variable choice = { .flags = VARIABLE_WRITABLE, .enums = enums };
        const struct {
                const Variable *variable;
                const char *value;
                ValueVerdict verdict;
        } cases[] = {
                { &read_only, "x", VALUE_READ_ONLY },  { &text, "12345", VALUE_OK },
                { &text, "123456", VALUE_TOO_LONG },   { &text, "", VALUE_OK },
                { &no_length, "", VALUE_NOT_SETTABLE }, { &number, "-1.5", VALUE_OK },
                { &number, "notanumber", VALUE_INVALID }, { &number, "", VALUE_INVALID },
                { &choice, "off", VALUE_OK },          { &choice, "OFF", VALUE_INVALID },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                ASSERT_EQ(variable_check_value(cases[i].variable, cases[i].value), cases[i].verdict);
}

static void test_status(void) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(change_freep) Change *c = NULL;
        Update *u = update_new();

        ASSERT_TRUE(model_get(m, "ups.status") == NULL);
        update_set(u, "ups.status", "OB  DISCHRG OB");
        c = apply(m, u);
        ASSERT_TRUE(c->status);
        ASSERT_STREQ(model_get(m, "ups.status"), "OB DISCHRG");
        ASSERT_TRUE(model_has_status(m, "OB"));
        ASSERT_FALSE(model_has_status(m, "ob"));
        ASSERT_TRUE(model_on_battery_since_usec(m) > 0);

        /* Alarms lead the status while they last, and go with the last of them. */
        u = update_new();
        update_alarm(u, "Replace battery!");
        update_alarm(u, "Fan failure!");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "ups.status"), "ALARM OB DISCHRG");
        ASSERT_STREQ(model_get(m, "ups.alarm"), "Replace battery! Fan failure!");
        u = update_new();
        update_alarm(u, "");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "ups.status"), "OB DISCHRG");
        ASSERT_TRUE(model_get(m, "ups.alarm") == NULL);

        /* A device's own ALARM stays where the device has it. */
        u = update_new();
        update_status(u, "OL ALARM");
        update_alarm(u, "x");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "ups.status"), "OL ALARM");
        ASSERT_EQ(model_on_battery_since_usec(m), 0);

        u = update_new();
        update_set(u, "ups.status", "");
        update_alarm(u, "");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "ups.status"), "");
}

static void test_fixed(void) {
        _cleanup_(model_freep) Model *m = model_new();
        Update *u = update_new();

        ASSERT_OK(model_set_default(m, "battery.charge.low", "20"));
        ASSERT_OK(model_set_default(m, "ups.mfr", "Nobody"));
        ASSERT_OK(model_set_override(m, "battery.voltage", "12"));
        ASSERT_ERROR(model_set_override(m, "", "12"), EINVAL);

        update_set(u, "ups.mfr", "APC");
        update_set(u, "battery.voltage", "11");
        update_describe(u, "battery.voltage", VARIABLE_WRITABLE, 0);
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "battery.charge.low"), "20");
        ASSERT_STREQ(model_get(m, "ups.mfr"), "APC");
        ASSERT_STREQ(model_get(m, "battery.voltage"), "12");
        ASSERT_EQ(model_find(m, "battery.voltage")->flags, VARIABLE_IMMUTABLE);

        u = update_new();
        update_unset(u, "ups.mfr");
        update_unset(u, "battery.voltage");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "ups.mfr"), "Nobody");
        ASSERT_STREQ(model_get(m, "battery.voltage"), "12");
}

static void test_ignore_lb(void) {
        static const struct {
                const char *charge, *runtime, *status, *expected;
        } cases[] = {
                { "50", "1000", "OB LB", "OB" },       { "19", "1000", "OB", "OB LB" },
                { "50", "100", "OL", "OL LB" },        { "20", "120", "OB LB", "OB" },
                { NULL, NULL, "OB LB", "OB" },         { "junk", "junk", "OB LB", "OB" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(model_freep) Model *m = model_new();
                Update *u = update_new();

                model_set_ignore_lb(m, true);
                ASSERT_OK(model_set_override(m, "battery.charge.low", "20"));
                ASSERT_OK(model_set_default(m, "battery.runtime.low", "120"));
                if (cases[i].charge)
                        update_set(u, "battery.charge", cases[i].charge);
                if (cases[i].runtime)
                        update_set(u, "battery.runtime", cases[i].runtime);
                update_status(u, cases[i].status);
                change_free(apply(m, u));
                ASSERT_STREQ(model_get(m, "ups.status"), cases[i].expected);
        }
}

static void test_replace(void) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_(change_freep) Change *c = NULL;
        Update *u = update_new();

        update_set(u, "driver.name", "dummy-ups");
        update_set(u, "ups.load", "1");
        update_set(u, "ups.model", "x");
        update_describe(u, "ups.load", VARIABLE_WRITABLE, 0);
        update_status(u, "OL");
        update_describe(u, "ups.status", VARIABLE_WRITABLE | VARIABLE_STRING, 32);
        update_command(u, "load.off");
        update_command(u, "beeper.mute");
        update_command(u, "Load.Off");
        change_free(apply(m, u));
        assert_strv(model_commands(m), "beeper.mute load.off");
        ASSERT_STREQ(model_find_command(m, "LOAD.OFF"), "load.off");

        u = update_new();
        update_replace(u, "driver.");
        update_set(u, "ups.load", "1");
        update_set(u, "ups.status", "OL");
        update_command(u, "load.off");
        c = apply(m, u);
        assert_strv(c->removed, "ups.model");
        ASSERT_TRUE(c->changed == NULL);
        ASSERT_TRUE(c->described == NULL);
        ASSERT_TRUE(c->commands);
        ASSERT_EQ(model_find(m, "ups.load")->flags, VARIABLE_WRITABLE);
        ASSERT_EQ(model_find(m, "ups.status")->length_max, 32);
        assert_strv(model_commands(m), "load.off");

        u = update_new();
        update_replace(u, NULL);
        update_alarm(u, "x");
        change_free(apply(m, u));
        ASSERT_EQ(model_n_variables(m), 2);
        ASSERT_STREQ(model_get(m, "ups.status"), "ALARM");

        u = update_new();
        update_replace(u, NULL);
        change_free(apply(m, u));
        ASSERT_EQ(model_n_variables(m), 0);
        ASSERT_EQ(strv_length(model_status(m)), 0);
}

static void test_failure_is_atomic(void) {
        _cleanup_(model_freep) Model *m = model_new();
        Update *u = update_new();

        update_set(u, "ups.load", "1");
        ASSERT_ERROR(update_set(u, "bad name", "1"), EINVAL);
        update_set(u, "ups.model", "x");
        ASSERT_ERROR(update_error(u), EINVAL);
        ASSERT_ERROR(model_apply(m, u, NULL), EINVAL);
        ASSERT_EQ(model_n_variables(m), 0);
        update_free(u);
}

static void test_sanitize(void) {
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_free_ char *huge = malloc(VARIABLE_VALUE_MAX * 2 + 1);
        Update *u = update_new();

        memset(huge, 'a', VARIABLE_VALUE_MAX * 2);
        huge[VARIABLE_VALUE_MAX * 2] = '\0';
        update_set(u, "a", "20 \xc2\xb0""C\n\"#\\");
        update_set(u, "b", huge);
        update_set(u, "c", "\xff\x01\x80");
        change_free(apply(m, u));
        ASSERT_STREQ(model_get(m, "a"), "20 ?C?\"#\\");
        ASSERT_EQ(strlen(model_get(m, "b")), VARIABLE_VALUE_MAX);
        ASSERT_STREQ(model_get(m, "c"), "???");
}

static void test_freshness_names(void) {
        for (Freshness f = 0; f < _FRESHNESS_MAX; f++)
                ASSERT_EQ(freshness_from_string(freshness_to_string(f)), f);
        ASSERT_EQ(freshness_from_string("ripe"), _FRESHNESS_INVALID);
}

int main(void) {
        test_names();
        test_diff();
        test_describe();
        test_check_value();
        test_status();
        test_fixed();
        test_ignore_lb();
        test_replace();
        test_failure_is_atomic();
        test_sanitize();
        test_freshness_names();
        return 0;
}
