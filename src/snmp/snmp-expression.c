/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "value-number.h"

/* What can stand behind a point. */
#define DECIMALS_MAX 12.0

/*** Where a text comes from ***/

SnmpItem *snmp_pattern_item(const SnmpContext *c, const SnmpPattern *p) {
        uint32_t ids[SNMP_OID_MAX];
        SnmpItem *item = NULL;
        SnmpOid oid;

        if (!snmp_pattern_oid(p, c->member, ids, &oid))
                return NULL;
        if (c->items)
                item = snmp_items_find(c->items, &oid);
        return item ?: snmp_items_find(&c->e->layout.items, &oid);
}

/* One of the row's own member of a chain, or one of all. */
const char *snmp_variable_text(const SnmpContext *c, const char *name) {
        const Slot *s = NULL;

        for (int prefixed = 1; prefixed >= 0 && !(s && s->value); prefixed--) {
                char *expanded;

                if (snmp_member_name(c->e, name, c->member, prefixed, &expanded) < 0)
                        return NULL;
                s = snmp_find_slot(c->e, expanded);
                if (expanded != name)
                        free(expanded);
        }
        return s ? s->value : NULL;
}

bool snmp_variable_number(const SnmpContext *c, const char *name, double *ret) {
        const char *value = snmp_variable_text(c, name);

        return value && value_number_parse(value, 10, ret);
}

bool snmp_value_number_now(const SnmpContext *c, const ValueNumber *n, double *ret) {
        if (n->variable && snmp_variable_number(c, n->variable, ret))
                return true;
        *ret = n->value;
        return isfinite(n->value);
}

/* The host of udp:HOST:PORT, [HOST]:PORT and the like. */
static char *host_of(const char *peer) {
        static const char *const protocols[] = {"udp:", "udp6:", "tcp:", "tcp6:"};
        const char *end;

        for (size_t i = 0; peer && i < ELEMENTSOF(protocols); i++)
                peer = startswith(peer, protocols[i]) ?: peer;
        if (isempty(peer))
                return strdup("");
        if (*peer == '[' && strchr(peer, ']'))
                return strndup(peer + 1, (size_t) (strchr(peer, ']') - peer - 1));
        end = strrchr(peer, ':');
        /* An address of version 6 without brackets has several. */
        if (end && end == strchr(peer, ':'))
                return strndup(peer, (size_t) (end - peer));
        return strdup(peer);
}

static int agent_text(const SnmpContext *c, const char *what, char **ret) {
        const SnmpIdentity *i = &c->e->identity;
        char *text = NULL;

        if (streq(what, "host"))
                text = host_of(c->e->link->peer);
        else if (streq(what, "sysdescr") && i->description)
                text = strdup(i->description);
        else if (streq(what, "sysobjectid") && i->object_id.n > 0)
                text = snmp_oid_text(&i->object_id);
        else
                return 0;
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 1;
}

static int number_text(size_t n, char **ret) {
        *ret = strprintf("%zu", n);
        return *ret ? 1 : -ENOMEM;
}

static int number_of(const SnmpContext *c, size_t table, char **ret) {
        const Member *m = snmp_member_of(c->member, table);

        return m ? number_text(m->number, ret) : 0;
}

static int select_text(const SnmpContext *c, const SnmpExpression *x, const SnmpItem *item, char **ret) {
        const SnmpSelector *s = &x->selector;
        const char *text = NULL;

        switch (s->source) {
        case SNMP_SOURCE_OBJECT:
                item = item ?: snmp_pattern_item(c, &s->object);
                return item ? snmp_datum_text(&item->datum, x->form, ret) : 0;
        case SNMP_SOURCE_AGENT:
                return agent_text(c, s->name, ret);
        case SNMP_SOURCE_COUNT:
                return number_text(snmp_member_count(c->e, s->table, c->member), ret);
        case SNMP_SOURCE_NUMBER:
                return number_of(c, s->table, ret);
        case SNMP_SOURCE_VARIABLE:
                text = snmp_variable_text(c, s->name);
                break;
        case SNMP_SOURCE_OPTION:
                text = snmp_engine_option(c->e, s->name);
                break;
        case SNMP_SOURCE_ARGUMENT:
                text = isempty(c->argument) ? s->name : c->argument;
                break;
        case SNMP_SOURCE_NONE:
                break;
        }
        if (isempty(text))
                return 0;
        *ret = strdup(text);
        return *ret ? 1 : -ENOMEM;
}

/*** Values ***/

static int shift_decimals(const SnmpContext *c, const SnmpSelector *decimals, char **text) {
        const SnmpExpression x = {.selector = *decimals};
        _cleanup_free_ char *places = NULL;
        double n, v;
        char *shifted;
        int r = select_text(c, &x, NULL, &places);

        if (r <= 0)
                return r;
        if (!value_number_parse(places, 10, &n) || !value_number_parse(*text, 10, &v) ||
                fabs(n) > DECIMALS_MAX)
                return 0;
        shifted = value_number_text(NULL, v / pow(10, n));
        if (!shifted)
                return -ENOMEM;
        free(*text);
        *text = shifted;
        return 1;
}

int snmp_expression_text(const SnmpContext *c, const SnmpExpression *x, const SnmpItem *item, char **ret) {
        SnmpContext deeper = *c;
        _cleanup_free_ char *text = NULL;
        double scale, offset;
        int r;

        if (++deeper.depth > SNMP_CALLS_MAX)
                return 0;
        r = select_text(&deeper, x, item, &text);
        if (r > 0 && x->decimals)
                r = shift_decimals(&deeper, x->decimals, &text);
        if (r > 0 && !snmp_value_number_now(&deeper, &x->conversion.scale, &scale))
                scale = NAN;
        if (r > 0 && !snmp_value_number_now(&deeper, &x->conversion.offset, &offset))
                offset = NAN;
        if (r > 0)
                r = value_convert(&x->conversion, scale, offset, &text);
        if (r > 0)
                *ret = TAKE_PTR(text);
        return r;
}

/* Where a number is to be one of some, a text (as "n/a") is none of the others: it says nothing. Digits that
 * a form or a piece of a text makes are not meant. */
static bool is_other_kind(const SnmpExpression *x, const char *text) {
        double n;

        if (!x->test.is || x->form != SNMP_FORM_TEXT || value_number_parse(text, 10, &n))
                return false;
        STRV_FOREACH (s, x->test.is)
                if (!value_number_parse(*s, 10, &n))
                        return false;
        return true;
}

int snmp_expression_holds(const SnmpContext *c, const SnmpExpression *x, const SnmpItem *item) {
        _cleanup_free_ char *text = NULL;
        int r = snmp_expression_text(c, x, item, &text);

        if (r <= 0)
                return r < 0 ? r : -ENODATA;
        if (!value_test_applies(&x->test, text) || is_other_kind(x, text))
                return -ENODATA;
        return value_test_holds(&x->test, text);
}
