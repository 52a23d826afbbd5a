/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

/* Sorted sets of variables, for model.c. Variables are counted and never changed while shared, so a set
 * can be copied cheaply, edited, and thrown away or put in place of the old one as a whole. */

typedef struct VariableSlot {
        Variable *variable;
        bool seen; /* named by the update in hand */
} VariableSlot;

typedef struct VariableSet {
        VariableSlot *slots; /* sorted by name, ignoring case */
        size_t n, n_allocated;
} VariableSet;

/* Drops all references. */
void variable_set_done(VariableSet *s);
#define _cleanup_variable_set_ _cleanup_(variable_set_done)

/* A second set of the same variables, none of them seen. 0 or -ENOMEM. */
int variable_set_copy(const VariableSet *s, VariableSet *ret);

/* Index of the name; with false in *ret_found, the index where it belongs. */
size_t variable_set_search(const VariableSet *s, const char *name, bool *ret_found);

/* The variable of that name, made the set's own so that it may be changed; created with an empty value if
 * create. *ret is NULL if it is not there and create is false. Marks it seen. 0 or -ENOMEM. */
int variable_set_edit(VariableSet *s, const char *name, bool create, Variable **ret);

/* Sets a value; nothing happens when it is the same. 0 or -ENOMEM. */
int variable_set_value(VariableSet *s, const char *name, const char *value);

/* Removes the variable at an index, or the one of that name, if there. */
void variable_set_remove_at(VariableSet *s, size_t i);
void variable_set_remove(VariableSet *s, const char *name);

/* Same flags, length, enumeration and ranges. */
bool variable_same_description(const Variable *a, const Variable *b) _pure_;

/* Sets flags and maximum length and drops enumeration and ranges. */
void variable_describe(Variable *v, VariableFlags flags, uint32_t length_max);

/* Appends a range. 0 or -ENOMEM. */
int variable_add_range(Variable *v, Range range);
