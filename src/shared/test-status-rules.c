/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status-rules.h"

#include <math.h>

#include "test-util.h"
#include "time-util.h"

#define BIT(c) (UINT64_C(1) << CONDITION_##c)

static const StatusRules plain = {
        .online_discharge_log_throttle_sec = -2,
        .online_discharge_log_throttle_hovercharge = 100,
};

/* Applies a set of conditions; the status as text, to be freed. */
static char *status_of(const StatusRules *rules, StatusMemory *memory, Conditions c, double charge,
                uint64_t now_usec, Model *model, StatusRemark *ret_remark) {
        _cleanup_(update_freep) Update *u = update_new();

        ASSERT_TRUE(u);
        status_rules_apply(rules, memory, &c, charge, now_usec, u, ret_remark);
        ASSERT_OK(model_apply(model, u, NULL));
        return strv_join(model_status(model), " ");
}

static void test_names(void) {
        for (Condition c = 0; c < _CONDITION_MAX; c++) {
                ASSERT_FALSE(isempty(condition_to_string(c)));
                ASSERT_EQ(condition_from_string(condition_to_string(c)), c);
        }
        ASSERT_EQ(condition_from_string("nonsense"), _CONDITION_INVALID);
        ASSERT_STREQ(condition_to_string(CONDITION_LOW_BATTERY), "low-battery");
        ASSERT_STREQ(condition_to_string(_CONDITION_MAX), "unknown");
}

static void test_put(void) {
        Conditions c = {};

        conditions_put(&c, CONDITION_ONLINE, true);
        conditions_put(&c, CONDITION_TEST, false);
        ASSERT_TRUE(c.known == (BIT(ONLINE) | BIT(TEST)));
        ASSERT_TRUE(c.set == BIT(ONLINE));
        conditions_put(&c, CONDITION_ONLINE, false);
        ASSERT_TRUE(c.set == 0);
}

static const struct {
        uint64_t set, clear;
        double charge;
        const char *status;
} cases[] = {
        { 0, 0, NAN, "" },
        { BIT(ONLINE), 0, NAN, "OL" },
        { 0, BIT(ONLINE), NAN, "OB" },
        { BIT(OFFLINE), 0, NAN, "OB" },
        { 0, BIT(OFFLINE), NAN, "OL" },
        { BIT(ONLINE) | BIT(OFFLINE), 0, NAN, "OB" },
        { BIT(DISCHARGING), 0, NAN, "OB DISCHRG" },
        { BIT(DISCHARGING), BIT(OFFLINE), NAN, "OL DISCHRG" },
        { 0, BIT(DISCHARGING), NAN, "" },
        { BIT(DISCHARGING) | BIT(DEPLETED), BIT(ONLINE), NAN, "OB" },
        { BIT(ONLINE) | BIT(DISCHARGING), 0, NAN, "OL DISCHRG" },
        { BIT(ONLINE) | BIT(CHARGING), 0, NAN, "OL CHRG" },
        { BIT(ONLINE) | BIT(CHARGING), 0, 99, "OL CHRG" },
        { BIT(ONLINE) | BIT(CHARGING), 0, 100, "OL" },
        { BIT(ONLINE) | BIT(CHARGING) | BIT(FULLY_CHARGED), 0, 50, "OL" },
        { BIT(ONLINE) | BIT(CHARGING), BIT(FULLY_CHARGED), 100, "OL CHRG" },
        { BIT(LOW_BATTERY), BIT(ONLINE), 5, "OB LB" },
        { BIT(SHUTDOWN_IMMINENT), BIT(ONLINE), 5, "ALARM OB LB" },
        { BIT(TIME_LIMIT_EXPIRED), BIT(ONLINE), 5, "OB LB" },
        { BIT(ONLINE) | BIT(REPLACE_BATTERY) | BIT(OVERLOAD), 0, 5, "ALARM OL OVER RB" },
        { BIT(ONLINE) | BIT(NO_BATTERY), 0, 5, "ALARM OL RB" },
        { BIT(ONLINE) | BIT(TRIM), BIT(BOOST), 5, "OL TRIM" },
        { BIT(ONLINE) | BIT(BOOST), 0, 5, "OL BOOST" },
        { BIT(ONLINE) | BIT(BYPASS_AUTO), 0, 5, "ALARM OL BYPASS" },
        { BIT(ONLINE) | BIT(BYPASS_MANUAL) | BIT(BYPASS_AUTO), 0, 5, "ALARM OL BYPASS" },
        { BIT(ONLINE) | BIT(BYPASS), 0, 5, "OL BYPASS" },
        { BIT(OFFLINE) | BIT(SHUTDOWN_ACTIVE), 0, 5, "ALARM OB FSD" },
        { BIT(ONLINE) | BIT(OFF), 0, 5, "OL OFF" },
        { BIT(ONLINE) | BIT(CALIBRATION) | BIT(DISCHARGING), 0, 5, "OL DISCHRG CAL" },
        { BIT(ONLINE) | BIT(TEST) | BIT(ECO_MODE), 0, 5, "OL ECO TEST" },
        { BIT(ONLINE) | BIT(FAN_FAIL), 0, 5, "ALARM OL" },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(model_freep) Model *model = model_new();
                _cleanup_free_ char *status = NULL;
                StatusMemory memory = {};

                Conditions c = { cases[i].set | cases[i].clear, cases[i].set };

                status = status_of(&plain, &memory, c, cases[i].charge, USEC_PER_SEC, model, NULL);
                ASSERT_STREQ(status, cases[i].status);
        }
}

