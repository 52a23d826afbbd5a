/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What depends on itself: conditions, queries and variables can be made of each other, but never in a
 * circle, and not in a chain so long that following it could be a problem. */

#include "line-profile-internal.h"
#include "string-util.h"

/* How much may be looked at to know one thing. */
#define COST_MAX 10000U

typedef struct Edge {
        size_t from, to;
} Edge;

/* Nodes are conditions, then queries, then variables by the place of their name. */
typedef struct Graph {
        const LineProfile *profile;
        const LineNameIndex *index;
        size_t n_nodes;
        Edge *edges;
        size_t n_edges, edges_allocated;
        bool failed; /* no memory */
} Graph;

static void graph_done(Graph *g) {
        free(g->edges);
}

static void add_edge(Graph *g, size_t from, size_t to) {
        if (g->failed)
                return;

        if (!GREEDY_REALLOC(g->edges, g->edges_allocated, g->n_edges + 1)) {
                g->failed = true;
                return;
        }
        g->edges[g->n_edges++] = (Edge) { from, to };
}

static void add_query(Graph *g, size_t from, size_t query) {
        add_edge(g, from, g->profile->n_whens + query);
}

static void add_variable(Graph *g, size_t from, const char *name) {
        ssize_t i = name ? line_name_index_find(g->index, name) : -1;

        if (i >= 0)
                add_edge(g, from, g->profile->n_whens + g->profile->n_queries + (size_t) i);
}

static void add_whens(Graph *g, size_t from, const LineWhens *whens) {
        for (size_t i = 0; i < whens->n_uses; i++)
                add_edge(g, from, (size_t) (whens->uses[i].when - g->profile->whens));
}

static void add_piece(Graph *g, size_t from, const LinePiece *piece) {
        if (piece->text)
                return;
        if (piece->selector.source == LINE_SOURCE_ANSWER)
                add_query(g, from, piece->selector.query);
        if (piece->selector.source == LINE_SOURCE_VARIABLE)
                add_variable(g, from, piece->selector.name);
        add_variable(g, from, piece->conversion.scale.variable);
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
                size_t node = first + (size_t) line_name_index_find(g->index, row->name);

                add_value(g, node, &row->selector, &row->conversion);
                add_whens(g, node, &row->whens);
        }
        for (size_t i = 0; i < p->n_derived; i++) {
                size_t node = first + (size_t) line_name_index_find(g->index, p->derived[i].name);

                for (size_t k = 0; k < p->derived[i].n_factors; k++)
                        add_variable(g, node, p->derived[i].factors[k].variable);
                add_whens(g, node, &p->derived_whens[i]);
        }
}

static int compare_edges(const void *a, const void *b) {
        const Edge *x = a, *y = b;

        return x->to != y->to ? (x->to > y->to) - (x->to < y->to)
                              : (x->from > y->from) - (x->from < y->from);
}

static void tell(Loader *l, const Graph *g, size_t node, const char *what) {
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
                const LineName *name = &g->index->names[node - p->n_whens - p->n_queries];

                place.line = name->line;
                (void) loader_error(l, &place, "%s %s", name->name, what);
        }
}

/* A node that comes back to itself, from one that leads there. next is for its own use. */
static size_t find_on_circle(const Graph *g, const size_t *waiting, size_t *next, size_t node) {
        for (size_t i = 0; i < g->n_edges; i++)
                if (waiting[g->edges[i].to] > 0)
                        next[g->edges[i].from] = g->edges[i].to;
        for (size_t step = 0; step < g->n_nodes; step++)
                node = next[node];

        return node;
}

/* Takes away what depends on nothing (any more), one after the other; what cannot be taken away depends on
 * itself. waiting: how much a node still depends on; depth: the longest chain below it; cost: how much is
 * looked at for it, as what is shared is looked at each time. */
static void check_graph(Loader *l, Graph *g, size_t *waiting, size_t *depth, size_t *cost, size_t *queue,
                size_t *starts) {
        size_t n_queue = 0, done = 0;

        if (g->n_edges > 0)
                qsort(g->edges, g->n_edges, sizeof(Edge), compare_edges);
        for (size_t i = 0; i < g->n_edges; i++) {
                waiting[g->edges[i].from]++;
                starts[g->edges[i].to + 1]++;
        }
        for (size_t i = 0; i < g->n_nodes; i++) {
                starts[i + 1] += starts[i];
                if (waiting[i] == 0)
                        queue[n_queue++] = i;
        }

        while (done < n_queue) {
                size_t node = queue[done++];

                for (size_t i = starts[node]; i < starts[node + 1]; i++) {
                        size_t from = g->edges[i].from;

                        depth[from] = MAX(depth[from], depth[node] + 1);
                        cost[from] = MIN(cost[from] + cost[node] + 1, COST_MAX + 1);
                        if (--waiting[from] == 0)
                                queue[n_queue++] = from;
                }
                if (depth[node] == LINE_DEPTH_MAX || cost[node] > COST_MAX) {
                        tell(l, g, node, depth[node] == LINE_DEPTH_MAX ?
                                        "depends on too many others, one after the other" :
                                        "depends on too many others, in too many ways");
                        return;
                }
        }

        for (size_t i = 0; i < g->n_nodes; i++)
                if (waiting[i] > 0) {
                        tell(l, g, find_on_circle(g, waiting, depth, i), "depends on itself");
                        return;
                }
}

int line_loader_check_cycles(Loader *l, const LineNameIndex *index) {
        const LineProfile *p = line_loader_profile(l);
        _cleanup_(graph_done) Graph g = {
                .profile = p,
                .index = index,
                .n_nodes = p->n_whens + p->n_queries + index->n_names,
        };
        size_t n = g.n_nodes;
        _cleanup_free_ size_t *memory = new0(size_t, 5 * n + 1);

        build(&g);
        if (!memory || g.failed)
                return -ENOMEM;

        check_graph(l, &g, memory, memory + n, memory + 2 * n, memory + 3 * n, memory + 4 * n);
        return 0;
}
