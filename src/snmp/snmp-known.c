/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "parse-util.h"
#include "snmp-engine-internal.h"
#include "string-util.h"

/* What outlives a session, as lines of words:
 *
 *     snmp 1 PROFILE VERSION
 *     batch N REPETITIONS
 *     table NAME WANTED COUNT INSTANCE=NUMBER ...
 */

#define HEADER "snmp 1"

/*** Writing ***/

static int write_members(FILE *f, const MemberList *l) {
        for (size_t i = 0; i < l->n_members; i++) {
                _cleanup_free_ char *instance = snmp_oid_text(&l->members[i].instance);

                if (!instance)
                        return -ENOMEM;
                fprintf(f, " %s=%u", instance, l->members[i].number);
        }
        fputc('\n', f);
        return 0;
}

int snmp_engine_save(const SnmpEngine *e, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r = 0;

        if (!f)
                return -ENOMEM;
        fprintf(f, HEADER " %s %s\n", e->profile->id, e->profile->version);
        /* What may only come from an answer that got lost is nothing to begin with again. */
        fprintf(f, "batch %u %u\n", e->asker.batch,
                e->slices_in_doubt ? MAX(e->repetitions, SNMP_REPETITIONS) : e->repetitions);
        for (size_t i = 0; i < e->profile->n_tables && r >= 0; i++) {
                const Table *t = &e->tables[i];

                if (!t->is_known || e->profile->tables[i].ask == SNMP_ASK_QUICK)
                        continue;
                fprintf(f, "table %s %s ", e->profile->tables[i].name, t->was_wanted ? "yes" : "no");
                if (isnan(t->count))
                        fputc('-', f);
                else
                        fprintf(f, "%.10g", t->count);
                r = write_members(f, &t->list);
        }
        if (fclose(f) != 0)
                r = -ENOMEM;
        if (r < 0)
                return r;
        /* It is the caller's to keep it, but nothing is lost if he does not. */
        ((SnmpEngine *) e)->news = false;
        *ret = TAKE_PTR(text);
        return 0;
}

bool snmp_engine_is_news(const SnmpEngine *e) {
        return e->news;
}

/*** Reading ***/

static size_t find_table(const SnmpProfile *p, const char *name) {
        for (size_t i = 0; i < p->n_tables; i++)
                if (streq(p->tables[i].name, name))
                        return i;
        return SNMP_NO_TABLE;
}

static const Member *find_parent(const SnmpEngine *e, size_t table, const SnmpOid *instance) {
        const MemberList *l = &e->tables[e->profile->tables[table].parent].list;

        for (size_t i = 0; i < l->n_members; i++)
                if (snmp_oid_has_prefix(instance, &l->members[i].instance))
                        return &l->members[i];
        return NULL;
}

static bool read_member(char *word, Member *m, SnmpOid *instance) {
        char *number = strchr(word, '=');
        int64_t n;

        if (!number)
                return false;
        *number++ = '\0';
        if (parse_int64(number, 0, UINT32_MAX, &n) < 0 || snmp_oid_parse(word, instance) < 0)
                return false;
        m->number = (uint32_t) n;
        return true;
}

static bool add_member(SnmpEngine *e, size_t table, char *word, MemberList *l, size_t *n_numbers) {
        const SnmpTable *definition = &e->profile->tables[table];
        Member *m = &l->members[l->n_members];
        SnmpOid instance = {};
        bool ok;

        *m = (Member){.table = table};
        ok = read_member(word, m, &instance);
        if (ok && definition->parent != SNMP_NO_TABLE) {
                m->parent = find_parent(e, table, &instance);
                ok = m->parent != NULL;
        }
        if (ok) {
                memcpy(l->numbers + *n_numbers, instance.ids, instance.n * sizeof(uint32_t));
                m->instance = (SnmpOid){.ids = l->numbers + *n_numbers, .n = instance.n};
                *n_numbers += instance.n;
                /* As a walk has them: otherwise somebody else has written it. */
                ok = l->n_members == 0 || snmp_oid_order(&m[-1].instance, &m->instance) < 0;
                l->n_members++;
        }
        snmp_oid_done(&instance);
        return ok;
}

static bool read_count(const char *word, double *ret) {
        if (streq(word, "-")) {
                *ret = NAN;
                return true;
        }
        return parse_double(word, ret) >= 0;
}

static bool read_table(SnmpEngine *e, char **words) {
        size_t n = strv_length(words), table = n < 4 ? SNMP_NO_TABLE : find_table(e->profile, words[1]);
        Table *t = table == SNMP_NO_TABLE ? NULL : &e->tables[table];
        size_t n_numbers = 0;

        if (!t || t->is_known || n - 4 > SNMP_MEMBERS_MAX ||
                e->profile->tables[table].ask == SNMP_ASK_QUICK || !read_count(words[3], &t->count))
                return false;
        if (e->profile->tables[table].parent != SNMP_NO_TABLE &&
                !e->tables[e->profile->tables[table].parent].is_known)
                return false;
        t->was_wanted = streq(words[2], "yes");
        t->is_known = t->is_recalled = true;
        if (n == 4)
                return true;
        t->list.members = new0(Member, n - 4);
        for (size_t i = 4; i < n; i++)
                n_numbers += strlen(words[i]);
        /* No number has less than one character. */
        t->list.numbers = new0(uint32_t, n_numbers);
        n_numbers = 0;
        if (!t->list.members || !t->list.numbers)
                return false;
        for (size_t i = 4; i < n; i++)
                if (!add_member(e, table, words[i], &t->list, &n_numbers))
                        return false;
        return true;
}

static bool read_batch(SnmpEngine *e, char **words) {
        int64_t batch, repetitions;

        if (strv_length(words) != 3 || parse_int64(words[1], 1, SNMP_ASK_MOST, &batch) < 0 ||
                parse_int64(words[2], 1, 64, &repetitions) < 0)
                return false;
        e->asker.batch = (unsigned) batch;
        e->repetitions = (unsigned) repetitions;
        return true;
}

static bool read_lines(SnmpEngine *e, char *const *lines) {
        _cleanup_free_ char *header = strprintf(HEADER " %s %s", e->profile->id, e->profile->version);

        if (!header || !lines || !streq(lines[0], header))
                return false;
        STRV_FOREACH (line, lines + 1) {
                _cleanup_strv_free_ char **words = NULL;

                if (strv_split(*line, " ", &words) < 0 || !words)
                        return false;
                if (streq(words[0], "batch") ? !read_batch(e, words)
                                             : !streq(words[0], "table") || !read_table(e, words))
                        return false;
        }
        return true;
}

bool snmp_known_load(SnmpEngine *e, const char *known) {
        _cleanup_strv_free_ char **lines = NULL;
        unsigned batch = e->asker.batch, repetitions = e->repetitions;

        if (strv_split(known, "\n", &lines) >= 0 && read_lines(e, lines))
                return true;
        for (size_t i = 0; i < e->profile->n_tables; i++) {
                snmp_member_list_done(&e->tables[i].list);
                e->tables[i] = (Table){.count = NAN};
        }
        e->asker.batch = batch;
        e->repetitions = repetitions;
        return false;
}