static void test_alarms(void) {
        _cleanup_(model_freep) Model *model = model_new();
        StatusMemory memory = {};
        Conditions all = { UINT64_MAX, UINT64_MAX };
        Conditions voltage = { BIT(VOLTAGE_OUT_OF_RANGE), ~BIT(VOLTAGE_OUT_OF_RANGE) };
        Conditions frequency = { BIT(FREQUENCY_OUT_OF_RANGE), BIT(FREQUENCY_OUT_OF_RANGE) };

        free(status_of(&plain, &memory, all, 50, 1, model, NULL));
        ASSERT_STREQ(model_get(model, "ups.alarm"),
                        "Replace battery! Shutdown imminent! Fan failure! No battery installed! "
                        "Battery voltage too low! Battery voltage too high! Battery charger fail! "
                        "Temperature too high! Internal UPS fault! Awaiting power! Automatic bypass mode! "
                        "Manual bypass mode! Emergency stop!");
        ASSERT_STREQ(model_get(model, "input.transfer.reason"), "input voltage out of range");

        /* Bits that are set without being known do not count. */
        free(status_of(&plain, &memory, voltage, 50, 1, model, NULL));
        ASSERT_STREQ(model_get(model, "ups.alarm"), NULL);
        ASSERT_STREQ(model_get(model, "ups.status"), "");
        ASSERT_STREQ(model_get(model, "input.transfer.reason"), NULL);

        free(status_of(&plain, &memory, frequency, 50, 1, model, NULL));
        ASSERT_STREQ(model_get(model, "input.transfer.reason"), "input frequency out of range");
}

/*** Every combination of what decides about power, against the rules as one would say them ***/

typedef enum State {
        UNKNOWN,
        NO,
        YES,
} State;

static const Condition deciding[] = {
        CONDITION_ONLINE,   CONDITION_OFFLINE,       CONDITION_DISCHARGING, CONDITION_CHARGING,
        CONDITION_DEPLETED, CONDITION_FULLY_CHARGED, CONDITION_LOW_BATTERY, CONDITION_CALIBRATION,
};

static bool has(char *const *status, const char *token) {
        return strv_contains(status, token);
}

