/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "duration.h"
#include "plan.h"
#include "policy.h"
#include "string-util.h"
#include "time-util.h"

#define STATE_TIMEOUT_USEC (25 * USEC_PER_SEC)

/* The monitor goes by the last five shutdowns that it could measure. */
#define MEASURED_FROM 5U

/* A lock has to hold somewhat longer than what is done under it. */
#define DELAY_MARGIN_SEC 15U

void plan_done(Plan *p) {
        records_done(&p->state);
        records_done(&p->supplies);
        records_done(&p->rules);
        records_done(&p->stages);
        records_done(&p->shutdowns);
}

static const MonitorState *plan_state(const Plan *p) {
        return RECORD(MonitorState, &p->state, 0);
}

/*** What it comes to ***/

static uint64_t seconds_usec(int64_t seconds) {
        if (seconds < 0 || (uint64_t) seconds > USEC_INFINITY / USEC_PER_SEC)
                return USEC_INFINITY;

        return (uint64_t) seconds * USEC_PER_SEC;
}

static uint64_t first_rule_usec(const Plan *p, const char *device) {
        uint64_t first = USEC_INFINITY;

        for (size_t i = 0; i < p->rules.n; i++) {
                const MonitorRule *rule = RECORD(MonitorRule, &p->rules, i);

                if (streq_ptr(rule->device, device))
                        first = MIN(first, seconds_usec(rule->fires_in_sec));
        }

        return first;
}

/* The delay of the UPS before it cuts the power is not needed by the machine: it has stopped by then. */
static bool stage_is_ours(const MonitorStage *stage) {
        return !streq(strempty(stage->name), "power-off-delay");
}

static uint64_t needs_usec(const Plan *p) {
        uint64_t sum = 0;

        for (size_t i = 0; i < p->stages.n; i++) {
                const MonitorStage *stage = RECORD(MonitorStage, &p->stages, i);

                if (stage_is_ours(stage))
                        sum = usec_add(sum, stage->time_usec);
        }

        return sum;
}

static int make_budget(Plan *p) {
        _cleanup_free_ BudgetSupply *supplies = new0(BudgetSupply, p->supplies.n);

        if (!supplies)
                return ctl_error(-ENOMEM, "Out of memory.");

        for (size_t i = 0; i < p->supplies.n; i++) {
                const MonitorSupply *s = RECORD(MonitorSupply, &p->supplies, i);

                supplies[i] = (BudgetSupply) {
                        .power_value = s->power_value,
                        .lasts_usec = seconds_usec(s->runtime_sec),
                        .begins_usec = first_rule_usec(p, s->device),
                };
        }

        p->budget = budget_make(supplies, p->supplies.n, plan_state(p)->min_supplies, needs_usec(p));
        return 0;
}

static bool is_measured(const Plan *p) {
        for (size_t i = 0; i < p->shutdowns.n; i++)
                if (RECORD(MonitorShutdown, &p->shutdowns, i)->stop_time_usec > 0)
                        return true;

        return false;
}

int plan_read(Ctl *c, Plan *p) {
        uint32_t count = MEASURED_FROM;
        int r;

        p->supplies.kind = &monitor_supply_kind;
        p->rules.kind = &monitor_rule_kind;
        p->stages.kind = &monitor_stage_kind;
        p->shutdowns.kind = &monitor_shutdown_kind;
        r = monitor_read_state(c, STATE_TIMEOUT_USEC, &p->state);
        if (r >= 0)
                r = monitor_read(c, "ListSupplies", NULL, (Records *[]) { &p->supplies }, 1);
        if (r >= 0)
                r = monitor_read(c, "Plan", NULL, (Records *[]) { &p->rules, &p->stages }, 2);
        if (r >= 0 && c->json)
                r = monitor_read(c, "History", &count, (Records *[]) { &p->shutdowns }, 1);
        if (r < 0)
                return r;

        p->measured = is_measured(p);
        return make_budget(p);
}

/*** JSON ***/

static void json_usec(Json *j, const char *key, uint64_t usec) {
        json_number(j, key, usec == USEC_INFINITY ? NAN : (double) usec / (double) USEC_PER_SEC);
}

static int plan_json(const Plan *p) {
        Json j = { .f = stdout };

        json_object(&j, NULL);
        record_json(&j, p->state.kind, plan_state(p));
        json_boolean(&j, "shutdown_time_measured", p->measured);
        records_json(&j, "supplies", &p->supplies);
        records_json(&j, "rules", &p->rules);
        records_json(&j, "stages", &p->stages);
        json_usec(&j, "lasts_seconds", p->budget.lasts_usec);
        json_usec(&j, "begins_after_seconds", p->budget.begins_usec);
        json_usec(&j, "needs_seconds", p->budget.needs_usec);
        json_string(&j, "verdict", budget_verdict_to_string(p->budget.verdict));
        json_object_end(&j);
        return json_finish(&j);
}

