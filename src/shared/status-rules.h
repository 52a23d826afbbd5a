/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"
#include "model.h"

/* From what a device says about itself to status tokens and alarms: the doubts that all drivers share are
 * settled here (OL and DISCHRG at once, LB and RB for one poll, calibration). No clock, no I/O. */

typedef enum Condition {
        CONDITION_ONLINE,
        CONDITION_OFFLINE, /* known to be without mains */
        CONDITION_DISCHARGING,
        CONDITION_CHARGING,
        CONDITION_LOW_BATTERY,
        CONDITION_OVERLOAD,
        CONDITION_REPLACE_BATTERY,
        CONDITION_SHUTDOWN_IMMINENT,
        CONDITION_SHUTDOWN_ACTIVE, /* the device is going to switch off, as it was told */
        CONDITION_TRIM,
        CONDITION_BOOST,
        CONDITION_BYPASS_AUTO,
        CONDITION_BYPASS_MANUAL,
        CONDITION_BYPASS, /* of a kind that is not known: no alarm */
        CONDITION_ECO_MODE,
        CONDITION_ESS_MODE,
        CONDITION_OFF,
        CONDITION_CALIBRATION,
        CONDITION_OVERHEAT,
        CONDITION_COMM_FAULT,
        CONDITION_DEPLETED,
        CONDITION_TIME_LIMIT_EXPIRED,
        CONDITION_FULLY_CHARGED,
        CONDITION_AWAITING_POWER,
        CONDITION_FAN_FAIL,
        CONDITION_NO_BATTERY,
        CONDITION_BATTERY_VOLTAGE_LOW,
        CONDITION_BATTERY_VOLTAGE_HIGH,
        CONDITION_CHARGER_FAIL,
        CONDITION_VOLTAGE_OUT_OF_RANGE,
        CONDITION_FREQUENCY_OUT_OF_RANGE,
        CONDITION_EMERGENCY_STOP,
        CONDITION_TEST, /* a self test is running */
        _CONDITION_MAX,
        _CONDITION_INVALID = -EINVAL,
} Condition;

/* The names in profiles: "online", "discharging", "low-battery", ... and back. */
const char *condition_to_string(Condition c) _const_;
Condition condition_from_string(const char *s) _pure_;

/* Sets of conditions as bits: those known at all, and those of them that are true. */
typedef struct Conditions {
        uint64_t known, set;
} Conditions;

/* Says whether a condition holds. */
void conditions_put(Conditions *c, Condition which, bool value);

/* The settings, with the names and meanings of usbhid-ups' options. */
typedef struct StatusRules {
        bool online_discharge_on_battery;  /* onlinedischarge_onbattery, onlinedischarge: OL DISCHRG is OB */
        bool online_discharge_calibration; /* onlinedischarge_calibration: OL DISCHRG is a calibration */
        int online_discharge_log_throttle_sec; /* -2: not given; -1: never again; 0: each time */
        int online_discharge_log_throttle_hovercharge; /* percent; 100 by default */
        unsigned lbrb_log_delay_sec;       /* LB and RB at once are believed after so long */
        bool lbrb_log_delay_without_calibrating;
} StatusRules;

/* What has to be remembered from one reading to the next. Zeroed at first. */
typedef struct StatusMemory {
        uint64_t low_since_usec, replace_since_usec; /* believed to be passing; 0: not there */
        uint64_t online_discharge_logged_usec; /* 0: not since it discharges */
        double online_discharge_logged_charge; /* -1: without one; counts only with a time */
} StatusMemory;

/* What is worth a line in the log; NULL for nothing. Static text. */
typedef struct StatusRemark {
        int level;
        const char *text;
} StatusRemark;

/* Puts status tokens, alarms and input.transfer.reason into u. charge is NaN when unknown. now_usec is
 * CLOCK_BOOTTIME. Neither OL nor OB is set while neither is known. */
void status_rules_apply(const StatusRules *rules, StatusMemory *memory, const Conditions *conditions,
                double charge, uint64_t now_usec, Update *u, StatusRemark *ret_remark);