static void check(const StatusRules *rules, const State *s, double charge, char *const *status) {
        bool says_on = s[0] == YES, says_off = s[1] == YES || s[0] == NO, discharging = s[2] == YES;
        bool on = s[1] != YES && (says_on || (s[0] == UNKNOWN && s[1] == NO));
        bool ob = s[1] == YES || s[0] == NO ||
                  (s[0] == UNKNOWN && s[1] == UNKNOWN && discharging);

        if (on && discharging && rules->online_discharge_on_battery) {
                on = false;
                ob = true;
        }
        if (says_on && says_off && s[1] == YES)
                ASSERT_FALSE(on);

        ASSERT_EQ(has(status, "OL"), on);
        ASSERT_EQ(has(status, "OB"), ob);
        ASSERT_FALSE(on && ob);
        ASSERT_EQ(has(status, "DISCHRG"), discharging && s[4] != YES);
        ASSERT_EQ(has(status, "CHRG"), s[3] == YES && (s[5] == UNKNOWN ? !(charge >= 100) : s[5] == NO));
        ASSERT_EQ(has(status, "LB"), s[6] == YES);
        ASSERT_FALSE(has(status, "ALARM"));
        if (s[7] == YES)
                ASSERT_TRUE(has(status, "CAL"));
        else
                ASSERT_EQ(has(status, "CAL"), rules->online_discharge_calibration && discharging &&
                                s[1] != YES && (says_on || (s[0] == UNKNOWN && s[1] == NO)));
}

static void test_exhaustive(void) {
        static const double charges[] = { NAN, 42, 100 };
        _cleanup_(model_freep) Model *model = model_new();

        for (unsigned options = 0; options < 4; options++) {
                StatusRules rules = plain;

                rules.online_discharge_on_battery = options & 1;
                rules.online_discharge_calibration = options & 2;
                for (unsigned n = 0; n < 6561; n++) {
                        State s[ELEMENTSOF(deciding)];
                        Conditions c = {};
                        double charge = charges[n % ELEMENTSOF(charges)];
                        StatusMemory memory = {};

                        for (size_t i = 0, rest = n; i < ELEMENTSOF(deciding); i++, rest /= 3) {
                                s[i] = (State) (rest % 3);
                                if (s[i] != UNKNOWN)
                                        conditions_put(&c, deciding[i], s[i] == YES);
                        }

                        free(status_of(&rules, &memory, c, charge, 1, model, NULL));
                        check(&rules, s, charge, model_status(model));
                }
        }
}

/*** Over time ***/

typedef struct Step {
        unsigned second;
        uint64_t set;
        double charge;
        const char *status; /* NULL: not looked at */
        bool remark;
} Step;

static void walk(const StatusRules *rules, const Step *steps, size_t n) {
        _cleanup_(model_freep) Model *model = model_new();
        StatusMemory memory = {};

        for (size_t i = 0; i < n; i++) {
                _cleanup_free_ char *status = NULL;
                StatusRemark remark;

                status = status_of(rules, &memory, (Conditions) { UINT64_MAX & ~BIT(OFFLINE), steps[i].set },
                                steps[i].charge, steps[i].second * USEC_PER_SEC, model, &remark);
                if (steps[i].status)
                        ASSERT_STREQ(status, steps[i].status);
                ASSERT_EQ(remark.text != NULL, steps[i].remark);
        }
}
#define WALK(rules, ...) \
        walk(rules, (const Step[]) { __VA_ARGS__ }, ELEMENTSOF(((const Step[]) { __VA_ARGS__ })))

#define OL_DISCHRG (BIT(ONLINE) | BIT(DISCHARGING))
#define LB_RB (BIT(LOW_BATTERY) | BIT(REPLACE_BATTERY))

