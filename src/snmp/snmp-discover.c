/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "value-number.h"

/* Tables one after the other, parents first. What is found is put in place when all are done. */

/*** Whose turn it is ***/

static bool ask_is_due(const SnmpEngine *e, SnmpAsk ask) {
        switch (ask) {
        case SNMP_ASK_QUICK:
                return true;
        case SNMP_ASK_FULL:
                return e->op.full;
        case SNMP_ASK_SLOW:
                return e->op.slow;
        case SNMP_ASK_ONCE:
        case _SNMP_ASK_MAX:
                break;
        }
        return false;
}

static double count_now(const SnmpEngine *e, const SnmpTable *t) {
        const SnmpContext c = {.e = e};
        _cleanup_free_ char *text = NULL;
        double n;

        if (!t->has_count || snmp_expression_text(&c, &t->count, NULL, &text) <= 0 ||
                !value_number_parse(text, 10, &n))
                return NAN;
        return n;
}

static bool is_wanted(const SnmpEngine *e, const SnmpTable *t, double count) {
        const SnmpContext c = {.e = e};

        return snmp_whens_hold(&c, &t->whens) && (!t->has_count || count > 0);
}

/* Walked anew also when the number of things there are is another one, or those that they belong to are. A
 * start with members that were remembered believes them, and the first full poll behind it looks. */
static bool is_due(const SnmpEngine *e, size_t i, bool wanted, double count) {
        const SnmpTable *definition = &e->profile->tables[i];
        const Table *t = &e->tables[i];
        bool same_count = t->count == count || (isnan(t->count) && isnan(count));

        if (t->walked == e->operations && t->failures > 0)
                return false;
        if (t->failures > 0)
                return e->op.is_start || e->op.full ||
                       (t->failures <= SNMP_ASK_LOST_MAX && ask_is_due(e, definition->ask));
        if (!t->is_known || wanted != t->was_wanted || !same_count)
                return true;
        if (definition->parent != SNMP_NO_TABLE && e->tables[definition->parent].has_found)
                return true;
        if (e->op.is_start && definition->ask != SNMP_ASK_QUICK)
                return false;
        if (!wanted || t->walked == e->operations)
                return false;
        if (t->is_recalled && e->op.full)
                return true;
        return definition->index.n_parts > 0 && ask_is_due(e, definition->ask);
}

/* Whether it cannot be said if the table is there, since what says so could not be read: that it is not
 * there does not follow. */
static int is_undecided(const SnmpEngine *e, size_t i, bool wanted) {
        size_t parent = e->profile->tables[i].parent;
        SnmpWants w = {};
        int r = wanted ? 0 : snmp_want_table(&w, e, i);
        bool lost = parent != SNMP_NO_TABLE && !e->tables[parent].is_known &&
                    snmp_members(e, parent)->n_members == 0;

        for (size_t k = 0; k < w.n_wants && r >= 0 && !lost; k++) {
                const SnmpWant *want = &w.wants[k];
                const SnmpOid oid = {
                        .ids = want->ids ? (uint32_t *) want->ids : w.numbers + want->offset,
                        .n = want->n,
                };
                const SnmpItem *item = snmp_items_find(&e->layout.items, &oid);

                lost = item && item->missed > 0 && !snmp_item_is_there(item);
        }
        snmp_wants_done(&w);
        return r < 0 ? r : lost;
}

/*** One of them ***/

static void take_found(SnmpEngine *e, size_t i, MemberList *found) {
        Table *t = &e->tables[i];
        bool parent_moved = e->profile->tables[i].parent != SNMP_NO_TABLE &&
                            e->tables[e->profile->tables[i].parent].has_found;

        t->is_known = true;
        t->is_recalled = false;
        t->failures = 0;
        t->was_wanted = e->op.table_is_wanted;
        t->count = e->op.table_count;
        t->walked = e->operations;
        if (!parent_moved && snmp_member_lists_equal(&t->list, found))
                snmp_member_list_done(found);
        else {
                t->found = *found;
                t->has_found = true;
        }
        *found = (MemberList){};
}

static int want_selects(SnmpEngine *e, size_t i, const MemberList *l, SnmpItemSet *ret) {
        const SnmpTable *t = &e->profile->tables[i];
        SnmpWants w = {};
        int r = 0;

        for (size_t k = 0; k < l->n_members && r >= 0; k++) {
                const SnmpContext c = {.e = e, .member = &l->members[k]};

                for (size_t j = 0; j < t->n_selects && r >= 0; j++)
                        r = snmp_want_expression(&w, &c, &t->selects[j], SNMP_ASK_FULL, false);
        }
        if (r >= 0)
                r = snmp_items_make(&w, ret);
        snmp_wants_done(&w);
        if (r >= 0)
                for (size_t k = 0; k < ret->n_items; k++)
                        ret->items[k].due = true;
        return r;
}

static int finish_table(SnmpEngine *e, MemberList *found, const SnmpItemSet *items) {
        int r = snmp_found_select(e, e->op.index, found, items);

        if (r < 0) {
                snmp_member_list_done(found);
                return r;
        }
        take_found(e, e->op.index, found);
        snmp_column_forget(e);
        e->op.phase = snmp_phase_discover;
        e->op.index++;
        return 0;
}

/* The members stay, but their parents may be others. */
static int keep_members(SnmpEngine *e, size_t i) {
        size_t parent = e->profile->tables[i].parent;
        Table *t = &e->tables[i];
        int r;

        if (parent == SNMP_NO_TABLE || !e->tables[parent].has_found || t->list.n_members == 0)
                return 0;
        r = snmp_found_again(e, i, &t->found);
        if (r >= 0)
                t->has_found = true;
        return r;
}

