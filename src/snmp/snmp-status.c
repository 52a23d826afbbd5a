/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* Status and alarms, of the device and of each member of a chain. */

static ChainMember *chain_of(const SnmpEngine *e, const Member *m) {
        const Member *chain = snmp_chain_member(e, m);

        for (size_t i = 0; chain && i < e->n_chain; i++)
                if (e->chain[i].member == chain)
                        return &e->chain[i];
        return NULL;
}

/*** The chain ***/

static void chain_member_done(ChainMember *c) {
        strv_free(c->alarms);
        free(c->status);
        free(c->alarm);
}

void snmp_chain_done(SnmpEngine *e) {
        for (size_t i = 0; i < e->n_chain; i++)
                chain_member_done(&e->chain[i]);
        e->chain = (free(e->chain), NULL);
        e->n_chain = 0;
}

static int note_gone(char ***gone, uint32_t number) {
        int r = strv_consume(gone, strprintf("device.%u.ups.status", number));

        return r < 0 ? r : strv_consume(gone, strprintf("device.%u.ups.alarm", number));
}

static ChainMember *find_number(ChainMember *chain, size_t n, uint32_t number) {
        for (size_t i = 0; i < n; i++)
                if (chain[i].number == number)
                        return &chain[i];
        return NULL;
}

/* Names that are shown no more are noted. */
int snmp_chain_make(const SnmpEngine *e, ChainMember **ret, size_t *ret_n, char ***gone) {
        const MemberList *list = e->chain_table != SNMP_NO_TABLE ? snmp_members(e, e->chain_table) : NULL;
        size_t n = list && list->n_members > 1 ? list->n_members : 0;
        ChainMember *chain = new0(ChainMember, n);
        int r = 0;

        if (!chain)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                chain[i].member = &list->members[i];
                chain[i].number = list->members[i].number;
        }
        if (e->n_chain > 0 && n == 0)
                r = strv_extend(gone, "device.count");
        for (size_t i = 0; i < e->n_chain && r >= 0; i++)
                if (!find_number(chain, n, e->chain[i].number))
                        r = note_gone(gone, e->chain[i].number);
        if (r < 0) {
                free(chain);
                return r;
        }
        *ret = chain;
        *ret_n = n;
        return 0;
}

/* What was known of a member stays with its number. */
void snmp_chain_replace(SnmpEngine *e, ChainMember *chain, size_t n) {
        for (size_t i = 0; i < e->n_chain; i++) {
                ChainMember *old = &e->chain[i], *c = find_number(chain, n, old->number);

                if (!c || c->status || c->alarm || c->alarms)
                        continue;
                c->memory = old->memory;
                c->conditions = old->conditions;
                c->alarms = TAKE_PTR(old->alarms);
                c->status = TAKE_PTR(old->status);
                c->alarm = TAKE_PTR(old->alarm);
        }
        snmp_chain_done(e);
        e->chain = chain;
        e->n_chain = n;
}

/*** Conditions ***/

/* A value that says neither of mains is one that the profile does not know: not that they are gone. */
static void drop_contradiction(Conditions *c) {
        uint64_t mains = UINT64_C(1) << CONDITION_ONLINE | UINT64_C(1) << CONDITION_OFFLINE;

        if ((c->known & mains) == mains && !(c->set & mains))
                c->known &= ~mains;
}

/* In a table a condition holds if it holds for one member; "else" is for what no row before has known. */
static int collect_conditions(SnmpEngine *e) {
        e->conditions = (Conditions){};
        for (size_t i = 0; i < e->n_chain; i++)
                e->chain[i].conditions = (Conditions){};

        for (size_t i = 0; i < e->layout.n_uses[SNMP_ROW_STATUS]; i++) {
                const Use *u = &e->layout.uses[SNMP_ROW_STATUS][i];
                const SnmpContext c = {.e = e, .member = u->member};
                ChainMember *chain = chain_of(e, u->member);
                Conditions *to = chain ? &chain->conditions : &e->conditions;
                uint64_t bit = UINT64_C(1) << u->row->condition;
                int holds;

                if ((u->row->alternative && to->known & bit) || !snmp_whens_hold(&c, &u->row->whens))
                        continue;
                holds = snmp_expression_holds(&c, &u->row->expression, u->item);
                if (holds == -ENOMEM)
                        return holds;
                if (holds >= 0)
                        conditions_put(to, u->row->condition, holds > 0 || to->set & bit);
        }
        drop_contradiction(&e->conditions);
        for (size_t i = 0; i < e->n_chain; i++)
                drop_contradiction(&e->chain[i].conditions);
        return 0;
}

