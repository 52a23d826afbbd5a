/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What depends on itself: conditions, tables and variables can be made of each other, but never in a circle,
 * and not in a chain so long that following it could be a problem. */

#include "profile-graph.h"
#include "snmp-profile-internal.h"

/* Nodes are conditions, then tables, then variables by the place of their name. */
typedef struct Graph {
        LoaderGraph graph;
        const SnmpProfile *profile;
        const ProfileIndex *index;
} Graph;

static void add_table(Graph *g, size_t from, size_t table) {
        if (table < g->profile->n_tables)
                loader_graph_add(&g->graph, from, g->profile->n_whens + table);
}

static void add_variable(Graph *g, size_t from, const char *name) {
        ssize_t i = name ? snmp_name_index_find(g->index, name) : -1;

        if (i >= 0)
                loader_graph_add(&g->graph, from, g->profile->n_whens + g->profile->n_tables + (size_t) i);
}

static void add_whens(Graph *g, size_t from, const SnmpWhens *whens) {
        for (size_t i = 0; i < whens->n_uses; i++)
                loader_graph_add(&g->graph, from, (size_t) (whens->uses[i].when - g->profile->whens));
}

static void add_selector(Graph *g, size_t from, const SnmpSelector *s) {
        if (s->source == SNMP_SOURCE_VARIABLE)
                add_variable(g, from, s->name);
        if (s->source == SNMP_SOURCE_COUNT)
                add_table(g, from, s->table);
}

static void add_expression(Graph *g, size_t from, const SnmpExpression *x) {
        add_selector(g, from, &x->selector);
        if (x->decimals)
                add_selector(g, from, x->decimals);
        add_variable(g, from, x->conversion.scale.variable);
        add_variable(g, from, x->conversion.offset.variable);
}

static void add_when(Graph *g, size_t from, const SnmpWhen *when) {
        for (size_t i = 0; i < when->n_facts; i++) {
                const SnmpFact *f = &when->facts[i];

                if (f->type == SNMP_FACT_VARIABLE)
                        add_variable(g, from, f->name);
                if (f->type == SNMP_FACT_VALUE)
                        add_expression(g, from, &f->expression);
                if (f->type == SNMP_FACT_TABLE)
                        add_table(g, from, f->table);
                add_whens(g, from, &f->whens);
        }
}

static void build(Graph *g) {
        const SnmpProfile *p = g->profile;
        size_t first = p->n_whens + p->n_tables;

        for (size_t i = 0; i < p->n_whens; i++)
                add_when(g, i, &p->whens[i]);
        for (size_t i = 0; i < p->n_tables; i++) {
                const SnmpTable *t = &p->tables[i];

                add_table(g, p->n_whens + i, t->parent);
                add_whens(g, p->n_whens + i, &t->whens);
                add_expression(g, p->n_whens + i, &t->count);
                for (size_t k = 0; k < t->n_selects; k++)
                        add_expression(g, p->n_whens + i, &t->selects[k]);
        }
        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                size_t node = first + (size_t) snmp_name_index_find(g->index, row->name);

                add_table(g, node, row->table);
                add_expression(g, node, &row->expression);
                add_whens(g, node, &row->whens);
        }
        for (size_t i = 0; i < p->n_derived; i++) {
                size_t node = first + (size_t) snmp_name_index_find(g->index, p->derived[i].name);

                for (size_t k = 0; k < p->derived[i].n_factors; k++)
                        add_variable(g, node, p->derived[i].factors[k].variable);
                add_whens(g, node, &p->derived_whens[i]);
        }
}

static void tell(Loader *l, const LoaderGraph *graph, size_t node, const char *what) {
        const Graph *g = graph->userdata;
        const SnmpProfile *p = g->profile;
        ConfLine place = { .file = l->file };

        if (node < p->n_whens) {
                place.line = p->whens[node].line;
                (void) loader_error(l, &place, "[when:%s] %s", p->whens[node].name, what);
        } else if (node < p->n_whens + p->n_tables) {
                const SnmpTable *t = &p->tables[node - p->n_whens];

                place.line = t->line;
                (void) loader_error(l, &place, "[table:%s] %s", t->name, what);
        } else {
                const ProfileName *name = &g->index->names[node - p->n_whens - p->n_tables];

                place.line = name->line;
                (void) loader_error(l, &place, "%s %s", name->name, what);
        }
}

int snmp_loader_check_cycles(Loader *l, const ProfileIndex *index) {
        const SnmpProfile *p = snmp_loader_profile(l);
        Graph g = {
                .graph = { .n_nodes = p->n_whens + p->n_tables + index->n_names, .tell = tell },
                .profile = p,
                .index = index,
        };
        int r;

        g.graph.userdata = &g;
        build(&g);
        r = loader_graph_check(l, &g.graph, SNMP_DEPTH_MAX);
        loader_graph_done(&g.graph);
        return r;
}