static void test_remarks(void) {
        StatusRules rules = plain;

        /* By default: when the charge changes, below 100. */
        WALK(&rules, { 10, OL_DISCHRG, 100, "OL DISCHRG", false }, { 20, OL_DISCHRG, 99, NULL, true },
             { 30, OL_DISCHRG, 99.4, NULL, false }, { 99, OL_DISCHRG, 98, NULL, true },
             { 100, BIT(ONLINE), 98, "OL", false }, { 110, OL_DISCHRG, 98, NULL, true });
        /* Without a charge each 30 seconds. */
        WALK(&rules, { 10, OL_DISCHRG, NAN, NULL, true }, { 39, OL_DISCHRG, NAN, NULL, false },
             { 40, OL_DISCHRG, NAN, NULL, true });

        rules.online_discharge_log_throttle_sec = 5;
        WALK(&rules, { 10, OL_DISCHRG, 90, NULL, true }, { 14, OL_DISCHRG, 90, NULL, false },
             { 15, OL_DISCHRG, 90, NULL, true }, { 16, OL_DISCHRG, 89, NULL, true });
        rules.online_discharge_log_throttle_sec = -1;
        WALK(&rules, { 10, OL_DISCHRG, 90, NULL, true }, { 999, OL_DISCHRG, 50, NULL, false },
             { 1000, BIT(ONLINE), 50, NULL, false }, { 1001, OL_DISCHRG, 50, NULL, true });
        rules.online_discharge_log_throttle_sec = 0;
        WALK(&rules, { 10, OL_DISCHRG, NAN, NULL, true }, { 11, OL_DISCHRG, NAN, NULL, true });

        rules = plain;
        rules.online_discharge_log_throttle_hovercharge = 90;
        WALK(&rules, { 10, OL_DISCHRG, 95, NULL, false }, { 20, OL_DISCHRG, 90, NULL, false },
             { 30, OL_DISCHRG, 89, NULL, true });

        /* Who said what it means is not told again; nor who calibrates. */
        WALK(&plain, { 10, OL_DISCHRG | BIT(CALIBRATION), 50, "OL DISCHRG CAL", false });
        rules.online_discharge_on_battery = true;
        WALK(&rules, { 10, OL_DISCHRG, 50, "OB DISCHRG", false });
        rules.online_discharge_calibration = true;
        WALK(&rules, { 10, OL_DISCHRG, 50, "OB DISCHRG CAL", false });
        rules.online_discharge_on_battery = false;
        WALK(&rules, { 10, OL_DISCHRG, 50, "OL DISCHRG CAL", false });
}

static void test_passing_trouble(void) {
        StatusRules rules = plain;

        rules.lbrb_log_delay_sec = 3;
        /* Not while it does not calibrate, and never on battery. */
        WALK(&rules, { 1, BIT(ONLINE) | LB_RB, 50, "ALARM OL LB RB", false },
             { 2, BIT(ONLINE) | BIT(CALIBRATION) | LB_RB, 50, "ALARM OL CAL", false },
             { 5, BIT(ONLINE) | BIT(CALIBRATION) | LB_RB, 50, "ALARM OL CAL", false },
             { 6, BIT(ONLINE) | BIT(CALIBRATION) | LB_RB, 50, "ALARM OL LB RB CAL", false },
             { 7, LB_RB, 50, "ALARM OB LB RB", false });

        rules.lbrb_log_delay_without_calibrating = true;
        WALK(&rules, { 1, BIT(ONLINE) | BIT(LOW_BATTERY), 50, "OL", false },
             { 2, BIT(ONLINE), 50, "OL", false },
             { 5, BIT(ONLINE) | BIT(LOW_BATTERY), 50, "OL", false },
             { 9, BIT(ONLINE) | BIT(LOW_BATTERY), 50, "OL LB", false },
             { 10, BIT(ONLINE) | BIT(REPLACE_BATTERY), 50, "ALARM OL RB", false },
             { 11, BIT(LOW_BATTERY), 50, "OB LB", false });
}

int main(void) {
        test_names();
        test_put();
        test_cases();
        test_alarms();
        test_exhaustive();
        test_remarks();
        test_passing_trouble();
        return 0;
}
