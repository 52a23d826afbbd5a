/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What depends on itself: conditions, queries and variables can be made of each other, but never in a
 * circle, and not in a chain so long that following it could be a problem. */

#include "line-profile-internal.h"
#include "profile-graph.h"

/* Nodes are conditions, then queries, then variables by the place of their name. */
typedef struct Graph {
        LoaderGraph graph;
        const LineProfile *profile;
        const ProfileIndex *index;
} Graph;

static void add_query(Graph *g, size_t from, size_t query) {
        loader_graph_add(&g->graph, from, g->profile->n_whens + query);
}

static void add_variable(Graph *g, size_t from, const char *name) {
        ssize_t i = name ? profile_index_find(g->index, name) : -1;

        if (i >= 0)
                loader_graph_add(&g->graph, from, g->profile->n_whens + g->profile->n_queries + (size_t) i);
}

static void add_whens(Graph *g, size_t from, const LineWhens *whens) {
        for (size_t i = 0; i < whens->n_uses; i++)
                loader_graph_add(&g->graph, from, (size_t) (whens->uses[i].when - g->profile->whens));
}

static void add_piece(Graph *g, size_t from, const LinePiece *piece) {
        if (piece->text)
                return;
        if (piece->selector.source == LINE_SOURCE_ANSWER)
                add_query(g, from, piece->selector.query);
        if (piece->selector.source == LINE_SOURCE_VARIABLE)
                add_variable(g, from, piece->selector.name);
        add_variable(g, from, piece->conversion.scale.variable);
        add_variable(g, from, piece->conversion.offset.variable);
}

static void add_template(Graph *g, size_t from, const LineTemplate *t) {
        for (size_t i = 0; i < t->n_pieces; i++)
                add_piece(g, from, &t->pieces[i]);
}

static void add_value(Graph *g, size_t from, const LineSelector *s, const ValueConversion *c) {
        if (s->source == LINE_SOURCE_ANSWER)
                add_query(g, from, s->query);
        if (s->source == LINE_SOURCE_VARIABLE)
                add_variable(g, from, s->name);
        if (s->source == LINE_SOURCE_TEMPLATE)
                add_template(g, from, s->template);
        add_variable(g, from, c->scale.variable);
        add_variable(g, from, c->offset.variable);
}

static void add_when(Graph *g, size_t from, const LineWhen *when) {
        for (size_t i = 0; i < when->n_facts; i++) {
                const LineFact *f = &when->facts[i];

                if (f->type == LINE_FACT_VARIABLE || f->type == LINE_FACT_RATIO)
                        add_variable(g, from, f->name);
                if (f->type == LINE_FACT_RATIO)
                        add_variable(g, from, f->other);
                if (f->type == LINE_FACT_VALUE)
                        add_value(g, from, &f->selector, &f->conversion);
                if (f->type == LINE_FACT_ANSWERED)
                        add_query(g, from, f->query);
                add_whens(g, from, &f->whens);
        }
}

static void build(Graph *g) {
        const LineProfile *p = g->profile;
        size_t first = p->n_whens + p->n_queries;

        for (size_t i = 0; i < p->n_whens; i++)
                add_when(g, i, &p->whens[i]);
        for (size_t i = 0; i < p->n_queries; i++) {
                add_template(g, p->n_whens + i, &p->queries[i].send);
                add_whens(g, p->n_whens + i, &p->queries[i].whens);
        }
        for (size_t i = 0; i < p->n_rows[LINE_ROW_VARIABLE]; i++) {
                const LineRow *row = &p->rows[LINE_ROW_VARIABLE][i];
                size_t node = first + (size_t) profile_index_find(g->index, row->name);

                add_value(g, node, &row->selector, &row->conversion);
                add_whens(g, node, &row->whens);
        }
        for (size_t i = 0; i < p->n_derived; i++) {
                size_t node = first + (size_t) profile_index_find(g->index, p->derived[i].name);

                for (size_t k = 0; k < p->derived[i].n_factors; k++)
                        add_variable(g, node, p->derived[i].factors[k].variable);
                add_whens(g, node, &p->derived_whens[i]);
        }
}

static void tell(Loader *l, const LoaderGraph *graph, size_t node, const char *what) {
        const Graph *g = graph->userdata;
        const LineProfile *p = g->profile;
        ConfLine place = { .file = l->file };

        if (node < p->n_whens) {
                place.line = p->whens[node].line;
                (void) loader_error(l, &place, "[when:%s] %s", p->whens[node].name, what);
        } else if (node < p->n_whens + p->n_queries) {
                const LineQuery *q = &p->queries[node - p->n_whens];

                place.line = q->line;
                (void) loader_error(l, &place, "[query:%s] %s", q->name, what);
        } else {
                const ProfileName *name = &g->index->names[node - p->n_whens - p->n_queries];

                place.line = name->line;
                (void) loader_error(l, &place, "%s %s", name->name, what);
        }
}

int line_loader_check_cycles(Loader *l, const ProfileIndex *index) {
        const LineProfile *p = line_loader_profile(l);
        Graph g = {
                .graph = { .n_nodes = p->n_whens + p->n_queries + index->n_names, .tell = tell },
                .profile = p,
                .index = index,
        };
        int r;

        g.graph.userdata = &g;
        build(&g);
        r = loader_graph_check(l, &g.graph, LINE_DEPTH_MAX);
        loader_graph_done(&g.graph);
        return r;
}
