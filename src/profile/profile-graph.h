/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "profile-loader.h"

/* What is made of what in a profile: nodes are numbers, and never may one come back to itself. */

typedef struct LoaderEdge {
        size_t from, to;
} LoaderEdge;

typedef struct LoaderGraph LoaderGraph;
struct LoaderGraph {
        size_t n_nodes;
        /* Reports an error about a node: its name, and what is the matter with it. */
        void (*tell)(Loader *l, const LoaderGraph *g, size_t node, const char *what);
        const void *userdata;
        LoaderEdge *edges;
        size_t n_edges, edges_allocated;
        bool failed; /* no memory */
};

/* Says that from is made of to. */
void loader_graph_add(LoaderGraph *g, size_t from, size_t to);

/* Tells of one node that depends on itself, or on a chain of more than that many, or on too much in all. 0
 * or -ENOMEM. */
int loader_graph_check(Loader *l, LoaderGraph *g, size_t depth_max);

void loader_graph_done(LoaderGraph *g);
