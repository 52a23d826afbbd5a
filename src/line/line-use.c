/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-engine-internal.h"

/* Which queries a part of the profile takes something from. */

static int use_template(LineEngine *e, const LineTemplate *t, unsigned depth, LineEachQuery f);

static int use_selector(LineEngine *e, const LineSelector *s, unsigned depth, LineEachQuery f) {
        if (s->source == LINE_SOURCE_ANSWER)
                return f(e, &e->questions[s->query]);
        return s->source == LINE_SOURCE_TEMPLATE ? use_template(e, s->template, depth + 1, f) : 0;
}

static int use_template(LineEngine *e, const LineTemplate *t, unsigned depth, LineEachQuery f) {
        int r = 0;

        for (size_t i = 0; i < t->n_pieces && r >= 0 && depth < LINE_CALLS_MAX; i++)
                if (!t->pieces[i].text)
                        r = use_selector(e, &t->pieces[i].selector, depth, f);
        return r;
}

int line_selector_each_query(LineEngine *e, const LineSelector *s, LineEachQuery f) {
        return use_selector(e, s, 0, f);
}

int line_template_each_query(LineEngine *e, const LineTemplate *t, LineEachQuery f) {
        return use_template(e, t, 0, f);
}
