/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the values of a walk to objects, columns and tables. Where no MIB says which is which, a table is
 * what has columns with the same instances behind an entry, which has the number 1. */

#include "snmp-draft-internal.h"
#include "string-util.h"

static const SnmpValue *value_at(const Draft *d, size_t i) {
        return &d->walk->values[i];
}

static SnmpOid prefix_of(const SnmpOid *oid, size_t n) {
        return (SnmpOid) { oid->ids, n };
}

static size_t end_of(const Draft *d, size_t first, const SnmpOid *prefix) {
        size_t i = first;

        while (i < d->walk->n_values && snmp_oid_has_prefix(&value_at(d, i)->oid, prefix))
                i++;
        return i;
}

/* Whether two columns of n numbers have the same instances; each from its first value to before its end. */
static bool same_instances(const Draft *d, size_t a, size_t a_end, size_t b, size_t b_end, size_t n) {
        if (a_end - a != b_end - b)
                return false;
        for (; a < a_end; a++, b++) {
                const SnmpOid *x = &value_at(d, a)->oid, *y = &value_at(d, b)->oid;

                if (x->n != y->n || memcmp(x->ids + n, y->ids + n, (x->n - n) * sizeof(uint32_t)) != 0)
                        return false;
        }
        return true;
}

/* Whether what begins with the first n numbers of a value, the first of its kind, is an entry of a table: of
 * its columns at least half have the instances of the one before. */
static bool is_entry(const Draft *d, size_t first, size_t n) {
        const SnmpOid *oid = &value_at(d, first)->oid, entry = prefix_of(oid, n);
        size_t end = end_of(d, first, &entry), before = first, before_end = first, columns = 0, same = 0;

        for (size_t i = first; i < end;) {
                const SnmpOid *column = &value_at(d, i)->oid, prefix = prefix_of(column, n + 1);
                size_t next = end_of(d, i, &prefix);

                if (column->n < n + 2)
                        return false;
                if (next == i + 1 && column->n == n + 2 && column->ids[n + 1] == 0)
                        return false;
                columns++;
                if (before_end > before && same_instances(d, before, before_end, i, next, n + 1))
                        same++;
                before = i;
                before_end = next;
                i = next;
        }
        return columns >= 2 && same * 2 >= columns - 1;
}

/* How many numbers the object has that a value belongs to, which is the first of it. */
static size_t object_length(const Draft *d, size_t i, const SnmpMibObject **ret) {
        const SnmpOid *oid = &value_at(d, i)->oid;
        const SnmpMibObject *o = d->mib ? snmp_mib_find(d->mib, oid) : NULL;
        SnmpOid parent = prefix_of(oid, oid->n - 1);

        *ret = NULL;
        if (o && o->is_object && o->oid.n < oid->n && o->oid.n > d->base.n) {
                *ret = o;
                return o->oid.n;
        }
        if (oid->ids[oid->n - 1] == 0 && end_of(d, i, &parent) == i + 1)
                return oid->n - 1;
        for (size_t n = d->base.n + 1; n + 2 <= oid->n; n++)
                if (oid->ids[n - 1] == 1 && is_entry(d, i, n))
                        return n + 1;
        return oid->n - 1;
}

static bool is_scalar(const Draft *d, const DraftColumn *c) {
        const SnmpOid *oid = &value_at(d, c->first)->oid;

        return c->n_values == 1 && oid->n == c->oid.n + 1 && oid->ids[c->oid.n] == 0;
}

/* "object-5-2-1": the numbers behind the subtree. */
static char *numbered_name(const Draft *d, const char *kind, const SnmpOid *oid) {
        char *s = strdup(kind);

        for (size_t i = MIN(d->base.n, oid->n); s && i < oid->n; i++) {
                char *longer = strprintf("%s-%u", s, oid->ids[i]);

                free(s);
                s = longer;
        }
        return s;
}

static bool is_taken(const Draft *d, const char *name) {
        for (size_t i = 0; i < d->n_columns; i++)
                if (d->columns[i].name && streq(d->columns[i].name, name))
                        return true;
        return streq(d->root, name);
}

