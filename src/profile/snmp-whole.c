/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can only be said of a profile when all of it is read. */

#include "snmp-profile-internal.h"
#include "string-util.h"

static int make_index(const SnmpProfile *p, ProfileIndex *ret) {
        int r = profile_index_new(p->n_rows[SNMP_ROW_VARIABLE] + p->n_derived, ret);

        if (r < 0)
                return r;

        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];

                ret->names[ret->n_names++] = (ProfileName) { row->name, row->line };
        }
        for (size_t i = 0; i < p->n_derived; i++)
                ret->names[ret->n_names++] = (ProfileName) { p->derived[i].name, p->derived[i].line };

        profile_index_sort(ret);
        return 0;
}

/* Whether a name can be what the other one, with "*" for numbers, stands for. */
static bool is_member(const char *name, const char *all) {
        while (*name && *all) {
                if (*all == '*' && *name >= '0' && *name <= '9') {
                        name += strspn(name, "0123456789");
                        all++;
                } else if (*name++ != *all++)
                        return false;
        }

        return *name == *all;
}

ssize_t snmp_name_index_find(const ProfileIndex *index, const char *name) {
        ssize_t found = profile_index_find(index, name);

        if (found >= 0 || !strpbrk(name, "0123456789"))
                return found;
        for (size_t i = 0; i < index->n_names; i++)
                if (strchr(index->names[i].name, '*') && is_member(name, index->names[i].name))
                        return (ssize_t) i;
        return -1;
}

static bool has_chain(const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_tables; i++)
                if (p->tables[i].is_chain)
                        return true;
        return false;
}

static int check_references(Loader *l, const ProfileIndex *index) {
        SnmpLoader *loader = snmp_loader(l);
        const SnmpProfile *p = loader->profile;
        _cleanup_free_ const char **names = new0(const char *, index->n_names + 1);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < index->n_names; i++)
                names[i] = index->names[i].name;

        for (size_t i = 0; i < loader->n_references; i++) {
                const SnmpReference *reference = &loader->references[i];
                ConfLine place = { .file = l->file, .line = reference->line };

                if (snmp_name_index_find(index, reference->name) >= 0 ||
                    (p->vendor && streq(reference->name, "ups.mfr")) ||
                    (has_chain(p) && streq(reference->name, "device.count")))
                        continue;
                (void) loader_error_unknown(l, &place, "variable of this profile", reference->name, names);
                return 0;
        }

        return 0;
}

/* What a condition wants is also wanted by those that are made of it: as there is no circle, it has come
 * everywhere after as many rounds as there are conditions in a chain. */
static void spread_needs(Loader *l) {
        SnmpLoader *loader = snmp_loader(l);
        const SnmpProfile *p = loader->profile;

        for (unsigned round = 0; round < SNMP_DEPTH_MAX; round++)
                for (size_t i = 0; i < p->n_whens; i++)
                        for (size_t k = 0; k < p->whens[i].n_facts; k++) {
                                const SnmpWhens *whens = &p->whens[i].facts[k].whens;

                                for (size_t u = 0; u < whens->n_uses; u++) {
                                        SnmpNeed *need = &loader->needs[i];
                                        const SnmpNeed *more =
                                                &loader->needs[whens->uses[u].when - p->whens];

                                        need->tables |= more->tables;
                                        need->member |= more->member;
                                        need->numbers = MAX(need->numbers, more->numbers);
                                }
                        }
}

static void check_need(Loader *l, unsigned line, const SnmpWhen *when, size_t table) {
        SnmpLoader *loader = snmp_loader(l);
        const SnmpProfile *p = loader->profile;
        const SnmpNeed *need = &loader->needs[when - p->whens];
        ConfLine place = { .file = l->file, .line = line };

        if (table == SNMP_NO_TABLE && (need->member || need->numbers > 0))
                (void) loader_error(l, &place, "[when:%s] is about a member of a table, and this is in none",
                                when->name);
        else if (need->tables & ~snmp_table_line(p, table))
                (void) loader_error(l, &place, "[when:%s] names a table whose member this is not about",
                                when->name);
        else if (need->numbers > snmp_table_numbers(p, table))
                (void) loader_error(l, &place, "[when:%s] has more * in a name than there are tables here",
                                when->name);
}

static void check_uses(Loader *l, unsigned line, const SnmpWhens *whens, size_t table) {
        for (size_t i = 0; i < whens->n_uses; i++)
                check_need(l, line, whens->uses[i].when, table);
}

static void check_needs(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);

        spread_needs(l);
        for (int t = 0; t < _SNMP_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++)
                        check_uses(l, p->rows[t][i].line, &p->rows[t][i].whens, p->rows[t][i].table);
        for (size_t i = 0; i < p->n_tables; i++)
                check_uses(l, p->tables[i].line, &p->tables[i].whens, p->tables[i].parent);
        for (size_t i = 0; i < p->n_derived; i++)
                check_uses(l, p->derived[i].line, &p->derived_whens[i], SNMP_NO_TABLE);
        for (size_t i = 0; i < p->n_commands; i++) {
                const SnmpCommand *c = &p->commands[i];

                check_uses(l, c->line, &c->whens, c->table);
                if (c->check)
                        check_need(l, c->line, c->check, c->table);
        }
}