/* Whatever has come of it is not what there is: it stays as it was, and due. */
static int keep_table(SnmpEngine *e) {
        Table *t = &e->tables[e->op.index];
        int r = keep_members(e, e->op.index);

        if (r < 0)
                return r;
        t->walked = e->operations;
        if (t->failures < UINT8_MAX)
                t->failures++;
        snmp_column_forget(e);
        e->op.phase = snmp_phase_discover;
        e->op.index++;
        return 0;
}

/* An agent that fails at the same place each time, and of which nothing is known, is shown as far as it
 * goes. */
static bool takes_part(const Table *t, const MemberList *found) {
        return t->failures >= SNMP_ASK_LOST_MAX - 1 && !t->is_known && t->list.n_members == 0 &&
               found->n_members > 0;
}

static int finish_part(SnmpEngine *e) {
        Table *t = &e->tables[e->op.index];
        unsigned failures = t->failures + 1;
        int r = finish_table(e, &e->walk->found, &e->walk->items);

        /* It is not saved, and stays due. */
        t->failures = failures;
        t->is_known = false;
        return r;
}

static bool is_complete(const Walk *w) {
        for (size_t i = 0; i < w->items.n_items; i++)
                if (!w->items.items[i].known || w->items.items[i].missed > 0)
                        return false;
        return !w->has_failed;
}

static int phase_select(SnmpEngine *e) {
        int r = snmp_asker_next(&e->asker, &e->walk->items);

        if (r != 0)
                return r;
        if (is_complete(e->walk))
                return finish_table(e, &e->walk->found, &e->walk->items);
        return takes_part(&e->tables[e->op.index], &e->walk->found) ? finish_part(e) : keep_table(e);
}

static int phase_walk(SnmpEngine *e) {
        Walk *w = e->walk;
        int r = snmp_column_next(e);

        if (r != 0)
                return r;
        r = snmp_found_from_walk(e, e->op.index, w, &w->found);
        if (r >= 0 && w->has_failed && !takes_part(&e->tables[e->op.index], &w->found))
                return keep_table(e);
        if (r >= 0)
                r = want_selects(e, e->op.index, &w->found, &w->items);
        if (r < 0)
                return r;
        /* What was walked is members now. */
        snmp_values_done(w->values, w->n_values);
        w->values = NULL;
        w->n_values = w->n_allocated = 0;
        e->op.phase = phase_select;
        return 0;
}

static int begin_table(SnmpEngine *e, size_t i, bool wanted) {
        const SnmpTable *t = &e->profile->tables[i];
        MemberList found = {};
        int r;

        if (wanted && t->index.n_parts > 0) {
                e->op.phase = phase_walk;
                return snmp_column_begin(e, &t->index.parts[0].ids);
        }
        if (!wanted)
                return finish_table(e, &found, NULL);

        r = snmp_column_begin(e, &(SnmpOid){});
        if (r >= 0)
                r = snmp_found_from_numbers(e, i, &e->walk->found);
        if (r >= 0)
                r = want_selects(e, i, &e->walk->found, &e->walk->items);
        e->op.phase = phase_select;
        return r;
}

/*** All of them ***/

static int settle(SnmpEngine *e) {
        MemberList *old = new0(MemberList, e->profile->n_tables);
        bool any = false;
        int r = 0;

        if (!old)
                return -ENOMEM;
        for (size_t i = 0; i < e->profile->n_tables; i++)
                any = any || e->tables[i].has_found;
        /* It goes by what was found, as long as there is that; nothing has changed if it fails. */
        if (any)
                r = snmp_bind(e);
        for (size_t i = 0; r >= 0 && i < e->profile->n_tables; i++) {
                Table *t = &e->tables[i];

                if (!t->has_found)
                        continue;
                old[i] = t->list;
                t->list = t->found;
                t->found = (MemberList){};
                t->has_found = false;
                e->news = e->news || e->profile->tables[i].ask != SNMP_ASK_QUICK;
        }
        for (size_t i = 0; i < e->profile->n_tables; i++)
                snmp_member_list_done(&old[i]);
        free(old);
        e->op.is_rebound = any;
        return r;
}

void snmp_discover_forget(SnmpEngine *e) {
        snmp_column_forget(e);
        for (size_t i = 0; i < e->profile->n_tables; i++) {
                if (!e->tables[i].has_found)
                        continue;
                snmp_member_list_done(&e->tables[i].found);
                e->tables[i].has_found = e->tables[i].is_known = false;
        }
}

int snmp_phase_discover(SnmpEngine *e) {
        while (e->op.index < e->profile->n_tables) {
                const SnmpTable *definition = &e->profile->tables[e->op.index];
                double count = count_now(e, definition);
                bool wanted = is_wanted(e, definition, count);
                int r;

                if (is_due(e, e->op.index, wanted, count)) {
                        r = is_undecided(e, e->op.index, wanted);
                        if (r != 0)
                                return r < 0 ? r : keep_table(e);
                        e->op.table_is_wanted = wanted;
                        e->op.table_count = count;
                        return begin_table(e, e->op.index, wanted);
                }
                r = keep_members(e, e->op.index);
                if (r < 0)
                        return r;
                e->op.index++;
        }
        e->op.phase = e->op.after;
        return settle(e);
}
