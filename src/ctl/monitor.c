/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor.h"

#include <math.h>
#include <stdarg.h>

#include "bus-error.h"
#include "bus-names.h"
#include "string-util.h"
#include "time-util.h"

/* A rehearsal takes its time, and so does who is asked for a password. */
#define CALL_TIMEOUT_USEC (120 * USEC_PER_SEC)

#define FIELD(type_, key_, json_, kind_, member_) \
        { .key = key_, .json = json_, .type = kind_, .offset = offsetof(type_, member_) }

#define KIND(type_, fields_, ...) \
        { .size = sizeof(type_), .defaults = &(const type_) { __VA_ARGS__ }, .fields = fields_, \
          .n_fields = ELEMENTSOF(fields_) }

static const Field state_fields[] = {
        FIELD(MonitorState, "Version", "version", FIELD_STRING, version),
        FIELD(MonitorState, "State", "state", FIELD_STRING, state),
        FIELD(MonitorState, "Cause", "cause", FIELD_STRING, cause),
        FIELD(MonitorState, "Reason", "reason", FIELD_STRING, reason),
        FIELD(MonitorState, "Cancellation", "cancellation", FIELD_STRING, cancellation),
        FIELD(MonitorState, "DeadlineUSec", "deadline_usec", FIELD_TIME, deadline_usec),
        FIELD(MonitorState, "PowerValue", "power_value", FIELD_UNSIGNED, power_value),
        FIELD(MonitorState, "MinSupplies", "min_supplies", FIELD_UNSIGNED, min_supplies),
        FIELD(MonitorState, "ShutdownTimeUSec", "shutdown_time_usec", FIELD_TIME, shutdown_time_usec),
        FIELD(MonitorState, "DelayTooShort", "delay_too_short", FIELD_BOOLEAN, delay_too_short),
        FIELD(MonitorState, "Remarks", "remarks", FIELD_STRINGS, remarks),
};

static const Field supply_fields[] = {
        FIELD(MonitorSupply, "device", "device", FIELD_STRING, device),
        FIELD(MonitorSupply, "system", "system", FIELD_STRING, system),
        FIELD(MonitorSupply, "power-value", "power_value", FIELD_UNSIGNED, power_value),
        FIELD(MonitorSupply, "primary", "primary", FIELD_BOOLEAN, primary),
        FIELD(MonitorSupply, "counts", "counts", FIELD_BOOLEAN, counts),
        FIELD(MonitorSupply, "state", "state", FIELD_STRING, state),
        FIELD(MonitorSupply, "cause", "cause", FIELD_STRING, cause),
        FIELD(MonitorSupply, "deadline", "deadline_usec", FIELD_TIME, deadline_usec),
        FIELD(MonitorSupply, "on-battery-since", "on_battery_since_usec", FIELD_TIME, on_battery_since_usec),
        FIELD(MonitorSupply, "status", "status", FIELD_STRINGS, status),
        FIELD(MonitorSupply, "charge", "charge_percent", FIELD_NUMBER, charge_percent),
        FIELD(MonitorSupply, "runtime", "runtime_seconds", FIELD_INTEGER, runtime_sec),
        FIELD(MonitorSupply, "load", "load_percent", FIELD_NUMBER, load_percent),
        FIELD(MonitorSupply, "age", "age_usec", FIELD_TIME, age_usec),
        FIELD(MonitorSupply, "remark", "remark", FIELD_STRING, remark),
};

static const Field rule_fields[] = {
        FIELD(MonitorRule, "device", "device", FIELD_STRING, device),
        FIELD(MonitorRule, "rule", "rule", FIELD_STRING, rule),
        FIELD(MonitorRule, "limit", "limit", FIELD_NUMBER, limit),
        FIELD(MonitorRule, "present", "present", FIELD_NUMBER, present),
        FIELD(MonitorRule, "fires-in", "fires_in_seconds", FIELD_INTEGER, fires_in_sec),
        FIELD(MonitorRule, "text", "text", FIELD_STRING, text),
};

static const Field stage_fields[] = {
        FIELD(MonitorStage, "name", "name", FIELD_STRING, name),
        FIELD(MonitorStage, "time", "time_usec", FIELD_TIME, time_usec),
        FIELD(MonitorStage, "text", "text", FIELD_STRING, text),
};

static const Field step_fields[] = {
        FIELD(MonitorStep, "name", "name", FIELD_STRING, name),
        FIELD(MonitorStep, "ok", "ok", FIELD_BOOLEAN, ok),
        FIELD(MonitorStep, "time", "time_usec", FIELD_TIME, time_usec),
        FIELD(MonitorStep, "text", "text", FIELD_STRING, text),
};

static const Field shutdown_fields[] = {
        FIELD(MonitorShutdown, "time", "time_usec", FIELD_TIME, time_usec),
        FIELD(MonitorShutdown, "boot-id", "boot_id", FIELD_STRING, boot_id),
        FIELD(MonitorShutdown, "outcome", "outcome", FIELD_STRING, outcome),
        FIELD(MonitorShutdown, "cause", "cause", FIELD_STRING, cause),
        FIELD(MonitorShutdown, "device", "device", FIELD_STRING, device),
        FIELD(MonitorShutdown, "reason", "reason", FIELD_STRING, reason),
        FIELD(MonitorShutdown, "values", "values", FIELD_PAIRS, values),
        FIELD(MonitorShutdown, "events", "events", FIELD_EVENTS, events),
        FIELD(MonitorShutdown, "stop-time", "stop_time_usec", FIELD_TIME, stop_time_usec),
};