/* What does not go together in a table; NULL when all does. */
static const char *find_table_conflict(const SnmpTable *t) {
        bool has_members = t->member_first > 0 || t->member_last > 0;

        if (t->index.n_parts == 0 && !has_members)
                return "there is neither index nor members";
        if (t->index.n_parts > 0 && has_members)
                return "index and members exclude each other";
        if (has_members && (t->depth > 0 || t->numbering == SNMP_NUMBER_VALUE))
                return "depth and number = value belong to index";
        return NULL;
}

static void check_definitions(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);

        for (size_t i = 0; i < p->n_tables; i++) {
                ConfLine place = { .file = l->file, .line = p->tables[i].line };
                const char *conflict = find_table_conflict(&p->tables[i]);

                if (conflict)
                        (void) loader_error(l, &place, "[table:%s]: %s", p->tables[i].name, conflict);
                loader_check_used(l, p->tables[i].line, p->tables[i].used, false, "table",
                                p->tables[i].name);
        }
        for (size_t i = 0; i < p->n_whens; i++)
                loader_check_used(l, p->whens[i].line, p->whens[i].used, p->whens[i].n_facts == 0, "when",
                                p->whens[i].name);
        loader_check_definitions(l);
}

/* In a lookup with identifiers, what is none is a name that was mistyped. */
static int check_lookups(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);
        _cleanup_free_ const char **names = new0(const char *, p->n_objects + 1);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < p->n_objects; i++)
                names[i] = p->objects[i].name;

        for (size_t i = 0; i < p->values.n_lookups; i++) {
                const ValueLookup *lookup = &p->values.lookups[i];
                ConfLine place = { .file = l->file, .line = lookup->line };

                if (!strv_contains(snmp_loader(l)->oid_lookups, lookup->name))
                        continue;
                for (size_t k = 0; k < lookup->n_entries; k++)
                        if (lookup->entries[k].word && lookup->entries[k].word[0] > '9')
                                (void) loader_error_unknown(l, &place, "object in front of a line",
                                                lookup->entries[k].word, names);
        }
        return 0;
}

static bool is_always(const SnmpRow *row) {
        return row->whens.n_uses == 0 && (row->held || row->value);
}

/* Alternatives behind one that always has a value are never used. */
static int check_alternatives(Loader *l, const ProfileIndex *index) {
        const SnmpProfile *p = snmp_loader_profile(l);
        _cleanup_free_ unsigned *always = new0(unsigned, index->n_names); /* the line of such a one */

        if (!always)
                return -ENOMEM;

        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                ConfLine place = { .file = l->file, .line = row->line };
                unsigned *line = &always[profile_index_find(index, row->name)];

                if (*line > 0) {
                        _cleanup_free_ char *where = loader_describe_line(l, &place, *line);

                        (void) loader_error(l, &place, "This is never used: %s always has a value for %s",
                                        strempty(where), row->name);
                } else if (row->table == SNMP_NO_TABLE && is_always(row))
                        *line = row->line;
        }

        return 0;
}

static bool is_referred_to(const SnmpLoader *loader, const char *name) {
        for (size_t i = 0; i < loader->n_references; i++)
                if (streq(loader->references[i].name, name))
                        return true;

        return false;
}

/* What is kept, can be set, and changes nothing. */
static void check_held(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);

        for (size_t i = 0; i < p->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &p->rows[SNMP_ROW_VARIABLE][i];
                ConfLine place = { .file = l->file, .line = row->line };

                if (row->held && row->writable && !row->write && !is_referred_to(snmp_loader(l), row->name))
                        loader_warn(l, &place, "%s has no effect: nothing is made of it", row->name);
        }
}

static void check_head(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);
        ConfLine place = { .file = l->file };

        if (!p->title || !p->version || !p->mibs)
                (void) loader_error(l, &place, "[profile] needs title, version and mib");
        if (p->order >= 0 && p->n_rows[SNMP_ROW_NEED] == 0)
                (void) loader_error(l, &place,
                                "order wants a line need = ... in [probe]: any agent would be taken");
}

int snmp_loader_check(Loader *l) {
        const SnmpProfile *p = snmp_loader_profile(l);
        _cleanup_(profile_index_done) ProfileIndex index = {};
        int r;

        /* One mistake makes others, which are none: what stands in a line that is not understood is missed.
         */
        if (l->failed)
                return 0;

        r = make_index(p, &index);
        if (r >= 0)
                r = check_references(l, &index);
        if (r >= 0)
                r = check_alternatives(l, &index);
        if (r >= 0)
                r = check_lookups(l);
        if (r >= 0)
                r = snmp_loader_check_cycles(l, &index);
        if (r < 0)
                return r;

        if (!l->failed)
                check_needs(l);
        check_definitions(l);
        check_held(l);
        check_head(l);
        return 0;
}
