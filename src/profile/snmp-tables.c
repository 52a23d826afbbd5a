/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [table:NAME]. Tables are known before anything else is read, and stand behind those that they are in. */

#include "snmp-profile-internal.h"
#include "string-util.h"

void snmp_table_done(SnmpTable *t) {
        for (size_t i = 0; i < t->n_selects; i++)
                snmp_expression_done(&t->selects[i]);
        free(t->selects);
        snmp_pattern_done(&t->index);
        snmp_expression_done(&t->count);
        free(t->whens.uses);
        free(t->name);
        *t = (SnmpTable) {};
}

uint64_t snmp_table_line(const SnmpProfile *p, size_t t) {
        uint64_t line = 0;

        for (; t < p->n_tables; t = p->tables[t].parent)
                line |= UINT64_C(1) << t;
        return line;
}

unsigned snmp_table_numbers(const SnmpProfile *p, size_t t) {
        unsigned n = 0;

        for (; t < p->n_tables; t = p->tables[t].parent)
                n += !p->tables[t].is_chain;
        return n;
}

int snmp_loader_table(Loader *l, const ConfLine *line, const char *s, size_t *ret) {
        SnmpProfile *p = snmp_loader_profile(l);
        int r = loader_find(l, line, "table", s, p->tables, p->n_tables, sizeof(SnmpTable), ret);

        if (r > 0)
                p->tables[*ret].used = true;
        return r;
}

int snmp_loader_enter_table(Loader *l, const ConfLine *line, size_t *ret) {
        SnmpLoader *loader = snmp_loader(l);
        int r;

        *ret = loader->table = SNMP_NO_TABLE;
        for (size_t i = 2; i + 2 < line->n_words; i++) {
                if (!streq(line->words[i], "table") || !streq(line->words[i + 1], "="))
                        continue;
                r = snmp_loader_table(l, line, line->words[i + 2], ret);
                if (r > 0)
                        loader->table = *ret;
                return r;
        }
        return 1;
}

/* One that is defined, and the name of the one that it is in. */
typedef struct Draft {
        const ConfLine *place;
        const char *name, *parent;
        const ConfLine *parent_line;
        bool is_chain, is_done;
} Draft;

static bool is_about(const ConfLine *line, const Draft *d, const char *key) {
        const char *name = line->section ? startswith(line->section, "table:") : NULL;

        return name && streq(name, d->name) && streq(line->words[0], key);
}

static int collect(Loader *l, Draft drafts[static SNMP_TABLES_MAX], size_t *ret_n) {
        size_t n = 0;

        for (size_t i = 0; i < l->n_headers; i++) {
                const char *name = startswith(l->headers[i].section, "table:");

                if (isempty(name))
                        continue;
                if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")]) {
                        (void) loader_error(l, &l->headers[i],
                                        "\"%s\" cannot be the name of a table: there are "
                                        "letters, digits, _ and - for it", name);
                        continue;
                }
                if (n >= SNMP_TABLES_MAX)
                        return loader_error(l, &l->headers[i], "There are at most %u tables",
                                        SNMP_TABLES_MAX);
                drafts[n++] = (Draft) { .place = &l->headers[i], .name = name };
        }
        *ret_n = n;
        return 1;
}

static void find_parents(const Loader *l, Draft *drafts, size_t n) {
        for (size_t i = 0; i < l->n_lines; i++)
                for (size_t k = 0; k < n; k++) {
                        const ConfLine *line = &l->lines[i];

                        if (is_about(line, &drafts[k], "chain"))
                                drafts[k].is_chain = true;
                        if (!is_about(line, &drafts[k], "parent") || line->n_words != 3)
                                continue;
                        drafts[k].parent = line->words[2];
                        drafts[k].parent_line = line;
                }
}

/* The place among tables of that name; n_tables for none. */
static size_t find_table(const SnmpProfile *p, const char *name) {
        size_t i = 0;

        while (i < p->n_tables && !streq(p->tables[i].name, name))
                i++;
        return i;
}