/*** Text ***/

/* Prints and frees it. */
static int print_table(const Ctl *c, Table *table) {
        _cleanup_(table_freep) Table *t = table;

        return t && table_print(t, stdout, true, c->color) >= 0 ? 0 : ctl_error(-ENOMEM, "Out of memory.");
}

static void add_duration(Table *t, Color color, uint64_t usec, const char *unknown) {
        char text[DURATION_TEXT_MAX];

        if (usec == USEC_INFINITY)
                table_add(t, COLOR_FAINT, unknown);
        else {
                duration_format(text, sizeof(text), usec);
                table_add(t, color, text);
        }
}

static void add_percent(Table *t, double value) {
        if (isnan(value))
                table_add(t, COLOR_FAINT, "-");
        else
                table_addf(t, COLOR_NONE, "%.0f %%", value);
}

static Color supply_color(const MonitorSupply *s) {
        static const struct {
                const char *state;
                Color color;
        } colors[] = {
                { "online", COLOR_GOOD }, { "on-battery", COLOR_WARNING }, { "low", COLOR_BAD },
                { "critical", COLOR_BAD }, { "lost", COLOR_BAD }, { "unknown", COLOR_WARNING },
        };

        for (size_t i = 0; i < ELEMENTSOF(colors); i++)
                if (streq(colors[i].state, strempty(s->state)))
                        return colors[i].color;

        return COLOR_NONE;
}

static int print_supplies(const Ctl *c, const Plan *p) {
        Table *t = table_new(7);

        if (t)
                table_add_titles(t, "SUPPLY", "POWER", "ROLE", "CHARGE", "RUNTIME", "LOAD", "STATE");

        for (size_t i = 0; t && i < p->supplies.n; i++) {
                const MonitorSupply *s = RECORD(MonitorSupply, &p->supplies, i);

                table_add(t, COLOR_BOLD, strempty(s->system ?: s->device));
                table_addf(t, COLOR_NONE, "%" PRIu32, s->power_value);
                table_add(t, COLOR_NONE, s->primary ? "primary" : "secondary");
                add_percent(t, s->charge_percent);
                add_duration(t, COLOR_NONE, seconds_usec(s->runtime_sec), "-");
                add_percent(t, s->load_percent);
                table_addf(t, supply_color(s), "%s%s", strempty(s->state),
                           s->counts ? "" : ", does not count as good");
        }

        return print_table(c, t);
}

static void add_value(Table *t, const MonitorRule *rule, double value) {
        char text[DURATION_TEXT_MAX];

        policy_value_format(text, sizeof(text), strempty(rule->rule), value);
        table_add(t, isnan(value) ? COLOR_FAINT : COLOR_NONE, text);
}

static int print_rules(const Ctl *c, const Plan *p) {
        Table *t = table_new(6);

        if (t)
                table_add_titles(t, "SUPPLY", "RULE", "LIMIT", "NOW", "FIRES AFTER", "");

        for (size_t i = 0; t && i < p->rules.n; i++) {
                const MonitorRule *rule = RECORD(MonitorRule, &p->rules, i);

                table_add(t, COLOR_BOLD, strempty(rule->device));
                table_add(t, COLOR_NONE, strempty(rule->rule));
                add_value(t, rule, rule->limit);
                add_value(t, rule, rule->present);
                add_duration(t, COLOR_NONE, seconds_usec(rule->fires_in_sec), "cannot be told");
                table_add(t, COLOR_FAINT, strempty(rule->text));
        }

        return print_table(c, t);
}

static int print_stages(const Ctl *c, const Plan *p) {
        Table *t = table_new(3);

        if (t)
                table_add_titles(t, "STAGE", "AT MOST", "");

        for (size_t i = 0; t && i < p->stages.n; i++) {
                const MonitorStage *stage = RECORD(MonitorStage, &p->stages, i);

                table_add(t, COLOR_BOLD, strempty(stage->name));
                add_duration(t, COLOR_NONE, stage->time_usec, "-");
                table_add(t, COLOR_FAINT, strempty(stage->text));
        }

        return print_table(c, t);
}