static const Field policy_fields[] = {
        FIELD(MonitorPolicy, "device", "device", FIELD_STRING, device),
        FIELD(MonitorPolicy, "rule", "rule", FIELD_STRING, rule),
        FIELD(MonitorPolicy, "value", "value", FIELD_NUMBER, value),
        FIELD(MonitorPolicy, "source", "source", FIELD_STRING, source),
};

const RecordKind monitor_state_kind = KIND(MonitorState, state_fields, .deadline_usec = USEC_INFINITY);
const RecordKind monitor_supply_kind =
        KIND(MonitorSupply, supply_fields, .deadline_usec = USEC_INFINITY, .charge_percent = NAN,
             .runtime_sec = -1, .load_percent = NAN, .age_usec = USEC_INFINITY);
const RecordKind monitor_rule_kind =
        KIND(MonitorRule, rule_fields, .limit = NAN, .present = NAN, .fires_in_sec = -1);
const RecordKind monitor_stage_kind = KIND(MonitorStage, stage_fields, .name = NULL);
const RecordKind monitor_step_kind = KIND(MonitorStep, step_fields, .name = NULL);
const RecordKind monitor_shutdown_kind = KIND(MonitorShutdown, shutdown_fields, .boot_id = NULL);
const RecordKind monitor_policy_kind = KIND(MonitorPolicy, policy_fields, .value = NAN);

static int explain(const Ctl *c, const char *action, int r, const sd_bus_error *error) {
        if (sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return ctl_error(r, "The monitor, which shuts this machine down in order, is not running. "
                                    "Start it with \"systemctl start busbar-monitor\".");

        if (sd_bus_error_has_names(error, SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT))
                return ctl_error(r, "The monitor does not answer. "
                                    "See \"systemctl status busbar-monitor\".");

        if (sd_bus_error_has_names(error, SD_BUS_ERROR_UNKNOWN_METHOD, SD_BUS_ERROR_UNKNOWN_OBJECT,
                                   SD_BUS_ERROR_UNKNOWN_INTERFACE))
                return ctl_error(r, "The monitor that runs is of another version than busbarctl. "
                                    "Restart it with \"systemctl restart busbar-monitor\".");

        if (action && bus_error_to_errno(error->name) == -EACCES) {
                ctl_error(0, "Not allowed.");
                ctl_hint_denied(c, action);
                return r;
        }

        return ctl_error(r, "The monitor did not do it: %s%s", error->message ?: strerror(-r),
                         endswith(strempty(error->message), ".") ? "" : ".");
}

static int explain_answer(int r) {
        return ctl_error(r, "Cannot read the answer of the monitor: %s.", strerror(-r));
}

bool monitor_is_there(Ctl *c) {
        return sd_bus_get_name_creds(c->bus, BUS_NAME_MONITOR, 0, NULL) >= 0;
}

static int call(Ctl *c, const char *action, uint64_t timeout_usec, sd_bus_message *m, sd_bus_message **ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        int r;

        r = sd_bus_call(c->bus, m, timeout_usec, &error, &answer);
        if (r < 0)
                return explain(c, action, r, &error);

        if (ret)
                *ret = TAKE_PTR(answer);
        return 0;
}

int monitor_call(Ctl *c, const char *action, sd_bus_message **ret, const char *method, const char *types,
                ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;
        int r;

        r = sd_bus_message_new_method_call(c->bus, &m, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                                           BUS_INTERFACE_MONITOR, method);
        if (r >= 0 && !isempty(types)) {
                va_start(ap, types);
                r = sd_bus_message_appendv(m, types, ap);
                va_end(ap);
        }
        if (r < 0)
                return ctl_error(r, "Cannot ask the monitor: %s.", strerror(-r));

        return call(c, action, CALL_TIMEOUT_USEC, m, ret);
}

int monitor_read_state(Ctl *c, uint64_t timeout_usec, Records *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *answer = NULL;
        int r;

        r = sd_bus_message_new_method_call(c->bus, &m, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                                           "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", BUS_INTERFACE_MONITOR);
        if (r < 0)
                return ctl_error(r, "Cannot ask the monitor: %s.", strerror(-r));

        r = call(c, NULL, timeout_usec, m, &answer);
        if (r < 0)
                return r;

        ret->kind = &monitor_state_kind;
        r = records_read_one(ret, answer);
        return r < 0 ? explain_answer(r) : 0;
}

int monitor_read(Ctl *c, const char *method, const uint32_t *count, Records *const *ret, size_t n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *answer = NULL;
        int r;

        r = count ? monitor_call(c, NULL, &answer, method, "u", *count)
                  : monitor_call(c, NULL, &answer, method, NULL);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                r = records_read(ret[i], answer);
                if (r < 0)
                        return explain_answer(r);
        }

        return 0;
}
