/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "status-rules.h"

#include <math.h>
#include <syslog.h>

#include "string-util.h"
#include "time-util.h"

#define THROTTLE_DEFAULT_SEC 30

static const char *const condition_names[_CONDITION_MAX] = {
        [CONDITION_ONLINE] = "online",
        [CONDITION_OFFLINE] = "offline",
        [CONDITION_DISCHARGING] = "discharging",
        [CONDITION_CHARGING] = "charging",
        [CONDITION_LOW_BATTERY] = "low-battery",
        [CONDITION_OVERLOAD] = "overload",
        [CONDITION_REPLACE_BATTERY] = "replace-battery",
        [CONDITION_SHUTDOWN_IMMINENT] = "shutdown-imminent",
        [CONDITION_SHUTDOWN_ACTIVE] = "shutdown-active",
        [CONDITION_TRIM] = "trim",
        [CONDITION_BOOST] = "boost",
        [CONDITION_BYPASS_AUTO] = "bypass-auto",
        [CONDITION_BYPASS_MANUAL] = "bypass-manual",
        [CONDITION_BYPASS] = "bypass",
        [CONDITION_ECO_MODE] = "eco-mode",
        [CONDITION_ESS_MODE] = "ess-mode",
        [CONDITION_OFF] = "off",
        [CONDITION_CALIBRATION] = "calibration",
        [CONDITION_OVERHEAT] = "overheat",
        [CONDITION_COMM_FAULT] = "comm-fault",
        [CONDITION_DEPLETED] = "depleted",
        [CONDITION_TIME_LIMIT_EXPIRED] = "time-limit-expired",
        [CONDITION_FULLY_CHARGED] = "fully-charged",
        [CONDITION_AWAITING_POWER] = "awaiting-power",
        [CONDITION_FAN_FAIL] = "fan-fail",
        [CONDITION_NO_BATTERY] = "no-battery",
        [CONDITION_BATTERY_VOLTAGE_LOW] = "battery-voltage-low",
        [CONDITION_BATTERY_VOLTAGE_HIGH] = "battery-voltage-high",
        [CONDITION_CHARGER_FAIL] = "charger-fail",
        [CONDITION_VOLTAGE_OUT_OF_RANGE] = "voltage-out-of-range",
        [CONDITION_FREQUENCY_OUT_OF_RANGE] = "frequency-out-of-range",
        [CONDITION_EMERGENCY_STOP] = "emergency-stop",
        [CONDITION_TEST] = "test",
};

/* In the order in which clients have always seen them. */
static const struct {
        Condition condition;
        const char *text;
} alarms[] = {
        { CONDITION_REPLACE_BATTERY,      "Replace battery!" },
        { CONDITION_SHUTDOWN_IMMINENT,    "Shutdown imminent!" },
        { CONDITION_SHUTDOWN_ACTIVE,      "Shutdown imminent!" },
        { CONDITION_FAN_FAIL,             "Fan failure!" },
        { CONDITION_NO_BATTERY,           "No battery installed!" },
        { CONDITION_BATTERY_VOLTAGE_LOW,  "Battery voltage too low!" },
        { CONDITION_BATTERY_VOLTAGE_HIGH, "Battery voltage too high!" },
        { CONDITION_CHARGER_FAIL,         "Battery charger fail!" },
        { CONDITION_OVERHEAT,             "Temperature too high!" },
        { CONDITION_COMM_FAULT,           "Internal UPS fault!" },
        { CONDITION_AWAITING_POWER,       "Awaiting power!" },
        { CONDITION_BYPASS_AUTO,          "Automatic bypass mode!" },
        { CONDITION_BYPASS_MANUAL,        "Manual bypass mode!" },
        { CONDITION_EMERGENCY_STOP,       "Emergency stop!" },
};

/* Tokens without rules of their own, behind those that have some. */
static const struct {
        uint64_t conditions;
        const char *token;
} plain_tokens[] = {
        { UINT64_C(1) << CONDITION_TRIM, "TRIM" },
        { UINT64_C(1) << CONDITION_BOOST, "BOOST" },
        { UINT64_C(1) << CONDITION_BYPASS_AUTO | UINT64_C(1) << CONDITION_BYPASS_MANUAL |
                  UINT64_C(1) << CONDITION_BYPASS, "BYPASS" },
        { UINT64_C(1) << CONDITION_ECO_MODE | UINT64_C(1) << CONDITION_ESS_MODE, "ECO" },
        { UINT64_C(1) << CONDITION_OFF, "OFF" },
};

