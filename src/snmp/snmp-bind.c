/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "string-util.h"

/*** What is read ***/

static const MemberList no_members = {.n_members = 1};

/* The members that a row is for: one that is none for a row without a table. */
static const MemberList *members_of(const SnmpEngine *e, size_t table) {
        return table == SNMP_NO_TABLE ? &no_members : snmp_members(e, table);
}

static const Member *member_at(const MemberList *l, size_t i) {
        return l->members ? &l->members[i] : NULL;
}

static int want_row(SnmpWants *w, const SnmpContext *c, const SnmpRow *row) {
        bool status = row->type == SNMP_ROW_STATUS || row->type == SNMP_ROW_ALARM;
        int r = snmp_want_expression(w, c, &row->expression, row->ask, status);

        return r < 0 ? r : snmp_want_whens(w, c, &row->whens, row->ask, status);
}

/* unread: the objects themselves are only looked at after they were set, if they can be. */
static int want_sets(SnmpWants *w, const SnmpContext *c, const SnmpSet *sets, size_t n, bool unread) {
        const SnmpAsk ask = unread ? _SNMP_ASK_MAX : SNMP_ASK_SLOW;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const SnmpExpression object = {.selector = {
                                                       .source = SNMP_SOURCE_OBJECT,
                                                       .object = sets[i].object,
                                               }};

                r = snmp_want_expression(w, c, &object, ask, false);
                if (r >= 0 && !sets[i].value.text)
                        r = snmp_want_expression(w, c, &sets[i].value.expression, SNMP_ASK_FULL, false);
        }
        return r;
}

/* What is only written is looked at then. */
static int want_write(SnmpWants *w, const SnmpContext *c, const SnmpRow *row) {
        const SnmpExpression object = {.selector = {
                                               .source = SNMP_SOURCE_OBJECT,
                                               .object = row->write->object,
                                       }};

        return row->has_write_value ? want_sets(w, c, row->write, 1, false)
                                    : snmp_want_expression(w, c, &object, _SNMP_ASK_MAX, false);
}

/* What is only looked at when the command is run is not polled. */
static int want_command(SnmpWants *w, const SnmpContext *c, const SnmpCommand *command) {
        int r = want_sets(w, c, command->sets, command->n_sets, command->unread);

        if (r >= 0)
                r = snmp_want_whens(w, c, &command->whens, SNMP_ASK_FULL, false);
        if (r >= 0 && command->check)
                r = snmp_want_when(w, c, command->check, _SNMP_ASK_MAX, false);
        if (r >= 0 && command->has_verify)
                r = snmp_want_expression(w, c, &command->verify, _SNMP_ASK_MAX, false);
        return r;
}

