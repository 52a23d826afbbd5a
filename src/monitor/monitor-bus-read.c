/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdarg.h>

#include "history.h"
#include "log.h"
#include "monitor-bus-internal.h"
#include "plan.h"
#include "policy.h"
#include "string-util.h"
#include "time-util.h"

int append_entry(sd_bus_message *m, const char *key, const char *type, ...) {
        va_list ap;

        int r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', type);
        if (r < 0)
                return r;
        va_start(ap, type);
        r = sd_bus_message_appendv(m, type, ap);
        va_end(ap);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_strv_entry(sd_bus_message *m, const char *key, char *const *l) {
        int r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) l);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/*** A reply that is an array of dictionaries ***/

/* Appends entry i of what is listed. */
typedef int (*AppendEach)(sd_bus_message *m, const Monitor *monitor, size_t i);

static int append_all(sd_bus_message *m, const Monitor *monitor, size_t n, AppendEach each) {
        int r = sd_bus_message_open_container(m, 'a', "a{sv}");

        for (size_t i = 0; r >= 0 && i < n; i++) {
                r = sd_bus_message_open_container(m, 'a', "{sv}");
                if (r >= 0)
                        r = each(m, monitor, i);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int reply_all(sd_bus_message *call, const Monitor *monitor, size_t n, AppendEach each) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        int r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = append_all(reply, monitor, n, each);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/*** Supplies ***/

static int append_values(sd_bus_message *m, const Supply *s) {
        const SupplyReading *v = &s->reading;
        int r = 0;

        if (!isnan(v->charge_percent))
                r = append_entry(m, "charge", "d", v->charge_percent);
        if (r >= 0 && v->runtime_sec >= 0 && v->runtime_sec < 1e15)
                r = append_entry(m, "runtime", "x", (int64_t) v->runtime_sec);
        if (r >= 0 && !isnan(s->load_percent))
                r = append_entry(m, "load", "d", s->load_percent);
        if (r >= 0 && v->contact != CONTACT_NEVER)
                r = append_entry(m, "age", "t", usec_sub(now_usec(CLOCK_BOOTTIME), v->heard_usec));
        return r;
}

static int append_supply(sd_bus_message *m, const Monitor *monitor, size_t i) {
        const Supply *s = monitor->supplies[i];
        SupplyView view = decision_supply_view(monitor->decision, i);

        int r = append_entry(m, "device", "s", s->device);
        if (r >= 0)
                r = append_entry(m, "system", "s", s->system);
        if (r >= 0)
                r = append_entry(m, "power-value", "u", s->policy.power_value);
        if (r >= 0)
                r = append_entry(m, "primary", "b", s->policy.primary);
        if (r >= 0)
                r = append_entry(m, "counts", "b", view.counts);
        if (r >= 0)
                r = append_entry(m, "state", "s", supply_state_to_string(view.state));
        if (r >= 0)
                r = append_entry(m, "cause", "s", cause_to_string(view.cause));
        if (r >= 0)
                r = append_entry(m, "deadline", "t", view.deadline_usec);
        if (r >= 0)
                r = append_entry(m, "on-battery-since", "t", view.on_battery_since_usec);
        if (r >= 0)
                r = append_strv_entry(m, "status", s->status);
        if (r >= 0 && s->remark)
                r = append_entry(m, "remark", "s", s->remark);
        return r < 0 ? r : append_values(m, s);
}

int method_list_supplies(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        MonitorBus *b = userdata;

        return reply_all(m, b->monitor, b->monitor->n_supplies, append_supply);
}

/*** Plan ***/

static int append_rule(sd_bus_message *m, const PlanRule *rule) {
        int r = append_entry(m, "device", "s", rule->device);
        if (r >= 0)
                r = append_entry(m, "rule", "s", rule->rule);
        if (r >= 0 && !isnan(rule->limit))
                r = append_entry(m, "limit", "d", rule->limit);
        if (r >= 0 && !isnan(rule->present))
                r = append_entry(m, "present", "d", rule->present);
        if (r >= 0)
                r = append_entry(m, "fires-in", "x", rule->fires_in_sec);
        return r < 0 ? r : append_entry(m, "text", "s", rule->text);
}

static int append_stage(sd_bus_message *m, const PlanStage *stage) {
        int r = append_entry(m, "name", "s", stage->name);
        if (r >= 0)
                r = append_entry(m, "time", "t", stage->time_usec);
        return r < 0 ? r : append_entry(m, "text", "s", stage->text);
}

static int append_plan(sd_bus_message *m, const Plan *p) {
        int r = sd_bus_message_open_container(m, 'a', "a{sv}");

        for (size_t i = 0; r >= 0 && i < p->n_rules; i++) {
                r = sd_bus_message_open_container(m, 'a', "{sv}");
                if (r >= 0)
                        r = append_rule(m, p->rules + i);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && i < PLAN_STAGES; i++) {
                r = sd_bus_message_open_container(m, 'a', "{sv}");
                if (r >= 0)
                        r = append_stage(m, p->stages + i);
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_plan(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(plan_freep) Plan *plan = NULL;
        MonitorBus *b = userdata;

        int r = plan_new(b->monitor, &plan);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_plan(reply, plan);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/*** History ***/

static int append_history_values(sd_bus_message *m, const Shutdown *s) {
        int r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "values");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "a{ss}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < s->n_values; i++)
                r = sd_bus_message_append(m, "{ss}", s->values[i].name, s->values[i].value);
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_history_events(sd_bus_message *m, const Shutdown *s) {
        int r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "events");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "a(ts)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(ts)");
        for (size_t i = 0; r >= 0 && i < s->n_events; i++)
                r = sd_bus_message_append(m, "(ts)", s->events[i].time_usec, s->events[i].text);
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_shutdown(sd_bus_message *m, const Shutdown *s) {
        int r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = append_entry(m, "time", "t", s->time_usec);
        if (r >= 0)
                r = append_entry(m, "boot-id", "s", s->boot_id);
        if (r >= 0)
                r = append_entry(m, "outcome", "s", outcome_to_string(s->outcome));
        if (r >= 0)
                r = append_entry(m, "cause", "s", s->cause);
        if (r >= 0)
                r = append_entry(m, "device", "s", s->device);
        if (r >= 0)
                r = append_entry(m, "reason", "s", s->reason);
        if (r >= 0)
                r = append_entry(m, "stop-time", "t", s->stop_usec);
        if (r >= 0)
                r = append_history_values(m, s);
        if (r >= 0)
                r = append_history_events(m, s);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* One that is under way has no outcome yet and is not told. */
static int append_shutdowns(sd_bus_message *m, const History *h, uint32_t count) {
        int r = sd_bus_message_open_container(m, 'a', "a{sv}");

        for (size_t i = h->n_shutdowns; r >= 0 && i-- > 0 && count > 0;)
                if (h->shutdowns[i]->outcome != OUTCOME_OPEN) {
                        r = append_shutdown(m, h->shutdowns[i]);
                        count--;
                }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_history(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        MonitorBus *b = userdata;
        uint32_t count;

        int r = sd_bus_message_read(m, "u", &count);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_shutdowns(reply, b->monitor->history, count);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/*** Policy ***/

/* The value of upsmon.conf for a rule of a device ("" for all); NaN for none. */
static double configured(const Monitor *m, const Supply *s, PolicyRule rule) {
        const UpsmonRules *r = s ? &s->configured.rules : &m->conf->rules;
        uint64_t usec;

        switch (rule) {
        case RULE_CHARGE:
                return r->charge_limit_percent;
        case RULE_RUNTIME:
                usec = r->runtime_limit_usec;
                break;
        case RULE_ON_BATTERY:
                usec = r->on_battery_limit_usec;
                break;
        default:
                usec = s ? UPSMON_NEVER : m->conf->on_battery_delay_usec;
        }
        return usec == UPSMON_NEVER ? NAN : (double) usec / (double) USEC_PER_SEC;
}

/* Entries go by rules, then by all and each device. A rule of a device that is no other than the one for
 * all is not said again. */
static int append_policy(sd_bus_message *m, const Monitor *monitor, const Supply *s, PolicyRule rule) {
        const char *device = s ? s->device : "";
        double value, general = configured(monitor, NULL, rule);
        bool set = policy_table_get(monitor->policy, device, rule, &value);

        if (!set)
                value = configured(monitor, s, rule);
        if (!set && (isnan(value) || (s && !isnan(general) && value == general)))
                return 0;

        int r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = append_entry(m, "device", "s", device);
        if (r >= 0)
                r = append_entry(m, "rule", "s", policy_rule_to_string(rule));
        if (r >= 0)
                r = append_entry(m, "value", "d", value);
        if (r >= 0)
                r = append_entry(m, "source", "s", set ? "policy" : "configuration");
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_policies(sd_bus_message *m, const Monitor *monitor) {
        int r = sd_bus_message_open_container(m, 'a', "a{sv}");

        for (PolicyRule rule = 0; r >= 0 && rule < _RULE_MAX; rule++) {
                r = append_policy(m, monitor, NULL, rule);
                for (size_t i = 0; r >= 0 && i < monitor->n_supplies; i++)
                        r = append_policy(m, monitor, monitor->supplies[i], rule);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_get_policy(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        MonitorBus *b = userdata;

        int r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_policies(reply, b->monitor);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/*** Notices ***/

int method_notices(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        MonitorBus *b = userdata;
        uint64_t after;

        int r = sd_bus_message_read(m, "t", &after);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(tssst)");
        for (const Notice *n; r >= 0 && (n = notice_log_after(b->monitor->notices,
                        after)); after = n->number)
                r = sd_bus_message_append(reply, "(tssst)", n->number, notify_type_to_string(n->type),
                                n->device, n->text, n->time_usec);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}
