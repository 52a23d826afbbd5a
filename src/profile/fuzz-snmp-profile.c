/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SNMP profiles, and what is said of them side by side. What stands in front of a line of five % is the file
 * family.rows beside the profile. */

#include <stdio.h>
#include <unistd.h>

#include "snmp-profile.h"
#include "test-conf-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pattern(const SnmpProfile *p, const SnmpPattern *pattern, size_t row_table, bool is_when) {
        for (size_t i = 0; i < pattern->n_parts; i++) {
                size_t t = pattern->parts[i].table, above = row_table;

                ASSERT_TRUE(pattern->parts[i].ids.n <= SNMP_OID_MAX);
                if (t == SNMP_NO_TABLE)
                        continue;
                if (is_when) {
                        ASSERT_TRUE(t == SNMP_ROW_TABLE || t < p->n_tables);
                        continue;
                }
                while (above != t) {
                        ASSERT_TRUE(above < p->n_tables);
                        above = p->tables[above].parent;
                }
        }
}

static void check_expression(const SnmpProfile *p, const SnmpExpression *x, size_t table, bool is_when) {
        const SnmpSelector *s = &x->selector;

        if (s->source == SNMP_SOURCE_OBJECT)
                ASSERT_TRUE(s->object.n_parts > 0);
        if (s->source == SNMP_SOURCE_COUNT || s->source == SNMP_SOURCE_NUMBER)
                ASSERT_TRUE(s->table < p->n_tables);
        if (s->source == SNMP_SOURCE_VARIABLE || s->source == SNMP_SOURCE_OPTION ||
            s->source == SNMP_SOURCE_AGENT)
                ASSERT_TRUE(s->name);
        ASSERT_TRUE(x->conversion.divide != 0 && x->form < _SNMP_FORM_MAX);
        check_pattern(p, &s->object, table, is_when);
        if (x->decimals)
                check_pattern(p, &x->decimals->object, table, is_when);
}

static void check_set(const SnmpProfile *p, const SnmpSet *set, size_t table) {
        ASSERT_TRUE(set->object.n_parts > 0);
        check_pattern(p, &set->object, table, false);
        if (!set->value.text && set->value.expression.selector.source != SNMP_SOURCE_NONE)
                check_expression(p, &set->value.expression, table, false);
}

static void check_whens(const SnmpProfile *p, const SnmpWhens *whens) {
        ASSERT_TRUE(whens->n_uses <= SNMP_WHENS_MAX);
        for (size_t i = 0; i < whens->n_uses; i++)
                ASSERT_TRUE(whens->uses[i].when >= p->whens && whens->uses[i].when < p->whens + p->n_whens);
}

static void check_rows(const SnmpProfile *p) {
        for (int t = 0; t < _SNMP_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++) {
                        const SnmpRow *row = &p->rows[t][i];

                        ASSERT_TRUE(row->type == (SnmpRowType) t && row->line > 0 && row->file);
                        ASSERT_TRUE(row->table == SNMP_NO_TABLE || row->table < p->n_tables);
                        ASSERT_TRUE(row->expression.selector.source != SNMP_SOURCE_NONE || row->held ||
                                    row->value);
                        check_whens(p, &row->whens);
                        check_expression(p, &row->expression, row->table, false);
                        if (row->write)
                                check_set(p, row->write, row->table);
                }
        for (size_t i = 0; i < p->n_commands; i++) {
                const SnmpCommand *c = &p->commands[i];

                ASSERT_TRUE(c->n_sets > 0 && c->name && c->file);
                check_whens(p, &c->whens);
                for (size_t k = 0; k < c->n_sets; k++)
                        check_set(p, &c->sets[k], c->table);
        }
}

static void check_profile(const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_tables; i++) {
                const SnmpTable *t = &p->tables[i];

                ASSERT_TRUE(t->name && (t->parent == SNMP_NO_TABLE || t->parent < i));
                ASSERT_TRUE(t->member_last - t->member_first < SNMP_MEMBERS_MAX);
                for (size_t k = 0; k < t->n_selects; k++)
                        check_expression(p, &t->selects[k], i, false);
                check_expression(p, &t->count, t->parent, false);
        }
        for (size_t i = 0; i < p->n_whens; i++)
                for (size_t k = 0; k < p->whens[i].n_facts; k++) {
                        check_expression(p, &p->whens[i].facts[k].expression, SNMP_NO_TABLE, true);
                        check_whens(p, &p->whens[i].facts[k].whens);
                }
        check_rows(p);
        ASSERT_TRUE(p->title && p->version && p->mibs);
        ASSERT_TRUE(p->order < 0 || p->n_rows[SNMP_ROW_NEED] > 0);
}

static void test_one(const char *name, const char *data, size_t size) {
        _cleanup_(test_report_done) TestReport report = {};
        SnmpProfile *p = NULL;
        int r;

        /* What is said is kept here, so that it must not be too much of it. */
        r = snmp_profile_parse(name, data, size, size < 4096 ? test_report_collect : NULL, &report, &p);
        ASSERT_TRUE(r == 0 || r == -EBADMSG);
        ASSERT_EQ(r == 0, p != NULL);
        if (size < 4096)
                ASSERT_EQ(r < 0, report.n_errors > 0);
        if (p) {
                SnmpProfile *both[] = { p, p };

                check_profile(p);
                snmp_profiles_check(&(SnmpProfiles) { both, 2 }, NULL, NULL);
        }
        snmp_profile_unref(p);
}

static void test_with_rows(const char *rows, size_t n, const char *data, size_t size) {
        char directory[] = "/tmp/fuzz-XXXXXX", path[sizeof(directory) + 12], name[sizeof(path) + 2];
        FILE *f;

        ASSERT_TRUE(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/family.rows", directory);
        (void) snprintf(name, sizeof(name), "%s/fuzz.profile", directory);
        f = fopen(path, "we");
        ASSERT_TRUE(f && fwrite(rows, 1, n, f) == n && fclose(f) == 0);

        test_one(name, data, size);
        ASSERT_TRUE(unlink(path) >= 0 && rmdir(directory) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char separator[] = "\n%%%%%\n";
        const char *text = (const char *) data, *found = size > 0
                ? memmem(text, size, separator, strlen(separator)) : NULL;

        if (found) {
                size_t n = (size_t) (found - text), skip = n + strlen(separator);

                test_with_rows(text, n + 1, text + skip, size - skip);
        } else
                test_one("fuzz.profile", text, size);
        return 0;
}
