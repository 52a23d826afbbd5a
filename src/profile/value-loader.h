/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "profile-loader.h"
#include "value.h"

/* The parts of profiles that become ValueConversion and ValueTest: see profile-loader.h for the ways of
 * loaders. */

/* What attributes may refer to, and the engine's own ways; Loader.values is to point at one. */
typedef struct ValueScope {
        ValueDefinitions *definitions;
        /* Remembers that something needs this variable; 1 when its name can be one, 0 after a report. */
        int (*refer)(Loader *l, const ConfLine *line, const char *name);
        /* Appends "NAME" or "!NAME" to what has to hold; 1, or 0 after a report. */
        int (*when)(Loader *l, const ConfLine *line, const char *s, void *whens);
} ValueScope;

/* Attributes by table. What they set is reached by a struct of pointers; NULL where there is none. */
typedef struct ValueTarget {
        ValueConversion *conversion;
        bool is_template; /* of a piece: unlook=, but neither test nor condition */
        ValueTest *test;
        bool *has_test;
        void *whens; /* of the engine's own type; NULL: there is no when= */
        /* What only this kind of row has. 1: taken; 0: reported; -ENOENT: unknown. */
        int (*own)(Loader *l, const ConfLine *line, const Attribute *a, void *userdata);
        const char *const *own_names; /* ends in NULL */
        void *userdata;
} ValueTarget;

/* Takes the words from first on. Returns 1 when all of them were fine. */
int loader_value_attributes(Loader *l, const ConfLine *line, size_t first, const ValueTarget *target);

/* Whether attributes that may stand there several times are these. */
bool value_attribute_repeats(const char *name);

/* Parts of a line. Each returns 1 when *ret was set, 0 after a report. */
int loader_value_lookup(Loader *l, const ConfLine *line, const char *s, const ValueLookup **ret);
int loader_value_function(Loader *l,
        const ConfLine *line,
        const char *s,
        bool bytes,
        const ValueFunction **ret,
        char **ret_argument);

/* Appends "MIN..MAX", of numbers or $NAME, to ranges. */
int loader_value_range(Loader *l, const ConfLine *line, const char *s, ValueRange **ranges, size_t *n);

/* Words of what stands in braces, as the reader of lines makes them: with = as a word, and quotes, which are
 * single ones or double. 1, 0 after a report. */
int loader_split_words(Loader *l, const ConfLine *line, const char *s, size_t n, char ***ret);

/* "V,V". */
int loader_value_list(Loader *l, const ConfLine *line, const char *s, ValueTest *test);

/* Makes room for that many of each kind, once and for all, as things will point at them; and puts the
 * lookups there that each profile has. 0 or -ENOMEM. */
int value_definitions_begin(ValueDefinitions *d, size_t n);

/* Defines a lookup or list of names; copies the name. The caller sees to it that there are no more than
 * DEFINITIONS_MAX definitions in all. 0 or -ENOMEM. */
int loader_define_lookup(Loader *l, const ConfLine *place, const char *name);
int loader_define_names(Loader *l, const ConfLine *place, const char *name);

/* A line of such a definition. */
int loader_read_value_lookup(Loader *l, const ConfLine *line, const char *name);
int loader_read_value_names(Loader *l, const ConfLine *line, const char *name);

/* Tells which of them nothing uses, or which are empty. */
void loader_check_definitions(Loader *l);
