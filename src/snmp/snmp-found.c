/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"

/* From rows to members. */

typedef struct Builder {
        MemberList list;
        size_t n_allocated, n_numbers, n_numbers_allocated;
} Builder;

/* Identifiers are places until all are there: the memory moves. */
static int add(Builder *b, size_t table, const SnmpOid *instance, const Member *parent, uint32_t number) {
        if (!GREEDY_REALLOC(b->list.members, b->n_allocated, b->list.n_members + 1) ||
                !GREEDY_REALLOC(b->list.numbers, b->n_numbers_allocated, b->n_numbers + instance->n))
                return -ENOMEM;
        memcpy(b->list.numbers + b->n_numbers, instance->ids, instance->n * sizeof(uint32_t));
        b->list.members[b->list.n_members++] = (Member){
                .table = table,
                .instance = {.ids = NULL, .n = instance->n},
                .parent = parent,
                .number = number,
        };
        b->n_numbers += instance->n;
        return 0;
}

static void settle(Builder *b, MemberList *ret) {
        uint32_t *numbers = b->list.numbers;

        for (size_t i = 0; i < b->list.n_members; i++) {
                b->list.members[i].instance.ids = numbers;
                numbers += b->list.members[i].instance.n;
        }
        *ret = b->list;
}

static const Member *find_parent(const SnmpEngine *e, size_t table, const SnmpOid *instance) {
        const MemberList *parents = snmp_members(e, e->profile->tables[table].parent);

        for (size_t i = 0; i < parents->n_members; i++)
                if (snmp_oid_has_prefix(instance, &parents->members[i].instance))
                        return &parents->members[i];
        return NULL;
}

static size_t max_of(const SnmpTable *t) {
        return t->max > 0 ? MIN(t->max, SNMP_MEMBERS_MAX) : SNMP_MEMBERS_MAX;
}

static void tell_cut(SnmpEngine *e, size_t table) {
        const SnmpTable *t = &e->profile->tables[table];

        if (!e->tables[table].is_cut)
                snmp_engine_log(e, LOG_WARNING, 0,
                        "the table %s has more than %zu members: the others are left out", t->name,
                        max_of(t));
        e->tables[table].is_cut = true;
}

/* Of rows of one member the first counts; they stand together. */
static bool is_last_again(const Builder *b, const SnmpOid *instance) {
        const Member *last = b->list.n_members > 0 ? &b->list.members[b->list.n_members - 1] : NULL;

        return last && last->instance.n == instance->n &&
               memcmp(b->list.numbers + b->n_numbers - instance->n, instance->ids,
                       instance->n * sizeof(uint32_t)) == 0;
}

/* What stands in the column, if that is the number; UINT32_MAX for none. */
static uint32_t number_of(const SnmpTable *t, const SnmpValue *v, const SnmpOid *instance) {
        double n;

        if (t->numbering != SNMP_NUMBER_VALUE)
                return instance->ids[instance->n - 1];
        return snmp_value_number(v, &n) && n >= 0 && n < UINT32_MAX && n == floor(n) ? (uint32_t) n
                                                                                     : UINT32_MAX;
}

int snmp_found_from_walk(SnmpEngine *e, size_t table, const Walk *w, MemberList *ret) {
        const SnmpTable *t = &e->profile->tables[table];
        Builder b = {};
        int r = 0;

        for (size_t i = 0; i < w->n_values && r >= 0; i++) {
                SnmpOid instance = {
                        .ids = w->values[i].oid.ids + w->column.n,
                        .n = w->values[i].oid.n - w->column.n,
                };
                const Member *parent = NULL;

                if (instance.n == 0 || instance.n < t->depth)
                        continue;
                if (t->depth > 0)
                        instance.n = t->depth;
                if (t->parent != SNMP_NO_TABLE) {
                        parent = find_parent(e, table, &instance);
                        if (!parent)
                                continue;
                }
                if (is_last_again(&b, &instance))
                        continue;
                if (b.list.n_members >= max_of(t) && t->n_selects == 0) {
                        tell_cut(e, table);
                        break;
                }
                r = add(&b, table, &instance, parent, number_of(t, &w->values[i], &instance));
        }
        if (r < 0) {
                snmp_member_list_done(&b.list);
                return r;
        }
        settle(&b, ret);
        return 0;
}

