/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "profile-graph.h"

/* How much may be looked at to know one thing. */
#define COST_MAX 10000U

void loader_graph_done(LoaderGraph *g) {
        free(g->edges);
        g->edges = NULL;
}

void loader_graph_add(LoaderGraph *g, size_t from, size_t to) {
        if (g->failed)
                return;

        if (!GREEDY_REALLOC(g->edges, g->edges_allocated, g->n_edges + 1)) {
                g->failed = true;
                return;
        }
        g->edges[g->n_edges++] = (LoaderEdge) { from, to };
}

static int compare_edges(const void *a, const void *b) {
        const LoaderEdge *x = a, *y = b;

        return x->to != y->to ? (x->to > y->to) - (x->to < y->to)
                              : (x->from > y->from) - (x->from < y->from);
}

/* A node that comes back to itself, from one that leads there. next is for its own use. */
static size_t find_on_circle(const LoaderGraph *g, const size_t *waiting, size_t *next, size_t node) {
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
static void check_graph(Loader *l, LoaderGraph *g, size_t depth_max, size_t *waiting, size_t *depth,
                size_t *cost,
                size_t *queue, size_t *starts) {
        size_t n_queue = 0, done = 0;

        if (g->n_edges > 0)
                qsort(g->edges, g->n_edges, sizeof(LoaderEdge), compare_edges);
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
                if (depth[node] == depth_max || cost[node] > COST_MAX) {
                        g->tell(l, g, node, depth[node] == depth_max ?
                                        "depends on too many others, one after the other" :
                                        "depends on too many others, in too many ways");
                        return;
                }
        }

        for (size_t i = 0; i < g->n_nodes; i++)
                if (waiting[i] > 0) {
                        g->tell(l, g, find_on_circle(g, waiting, depth, i), "depends on itself");
                        return;
                }
}

int loader_graph_check(Loader *l, LoaderGraph *g, size_t depth_max) {
        size_t n = g->n_nodes;
        _cleanup_free_ size_t *memory = new0(size_t, 5 * n + 1);

        if (!memory || g->failed)
                return -ENOMEM;

        check_graph(l, g, depth_max, memory, memory + n, memory + 2 * n, memory + 3 * n, memory + 4 * n);
        return 0;
}
