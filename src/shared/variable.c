/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "variable.h"

#include "parse-util.h"
#include "string-util.h"

static Variable *variable_unref(Variable *v) {
        if (!v || --v->n_ref > 0)
                return NULL;

        free(v->name);
        free(v->value);
        strv_free(v->enums);
        free(v->ranges);
        free(v);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Variable *, variable_unref);

static Variable *variable_new(const char *name, const char *value) {
        _cleanup_(variable_unrefp) Variable *v = new0(Variable, 1);

        if (!v)
                return NULL;

        v->n_ref = 1;
        v->name = strdup(name);
        v->value = strdup(value);
        return v->name && v->value ? TAKE_PTR(v) : NULL;
}

static Variable *variable_copy(const Variable *from) {
        _cleanup_(variable_unrefp) Variable *v = variable_new(from->name, from->value);

        if (!v || strv_copy(from->enums, &v->enums) < 0)
                return NULL;

        v->flags = from->flags;
        v->length_max = from->length_max;
        for (size_t i = 0; i < from->n_ranges; i++)
                if (variable_add_range(v, from->ranges[i]) < 0)
                        return NULL;

        return TAKE_PTR(v);
}

bool variable_same_description(const Variable *a, const Variable *b) {
        return a->flags == b->flags && a->length_max == b->length_max && strv_equal(a->enums, b->enums) &&
                a->n_ranges == b->n_ranges &&
                (a->n_ranges == 0 || memcmp(a->ranges, b->ranges, a->n_ranges * sizeof(Range)) == 0);
}

void variable_describe(Variable *v, VariableFlags flags, uint32_t length_max) {
        v->flags = flags;
        v->length_max = length_max;
        v->enums = strv_free(v->enums);
        free(TAKE_PTR(v->ranges));
        v->n_ranges = 0;
}

int variable_add_range(Variable *v, Range range) {
        Range *grown = reallocarray(v->ranges, v->n_ranges + 1, sizeof(Range));

        if (!grown)
                return -ENOMEM;

        v->ranges = grown;
        v->ranges[v->n_ranges++] = range;
        return 0;
}

void variable_set_done(VariableSet *s) {
        for (size_t i = 0; i < s->n; i++)
                variable_unref(s->slots[i].variable);
        free(s->slots);
        *s = (VariableSet) {};
}

int variable_set_copy(const VariableSet *s, VariableSet *ret) {
        VariableSet copy = {};

        if (!GREEDY_REALLOC(copy.slots, copy.n_allocated, s->n))
                return -ENOMEM;

        for (; copy.n < s->n; copy.n++) {
                copy.slots[copy.n] = (VariableSlot) { .variable = s->slots[copy.n].variable };
                copy.slots[copy.n].variable->n_ref++;
        }

        *ret = copy;
        return 0;
}

size_t variable_set_search(const VariableSet *s, const char *name, bool *ret_found) {
        size_t low = 0, high = s->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = strcasecmp(s->slots[middle].variable->name, name);

                if (c == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }

        *ret_found = false;
        return low;
}

static int variable_set_insert(VariableSet *s, size_t i, const char *name) {
        Variable *v;

        if (!GREEDY_REALLOC(s->slots, s->n_allocated, s->n + 1))
                return -ENOMEM;
        v = variable_new(name, "");
        if (!v)
                return -ENOMEM;

        memmove(s->slots + i + 1, s->slots + i, (s->n - i) * sizeof(VariableSlot));
        s->slots[i] = (VariableSlot) { .variable = v };
        s->n++;
        return 0;
}

int variable_set_edit(VariableSet *s, const char *name, bool create, Variable **ret) {
        bool found;
        size_t i = variable_set_search(s, name, &found);

        if (!found) {
                int r;

                if (!create) {
                        *ret = NULL;
                        return 0;
                }
                r = variable_set_insert(s, i, name);
                if (r < 0)
                        return r;
        } else if (s->slots[i].variable->n_ref > 1) {
                Variable *own = variable_copy(s->slots[i].variable);

                if (!own)
                        return -ENOMEM;
                variable_unref(s->slots[i].variable);
                s->slots[i].variable = own;
        }

        s->slots[i].seen = true;
        *ret = s->slots[i].variable;
        return 0;
}

int variable_set_value(VariableSet *s, const char *name, const char *value) {
        bool found;
        size_t i = variable_set_search(s, name, &found);
        Variable *v;
        int r;

        if (found && streq(s->slots[i].variable->value, value)) {
                s->slots[i].seen = true;
                return 0;
        }

        r = variable_set_edit(s, name, true, &v);
        if (r < 0)
                return r;

        return free_and_strdup(&v->value, value);
}

void variable_set_remove_at(VariableSet *s, size_t i) {
        variable_unref(s->slots[i].variable);
        memmove(s->slots + i, s->slots + i + 1, (s->n - i - 1) * sizeof(VariableSlot));
        s->n--;
}

void variable_set_remove(VariableSet *s, const char *name) {
        bool found;
        size_t i = variable_set_search(s, name, &found);

        if (found)
                variable_set_remove_at(s, i);
}

ValueVerdict variable_check_value(const Variable *v, const char *value) {
        double number;

        if (!(v->flags & VARIABLE_WRITABLE))
                return VALUE_READ_ONLY;

        if (v->flags & VARIABLE_STRING) {
                if (v->length_max == 0)
                        return VALUE_NOT_SETTABLE;
                if (strlen(value) > v->length_max)
                        return VALUE_TOO_LONG;
        }

        if (v->enums && !strv_contains(v->enums, value))
                return VALUE_INVALID;

        if (v->n_ranges > 0) {
                if (parse_double(value, &number) < 0)
                        return VALUE_INVALID;
                for (size_t i = 0; i < v->n_ranges; i++)
                        if (number >= (double) v->ranges[i].min && number <= (double) v->ranges[i].max)
                                return VALUE_OK;
                return VALUE_INVALID;
        }

        if (!(v->flags & VARIABLE_STRING) && !v->enums && parse_double(value, &number) < 0)
                return VALUE_INVALID;

        return VALUE_OK;
}
