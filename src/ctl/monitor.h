/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"
#include "records.h"

/* The monitor, as its clients see it. docs/DBUS-API.md says what the members are. */

typedef struct MonitorState {
        char *version, *state, *cause, *reason, *cancellation;
        uint64_t deadline_usec;
        uint32_t power_value, min_supplies;
        uint64_t shutdown_time_usec;
        bool delay_too_short;
        char **remarks;
} MonitorState;

typedef struct MonitorSupply {
        char *device, *system;
        uint32_t power_value;
        bool primary, counts;
        char *state, *cause;
        uint64_t deadline_usec, on_battery_since_usec;
        char **status;
        double charge_percent; /* NaN: unknown, as all numbers here */
        int64_t runtime_sec;   /* -1: unknown */
        double load_percent;
        uint64_t age_usec;     /* UINT64_MAX: never heard */
        char *remark;          /* what is odd about it, or NULL */
} MonitorSupply;

typedef struct MonitorRule {
        char *device, *rule;
        double limit, present;
        int64_t fires_in_sec; /* -1: cannot be told */
        char *text;
} MonitorRule;

typedef struct MonitorStage {
        char *name;
        uint64_t time_usec;
        char *text;
} MonitorStage;

typedef struct MonitorStep {
        char *name;
        bool ok;
        uint64_t time_usec;
        char *text;
} MonitorStep;

typedef struct MonitorShutdown {
        uint64_t time_usec;
        char *boot_id, *outcome, *cause, *device, *reason;
        char **values; /* pairs */
        RecordEvents events;
        uint64_t stop_time_usec; /* 0: unknown */
} MonitorShutdown;

typedef struct MonitorPolicy {
        char *device, *rule; /* device "": for all */
        double value;        /* negative: off */
        char *source;
} MonitorPolicy;

extern const RecordKind monitor_state_kind, monitor_supply_kind, monitor_rule_kind, monitor_stage_kind,
        monitor_step_kind, monitor_shutdown_kind, monitor_policy_kind;

/* Whether there is a monitor on the bus. */
bool monitor_is_there(Ctl *c);

/* Calls a method of the monitor, which may take as long as a person needs for a password. Says what is
 * wrong; action is the polkit action that was needed, NULL for none. The answer goes to *ret unless
 * that is NULL. */
int monitor_call(Ctl *c, const char *action, sd_bus_message **ret, const char *method, const char *types,
                ...);

/* Its properties, as one record of monitor_state_kind, within the timeout. Says what is wrong. */
int monitor_read_state(Ctl *c, uint64_t timeout_usec, Records *ret);

/* Calls a method that takes nothing, or a count, and reads n results, each an aa{sv}. Says what is wrong. */
int monitor_read(Ctl *c, const char *method, const uint32_t *count, Records *const *ret, size_t n);

/* Writes what it is about in words: the state with its countdown, the reason, and who can call it off. */
void monitor_print_state(const Ctl *c, const MonitorState *s);

/* The same, as the end of the status of all devices: nothing when there is no monitor. */
void monitor_print_status(Ctl *c);

/* Follows the notices of the monitor, also of one that comes later. */
typedef struct MonitorNotice {
        uint64_t number;
        const char *type, *device, *text; /* device "": the machine */
        uint64_t time_usec;               /* CLOCK_REALTIME */
} MonitorNotice;

typedef void (*MonitorOnNotice)(void *userdata, const MonitorNotice *notice);

typedef struct MonitorWatch MonitorWatch;

int monitor_watch_new(sd_bus *bus, MonitorOnNotice on_notice, void *userdata, MonitorWatch **ret);
MonitorWatch *monitor_watch_free(MonitorWatch *w);
DEFINE_TRIVIAL_CLEANUP_FUNC(MonitorWatch *, monitor_watch_free);