/* What is said of a verdict: what it is, and what to do. */
static void print_verdict(const Ctl *c, const Budget *b) {
        char lasts[DURATION_TEXT_MAX], begins[DURATION_TEXT_MAX], needs[DURATION_TEXT_MAX],
                left[DURATION_TEXT_MAX];
        uint64_t advised = budget_advised_minutes(b);

        duration_format(lasts, sizeof(lasts), b->lasts_usec);
        duration_format(begins, sizeof(begins), b->begins_usec);
        duration_format(needs, sizeof(needs), b->needs_usec);
        duration_format(left, sizeof(left), usec_sub(b->lasts_usec, b->begins_usec));

        switch (b->verdict) {

        case BUDGET_FITS:
                ctl_print(c, COLOR_GOOD, "The battery lasts %s, the shutdown needs %s: it begins after %s, "
                          "with %s left.", lasts, needs, begins, left);
                break;

        case BUDGET_TOO_LATE:
                ctl_print(c, COLOR_BAD, "Too late: the battery lasts %s, the shutdown needs %s, but begins "
                          "after %s, with %s left.", lasts, needs, begins, left);
                ctl_print(c, COLOR_NONE, "  Let it begin earlier: busbarctl policy runtime=%" PRIu64 "min",
                          advised);
                break;

        case BUDGET_TOO_SHORT:
                ctl_print(c, COLOR_BAD, "Too short: the battery lasts %s, the shutdown needs %s, even if it "
                          "began at once.", lasts, needs);
                ctl_print(c, COLOR_NONE, "  Reduce the load or take a larger battery; what takes its time, "
                          "busbarctl shutdown --dry-run tells.");
                break;

        case BUDGET_BEGIN_UNKNOWN:
                ctl_print(c, COLOR_WARNING, "The battery lasts %s, the shutdown needs %s. When it begins "
                          "cannot be told: that is left to the UPS.", lasts, needs);
                ctl_print(c, COLOR_NONE, "  To say it yourself: busbarctl policy runtime=%" PRIu64 "min",
                          advised);
                break;

        case BUDGET_RUNTIME_UNKNOWN:
                ctl_print(c, COLOR_WARNING, "The shutdown needs %s. How long the battery lasts cannot be "
                          "told: the UPS does not say.", needs);
                ctl_print(c, COLOR_NONE, "  A rule that does not need to know: busbarctl policy charge=50%% "
                          "or on-battery=5min");
                break;

        default: /* BUDGET_NEVER */
                ctl_print(c, COLOR_NONE, "MINSUPPLIES is 0: this machine tells others, but does not go down "
                          "itself.");
        }
}

/* What the delay lock is needed for: all that comes before the machine stops. */
uint64_t plan_delay_seconds(const Plan *p) {
        uint64_t sum = DELAY_MARGIN_SEC * USEC_PER_SEC;

        for (size_t i = 0; i < p->stages.n; i++) {
                const MonitorStage *stage = RECORD(MonitorStage, &p->stages, i);

                if (stage_is_ours(stage) && !streq(strempty(stage->name), "stopping"))
                        sum = usec_add(sum, stage->time_usec);
        }

        return sum / USEC_PER_SEC;
}

static void print_delay(const Ctl *c, const Plan *p) {
        if (!plan_state(p)->delay_too_short)
                return;

        ctl_print(c, COLOR_WARNING, "When somebody else powers this machine off while it is on battery, "
                  "logind waits less than the plan needs: secondaries may lose their power.");
        ctl_print(c, COLOR_NONE, "  Write InhibitDelayMaxSec=%" PRIu64 " below [Login] in "
                                 "/etc/systemd/logind.conf.d/zz-busbar.conf,", plan_delay_seconds(p));
        ctl_print(c, COLOR_NONE, "  then: systemctl restart systemd-logind");
}

static int print_plan(const Ctl *c, const Plan *p) {
        int r;

        monitor_print_state(c, plan_state(p));
        if (p->supplies.n == 0) {
                putchar('\n');
                ctl_print(c, COLOR_WARNING, "Nothing is watched, so nothing shuts this machine down: there "
                          "is no UPS at this machine, and no MONITOR line in upsmon.conf.");
                return 0;
        }

        ctl_print(c, COLOR_NONE, "Power value: %" PRIu32 ", needed: %" PRIu32, plan_state(p)->power_value,
                  plan_state(p)->min_supplies);
        putchar('\n');
        r = print_supplies(c, p);
        if (r < 0)
                return r;

        puts("\nIf the mains failed now, a supply would be at its end when one of these rules fires:\n");
        r = print_rules(c, p);
        if (r < 0)
                return r;

        puts("\nThe shutdown:\n");
        r = print_stages(c, p);
        if (r < 0)
                return r;

        putchar('\n');
        print_verdict(c, &p->budget);
        print_delay(c, p);
        return 0;
}

int verb_plan(Ctl *c, char **args) {
        _cleanup_(plan_done) Plan p = {};
        int r;

        r = ctl_open_bus(c);
        if (r >= 0)
                r = plan_read(c, &p);
        if (r < 0)
                return r;

        return c->json ? plan_json(&p) : print_plan(c, &p);
}