const char *condition_to_string(Condition c) {
        return c >= 0 && c < _CONDITION_MAX ? condition_names[c] : "unknown";
}

Condition condition_from_string(const char *s) {
        for (Condition c = 0; c < _CONDITION_MAX; c++)
                if (streq(condition_names[c], s))
                        return c;
        return _CONDITION_INVALID;
}

void conditions_put(Conditions *c, Condition which, bool value) {
        uint64_t bit = UINT64_C(1) << which;

        c->known |= bit;
        c->set = value ? c->set | bit : c->set & ~bit;
}

static bool is_set(const Conditions *c, Condition which) {
        return c->known & c->set & UINT64_C(1) << which;
}

static bool is_clear(const Conditions *c, Condition which) {
        return c->known & ~c->set & UINT64_C(1) << which;
}

typedef enum Mains {
        MAINS_UNKNOWN,
        MAINS_THERE,
        MAINS_GONE,
} Mains;

/* Mains that are said to be there and not to be there are gone: the one mistake costs a remark, the other
 * the data. */
static Mains mains_of(const Conditions *c) {
        if (is_set(c, CONDITION_OFFLINE))
                return MAINS_GONE;
        if (is_set(c, CONDITION_ONLINE))
                return MAINS_THERE;
        if (is_clear(c, CONDITION_ONLINE))
                return MAINS_GONE;
        if (is_clear(c, CONDITION_OFFLINE))
                return MAINS_THERE;
        return is_set(c, CONDITION_DISCHARGING) ? MAINS_GONE : MAINS_UNKNOWN;
}

/* Whether to say once more that it discharges on line. */
static bool remark_is_due(const StatusRules *rules, StatusMemory *m, double charge, uint64_t now_usec) {
        bool has_charge = isfinite(charge) && charge > 0;
        int throttle_sec = rules->online_discharge_log_throttle_sec;
        double whole = has_charge ? floor(charge) : -1;
        bool logged = m->online_discharge_logged_usec > 0, due = false;

        if (has_charge)
                due = whole < rules->online_discharge_log_throttle_hovercharge &&
                      (!logged || whole != m->online_discharge_logged_charge);
        else {
                due = !logged;
                if (throttle_sec == -2)
                        throttle_sec = THROTTLE_DEFAULT_SEC;
        }

        if (throttle_sec == -1 && logged)
                return false;
        if (logged && throttle_sec >= 0 &&
            now_usec >= m->online_discharge_logged_usec + (uint64_t) throttle_sec * USEC_PER_SEC)
                due = true;

        if (due) {
                m->online_discharge_logged_usec = MAX(now_usec, UINT64_C(1));
                m->online_discharge_logged_charge = whole;
        }
        return due;
}

/* A condition that some devices show for a moment while they calibrate: whether it is to be believed by
 * now. */
static bool has_lasted(const StatusRules *rules, uint64_t *since_usec, uint64_t now_usec) {
        if (*since_usec == 0) {
                *since_usec = MAX(now_usec, UINT64_C(1));
                return false;
        }

        return now_usec > *since_usec + (uint64_t) rules->lbrb_log_delay_sec * USEC_PER_SEC;
}

static void apply_battery_trouble(const StatusRules *rules, StatusMemory *m, const Conditions *c,
                bool patient, uint64_t now_usec, Update *u) {
        bool low = is_set(c, CONDITION_LOW_BATTERY) || is_set(c, CONDITION_TIME_LIMIT_EXPIRED) ||
                   is_set(c, CONDITION_SHUTDOWN_IMMINENT);
        bool replace = is_set(c, CONDITION_REPLACE_BATTERY) || is_set(c, CONDITION_NO_BATTERY);

        if (!low)
                m->low_since_usec = 0;
        else if (!patient || has_lasted(rules, &m->low_since_usec, now_usec))
                (void) update_status(u, "LB");

        if (is_set(c, CONDITION_OVERLOAD))
                (void) update_status(u, "OVER");

        if (!replace)
                m->replace_since_usec = 0;
        else if (!patient || m->low_since_usec == 0 ||
                 has_lasted(rules, &m->replace_since_usec, now_usec))
                (void) update_status(u, "RB");
}

