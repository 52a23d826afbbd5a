/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-engine-internal.h"
#include "string-util.h"

int line_row_holds(const LineContext *c, const LineRow *row, bool known_is_enough) {
        _cleanup_free_ char *text = NULL;
        int r = line_value(c, &row->selector, &row->conversion, &text);

        if (r <= 0)
                return r < 0 ? r : -ENODATA;
        if (known_is_enough && !row->has_test)
                return 1;
        return value_test_applies(&row->test, text) ? value_test_holds(&row->test, text) : -ENODATA;
}

/*** Conditions ***/

typedef enum Truth {
        TRUTH_FALSE,
        TRUTH_UNKNOWN, /* so is the contrary */
        TRUTH_TRUE,
} Truth;

static Truth truth_of(bool holds) {
        return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

static Truth when_truth(const LineContext *c, const LineWhen *w);

static Truth uses_truth(const LineContext *c, const LineWhens *w, bool any) {
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
static Truth value_truth(const LineContext *c, const LineFact *f) {
        _cleanup_free_ char *text = NULL;

        if (line_value(c, &f->selector, &f->conversion, &text) <= 0 || !value_test_applies(&f->test, text))
                return f->test.invert ? TRUTH_UNKNOWN : TRUTH_FALSE;
        return truth_of(value_test_holds(&f->test, text));
}

static bool variable_holds(const LineContext *c, const LineFact *f) {
        const Slot *s = line_find_slot(c->e, f->name);

        return s && s->value && (!f->has_test || value_test_holds(&f->test, s->value));
}

static bool ratio_holds(const LineContext *c, const LineFact *f) {
        double a, b;

        return line_variable_number(c->e, f->name, &a) && line_variable_number(c->e, f->other, &b) &&
               b != 0 && a / b >= f->min && a / b <= f->max;
}

static bool usb_is(const LineLink *l, const ProfileUsb *usb) {
        return l->is_usb && (usb->vendor_id < 0 || usb->vendor_id == l->identity.vendor_id) &&
               (usb->product_id < 0 || usb->product_id == l->identity.product_id);
}

static Truth fact_truth(const LineContext *c, const LineFact *f) {
        const HidIdentity *identity = &c->e->link->identity;

        switch (f->type) {
        case LINE_FACT_OPTION:
                return truth_of(line_option(c->e, f->name) != NULL);
        case LINE_FACT_VARIABLE:
                return truth_of(variable_holds(c, f));
        case LINE_FACT_VALUE:
                return value_truth(c, f);
        case LINE_FACT_ANSWERED:
                return truth_of(c->e->questions[f->query].answer != NULL);
        case LINE_FACT_RATIO:
                return truth_of(ratio_holds(c, f));
        case LINE_FACT_USB:
                return truth_of(usb_is(c->e->link, &f->usb));
        case LINE_FACT_LINK:
                return truth_of(streq_ptr(c->e->link->ops->name, f->name));
        case LINE_FACT_PRODUCT:
                return truth_of(profile_pattern_matches(&f->pattern, identity->product));
        case LINE_FACT_VENDOR:
                return truth_of(profile_pattern_matches(&f->pattern, identity->vendor));
        case LINE_FACT_ANY:
                return uses_truth(c, &f->whens, true);
        case LINE_FACT_ALL:
                return uses_truth(c, &f->whens, false);
        case _LINE_FACT_MAX:
                break;
        }
        return TRUTH_FALSE;
}

/* Of each type one has to hold; of "all" each. */
static Truth when_truth(const LineContext *c, const LineWhen *w) {
        const LineContext deeper = {.e = c->e, .argument = c->argument, .depth = c->depth + 1};
        Truth types[_LINE_FACT_MAX] = {}, all = TRUTH_TRUE;
        unsigned there = 0;

        if (deeper.depth > LINE_CALLS_MAX)
                return TRUTH_FALSE;

        for (size_t i = 0; i < w->n_facts; i++) {
                LineFactType type = w->facts[i].type;
                bool first = !(there & 1U << type);

                if (!first && types[type] == truth_of(type != LINE_FACT_ALL))
                        continue;
                there |= 1U << type;
                if (first)
                        types[type] = fact_truth(&deeper, &w->facts[i]);
                else if (type == LINE_FACT_ALL)
                        types[type] = MIN(types[type], fact_truth(&deeper, &w->facts[i]));
                else
                        types[type] = MAX(types[type], fact_truth(&deeper, &w->facts[i]));
        }
        for (LineFactType type = 0; type < _LINE_FACT_MAX; type++)
                if (there & 1U << type)
                        all = MIN(all, types[type]);
        return all;
}

bool line_whens_hold(const LineContext *c, const LineWhens *w) {
        return uses_truth(c, w, false) == TRUTH_TRUE;
}

bool line_question_counts(LineEngine *e, const Question *q) {
        const LineContext c = {.e = e};

        return line_whens_hold(&c, &q->query->whens);
}

bool line_link_is_meant(const LineEngine *e) {
        const LineProfile *p = e->profile;
        bool usb = p->n_probe_usb == 0;

        for (size_t i = 0; i < p->n_probe_usb && !usb; i++)
                usb = usb_is(e->link, &p->probe_usb[i]);
        return usb && (!p->probe_links || strv_contains(p->probe_links, e->link->ops->name));
}