static int add_table(Loader *l, Draft *d, size_t parent) {
        SnmpProfile *p = snmp_loader_profile(l);
        SnmpTable t = {
                .parent = parent,
                .first = 1,
                .ask = SNMP_ASK_SLOW,
                .max = 128,
                .is_chain = d->is_chain,
                .line = d->place->line,
        };
        size_t depth = 1;

        d->is_done = true;
        snmp_expression_init(&t.count);
        t.name = strdup(d->name);
        if (!t.name)
                return -ENOMEM;
        p->tables[p->n_tables++] = t;

        if (parent != SNMP_NO_TABLE)
                p->tables[parent].used = true;
        if (t.is_chain && parent != SNMP_NO_TABLE)
                return loader_error(l, d->parent_line, "A chain is in no other table");
        for (size_t i = parent; i != SNMP_NO_TABLE; i = p->tables[i].parent)
                depth++;
        if (depth > SNMP_TABLE_DEPTH_MAX)
                return loader_error(l, d->parent_line, "There are at most %u tables in each other",
                                SNMP_TABLE_DEPTH_MAX);
        return 1;
}

/* All of those that are left have a parent, which is not there, or is in them. They are defined nonetheless:
 * one mistake is told once. */
static int report_left(Loader *l, Draft *drafts, size_t n) {
        _cleanup_free_ const char **names = new0(const char *, n + 1);
        const Draft *left = NULL;
        bool unknown = false;
        int r = 0;

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                names[i] = drafts[i].name;

        for (size_t i = 0; i < n && r >= 0; i++) {
                bool found = false;

                if (drafts[i].is_done)
                        continue;
                left = left ?: &drafts[i];
                for (size_t k = 0; k < n; k++)
                        found = found || streq(names[k], drafts[i].parent);
                if (!found)
                        (void) loader_error_unknown(
                                l, drafts[i].parent_line, "table", drafts[i].parent, names);
                unknown = unknown || !found;
                r = add_table(l, &drafts[i], SNMP_NO_TABLE);
        }
        if (!unknown && left)
                (void) loader_error(l, left->parent_line, "[table:%s] is in itself", left->name);
        return MIN(r, 0);
}

int snmp_loader_begin_tables(Loader *l) {
        SnmpProfile *p = snmp_loader_profile(l);
        Draft drafts[SNMP_TABLES_MAX];
        size_t n = 0, n_done;
        int r = collect(l, drafts, &n);

        if (r <= 0)
                return r;
        p->tables = new0(SnmpTable, n);
        if (!p->tables)
                return -ENOMEM;
        find_parents(l, drafts, n);

        do {
                n_done = p->n_tables;
                for (size_t i = 0; i < n && r >= 0; i++) {
                        size_t parent = drafts[i].parent ? find_table(p, drafts[i].parent) : SNMP_NO_TABLE;

                        if (!drafts[i].is_done && parent != p->n_tables)
                                r = add_table(l, &drafts[i], parent);
                }
        } while (p->n_tables > n_done && r >= 0);

        return r < 0 ? r : report_left(l, drafts, n);
}

static int read_index(Loader *l, const ConfLine *line, const char *s, SnmpTable *t) {
        size_t n = strlen(s);
        _cleanup_free_ char *column = strndup(s, endswith(s, ".*") ? n - 2 : n);
        SnmpOid oid = {};
        int r;

        if (!column)
                return -ENOMEM;
        r = snmp_loader_oid(l, line, column, &oid, NULL);
        if (r <= 0)
                return r;

        t->index.type = _SNMP_TYPE_INVALID;
        t->index.parts = new0(SnmpPart, 1);
        if (!t->index.parts) {
                snmp_oid_done(&oid);
                return -ENOMEM;
        }
        t->index.parts[0] = (SnmpPart) { .ids = oid, .table = SNMP_NO_TABLE };
        t->index.n_parts = 1;
        return 1;
}

static int read_number(Loader *l, const ConfLine *line, const char *s, SnmpTable *t) {
        static const char *const names[] = {
                [SNMP_NUMBER_INSTANCE] = "instance",
                [SNMP_NUMBER_POSITION] = "position",
                [SNMP_NUMBER_VALUE] = "value",
                NULL
        };

        for (size_t i = 0; names[i]; i++)
                if (streq(names[i], s)) {
                        t->numbering = (SnmpNumbering) i;
                        return 1;
                }
        return loader_error_unknown(l, line, "way of numbering", s, names);
}