/* Those that say of all members what they say of one. */
static bool is_of_all(Condition c) {
        return c == CONDITION_ONLINE || c == CONDITION_OFF || c == CONDITION_FULLY_CHARGED;
}

static bool is_offline(const Conditions *c) {
        uint64_t online = UINT64_C(1) << CONDITION_ONLINE, offline = UINT64_C(1) << CONDITION_OFFLINE;

        if (c->known & offline)
                return c->set & offline;
        return c->known & online && !(c->set & online);
}

static Conditions aggregate(const SnmpEngine *e) {
        Conditions all = e->conditions;
        bool offline = is_offline(&all);

        for (size_t i = 0; i < e->n_chain; i++)
                offline = offline || is_offline(&e->chain[i].conditions);
        for (Condition c = 0; c < _CONDITION_MAX; c++) {
                uint64_t bit = UINT64_C(1) << c;
                bool any = all.set & bit, each = e->n_chain > 0, known = all.known & bit;

                for (size_t i = 0; i < e->n_chain; i++) {
                        known = known || e->chain[i].conditions.known & bit;
                        any = any || e->chain[i].conditions.set & bit;
                        each = each && e->chain[i].conditions.set & bit;
                }
                if (!known)
                        continue;
                if (c == CONDITION_ONLINE)
                        any = any && !offline;
                else if (is_of_all(c))
                        any = each || all.set & bit;
                conditions_put(&all, c, any);
        }
        return all;
}

/*** Alarms ***/

static int alarm_text(const SnmpContext *c, const Use *u, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        if (u->row->name) {
                r = snmp_expression_holds(c, &u->row->expression, u->item);
                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                text = strdup(u->row->name);
                r = text ? 1 : -ENOMEM;
        } else
                r = snmp_expression_text(c, &u->row->expression, u->item, &text);
        if (r > 0 && !u->row->name && u->row->expression.has_test)
                r = value_test_holds(&u->row->expression.test, text);
        if (r <= 0)
                return r;
        if (u->member && (u->row->name || u->row->expression.conversion.lookup)) {
                char *named;

                r = snmp_member_name(c->e, text, u->member, false, &named);
                if (r < 0)
                        return r;
                if (named != text) {
                        free(text);
                        text = named;
                }
        }
        *ret = TAKE_PTR(text);
        return 1;
}

static int collect_alarms(SnmpEngine *e) {
        e->alarms = strv_free(e->alarms);
        for (size_t i = 0; i < e->n_chain; i++)
                e->chain[i].alarms = strv_free(e->chain[i].alarms);

        for (size_t i = 0; i < e->layout.n_uses[SNMP_ROW_ALARM]; i++) {
                const Use *u = &e->layout.uses[SNMP_ROW_ALARM][i];
                const SnmpContext c = {.e = e, .member = u->member};
                ChainMember *chain = chain_of(e, u->member);
                char *text;
                int r;

                if (!snmp_whens_hold(&c, &u->row->whens))
                        continue;
                r = alarm_text(&c, u, &text);
                if (r > 0)
                        r = strv_consume(chain ? &chain->alarms : &e->alarms, text);
                if (r < 0)
                        return r;
        }
        return 0;
}

int snmp_refresh_status(SnmpEngine *e) {
        int r = collect_conditions(e);

        return r < 0 ? r : collect_alarms(e);
}

/*** Showing them ***/

static double charge_of(const SnmpEngine *e, const Member *m) {
        const SnmpContext c = {.e = e, .member = m};
        double charge;

        return snmp_variable_number(&c, "battery.charge", &charge) ? charge : NAN;
}

