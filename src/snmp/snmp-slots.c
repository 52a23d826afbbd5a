/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "value-number.h"

const Use *snmp_slot_use(const SnmpEngine *e, const Slot *s) {
        return s->chosen < 0 ? NULL : &e->layout.uses[SNMP_ROW_VARIABLE][s->first + (size_t) s->chosen];
}

const SnmpRow *snmp_slot_row(const SnmpEngine *e, const Slot *s) {
        const Use *u = snmp_slot_use(e, s);

        return u ? u->row : NULL;
}

const char *snmp_vendor_name(const SnmpEngine *e) {
        return !e->profile->type || streq(e->profile->type, "ups") ? "ups.mfr" : "device.mfr";
}

static int use_value(SnmpEngine *e, Slot *s, const Use *u, char **ret) {
        const SnmpContext c = {.e = e, .member = u->member};
        const char *text;

        if (!snmp_whens_hold(&c, &u->row->whens))
                return 0;
        if (u->row->expression.selector.source != SNMP_SOURCE_NONE)
                return snmp_expression_text(&c, &u->row->expression, u->item, ret);

        text = u->row->held ? snmp_held(e, s, u) : u->row->value;
        *ret = text ? strdup(text) : NULL;
        return *ret ? 1 : -ENOMEM;
}

/* A text that can be given and was not: it is known to be empty, and has to be there to be given. */
static bool is_blank_to_fill(const SnmpEngine *e, const Use *u) {
        const SnmpContext c = {.e = e, .member = u->member};
        const SnmpExpression *x = &u->row->expression;
        _cleanup_free_ char *text = NULL;
        const SnmpItem *item;

        if (!u->row->writable || u->row->length_max == 0 || x->selector.source != SNMP_SOURCE_OBJECT ||
                !snmp_whens_hold(&c, &u->row->whens))
                return false;
        item = u->item ?: snmp_pattern_item(&c, &x->selector.object);
        return item && item->datum.type == SNMP_TYPE_STRING &&
               snmp_datum_text(&item->datum, x->form, &text) == 0;
}

/* Only where no alternative has a value. 1 if there is such a text, 0, -ENOMEM. */
static int blank_value(const SnmpEngine *e, const Slot *s, int16_t *ret_chosen, char **ret) {
        for (int16_t i = 0; i < (int16_t) s->n_uses; i++)
                if (is_blank_to_fill(e, &e->layout.uses[SNMP_ROW_VARIABLE][s->first + (size_t) i])) {
                        *ret = strdup("");
                        *ret_chosen = i;
                        return *ret ? 1 : -ENOMEM;
                }
        return 0;
}

/*** What follows from others ***/

static bool product(const SnmpContext *c, const ProfileDerived *d, double *ret) {
        double v, result = 1;

        for (size_t i = 0; i < d->n_factors; i++) {
                const ProfileFactor *f = &d->factors[i];

                if (!f->variable)
                        v = f->number;
                else if (!snmp_variable_number(c, f->variable, &v)) {
                        if (!f->has_number)
                                return false;
                        v = f->number;
                }
                result *= v;
        }
        *ret = result;
        return isfinite(result);
}

static int derived_value(const SnmpEngine *e, const Slot *s, char **ret) {
        const SnmpContext c = {.e = e};
        double v;

        for (size_t i = 0; i < e->profile->n_derived; i++) {
                const ProfileDerived *d = &e->profile->derived[i];

                if (!strcaseeq(d->name, s->name) || !snmp_whens_hold(&c, &e->profile->derived_whens[i]) ||
                        !product(&c, d, &v))
                        continue;
                *ret = value_number_text(d->format ?: "%.0f", v);
                return *ret ? 1 : -ENOMEM;
        }
        if (!e->profile->vendor || !strcaseeq(s->name, snmp_vendor_name(e)))
                return 0;
        *ret = strdup(e->profile->vendor);
        return *ret ? 1 : -ENOMEM;
}

/*** All of them ***/

static bool has_changed(const SnmpEngine *e, const Slot *s) {
        if (s->computed == 0)
                return true;
        for (size_t i = 0; i < s->n_uses; i++) {
                const SnmpItem *item = e->layout.uses[SNMP_ROW_VARIABLE][s->first + i].item;

                if (item && item->changed > s->computed)
                        return true;
        }
        return false;
}

/* 1 when the value is another one than before. */
static int refresh_slot(SnmpEngine *e, Slot *s) {
        _cleanup_free_ char *value = NULL;
        int16_t chosen = -1;
        int r = 0;

        for (int16_t i = 0; i < (int16_t) s->n_uses && r == 0; i++) {
                r = use_value(e, s, &e->layout.uses[SNMP_ROW_VARIABLE][s->first + (size_t) i], &value);
                chosen = r > 0 ? i : -1;
        }
        if (r == 0 && !s->is_simple)
                r = derived_value(e, s, &value);
        if (r == 0)
                r = blank_value(e, s, &chosen, &value);
        if (r < 0)
                return r;

        s->dirty = s->dirty || s->chosen != chosen;
        s->chosen = chosen;
        s->computed = e->asker.now;
        if (streq_ptr(s->value, value))
                return 0;
        free(s->value);
        s->value = TAKE_PTR(value);
        s->dirty = true;
        return 1;
}

/* Those that are made of each other settle link by link. */
static int refresh_others(SnmpEngine *e) {
        for (unsigned round = 0; round <= SNMP_DEPTH_MAX + 2; round++) {
                int n = 0;

                for (size_t i = 0; i < e->layout.n_slots; i++) {
                        int r = e->layout.slots[i].is_simple ? 0 : refresh_slot(e, &e->layout.slots[i]);

                        if (r < 0)
                                return r;
                        n |= r;
                }
                if (n == 0)
                        return 0;
        }
        if (!e->unstable)
                snmp_engine_log(e, LOG_WARNING, 0, "the profile %s has values that depend on themselves",
                        e->profile->id);
        e->unstable = true;
        return 0;
}

int snmp_refresh(SnmpEngine *e) {
        int r = 0;

        if (!e->is_stale && !e->asker.has_news)
                return 0;
        for (size_t i = 0; i < e->layout.n_slots && r >= 0; i++) {
                Slot *s = &e->layout.slots[i];

                if (!s->is_simple || !has_changed(e, s))
                        continue;
                r = refresh_slot(e, s);
        }
        if (r >= 0)
                r = refresh_others(e);
        e->status_is_stale = true;
        e->is_stale = r < 0;
        e->has_new_values = true;
        e->asker.has_news = false;
        e->asker.now++;
        return r;
}
