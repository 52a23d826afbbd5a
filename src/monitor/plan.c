/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <math.h>

#include "armed.h"
#include "bus-mirror.h"
#include "history.h"
#include "policy.h"
#include "string-util.h"
#include "time-util.h"

/* What there is to know of a supply for its rules. Numbers may be NaN. */
typedef struct Outlook {
        double charge, runtime, charge_low, runtime_low;
        double delay_sec; /* no rule counts before */
} Outlook;

Plan *plan_free(Plan *p) {
        if (!p)
                return NULL;

        for (size_t i = 0; i < p->n_rules; i++)
                free(p->rules[i].text);
        for (size_t i = 0; i < PLAN_STAGES; i++)
                free(p->stages[i].text);
        free(p->rules);
        free(p);
        return NULL;
}

/* When something that counts down with the runtime gets there; -1 without knowledge. */
static int64_t fires_in(double seconds, double delay) {
        if (isnan(seconds))
                return -1;
        return (int64_t) CLAMP(MAX(seconds, delay), 0.0, 1e9);
}

/* The text is owned by the plan from here on, also on failure. */
static int add(Plan *p, const Supply *s, const char *rule, double limit, double present, int64_t seconds,
                char *text) {
        if (!text || !GREEDY_REALLOC(p->rules, p->n_allocated, p->n_rules + 1)) {
                free(text);
                return -ENOMEM;
        }
        p->rules[p->n_rules++] = (PlanRule) { s->device, rule, limit, present, seconds, text };
        return 0;
}

static int add_low_battery(Plan *p, const Monitor *m, const Supply *s, const Outlook *o) {
        double seconds = NAN, low = (double) m->conf->low_battery_duration_usec / (double) USEC_PER_SEC;

        if (!isnan(o->runtime) && !isnan(o->runtime_low))
                seconds = o->runtime - o->runtime_low;
        if (!isnan(o->runtime) && !isnan(o->charge_low) && o->charge > 0) {
                double by_charge = o->runtime * (1 - o->charge_low / o->charge);

                seconds = isnan(seconds) ? by_charge : MIN(seconds, by_charge);
        }
        return add(p, s, "low-battery", NAN, NAN, fires_in(seconds + low, 0),
                        strdup(s->policy.primary
                                        ? "The UPS says that its battery is low"
                                        : "The UPS says that its battery is low, or its primary says so"));
}

static int add_charge(Plan *p, const Supply *s, const Outlook *o) {
        double limit = s->policy.rules.charge_limit_percent;

        if (isnan(limit))
                return 0;
        double seconds = o->charge > 0 ? o->runtime * (1 - limit / o->charge) : NAN;
        return add(p, s, "charge", limit, o->charge, fires_in(seconds, o->delay_sec),
                        strprintf("The battery has %g %% left, or less", limit));
}

static int add_runtime(Plan *p, const Supply *s, const Outlook *o) {
        double limit = (double) s->policy.rules.runtime_limit_usec / (double) USEC_PER_SEC;
        char buf[64];

        if (s->policy.rules.runtime_limit_usec == UPSMON_NEVER)
                return 0;
        return add(p, s, "runtime", limit, o->runtime, fires_in(o->runtime - limit, o->delay_sec),
                        strprintf("The battery lasts %s, or less",
                                  format_duration(buf, sizeof(buf), s->policy.rules.runtime_limit_usec)));
}

static int add_on_battery(Plan *p, const Monitor *m, const Supply *s, size_t i, const Outlook *o) {
        double limit = (double) s->policy.rules.on_battery_limit_usec / (double) USEC_PER_SEC;
        uint64_t since = decision_supply_view(m->decision, i).on_battery_since_usec;
        uint64_t now = now_usec(CLOCK_BOOTTIME);
        double present = since > 0 ? (double) usec_sub(now, since) / (double) USEC_PER_SEC : 0;
        double delay = MAX(o->delay_sec - present, 0.0);
        char buf[64];

        if (s->policy.rules.on_battery_limit_usec == UPSMON_NEVER)
                return 0;
        return add(p, s, "on-battery", limit, present, fires_in(limit - present, delay),
                        strprintf("On battery for %s",
                                  format_duration(buf, sizeof(buf), s->policy.rules.on_battery_limit_usec)));
}

static Outlook look_out(const Monitor *m, const Supply *s) {
        const MirrorDevice *d = mirror_find(m->mirror, s->device);
        const Model *model = d ? mirror_device_model(d) : NULL;
        double delay = (double) m->conf->on_battery_delay_usec / (double) USEC_PER_SEC;

        (void) policy_table_get(m->policy, "", RULE_ON_BATTERY_DELAY, &delay);
        return (Outlook) {
                .charge = s->reading.charge_percent,
                .runtime = s->reading.runtime_sec,
                .charge_low = model ? model_get_number(model, "battery.charge.low") : NAN,
                .runtime_low = model ? model_get_number(model, "battery.runtime.low") : NAN,
                .delay_sec = delay,
        };
}

static int add_rules(Plan *p, const Monitor *m) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];
                const Outlook o = look_out(m, s);

                if (s->policy.power_value == 0)
                        continue;
                int r = add_low_battery(p, m, s, &o);
                if (r >= 0)
                        r = add_charge(p, s, &o);
                if (r >= 0)
                        r = add_runtime(p, s, &o);
                if (r >= 0)
                        r = add_on_battery(p, m, s, i, &o);
                if (r < 0)
                        return r;
        }
        return 0;
}

static uint64_t power_off_delay(const Monitor *m) {
        double longest = 0;

        for (size_t i = 0; i < m->n_supplies; i++) {
                const MirrorDevice *d = mirror_find(m->mirror, m->supplies[i]->device);
                double delay = d ? model_get_number(mirror_device_model(d), "ups.delay.shutdown") : NAN;

                if (supply_wants_power_off(m, i) && delay > longest && delay < 1e6)
                        longest = delay;
        }
        return (uint64_t) (longest * USEC_PER_SEC);
}

static int add_stages(Plan *p, const Monitor *m) {
        unsigned logins = 0;

        for (size_t i = 0; i < m->n_supplies; i++)
                if (m->supplies[i]->policy.primary)
                        logins += m->supplies[i]->n_logins;

        p->stages[0] = (PlanStage) {
                "waiting-for-secondaries", logins > 0 ? monitor_wait_usec(m) : 0,
                strprintf("%u machines are told and waited for", logins),
        };
        p->stages[1] = (PlanStage) {
                "final-delay", m->conf->final_delay_usec, strdup("So long everybody is warned (FINALDELAY)"),
        };
        p->stages[2] = (PlanStage) {
                "stopping", monitor_shutdown_time_usec(m),
                strdup(history_stop_usec(m->history) > 0
                ? "This machine stops; so long it took at most so far"
                                                         : "This machine stops; so long is assumed"),
        };
        p->stages[3] = (PlanStage) {
                "power-off-delay", power_off_delay(m), strdup("The UPS waits before it cuts the power"),
        };
        for (size_t i = 0; i < PLAN_STAGES; i++)
                if (!p->stages[i].text)
                        return -ENOMEM;
        return 0;
}

int plan_new(const Monitor *m, Plan **ret) {
        _cleanup_(plan_freep) Plan *p = new0(Plan, 1);

        if (!p)
                return -ENOMEM;
        int r = add_rules(p, m);
        if (r >= 0)
                r = add_stages(p, m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}