static void apply(SnmpEngine *e, StatusMemory *memory, const Conditions *c, const Member *m, Update *u) {
        StatusRemark remark = {};

        status_rules_apply(
                &e->options.rules, memory, c, charge_of(e, m), now_usec(CLOCK_BOOTTIME), u, &remark);
        if (remark.text)
                snmp_engine_log(e, remark.level, 0, "%s%s", m ? "of one in the chain: " : "", remark.text);
}

/* What conditions and alarms look like as status, without any other. */
static int make_status(SnmpEngine *e,
        StatusMemory *memory,
        const Conditions *c,
        char *const *alarms,
        const Member *m,
        Model **ret) {
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_(model_freep) Model *model = model_new();
        int r;

        if (!u || !model)
                return -ENOMEM;
        apply(e, memory, c, m, u);
        STRV_FOREACH (alarm, alarms)
                (void) update_alarm(u, *alarm);
        r = model_apply(model, u, NULL);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(model);
        return 0;
}

static int show_text(
        SnmpEngine *e, char **shown, const char *value, uint32_t number, const char *what, Update *u) {
        char name[64];

        if (streq_ptr(*shown, value) && !e->show_all)
                return 0;
        (void) snprintf(name, sizeof(name), "device.%u.ups.%s", number, what);
        if (!isempty(value))
                (void) update_set(u, name, value);
        else if (*shown || !update_replaces(u))
                (void) update_unset(u, name);
        return free_and_strdup(shown, isempty(value) ? NULL : value);
}

static int publish_member(SnmpEngine *e, ChainMember *c, Update *u) {
        _cleanup_(model_freep) Model *model = NULL;
        int r;

        r = make_status(e, &c->memory, &c->conditions, c->alarms, c->member, &model);
        if (r < 0)
                return r;
        STRV_FOREACH (alarm, model_alarms(model)) {
                _cleanup_free_ char *text = strprintf("%u: %s", c->number, *alarm);

                if (!text)
                        return -ENOMEM;
                (void) update_alarm(u, text);
        }
        r = show_text(e, &c->status, model_get(model, "ups.status"), c->number, "status", u);
        if (r >= 0)
                r = show_text(e, &c->alarm, model_get(model, "ups.alarm"), c->number, "alarm", u);
        return r;
}

/* The tokens are those of all together; alarms are of the one that has them. */
static int publish_chain(SnmpEngine *e, Update *u) {
        _cleanup_(model_freep) Model *model = NULL;
        const Conditions all = aggregate(e);
        StatusMemory none = {};
        const char *reason;
        int r;

        r = make_status(e, &e->memory, &all, NULL, NULL, &model);
        if (r < 0)
                return r;
        (void) update_status(u, "");
        STRV_FOREACH (token, model_status(model))
                if (!streq(*token, "ALARM"))
                        (void) update_status(u, *token);
        reason = model_get(model, "input.transfer.reason");
        if (reason)
                (void) update_set(u, "input.transfer.reason", reason);
        model = model_free(model);

        (void) update_alarm(u, "");
        r = make_status(e, &none, &e->conditions, e->alarms, NULL, &model);
        if (r < 0)
                return r;
        STRV_FOREACH (alarm, model_alarms(model))
                (void) update_alarm(u, *alarm);
        for (size_t i = 0; i < e->n_chain && r >= 0; i++)
                r = publish_member(e, &e->chain[i], u);
        if (!snmp_find_slot(e, "device.count"))
                (void) update_setf(u, "device.count", "%zu", e->n_chain);
        return r;
}

int snmp_publish_status(SnmpEngine *e, Update *u) {
        int r = 0;

        /* One batch may be for a start and a poll: what was true before is not to stay in it. */
        update_restart_status(u);
        if (e->n_chain > 0)
                r = publish_chain(e, u);
        else {
                apply(e, &e->memory, &e->conditions, NULL, u);
                STRV_FOREACH (alarm, e->alarms)
                        (void) update_alarm(u, *alarm);
        }
        /* An empty status is that of a device that has had another; one that never says any has none. */
        if (!e->has_status)
                e->has_status = update_drop_empty_status(u);
        return r;
}