/* A battery that is full still "charges" in some devices, for as long as mains are there. */
static bool is_charging(const Conditions *c, double charge) {
        if (!is_set(c, CONDITION_CHARGING))
                return false;
        if (c->known & UINT64_C(1) << CONDITION_FULLY_CHARGED)
                return !is_set(c, CONDITION_FULLY_CHARGED);
        return !(charge >= 100);
}

static void apply_alarms(const Conditions *c, Update *u) {
        (void) update_alarm(u, "");
        for (size_t i = 0; i < ELEMENTSOF(alarms); i++)
                if (is_set(c, alarms[i].condition))
                        (void) update_alarm(u, alarms[i].text);
}

static void apply_transfer_reason(const Conditions *c, Update *u) {
        if (is_set(c, CONDITION_VOLTAGE_OUT_OF_RANGE))
                (void) update_set(u, "input.transfer.reason", "input voltage out of range");
        else if (is_set(c, CONDITION_FREQUENCY_OUT_OF_RANGE))
                (void) update_set(u, "input.transfer.reason", "input frequency out of range");
        else if (is_clear(c, CONDITION_VOLTAGE_OUT_OF_RANGE) ||
                 is_clear(c, CONDITION_FREQUENCY_OUT_OF_RANGE))
                (void) update_unset(u, "input.transfer.reason");
}

static const char online_discharge_remark[] =
        "The device says that it is on line and discharging at once. If it is calibrating, "
        "onlinedischarge_calibration is the option for it; if it is in fact on battery, "
        "onlinedischarge_onbattery.";

void status_rules_apply(const StatusRules *rules, StatusMemory *memory, const Conditions *conditions,
                double charge, uint64_t now_usec, Update *u, StatusRemark *ret_remark) {
        const Conditions *c = conditions;
        bool discharging = is_set(c, CONDITION_DISCHARGING), calibrating = is_set(c, CONDITION_CALIBRATION);
        bool handled = rules->online_discharge_on_battery || rules->online_discharge_calibration, patient;
        Mains mains = mains_of(c);
        StatusRemark remark = {};

        (void) update_status(u, "");

        if (!discharging)
                memory->online_discharge_logged_usec = 0;
        else if (mains == MAINS_THERE) {
                if (!handled && !calibrating && remark_is_due(rules, memory, charge, now_usec))
                        remark = (StatusRemark) { LOG_WARNING, online_discharge_remark };

                calibrating = calibrating || rules->online_discharge_calibration;
                if (rules->online_discharge_on_battery)
                        mains = MAINS_GONE;
        }

        if (mains != MAINS_UNKNOWN)
                (void) update_status(u, mains == MAINS_THERE ? "OL" : "OB");
        if (discharging && !is_set(c, CONDITION_DEPLETED))
                (void) update_status(u, "DISCHRG");
        if (is_charging(c, charge))
                (void) update_status(u, "CHRG");

        patient = rules->lbrb_log_delay_sec > 0 && mains == MAINS_THERE &&
                  (calibrating || rules->lbrb_log_delay_without_calibrating);
        apply_battery_trouble(rules, memory, c, patient, now_usec, u);

        for (size_t i = 0; i < ELEMENTSOF(plain_tokens); i++)
                if (c->known & c->set & plain_tokens[i].conditions)
                        (void) update_status(u, plain_tokens[i].token);
        if (calibrating)
                (void) update_status(u, "CAL");
        if (is_set(c, CONDITION_TEST))
                (void) update_status(u, "TEST");
        if (is_set(c, CONDITION_SHUTDOWN_ACTIVE))
                (void) update_status(u, "FSD");

        apply_alarms(c, u);
        apply_transfer_reason(c, u);

        if (ret_remark)
                *ret_remark = remark;
}
