/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "string-util.h"

/* Which objects a row hangs on. */

static const uint32_t sys_object_id[] = {1, 3, 6, 1, 2, 1, 1, 2, 0};
static const uint32_t sys_descr[] = {1, 3, 6, 1, 2, 1, 1, 1, 0};

static int want_pattern(SnmpWants *w, const SnmpContext *c, const SnmpPattern *p, SnmpAsk ask, bool status) {
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid oid;

        if (snmp_pattern_is_fixed(p))
                return p->parts[0].ids.n < 2 ? 0 : snmp_wants_add(w, &p->parts[0].ids, true, ask, status);
        return snmp_pattern_oid(p, c->member, ids, &oid) ? snmp_wants_add(w, &oid, false, ask, status) : 0;
}

/* A variable that something is made of is read as often as that. */
static int want_variable(SnmpWants *w, const SnmpContext *c, const char *name, SnmpAsk ask, bool status) {
        const SnmpProfile *p = c->e->profile;
        SnmpContext deeper = *c;

        if (++deeper.depth > SNMP_DEPTH_MAX || ask == _SNMP_ASK_MAX)
                return 0;
        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                int r;

                if ((row->ask <= ask && !status) || !strcaseeq(row->name, name) ||
                        (row->table != SNMP_NO_TABLE && !snmp_member_of(c->member, row->table)))
                        continue;
                r = snmp_want_expression(w, &deeper, &row->expression, ask, status);
                if (r >= 0)
                        r = snmp_want_whens(w, &deeper, &row->whens, ask, status);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int want_agent(SnmpWants *w, const char *what, SnmpAsk ask) {
        bool is_id = streq(what, "sysobjectid");
        const SnmpOid oid = {
                .ids = (uint32_t *) (is_id ? sys_object_id : sys_descr),
                .n = ELEMENTSOF(sys_descr),
        };

        return is_id || streq(what, "sysdescr")
                       ? snmp_wants_add(w, &oid, true, MAX(ask, SNMP_ASK_SLOW), false)
                       : 0;
}

static int want_selector(
        SnmpWants *w, const SnmpContext *c, const SnmpSelector *s, SnmpAsk ask, bool status) {
        switch (s->source) {
        case SNMP_SOURCE_OBJECT:
                return want_pattern(w, c, &s->object, ask, status);
        case SNMP_SOURCE_VARIABLE:
                return want_variable(w, c, s->name, ask, status);
        case SNMP_SOURCE_AGENT:
                return want_agent(w, s->name, ask);
        case SNMP_SOURCE_NONE:
        case SNMP_SOURCE_OPTION:
        case SNMP_SOURCE_COUNT:
        case SNMP_SOURCE_NUMBER:
        case SNMP_SOURCE_ARGUMENT:
                break;
        }
        return 0;
}

int snmp_want_expression(
        SnmpWants *w, const SnmpContext *c, const SnmpExpression *x, SnmpAsk ask, bool status) {
        int r = want_selector(w, c, &x->selector, ask, status);

        if (r >= 0 && x->decimals)
                r = want_selector(w, c, x->decimals, ask, status);
        if (r >= 0 && x->conversion.scale.variable)
                r = want_variable(w, c, x->conversion.scale.variable, ask, status);
        if (r >= 0 && x->conversion.offset.variable)
                r = want_variable(w, c, x->conversion.offset.variable, ask, status);
        return r;
}

int snmp_want_when(SnmpWants *w, const SnmpContext *c, const SnmpWhen *when, SnmpAsk ask, bool status) {
        SnmpContext deeper = *c;
        int r = 0;

        if (++deeper.depth > SNMP_DEPTH_MAX)
                return 0;
        for (size_t i = 0; i < when->n_facts && r >= 0; i++) {
                const SnmpFact *f = &when->facts[i];

                if (f->type == SNMP_FACT_VARIABLE)
                        r = want_variable(w, &deeper, f->name, ask, status);
                else if (f->type == SNMP_FACT_EXISTS)
                        r = snmp_want_expression(
                                w, &deeper, &f->expression, MAX(ask, SNMP_ASK_SLOW), status);
                else if (f->type == SNMP_FACT_VALUE)
                        r = snmp_want_expression(w, &deeper, &f->expression, ask, status);
                else if (f->type == SNMP_FACT_ANY || f->type == SNMP_FACT_ALL)
                        r = snmp_want_whens(w, &deeper, &f->whens, ask, status);
        }
        return r;
}

int snmp_want_whens(SnmpWants *w, const SnmpContext *c, const SnmpWhens *whens, SnmpAsk ask, bool status) {
        int r = 0;

        for (size_t i = 0; i < whens->n_uses && r >= 0; i++)
                r = snmp_want_when(w, c, whens->uses[i].when, ask, status);
        return r;
}

void snmp_wants_due(SnmpEngine *e, SnmpWants *w) {
        for (size_t i = 0; i < w->n_wants; i++) {
                const SnmpWant *want = &w->wants[i];
                const SnmpOid oid = {
                        .ids = want->ids ? (uint32_t *) want->ids : w->numbers + want->offset,
                        .n = want->n,
                };
                SnmpItem *item = snmp_items_find(&e->layout.items, &oid);

                if (item)
                        item->due = true;
        }
        snmp_wants_done(w);
}