static int want_rows(SnmpEngine *e, SnmpWants *w, SnmpRowType type) {
        for (size_t i = 0; i < e->profile->n_rows[type]; i++) {
                const SnmpRow *row = &e->profile->rows[type][i];
                const MemberList *list = members_of(e, row->table);

                for (size_t k = 0; k < list->n_members; k++) {
                        const SnmpContext c = {.e = e, .member = member_at(list, k)};
                        int r = want_row(w, &c, row);

                        if (r >= 0 && row->write)
                                r = want_write(w, &c, row);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int snmp_want_table(SnmpWants *w, const SnmpEngine *e, size_t table) {
        const SnmpContext c = {.e = e};
        const SnmpTable *t = &e->profile->tables[table];
        bool is_vital = snmp_table_is_vital(e, table);
        int r = t->has_count ? snmp_want_expression(w, &c, &t->count, t->ask, is_vital) : 0;

        return r < 0 ? r : snmp_want_whens(w, &c, &t->whens, t->ask, is_vital);
}

static int want_tables(SnmpEngine *e, SnmpWants *w) {
        int r = 0;

        for (size_t i = 0; i < e->profile->n_tables && r >= 0; i++)
                r = snmp_want_table(w, e, i);
        return r;
}

static int want_commands(SnmpEngine *e, SnmpWants *w) {
        for (size_t i = 0; i < e->profile->n_commands; i++) {
                const MemberList *list = members_of(e, e->profile->commands[i].table);

                for (size_t k = 0; k < list->n_members; k++) {
                        const SnmpContext c = {.e = e, .member = member_at(list, k)};
                        int r = want_command(w, &c, &e->profile->commands[i]);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int want_derived(SnmpEngine *e, SnmpWants *w) {
        const SnmpContext c = {.e = e};
        int r = 0;

        for (size_t i = 0; i < e->profile->n_derived && r >= 0; i++)
                r = snmp_want_whens(w, &c, &e->profile->derived_whens[i], SNMP_ASK_FULL, false);
        return r;
}

static const uint32_t sys_uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
const SnmpOid snmp_sys_uptime = {.ids = (uint32_t *) sys_uptime, .n = ELEMENTSOF(sys_uptime)};

/* Is it still the same device? */
static int want_identity(SnmpEngine *e, SnmpWants *w) {
        const SnmpContext c = {.e = e};
        const SnmpExpression id = {
                .selector = {.source = SNMP_SOURCE_AGENT, .name = (char *) "sysobjectid"}};
        int r = snmp_want_expression(w, &c, &id, _SNMP_ASK_MAX, false);

        if (r >= 0)
                r = snmp_wants_add(w, &snmp_sys_uptime, true, _SNMP_ASK_MAX, false);
        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_NEED] && r >= 0; i++)
                r = snmp_want_expression(
                        w, &c, &e->profile->rows[SNMP_ROW_NEED][i].expression, _SNMP_ASK_MAX, false);
        return r;
}

static int bind_items(SnmpEngine *e, Layout *l) {
        SnmpWants w = {};
        int r = want_identity(e, &w);

        if (r >= 0)
                r = want_tables(e, &w);
        for (SnmpRowType type = 0; type < SNMP_ROW_NEED && r >= 0; type++)
                r = want_rows(e, &w, type);
        if (r >= 0)
                r = want_commands(e, &w);
        if (r >= 0)
                r = want_derived(e, &w);
        if (r >= 0)
                r = snmp_items_make(&w, &l->items);
        snmp_wants_done(&w);
        return r;
}

/*** Rows ***/

typedef struct Named {
        char *name;
        Use use;
        size_t order;
} Named;

static int compare_named(const void *a, const void *b) {
        const Named *x = a, *y = b;
        int c = strcasecmp(x->name, y->name);

        return c != 0 ? c : x->order < y->order ? -1 : 1;
}

/* As the row has them the name; else it is the list's own. */
static bool is_named(const Named *n, const char *plain) {
        return n->name != plain;
}

typedef struct NamedList {
        Named *named;
        size_t n, n_allocated;
} NamedList;

static void named_list_done(NamedList *l) {
        for (size_t i = 0; i < l->n; i++)
                if (l->named[i].use.row && is_named(&l->named[i], l->named[i].use.row->name))
                        free(l->named[i].name);
        free(l->named);
}

static int add_named(SnmpEngine *e, NamedList *l, const char *name, const SnmpRow *row, const Member *m) {
        Named *n;
        int r;

        if (!GREEDY_REALLOC(l->named, l->n_allocated, l->n + 1))
                return -ENOMEM;
        n = &l->named[l->n];
        *n = (Named){.use = {.row = row, .member = m}, .order = l->n};
        r = snmp_member_name(e, name, m, true, &n->name);
        if (r < 0)
                return r;
        l->n++;
        return 0;
}

static int name_variables(SnmpEngine *e, NamedList *l) {
        int r = 0;

        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &e->profile->rows[SNMP_ROW_VARIABLE][i];
                const MemberList *list = members_of(e, row->table);

                for (size_t k = 0; k < list->n_members && r >= 0; k++)
                        r = add_named(e, l, row->name, row, member_at(list, k));
        }
        for (size_t i = 0; i < e->profile->n_derived && r >= 0; i++)
                r = add_named(e, l, e->profile->derived[i].name, NULL, NULL);
        if (r >= 0 && e->profile->vendor)
                r = add_named(e, l, snmp_vendor_name(e), NULL, NULL);
        return r;
}

static SnmpItem *use_item(const Layout *l, const Use *u) {
        const SnmpSelector *s = &u->row->expression.selector;
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid oid;

        if (s->source != SNMP_SOURCE_OBJECT || !snmp_pattern_oid(&s->object, u->member, ids, &oid))
                return NULL;
        return snmp_items_find(&l->items, &oid);
}

static bool row_is_simple(const SnmpRow *row) {
        return row->expression.selector.source == SNMP_SOURCE_OBJECT && !row->expression.decimals &&
               !row->expression.conversion.scale.variable && !row->expression.conversion.offset.variable &&
               row->whens.n_uses == 0;
}

/* Several rows of one name and member come to one slot, which takes over what was known of that name. */
static void make_slots(Layout *l, NamedList *named) {
        for (size_t i = 0; i < named->n; i++) {
                Named *n = &named->named[i];
                Slot *s = l->n_slots > 0 ? &l->slots[l->n_slots - 1] : NULL;

                if (!s || !strcaseeq(s->name, n->name)) {
                        s = &l->slots[l->n_slots++];
                        *s = (Slot){
                                .name = n->name,
                                .first = (uint32_t) l->n_uses[SNMP_ROW_VARIABLE],
                                .chosen = -1,
                                .is_simple = n->use.row != NULL,
                                .is_named = n->use.row && is_named(n, n->use.row->name),
                                .dirty = true,
                        };
                        /* The name has moved. */
                        if (s->is_named)
                                n->name = n->use.row->name;
                }
                if (!n->use.row || s->n_uses >= INT16_MAX) {
                        s->is_simple = false;
                        continue;
                }
                n->use.item = use_item(l, &n->use);
                s->is_simple = s->is_simple && row_is_simple(n->use.row);
                s->n_uses++;
                l->uses[SNMP_ROW_VARIABLE][l->n_uses[SNMP_ROW_VARIABLE]++] = n->use;
        }
}

static int bind_variables(SnmpEngine *e, Layout *l) {
        NamedList named = {};
        int r = name_variables(e, &named);

        if (r >= 0) {
                if (named.n > 0)
                        qsort(named.named, named.n, sizeof(Named), compare_named);
                l->slots = new0(Slot, named.n);
                l->uses[SNMP_ROW_VARIABLE] = new0(Use, named.n);
                if (l->slots && l->uses[SNMP_ROW_VARIABLE])
                        make_slots(l, &named);
                else
                        r = -ENOMEM;
        }
        named_list_done(&named);
        return r;
}

static int bind_rows(SnmpEngine *e, Layout *l, SnmpRowType type) {
        size_t n = 0;

        for (size_t i = 0; i < e->profile->n_rows[type]; i++)
                n += members_of(e, e->profile->rows[type][i].table)->n_members;
        l->uses[type] = new0(Use, n);
        if (!l->uses[type])
                return -ENOMEM;
        for (size_t i = 0; i < e->profile->n_rows[type]; i++) {
                const SnmpRow *row = &e->profile->rows[type][i];
                const MemberList *list = members_of(e, row->table);

                for (size_t k = 0; k < list->n_members; k++) {
                        Use *u = &l->uses[type][l->n_uses[type]++];

                        *u = (Use){.row = row, .member = member_at(list, k)};
                        u->item = use_item(l, u);
                }
        }
        return 0;
}

/* By name, alternatives in the order of the profile. */
static int compare_offers(const void *a, const void *b) {
        const Offer *x = a, *y = b;
        int c = strcasecmp(x->name, y->name);

        return c != 0 ? c : x->command < y->command ? -1 : x->command > y->command;
}

static int bind_commands(SnmpEngine *e, Layout *l) {
        size_t n = 0;

        for (size_t i = 0; i < e->profile->n_commands; i++)
                n += members_of(e, e->profile->commands[i].table)->n_members;
        l->offers = new0(Offer, n);
        if (!l->offers)
                return -ENOMEM;
        for (size_t i = 0; i < e->profile->n_commands; i++) {
                const SnmpCommand *command = &e->profile->commands[i];
                const MemberList *list = members_of(e, command->table);

                for (size_t k = 0; k < list->n_members; k++) {
                        Offer *o = &l->offers[l->n_offers];
                        int r;

                        *o = (Offer){.command = command, .member = member_at(list, k)};
                        r = snmp_member_name(e, command->name, o->member, true, &o->name);
                        if (r < 0)
                                return r;
                        o->is_named = o->name != command->name;
                        l->n_offers++;
                }
        }
        if (l->n_offers > 0)
                qsort(l->offers, l->n_offers, sizeof(Offer), compare_offers);
        return 0;
}

/*** The whole ***/

void snmp_layout_done(Layout *l) {
        snmp_items_done(&l->items);
        for (size_t i = 0; i < l->n_slots; i++) {
                if (l->slots[i].is_named)
                        free(l->slots[i].name);
                free(l->slots[i].value);
                free(l->slots[i].held);
        }
        for (size_t i = 0; i < l->n_offers; i++)
                if (l->offers[i].is_named)
                        free(l->offers[i].name);
        for (SnmpRowType type = 0; type < _SNMP_ROW_TYPE_MAX; type++)
                free(l->uses[type]);
        free(l->slots);
        free(l->offers);
        *l = (Layout){};
}

static Slot *find_in(const Layout *l, const char *name) {
        size_t low = 0, high = l->n_slots;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = strcasecmp(name, l->slots[middle].name);

                if (c == 0)
                        return &l->slots[middle];
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

/* The first of its name. */
static Offer *find_offer(const Layout *l, const char *name) {
        for (size_t k = 0; k < l->n_offers; k++)
                if (strcaseeq(l->offers[k].name, name))
                        return &l->offers[k];
        return NULL;
}

Slot *snmp_find_slot(const SnmpEngine *e, const char *name) {
        return find_in(&e->layout, name);
}

/* Names that the model has of what is not any more; commands with an "@". */
static int list_gone(const SnmpEngine *e, const Layout *l, char ***gone) {
        int r = 0;

        for (size_t i = 0; i < e->layout.n_slots && r >= 0; i++) {
                const Slot *old = &e->layout.slots[i];

                if (old->shown && !find_in(l, old->name))
                        r = strv_extend(gone, old->name);
        }
        for (size_t i = 0; i < e->layout.n_offers && r >= 0; i++) {
                const Offer *old = &e->layout.offers[i];

                if (old->offered && !find_offer(l, old->name))
                        r = strv_consume(gone, strjoin("@", old->name));
        }
        return r;
}

/* What was known goes on to be. */
static void inherit(SnmpEngine *e, Layout *l) {
        snmp_items_inherit(&l->items, &e->layout.items);
        for (size_t i = 0; i < e->layout.n_slots; i++) {
                Slot *old = &e->layout.slots[i], *s = find_in(l, old->name);

                if (!s)
                        continue;
                s->value = TAKE_PTR(old->value);
                s->held = TAKE_PTR(old->held);
                s->shown = old->shown;
        }
        for (size_t i = 0; i < e->layout.n_offers; i++) {
                Offer *o = e->layout.offers[i].offered ? find_offer(l, e->layout.offers[i].name) : NULL;

                if (o)
                        o->offered = true;
        }
}

static int make_layout(SnmpEngine *e, Layout *l) {
        int r = bind_items(e, l);

        if (r >= 0)
                r = bind_variables(e, l);
        for (SnmpRowType type = SNMP_ROW_STATUS; type < SNMP_ROW_NEED && r >= 0; type++)
                r = bind_rows(e, l, type);
        return r < 0 ? r : bind_commands(e, l);
}

/* All that needs memory comes first: then it is done as a whole, or not at all. */
int snmp_bind(SnmpEngine *e) {
        _cleanup_strv_free_ char **gone = NULL;
        ChainMember *chain = NULL;
        size_t n_chain = 0;
        Layout l = {};
        int r = make_layout(e, &l);

        STRV_FOREACH (name, e->gone)
                if (r >= 0)
                        r = strv_extend(&gone, *name);
        if (r >= 0)
                r = list_gone(e, &l, &gone);
        if (r >= 0)
                r = snmp_chain_make(e, &chain, &n_chain, &gone);
        if (r >= 0) {
                Layout old = e->layout;

                inherit(e, &l);
                e->layout = l;
                l = old;
                e->is_stale = true;
                snmp_chain_replace(e, chain, n_chain);
                strv_free(e->gone);
                e->gone = TAKE_PTR(gone);
        }
        snmp_layout_done(&l);
        return r;
}
