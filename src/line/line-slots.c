/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "line-engine-internal.h"
#include "value-number.h"
#include "string-util.h"

/*** Making them ***/

Slot *line_find_slot(const LineEngine *e, const char *name) {
        for (size_t i = 0; i < e->n_slots; i++)
                if (strcaseeq(e->slots[i].name, name))
                        return &e->slots[i];
        return NULL;
}

static Slot *add_slot(LineEngine *e, const char *name) {
        Slot *s = line_find_slot(e, name);

        if (s)
                return s;
        if (!GREEDY_REALLOC(e->slots, e->n_slots_allocated, e->n_slots + 1))
                return NULL;
        s = &e->slots[e->n_slots++];
        *s = (Slot){.name = name};
        return s;
}

static int add_row(LineEngine *e, const LineRow *row) {
        Slot *s = add_slot(e, row->name);

        if (!s || !GREEDY_REALLOC(s->rows, s->n_allocated, s->n_rows + 1))
                return -ENOMEM;
        s->rows[s->n_rows++] = row;
        return 0;
}

static int mark_polled(LineEngine *e, Question *q) {
        q->polled = true;
        return 0;
}

static void mark_rows(LineEngine *e) {
        for (LineRowType type = 0; type < _LINE_ROW_TYPE_MAX; type++)
                for (size_t i = 0; i < e->profile->n_rows[type] && type != LINE_ROW_NEED; i++)
                        (void) line_selector_each_query(e, &e->profile->rows[type][i].selector, mark_polled);
}

static void mark_conditions(LineEngine *e) {
        for (size_t i = 0; i < e->profile->n_whens; i++)
                for (size_t k = 0; k < e->profile->whens[i].n_facts; k++) {
                        const LineFact *f = &e->profile->whens[i].facts[k];

                        if (f->type == LINE_FACT_VALUE)
                                (void) line_selector_each_query(e, &f->selector, mark_polled);
                        else if (f->type == LINE_FACT_ANSWERED)
                                e->questions[f->query].polled = true;
                }
}

int line_bind(LineEngine *e) {
        const LineProfile *p = e->profile;
        int r;

        e->questions = new0(Question, p->n_queries);
        if (!e->questions)
                return -ENOMEM;
        for (size_t i = 0; i < p->n_queries; i++)
                e->questions[i].query = &p->queries[i];

        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                r = add_row(e, &p->rows[LINE_ROW_VARIABLE][i]);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < p->n_derived; i++)
                if (!add_slot(e, p->derived[i].name))
                        return -ENOMEM;
        if (p->vendor && !add_slot(e, "ups.mfr"))
                return -ENOMEM;

        line_mark_mains(e);
        mark_rows(e);
        mark_conditions(e);
        for (size_t i = 0; i < p->n_queries; i++)
                if (e->questions[i].polled)
                        (void) line_template_each_query(e, &p->queries[i].send, mark_polled);
        return 0;
}

void line_unbind(LineEngine *e) {
        for (size_t i = 0; e->questions && i < e->profile->n_queries; i++)
                line_reply_free(e->questions[i].answer);
        e->questions = (free(e->questions), NULL);

        for (size_t i = 0; i < e->n_slots; i++) {
                free(e->slots[i].rows);
                free(e->slots[i].value);
                free(e->slots[i].held);
        }
        e->slots = (free(e->slots), NULL);
        e->n_slots = e->n_slots_allocated = 0;
}

/*** Their values ***/

static int row_value(LineEngine *e, Slot *s, const LineRow *row, char **ret) {
        const LineContext c = {.e = e};
        const char *text;

        if (!line_whens_hold(&c, &row->whens))
                return 0;
        if (row->selector.source != LINE_SOURCE_NONE)
                return line_value(&c, &row->selector, &row->conversion, ret);

        text = row->held ? line_held(e, s, row) : row->value;
        *ret = text ? strdup(text) : NULL;
        return *ret ? 1 : -ENOMEM;
}

static bool product(const LineEngine *e, const ProfileDerived *d, double *ret) {
        double v, result = 1;

        for (size_t i = 0; i < d->n_factors; i++) {
                const ProfileFactor *f = &d->factors[i];

                if (!f->variable)
                        v = f->number;
                else if (!line_variable_number(e, f->variable, &v)) {
                        if (!f->has_number)
                                return false;
                        v = f->number;
                }
                result *= v;
        }
        *ret = result;
        return isfinite(result);
}

static int derived_value(LineEngine *e, const Slot *s, char **ret) {
        const LineContext c = {.e = e};
        double v;

        for (size_t i = 0; i < e->profile->n_derived; i++) {
                const ProfileDerived *d = &e->profile->derived[i];

                if (!strcaseeq(d->name, s->name) || !line_whens_hold(&c, &e->profile->derived_whens[i]) ||
                        !product(e, d, &v))
                        continue;
                *ret = value_number_text(d->format ?: "%.0f", v);
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}

/* 1 when the value is another one than before. */
static int refresh_slot(LineEngine *e, Slot *s) {
        _cleanup_free_ char *value = NULL;
        const LineRow *chosen = NULL;
        int r = 0;

        for (size_t i = 0; i < s->n_rows && r == 0; i++) {
                r = row_value(e, s, s->rows[i], &value);
                chosen = r > 0 ? s->rows[i] : NULL;
        }
        if (r == 0)
                r = derived_value(e, s, &value);
        if (r == 0 && e->profile->vendor && strcaseeq(s->name, "ups.mfr")) {
                value = strdup(e->profile->vendor);
                r = value ? 1 : -ENOMEM;
        }
        if (r < 0)
                return r;

        if (isempty(value))
                chosen = NULL;
        s->chosen = chosen;
        if (streq_ptr(s->value, isempty(value) ? NULL : value))
                return 0;
        free(s->value);
        s->value = isempty(value) ? NULL : TAKE_PTR(value);
        return 1;
}

static int forget_uncounted(LineEngine *e) {
        int n = 0;

        for (size_t i = 0; i < e->profile->n_queries; i++)
                if (e->questions[i].answer && !line_question_counts(e, &e->questions[i])) {
                        e->questions[i].answer = line_reply_free(e->questions[i].answer);
                        n = 1;
                }
        return n;
}

/* From nothing on, so that no value is there only because it was there before. Each round settles one more
 * link of the longest chain; each answer that does not count any more may change all of it. */
int line_refresh(LineEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++)
                e->slots[i].value = (free(e->slots[i].value), NULL);

        for (unsigned round = 0; round <= LINE_DEPTH_MAX + 2; round++) {
                int n = 0;

                for (size_t i = 0; i < e->n_slots; i++) {
                        int r = refresh_slot(e, &e->slots[i]);

                        if (r < 0)
                                return r;
                        n |= r;
                }
                if (n > 0)
                        continue;
                if (forget_uncounted(e) == 0)
                        return 0;
                round = 0;
        }

        if (!e->unstable)
                line_log(e, LOG_WARNING, 0, "the profile %s has values that depend on themselves",
                        e->profile->id);
        e->unstable = true;
        return 0;
}
