/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sections [when:NAME], and what uses them. */

#include "snmp-profile-internal.h"
#include "string-util.h"

#define FACTS_MAX 256U

static void fact_done(SnmpFact *f) {
        free(f->name);
        snmp_expression_done(&f->expression);
        snmp_oid_done(&f->oid);
        profile_pattern_done(&f->pattern);
        free(f->whens.uses);
        *f = (SnmpFact) {};
}

void snmp_when_done(SnmpWhen *when) {
        for (size_t i = 0; i < when->n_facts; i++)
                fact_done(&when->facts[i]);
        free(when->facts);
        free(when->name);
        *when = (SnmpWhen) {};
}

int snmp_loader_when(Loader *l, const ConfLine *line, const char *s, SnmpWhens *whens) {
        SnmpProfile *p = snmp_loader_profile(l);
        SnmpWhenUse *grown;
        bool negate = s[0] == '!';
        size_t i;
        int r;

        r = loader_find(l, line, "condition", s + negate, p->whens, p->n_whens, sizeof(SnmpWhen), &i);
        if (r <= 0)
                return r;
        p->whens[i].used = true;

        for (size_t k = 0; k < whens->n_uses; k++)
                if (whens->uses[k].when == &p->whens[i])
                        return loader_error(l, line, "The condition %s stands here twice", s + negate);
        if (whens->n_uses >= SNMP_WHENS_MAX)
                return loader_error(l, line, "There are at most %u conditions in one place", SNMP_WHENS_MAX);

        grown = reallocarray(whens->uses, whens->n_uses + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        whens->uses = grown;
        grown[whens->n_uses++] = (SnmpWhenUse) { .when = &p->whens[i], .negate = negate };
        return 1;
}

static int set_name(SnmpFact *f, const char *s) {
        f->name = strdup(s);
        return f->name ? 1 : -ENOMEM;
}

static int read_option(Loader *l, const ConfLine *line, SnmpFact *f) {
        return set_name(f, line->words[2]);
}

static int read_variable(Loader *l, const ConfLine *line, SnmpFact *f) {
        ValueTest *test = &f->expression.test;
        int r;

        if (line->n_words > 4)
                return loader_error(l, line, "variable wants a name, and perhaps values as 1,2 or a range");
        r = snmp_loader_refer(l, line, line->words[2]);
        if (r > 0)
                r = set_name(f, line->words[2]);
        if (r <= 0 || line->n_words < 4)
                return r;

        f->expression.has_test = true;
        if (profile_range_parse(line->words[3], &test->min, &test->max) >= 0) {
                test->has_range = true;
                return 1;
        }
        return loader_value_list(l, line, line->words[3], test);
}

static int read_value(Loader *l, const ConfLine *line, SnmpFact *f) {
        return snmp_loader_expression(l, line, 2, true, &f->expression);
}

static int read_exists(Loader *l, const ConfLine *line, SnmpFact *f) {
        f->expression.selector.source = SNMP_SOURCE_OBJECT;
        return snmp_loader_object(l, line, line->words[2], &f->expression.selector.object);
}

static int read_table(Loader *l, const ConfLine *line, SnmpFact *f) {
        int64_t min, max;
        int r;

        if (line->n_words != 4 || profile_integer_range_parse(line->words[3], &min, &max) < 0 || min < 0)
                return loader_error(l, line, "table wants a name and how many members there are: "
                                "table = NAME 2..64");
        r = snmp_loader_table(l, line, line->words[2], &f->table);
        f->min = (size_t) min;
        f->max = (size_t) max;
        return r;
}

static int read_sysobjectid(Loader *l, const ConfLine *line, SnmpFact *f) {
        return snmp_loader_oid(l, line, line->words[2], &f->oid, NULL);
}

static int read_sysdescr(Loader *l, const ConfLine *line, SnmpFact *f) {
        return loader_pattern(l, line, line->words[2], &f->pattern);
}

static int read_others(Loader *l, const ConfLine *line, SnmpFact *f) {
        for (size_t i = 2; i < line->n_words; i++) {
                int r = snmp_loader_when(l, line, line->words[i], &f->whens);

                if (r <= 0)
                        return r;
        }
        return 1;
}

/* more: other words may follow. */
static const struct {
        const char *key;
        int (*read)(Loader *l, const ConfLine *line, SnmpFact *f);
        bool more;
} facts[_SNMP_FACT_MAX] = {
        [SNMP_FACT_OPTION] = { "option", read_option },
        [SNMP_FACT_VARIABLE] = { "variable", read_variable, true },
        [SNMP_FACT_VALUE] = { "value", read_value, true },
        [SNMP_FACT_EXISTS] = { "exists", read_exists },
        [SNMP_FACT_TABLE] = { "table", read_table, true },
        [SNMP_FACT_SYSOBJECTID] = { "sysobjectid", read_sysobjectid },
        [SNMP_FACT_SYSDESCR] = { "sysdescr", read_sysdescr },
        [SNMP_FACT_ANY] = { "any", read_others, true },
        [SNMP_FACT_ALL] = { "all", read_others, true },
};

static int report_unknown(Loader *l, const ConfLine *line) {
        const char *keys[_SNMP_FACT_MAX + 1] = {};

        for (size_t i = 0; i < _SNMP_FACT_MAX; i++)
                keys[i] = facts[i].key;
        return loader_error_unknown(l, line, "key", line->words[0], keys);
}

static int read_line(Loader *l, const ConfLine *line, SnmpWhen *when) {
        _cleanup_(fact_done) SnmpFact f = {};
        SnmpFact *grown;
        int r;

        snmp_expression_init(&f.expression);
        while (f.type < _SNMP_FACT_MAX && !streq(facts[f.type].key, line->words[0]))
                f.type++;
        if (f.type == _SNMP_FACT_MAX)
                return report_unknown(l, line);
        if (!line->assignment || line->n_words < 3 || (line->n_words > 3 && !facts[f.type].more))
                return loader_error(l, line, "\"%s\" wants a = and one value, in quotes if it has blanks",
                                line->words[0]);
        if (when->n_facts >= FACTS_MAX)
                return loader_error(l, line, "A condition has at most %u lines", FACTS_MAX);

        r = facts[f.type].read(l, line, &f);
        if (r <= 0)
                return r;

        grown = reallocarray(when->facts, when->n_facts + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        when->facts = grown;
        grown[when->n_facts++] = f;
        f = (SnmpFact) {};
        return 0;
}

int snmp_loader_read_when(Loader *l, const ConfLine *line, const char *name) {
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        int r = 0;

        for (size_t i = 0; i < p->n_whens; i++) {
                if (!streq(p->whens[i].name, name))
                        continue;
                if (!loader_belongs(l, line, p->whens[i].line))
                        return 0;

                loader->table = SNMP_ROW_TABLE;
                loader->need = &loader->needs[i];
                r = read_line(l, line, &p->whens[i]);
                loader->table = SNMP_NO_TABLE;
                loader->need = NULL;
                return r;
        }
        return 0;
}
