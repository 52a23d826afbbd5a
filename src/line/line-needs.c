/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-engine-internal.h"
#include "string-util.h"

/* What a few commands hang on: their conditions and texts, the variables in these, and all that those come
 * from. */

static void need_whens(LineEngine *e, const LineWhens *w, unsigned depth);
static void need_selector(LineEngine *e, const LineSelector *s, unsigned depth);

static void need_number(LineEngine *e, const ValueNumber *n, unsigned depth);

static void need_conversion(LineEngine *e, const ValueConversion *v, unsigned depth) {
        need_number(e, &v->scale, depth);
        need_number(e, &v->offset, depth);
}

static void need_template(LineEngine *e, const LineTemplate *t, unsigned depth) {
        for (size_t i = 0; i < t->n_pieces; i++)
                if (!t->pieces[i].text) {
                        need_selector(e, &t->pieces[i].selector, depth);
                        need_conversion(e, &t->pieces[i].conversion, depth);
                }
}

static void need_query(LineEngine *e, size_t query, unsigned depth) {
        Question *q = &e->questions[query];

        if (q->polled)
                return;
        q->polled = true;
        need_whens(e, &q->query->whens, depth);
        need_template(e, &q->query->send, depth);
}

static void need_row(LineEngine *e, const LineRow *row, unsigned depth) {
        need_selector(e, &row->selector, depth);
        need_conversion(e, &row->conversion, depth);
        need_whens(e, &row->whens, depth);
        for (size_t i = 0; i < row->n_ranges; i++) {
                need_number(e, &row->ranges[i].min, depth);
                need_number(e, &row->ranges[i].max, depth);
        }
}

static void need_derived(LineEngine *e, const char *name, unsigned depth);

static void need_variable(LineEngine *e, const char *name, unsigned depth) {
        Slot *s = line_find_slot(e, name);

        if (!s || s->needed || depth > LINE_CALLS_MAX)
                return;
        s->needed = true;
        for (size_t i = 0; i < s->n_rows; i++)
                need_row(e, s->rows[i], depth + 1);
        need_derived(e, name, depth + 1);
}

static void need_derived(LineEngine *e, const char *name, unsigned depth) {
        for (size_t i = 0; i < e->profile->n_derived; i++) {
                const ProfileDerived *d = &e->profile->derived[i];

                if (!strcaseeq(d->name, name))
                        continue;
                need_whens(e, &e->profile->derived_whens[i], depth);
                for (size_t k = 0; k < d->n_factors; k++)
                        if (d->factors[k].variable)
                                need_variable(e, d->factors[k].variable, depth);
        }
}

static void need_number(LineEngine *e, const ValueNumber *n, unsigned depth) {
        if (n->variable)
                need_variable(e, n->variable, depth);
}

static void need_selector(LineEngine *e, const LineSelector *s, unsigned depth) {
        if (depth > LINE_CALLS_MAX)
                return;
        if (s->source == LINE_SOURCE_ANSWER)
                need_query(e, s->query, depth + 1);
        else if (s->source == LINE_SOURCE_VARIABLE)
                need_variable(e, s->name, depth);
        else if (s->source == LINE_SOURCE_TEMPLATE)
                need_template(e, s->template, depth + 1);
}

static void need_fact(LineEngine *e, const LineFact *f, unsigned depth) {
        switch (f->type) {
        case LINE_FACT_VARIABLE:
                need_variable(e, f->name, depth);
                break;
        case LINE_FACT_VALUE:
                need_selector(e, &f->selector, depth);
                need_conversion(e, &f->conversion, depth);
                break;
        case LINE_FACT_ANSWERED:
                need_query(e, f->query, depth);
                break;
        case LINE_FACT_RATIO:
                need_variable(e, f->name, depth);
                need_variable(e, f->other, depth);
                break;
        case LINE_FACT_ANY:
        case LINE_FACT_ALL:
                need_whens(e, &f->whens, depth);
                break;
        case LINE_FACT_OPTION:
        case LINE_FACT_USB:
        case LINE_FACT_LINK:
        case LINE_FACT_PRODUCT:
        case LINE_FACT_VENDOR:
        case _LINE_FACT_MAX:
                break;
        }
}

static void need_whens(LineEngine *e, const LineWhens *w, unsigned depth) {
        for (size_t i = 0; i < w->n_uses && depth <= LINE_CALLS_MAX; i++)
                for (size_t k = 0; k < w->uses[i].when->n_facts; k++)
                        need_fact(e, &w->uses[i].when->facts[k], depth + 1);
}

/* Nothing is needed at first, nor afterwards. */
void line_mark_mains(LineEngine *e) {
        for (size_t i = 0; i < e->profile->n_rows[LINE_ROW_STATUS]; i++) {
                const LineRow *row = &e->profile->rows[LINE_ROW_STATUS][i];

                if (row->condition == CONDITION_ONLINE || row->condition == CONDITION_OFFLINE ||
                        row->condition == CONDITION_DISCHARGING)
                        need_row(e, row, 0);
        }
        for (size_t i = 0; i < e->profile->n_queries; i++) {
                e->questions[i].mains = e->questions[i].polled;
                e->questions[i].polled = false;
        }
        for (size_t i = 0; i < e->n_slots; i++)
                e->slots[i].needed = false;
}

static void need_command(LineEngine *e, const LineCommand *c) {
        need_whens(e, &c->whens, 0);
        for (size_t i = 0; i < c->n_steps; i++) {
                need_selector(e, &c->steps[i].selector, 0);
                need_conversion(e, &c->steps[i].conversion, 0);
                need_template(e, &c->steps[i].send, 0);
        }
}

void line_engine_need_only(LineEngine *e, const char *const *commands) {
        for (size_t i = 0; i < e->profile->n_queries; i++)
                e->questions[i].polled = false;
        for (size_t i = 0; i < e->n_slots; i++)
                e->slots[i].needed = false;

        for (size_t i = 0; i < e->profile->n_commands; i++)
                for (const char *const *name = commands; *name; name++)
                        if (strcaseeq(e->profile->commands[i].name, *name))
                                need_command(e, &e->profile->commands[i]);
}