static bool name_is_good(const char *s) {
        return (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z' && s[strspn(s,
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static int add_column(Draft *d, size_t first, size_t n, const SnmpMibObject *mib) {
        DraftColumn c = { .oid = prefix_of(&value_at(d, first)->oid, n), .mib = mib, .first = first, .scale =
                        1 };
        bool named = mib && name_is_good(mib->name) && !is_taken(d, mib->name);

        c.n_values = end_of(d, first, &c.oid) - first;
        if (!GREEDY_REALLOC(d->columns, d->columns_allocated, d->n_columns + 1))
                return -ENOMEM;
        c.name = named ? strdup(mib->name) : numbered_name(d, "object", &c.oid);
        if (!c.name)
                return -ENOMEM;
        c.table = is_scalar(d, &c) ? DRAFT_NO_TABLE : 0;
        d->columns[d->n_columns++] = c;
        return 0;
}

/* The name of a table: that of its entry without "Entry", else its number. */
static char *table_name(const Draft *d, const SnmpOid *entry) {
        const SnmpMibObject *o = d->mib ? snmp_mib_find(d->mib, entry) : NULL;
        const char *end = o && o->oid.n == entry->n && name_is_good(o->name) ? endswith(o->name, "Entry")
                        : NULL;

        return end && end > o->name ? strndup(o->name, (size_t) (end - o->name))
                : numbered_name(d, "table", entry);
}

static DraftKind kind_of(const Draft *d, const DraftTable *t, const DraftColumn *c) {
        _cleanup_free_ char *table = draft_words(t->name), *column = draft_words(c->name);
        const char *words[] = { strempty(table), strempty(column) };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                if (draft_has_word(words[i], "group") || draft_has_word(words[i], "bank"))
                        return DRAFT_GROUPS;
                if (draft_has_word(words[i], "outlet") || draft_has_word(words[i], "recep") ||
                    draft_has_word(words[i], "socket"))
                        return DRAFT_OUTLETS;
                if (draft_has_word(words[i], "sensor") || draft_has_word(words[i], "probe") ||
                    draft_has_word(words[i], "ambient") || draft_has_word(words[i], "env"))
                        return DRAFT_SENSORS;
                if (c->n_values <= 3 && (draft_has_word(words[i], "input") || draft_has_word(words[i],
                                "output") ||
                    draft_has_word(words[i], "phase") || draft_has_word(words[i], "bypass")))
                        return DRAFT_PHASES;
        }
        return DRAFT_OTHER;
}

/* A table's columns stand side by side. */
static int add_to_table(Draft *d, size_t i) {
        DraftColumn *c = &d->columns[i];
        SnmpOid entry = prefix_of(&c->oid, c->oid.n - 1);
        DraftTable *t = d->n_tables > 0 ? &d->tables[d->n_tables - 1] : NULL;

        if (!t || !snmp_oid_equal(&t->entry, &entry)) {
                if (!GREEDY_REALLOC(d->tables, d->tables_allocated, d->n_tables + 1))
                        return -ENOMEM;
                t = &d->tables[d->n_tables];
                *t = (DraftTable) { .entry = entry, .name = table_name(d, &entry), .index = i };
                if (!t->name)
                        return -ENOMEM;
                d->n_tables++;
                t->kind = kind_of(d, t, c);
        }
        c->table = d->n_tables - 1;
        if (c->n_values > d->columns[t->index].n_values)
                t->index = i;
        return 0;
}

int draft_collect(Draft *d) {
        size_t i = 0;
        int r = 0;

        while (i < d->walk->n_values && snmp_oid_order(&value_at(d, i)->oid, &d->base) <= 0)
                i++;
        while (i < d->walk->n_values && r >= 0 && snmp_oid_has_prefix(&value_at(d, i)->oid, &d->base)) {
                const SnmpMibObject *mib;
                size_t n;

                if (d->n_columns >= DRAFT_COLUMNS_MAX) {
                        d->cut = true;
                        break;
                }
                if (value_at(d, i)->oid.n < d->base.n + 2) {
                        i++;
                        continue;
                }
                n = object_length(d, i, &mib);
                r = add_column(d, i, n, mib);
                if (r >= 0)
                        i += d->columns[d->n_columns - 1].n_values;
        }

        for (size_t k = 0; k < d->n_columns && r >= 0; k++)
                if (d->columns[k].table != DRAFT_NO_TABLE)
                        r = add_to_table(d, k);
        return r;
}
