/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "string-util.h"

typedef enum Truth {
        TRUTH_FALSE,
        TRUTH_UNKNOWN, /* so is the contrary */
        TRUTH_TRUE,
} Truth;

static Truth truth_of(bool holds) {
        return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

static Truth when_truth(const SnmpContext *c, const SnmpWhen *w);

static Truth uses_truth(const SnmpContext *c, const SnmpWhens *w, bool any) {
        Truth all = truth_of(!any);

        for (size_t i = 0; i < w->n_uses; i++) {
                Truth one = when_truth(c, w->uses[i].when);

                one = w->uses[i].negate ? TRUTH_TRUE - one : one;
                all = any ? MAX(all, one) : MIN(all, one);
                if (all == truth_of(any))
                        break;
        }
        return all;
}

/* What is not known is not so; but what is turned round could then be anything. */
static Truth value_truth(const SnmpContext *c, const SnmpFact *f) {
        int r = snmp_expression_holds(c, &f->expression, NULL);

        if (r < 0)
                return f->expression.test.invert ? TRUTH_UNKNOWN : TRUTH_FALSE;
        return truth_of(r > 0);
}

static bool variable_holds(const SnmpContext *c, const SnmpFact *f) {
        const char *text = snmp_variable_text(c, f->name);

        return text && (!f->expression.has_test || value_test_holds(&f->expression.test, text));
}

/* The agent has it, whatever it says of it. */
static bool object_exists(const SnmpContext *c, const SnmpSelector *s) {
        const SnmpItem *item = s->source == SNMP_SOURCE_OBJECT ? snmp_pattern_item(c, &s->object) : NULL;

        return item && snmp_item_is_there(item);
}

static Truth fact_truth(const SnmpContext *c, const SnmpFact *f) {
        const SnmpIdentity *identity = &c->e->identity;
        size_t n;

        switch (f->type) {
        case SNMP_FACT_OPTION:
                return truth_of(snmp_engine_option(c->e, f->name) != NULL);
        case SNMP_FACT_VARIABLE:
                return truth_of(variable_holds(c, f));
        case SNMP_FACT_VALUE:
                return value_truth(c, f);
        case SNMP_FACT_EXISTS:
                return truth_of(object_exists(c, &f->expression.selector));
        case SNMP_FACT_TABLE:
                n = snmp_member_count(c->e, f->table, c->member);
                return truth_of(n >= f->min && n <= f->max);
        case SNMP_FACT_SYSOBJECTID:
                return truth_of(snmp_oid_has_prefix(&identity->object_id, &f->oid));
        case SNMP_FACT_SYSDESCR:
                return truth_of(profile_pattern_matches(&f->pattern, identity->description));
        case SNMP_FACT_ANY:
                return uses_truth(c, &f->whens, true);
        case SNMP_FACT_ALL:
                return uses_truth(c, &f->whens, false);
        case _SNMP_FACT_MAX:
                break;
        }
        return TRUTH_FALSE;
}

/* Of each type one has to hold; of "all" each. */
static Truth when_truth(const SnmpContext *c, const SnmpWhen *w) {
        Truth types[_SNMP_FACT_MAX] = {}, all = TRUTH_TRUE;
        SnmpContext deeper = *c;
        unsigned there = 0;

        if (++deeper.depth > SNMP_CALLS_MAX)
                return TRUTH_FALSE;

        for (size_t i = 0; i < w->n_facts; i++) {
                SnmpFactType type = w->facts[i].type;
                bool first = !(there & 1U << type);

                if (!first && types[type] == truth_of(type != SNMP_FACT_ALL))
                        continue;
                there |= 1U << type;
                if (first)
                        types[type] = fact_truth(&deeper, &w->facts[i]);
                else if (type == SNMP_FACT_ALL)
                        types[type] = MIN(types[type], fact_truth(&deeper, &w->facts[i]));
                else
                        types[type] = MAX(types[type], fact_truth(&deeper, &w->facts[i]));
        }
        for (SnmpFactType type = 0; type < _SNMP_FACT_MAX; type++)
                if (there & 1U << type)
                        all = MIN(all, types[type]);
        return all;
}

bool snmp_whens_hold(const SnmpContext *c, const SnmpWhens *w) {
        return uses_truth(c, w, false) == TRUTH_TRUE;
}

bool snmp_when_holds(const SnmpContext *c, const SnmpWhen *w) {
        return when_truth(c, w) == TRUTH_TRUE;
}