/* The numbers behind the instance of a parent, or by themselves. */
static int add_numbers(Builder *b, const SnmpTable *t, size_t table, const Member *parent) {
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid instance = {.ids = ids, .n = 1};

        if (parent) {
                if (parent->instance.n >= SNMP_OID_MAX)
                        return 0;
                memcpy(ids, parent->instance.ids, parent->instance.n * sizeof(uint32_t));
                instance.n = parent->instance.n + 1;
        }
        for (uint64_t i = t->member_first; i <= t->member_last && b->list.n_members < SNMP_MEMBERS_MAX;
                i++) {
                int r;

                ids[instance.n - 1] = (uint32_t) i;
                r = add(b, table, &instance, parent, (uint32_t) i);
                if (r < 0)
                        return r;
        }
        return 0;
}

int snmp_found_again(SnmpEngine *e, size_t table, MemberList *ret) {
        const MemberList *old = &e->tables[table].list;
        Builder b = {};
        int r = 0;

        for (size_t i = 0; i < old->n_members && r >= 0; i++) {
                const Member *parent = find_parent(e, table, &old->members[i].instance);

                if (parent)
                        r = add(&b, table, &old->members[i].instance, parent, old->members[i].number);
        }
        if (r < 0) {
                snmp_member_list_done(&b.list);
                return r;
        }
        settle(&b, ret);
        return 0;
}

int snmp_found_from_numbers(SnmpEngine *e, size_t table, MemberList *ret) {
        const SnmpTable *t = &e->profile->tables[table];
        Builder b = {};
        int r = 0;

        if (t->parent == SNMP_NO_TABLE)
                r = add_numbers(&b, t, table, NULL);
        else {
                const MemberList *parents = snmp_members(e, t->parent);

                for (size_t i = 0; i < parents->n_members && r >= 0; i++)
                        r = add_numbers(&b, t, table, &parents->members[i]);
        }
        if (r < 0) {
                snmp_member_list_done(&b.list);
                return r;
        }
        settle(&b, ret);
        return 0;
}

/*** Which of them, and what they are called ***/

static bool is_selected(const SnmpEngine *e, const SnmpTable *t, const Member *m, const SnmpItemSet *items) {
        const SnmpContext c = {.e = e, .member = m, .items = items};

        for (size_t i = 0; i < t->n_selects; i++)
                if (snmp_expression_holds(&c, &t->selects[i], NULL) <= 0)
                        return false;
        return m->number != UINT32_MAX;
}

static uint32_t position_of(const MemberList *l, size_t n) {
        uint32_t position = 1;

        for (size_t i = 0; i < n; i++)
                position += l->members[i].parent == l->members[n].parent;
        return position;
}

int snmp_found_select(SnmpEngine *e, size_t table, MemberList *l, const SnmpItemSet *items) {
        const SnmpTable *t = &e->profile->tables[table];
        size_t n = 0;

        for (size_t i = 0; i < l->n_members; i++) {
                Member *m = &l->members[n];

                if (!is_selected(e, t, &l->members[i], items))
                        continue;
                if (n >= max_of(t)) {
                        tell_cut(e, table);
                        break;
                }
                *m = l->members[i];
                n++;
                if (t->numbering == SNMP_NUMBER_POSITION)
                        m->number = position_of(l, n - 1);
                else if (m->number < t->first)
                        n--;
                else
                        m->number = m->number - t->first + 1;
        }
        l->n_members = n;
        return 0;
}