static int read_members(Loader *l, const ConfLine *line, const char *s, SnmpTable *t) {
        int64_t min, max;

        if (profile_integer_range_parse(s, &min, &max) < 0 || min < 0 || max > UINT32_MAX ||
            max - min >= SNMP_MEMBERS_MAX)
                return loader_error(l, line, "members wants numbers as 1..3, at most %u, not \"%s\"",
                                SNMP_MEMBERS_MAX, s);

        t->member_first = (uint32_t) min;
        t->member_last = (uint32_t) max;
        return 1;
}

static int read_unsigned(
                Loader *l, const ConfLine *line, const char *s, unsigned min, unsigned max, unsigned *ret) {
        int64_t n;
        int r = loader_integer(l, line, line->words[0], s, min, max, &n);

        if (r > 0)
                *ret = (unsigned) n;
        return r;
}

static int read_select(Loader *l, const ConfLine *line, SnmpTable *t) {
        SnmpExpression *grown = reallocarray(t->selects, t->n_selects + 1, sizeof(*grown)), *x;
        int r;

        if (!grown)
                return -ENOMEM;
        t->selects = grown;
        x = &grown[t->n_selects++];
        snmp_expression_init(x);
        if (t->n_selects > SNMP_WHENS_MAX)
                return loader_error(l, line, "There are at most %u lines select = ...", SNMP_WHENS_MAX);

        r = snmp_loader_expression(l, line, 2, true, x);
        return r <= 0 || x->has_test ? r : loader_error(l, line, "select wants is=, is-match= or is-range=");
}

/* What is asked before there are members belongs to the table that this one is in. */
static int read_above(Loader *l, const ConfLine *line, SnmpTable *t) {
        snmp_loader(l)->table = t->parent;
        if (streq(line->words[0], "when"))
                return snmp_loader_when(l, line, line->words[2], &t->whens);

        t->has_count = true;
        return snmp_loader_expression(l, line, 2, false, &t->count);
}

static int read_key(Loader *l, const ConfLine *line, SnmpTable *t) {
        const char *key = line->words[0], *s = line->words[2];

        if (streq(key, "index"))
                return read_index(l, line, s, t);
        if (streq(key, "number"))
                return read_number(l, line, s, t);
        if (streq(key, "members"))
                return read_members(l, line, s, t);
        if (streq(key, "ask"))
                return snmp_loader_ask(l, line, s, &t->ask);
        if (streq(key, "depth"))
                return read_unsigned(l, line, s, 1, SNMP_OID_MAX, &t->depth);
        if (streq(key, "first"))
                return read_unsigned(l, line, s, 0, UINT16_MAX, &t->first);
        if (streq(key, "max"))
                return read_unsigned(l, line, s, 1, SNMP_MEMBERS_MAX, &t->max);
        return 1; /* parent */
}

const char *const snmp_table_keys[] = {
        "index", "depth", "parent", "members", "number", "first", "select", "count", "ask", "max", "when",
        "chain", NULL
};

int snmp_loader_read_table(Loader *l, const ConfLine *line, const char *name) {
        SnmpProfile *p = snmp_loader_profile(l);
        const char *key = line->words[0], *value;
        size_t i = find_table(p, name);
        bool repeats = streq(key, "select") || streq(key, "when"), known = false;
        int r;

        if (i == p->n_tables || !loader_belongs(l, line, p->tables[i].line))
                return 0;
        for (size_t k = 0; snmp_table_keys[k]; k++)
                known = known || streq(snmp_table_keys[k], key);
        if (!known)
                return loader_error_unknown(l, line, "key", key, snmp_table_keys);
        r = repeats ? 1 : snmp_loader_once(l, line, key);
        if (r <= 0)
                return r;
        if (streq(key, "chain"))
                return line->n_words == 1 ? 0 : loader_error(l, line, "chain stands alone");
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "\"%s\" wants a = and a value", key);

        snmp_loader(l)->table = i;
        if (streq(key, "select"))
                return MIN(read_select(l, line, &p->tables[i]), 0);
        if (streq(key, "count"))
                return MIN(read_above(l, line, &p->tables[i]), 0);

        r = loader_value(l, line, &value);
        if (r > 0)
                r = streq(key, "when") ? read_above(l, line, &p->tables[i])
                        : read_key(l, line, &p->tables[i]);
        return MIN(r, 0);
}
