/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [variables], [status], [alarms] and [derived], and what [probe] needs. */

#include "names.h"
#include "model.h"
#include "snmp-profile-internal.h"
#include "string-util.h"

#define STRING_LENGTH_MAX 255
#define STEP_MAX 1000000

void snmp_row_done(SnmpRow *row) {
        free(row->name);
        snmp_expression_done(&row->expression);
        free(row->whens.uses);
        free(row->held);
        free(row->value);
        if (row->write)
                snmp_set_done(row->write);
        free(row->write);
        value_ranges_done(row->ranges, row->n_ranges);
        free(row->option);
        *row = (SnmpRow) {};
}

/* A name as it is of a first member; NULL without memory. */
static char *first_name(const char *name) {
        char *s = strdup(name);

        for (char *p = s; p && *p; p++)
                if (*p == '*')
                        *p = '1';
        return s;
}

int snmp_loader_check_numbers(Loader *l, const ConfLine *line, const char *s) {
        SnmpLoader *loader = snmp_loader(l);
        unsigned n = 0, most;

        for (; *s; s++)
                n += *s == '*';
        if (loader->need) {
                loader->need->numbers = MAX(loader->need->numbers, n);
                loader->need->member = loader->need->member || n > 0;
                return 1;
        }
        if (n > 0 && loader->table == SNMP_NO_TABLE)
                return loader_error(l, line, "* stands for the number of a member: table=NAME is missing");

        most = snmp_table_numbers(loader->profile, loader->table);
        return n <= most ? 1 : loader_error(l, line, "There are more * here than tables: %u are possible",
                        most);
}

int snmp_loader_check_name(
                Loader *l, const ConfLine *line, const char *what, const char *name, bool is_quiet) {
        _cleanup_free_ char *first = first_name(name);
        bool is_command = streq(what, "command");
        int r;

        if (!first)
                return -ENOMEM;
        if (!variable_name_is_valid(first))
                return loader_error(l, line, "\"%s\" cannot be the name of a %s", name, what);
        r = snmp_loader_check_numbers(l, line, name);
        if (r <= 0)
                return r;
        if (!is_quiet && !startswith(name, "experimental.") &&
            !(is_command ? command_name_find(first) : variable_name_find(first)))
                loader_warn(l, line, "\"%s\" is no %s of busbar-names(7)", name, what);
        return 1;
}

int snmp_loader_refer(Loader *l, const ConfLine *line, const char *name) {
        SnmpLoader *loader = snmp_loader(l);
        SnmpReference reference = { .line = line->line };
        int r = snmp_loader_check_name(l, line, "variable", name, true);

        if (r <= 0)
                return r;
        if (!GREEDY_REALLOC(loader->references, loader->references_allocated, loader->n_references + 1))
                return -ENOMEM;
        reference.name = strdup(name);
        if (!reference.name)
                return -ENOMEM;
        loader->references[loader->n_references++] = reference;
        return 1;
}

int snmp_loader_ask(Loader *l, const ConfLine *line, const char *s, SnmpAsk *ret) {
        static const char *const names[_SNMP_ASK_MAX + 1] = {
                [SNMP_ASK_QUICK] = "quick",
                [SNMP_ASK_FULL] = "full",
                [SNMP_ASK_SLOW] = "slow",
                [SNMP_ASK_ONCE] = "once",
        };

        for (SnmpAsk a = 0; a < _SNMP_ASK_MAX; a++)
                if (streq(names[a], s)) {
                        *ret = a;
                        return 1;
                }
        return loader_error_unknown(l, line, "time to ask", s, names);
}

static int take_text(const char *s, char **field) {
        *field = strdup(s);
        return *field ? 1 : -ENOMEM;
}

static int parse_unsigned(
                Loader *l, const ConfLine *line, const Attribute *a, unsigned max, unsigned *ret) {
        int64_t n;
        int r;

        if (*ret > 0)
                return loader_error(l, line, "%s stands here twice", a->name);
        r = loader_integer(l, line, a->name, a->value, 1, max, &n);
        if (r > 0)
                *ret = (unsigned) n;
        return r;
}

static int parse_write(Loader *l, const ConfLine *line, const char *s, SnmpRow *row) {
        SnmpLoader *loader = snmp_loader(l);
        int r;

        row->write = new0(SnmpSet, 1);
        if (!row->write)
                return -ENOMEM;

        loader->has_argument = true;
        r = snmp_loader_set(l, line, s, row->write, &row->has_write_value);
        loader->has_argument = false;
        return r;
}

const char *const snmp_variable_attributes[] = {
        "form", "decimals", "table", "ask", "rw", "enum", "hidden", "write", "range", "step", "length",
        "option", "held", "value", NULL
};
static const char *const state_names[] = { "form", "decimals", "table", "ask", "else", NULL };
static const char *const need_names[] = { "form", "decimals", NULL };

static int set_flag(Loader *l, const ConfLine *line, const Attribute *a, bool *flag) {
        *flag = true;
        return !a->value ? 1 : loader_error(l, line, "%s takes no value", a->name);
}

static bool is_listed(const char *name, const char *const *names) {
        for (; *names; names++)
                if (streq(*names, name))
                        return true;
        return false;
}

/* What all rows but those of [probe] have. */
static int own_any(Loader *l, const ConfLine *line, const Attribute *a, SnmpRow *row) {
        int r = snmp_loader_attribute(l, line, a, &row->expression);

        if (r != -ENOENT)
                return r;
        if (row->type == SNMP_ROW_NEED || (!streq(a->name, "ask") && !streq(a->name, "table")))
                return -ENOENT;
        if (!a->value)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);
        return streq(a->name, "ask") ? snmp_loader_ask(l, line, a->value, &row->ask) : 1;
}

static int own_variable(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        SnmpRow *row = userdata;
        int r = own_any(l, line, a, row);

        if (r != -ENOENT || !is_listed(a->name, snmp_variable_attributes))
                return r;
        if (streq(a->name, "rw"))
                return set_flag(l, line, a, &row->writable);
        if (streq(a->name, "enum"))
                return set_flag(l, line, a, &row->enumerated);
        if (streq(a->name, "hidden"))
                return set_flag(l, line, a, &row->hidden);
        if (!a->value)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        if (streq(a->name, "write"))
                return parse_write(l, line, a->value, row);
        if (streq(a->name, "range"))
                return loader_value_range(l, line, a->value, &row->ranges, &row->n_ranges);
        if (streq(a->name, "step"))
                return parse_unsigned(l, line, a, STEP_MAX, &row->step);
        if (streq(a->name, "length"))
                return parse_unsigned(l, line, a, STRING_LENGTH_MAX, &row->length_max);

        return take_text(a->value, streq(a->name, "option") ? &row->option
                        : streq(a->name, "held") ? &row->held : &row->value);
}

static int own_state(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        SnmpRow *row = userdata;

        return streq(a->name, "else") ? set_flag(l, line, a, &row->alternative) : own_any(l, line, a, row);
}

static int own_need(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        return own_any(l, line, a, userdata);
}

/* What cannot be undone, for what is written. */
static bool has_way_back(const SnmpExpression *x) {
        const ValueConversion *c = &x->conversion;

        return !c->match.text && !c->function && c->base == 0 && c->mask == 0 && !c->has_clamp && !c->names
                        &&
                x->form == SNMP_FORM_TEXT;
}

/* Where it comes from; NULL when all goes together. */
static const char *find_source_conflict(const SnmpRow *row) {
        const SnmpExpression *x = &row->expression;
        const ValueConversion *c = &x->conversion;
        SnmpSource source = x->selector.source;

        if (source == SNMP_SOURCE_NONE && !row->held && !row->value)
                return "It is not said where the value comes from";
        if ((source != SNMP_SOURCE_NONE) + !!row->held + !!row->value > 1)
                return "A selector, held= and value= exclude each other";
        if (row->value && (row->writable || row->option || row->write || x->form != SNMP_FORM_TEXT ||
                           !value_conversion_is_empty(c)))
                return "value= is a text that stands for itself: only when, table, hidden and each go with "
                                "it";
        if (row->held && (c->trim || c->invalid || c->match.text || c->function || c->numeric || c->names ||
                          x->form != SNMP_FORM_TEXT))
                return "What is held is shown as it is: only lookup can go with it, for enum";
        if (row->option && !row->writable && !row->held)
                return "option belongs to held or rw";
        return NULL;
}

/* What is written; NULL likewise. */
static const char *find_write_conflict(const SnmpRow *row) {
        const SnmpExpression *x = &row->expression;

        if (row->write && !row->writable)
                return "write belongs to rw";
        if (row->writable && !row->write && !row->held && x->selector.source != SNMP_SOURCE_OBJECT)
                return "rw wants write=OBJECT: it is not read from an object";
        if (row->writable && !row->held && !row->has_write_value && !has_way_back(x))
                return "There is no way back through match, function, base, mask, clamp, names and form: rw "
                                "wants "
                       "write=OBJECT:VALUE";
        if ((row->enumerated || row->length_max > 0) && !row->writable)
                return "enum and length belong to rw";
        if ((row->n_ranges > 0 || row->step > 0) && !row->writable && !row->held)
                return "range and step belong to rw or held";
        if (row->enumerated + (row->length_max > 0) + (row->n_ranges > 0) > 1)
                return "enum, length and range exclude each other";
        if (row->enumerated && !x->conversion.lookup)
                return "enum wants a lookup, whose texts can be chosen";
        return NULL;
}

static int check_row(Loader *l, const ConfLine *line, const SnmpRow *row) {
        const SnmpExpression *x = &row->expression;
        const char *conflict = NULL;

        if (row->type == SNMP_ROW_VARIABLE)
                conflict = find_source_conflict(row) ?: find_write_conflict(row);
        else if (row->type == SNMP_ROW_ALARM && !row->name &&
                 ((!x->conversion.lookup && !x->conversion.names) || x->has_test || x->test.invert))
                conflict = "The alarm * is what its lookup gives: it wants lookup= or names=, and no test";
        else if (row->type == SNMP_ROW_NEED && x->selector.source != SNMP_SOURCE_OBJECT &&
                 x->selector.source != SNMP_SOURCE_AGENT)
                conflict = "What is needed is an object of the agent";

        if (conflict)
                return loader_error(l, line, "%s", conflict);
        return row->type != SNMP_ROW_VARIABLE ? 1
                : snmp_loader_check_name(l, line, "variable", row->name, row->hidden);
}

/* What stands before the =. */
static int parse_subject(Loader *l, const ConfLine *line, SnmpRow *row) {
        const char *s = line->words[0];
        int condition, r = 1;

        switch (row->type) {
        case SNMP_ROW_STATUS:
                r = loader_condition(l, line, s, &condition);
                if (r > 0)
                        row->condition = (Condition) condition;
                break;

        case SNMP_ROW_ALARM:
                if (streq(s, "*"))
                        return 1;
                r = loader_alarm(l, line, s);
                if (r > 0)
                        r = snmp_loader_check_numbers(l, line, s);
                break;

        case SNMP_ROW_NEED:
                return 1;

        default:
                break;
        }

        return r <= 0 ? r : take_text(s, &row->name);
}

/* A variable that is a number shows nothing else: a text in its place, as "n/a", is unknown. What a lookup
 * or names make of it is said by the profile. */
static int expect_number(SnmpRow *row) {
        ValueConversion *c = &row->expression.conversion;
        _cleanup_free_ char *name = NULL;
        const Name *known;

        if (row->type != SNMP_ROW_VARIABLE || row->held || row->value || c->lookup || c->names ||
                        row->expression.form != SNMP_FORM_TEXT)
                return 1;
        name = first_name(row->name);
        if (!name)
                return -ENOMEM;
        known = variable_name_find(name);
        c->numeric = c->numeric || (known && known->kind == NAME_NUMBER);
        return 1;
}

static int parse_row(Loader *l, const ConfLine *line, SnmpRow *row) {
        bool is_variable = row->type == SNMP_ROW_VARIABLE, is_need = row->type == SNMP_ROW_NEED;
        const ValueTarget target = {
                .conversion = &row->expression.conversion,
                .test = is_variable ? NULL : &row->expression.test,
                .has_test = &row->expression.has_test,
                .whens = is_need ? NULL : &row->whens,
                .own = is_variable ? own_variable : is_need ? own_need : own_state,
                .own_names = is_variable ? snmp_variable_attributes : is_need ? need_names : state_names,
                .userdata = row,
        };
        size_t first = 2;
        int r;

        r = is_need ? 1 : snmp_loader_enter_table(l, line, &row->table);
        if (r > 0)
                r = parse_subject(l, line, row);
        if (r <= 0)
                return r;

        /* A variable may have no selector when an attribute comes first. */
        if (!is_variable || line->n_words < 4 || !streq(line->words[3], "=")) {
                r = snmp_loader_selector(l, line, line->words[2], &row->expression.selector);
                if (r <= 0)
                        return r;
                first = 3;
        }

        r = loader_value_attributes(l, line, first, &target);
        if (r > 0)
                r = check_row(l, line, row);
        return r <= 0 ? r : expect_number(row);
}

static size_t count_rows(const SnmpProfile *p) {
        size_t n = p->n_commands + p->n_derived;

        for (int i = 0; i < _SNMP_ROW_TYPE_MAX; i++)
                n += p->n_rows[i];
        return n;
}

static int add_row(Loader *l, const ConfLine *line, void *userdata) {
        const SnmpRowType *type = userdata;
        _cleanup_(snmp_row_done) SnmpRow row = {
                .type = *type,
                .table = SNMP_NO_TABLE,
                .ask = *type == SNMP_ROW_VARIABLE ? SNMP_ASK_FULL : SNMP_ASK_QUICK,
                .file = line->file,
                .line = line->line,
        };
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        int r;

        if (count_rows(p) >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u rows", PROFILE_ROWS_MAX);

        snmp_expression_init(&row.expression);
        r = parse_row(l, line, &row);
        loader->table = SNMP_NO_TABLE;
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->rows[row.type], loader->rows_allocated[row.type], p->n_rows[row.type] + 1))
                return -ENOMEM;
        p->rows[row.type][p->n_rows[row.type]++] = row;
        row = (SnmpRow) {};
        return 0;
}

int snmp_loader_read_row(Loader *l, const ConfLine *line, SnmpRowType type) {
        static const char *const forms[] = {
                [SNMP_ROW_VARIABLE] = "NAME = SELECTOR ATTRIBUTES",
                [SNMP_ROW_STATUS] = "CONDITION = SELECTOR ATTRIBUTES",
                [SNMP_ROW_ALARM] = "\"TEXT\" = SELECTOR ATTRIBUTES",
                [SNMP_ROW_NEED] = "need = SELECTOR ATTRIBUTES",
        };

        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [%s] is %s", line->section, forms[type]);

        return loader_each(l, line, add_row, &type);
}

static int take_when(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        return snmp_loader_when(l, line, a->value, userdata);
}

static int add_derived(Loader *l, const ConfLine *line, void *userdata) {
        SnmpLoader *loader = snmp_loader(l);
        SnmpProfile *p = loader->profile;
        _cleanup_(profile_derived_done) ProfileDerived d = {};
        SnmpWhens whens = {};
        int r;

        if (count_rows(p) >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u rows", PROFILE_ROWS_MAX);
        r = loader_read_derived(l, line, take_when, &whens, &d);
        for (size_t i = 0; i < d.n_factors && r > 0; i++)
                if (d.factors[i].variable)
                        r = snmp_loader_refer(l, line, d.factors[i].variable);
        if (r > 0 && (!GREEDY_REALLOC(p->derived, l->derived_allocated, p->n_derived + 1) ||
                      !GREEDY_REALLOC(p->derived_whens, loader->derived_whens_allocated, p->n_derived + 1)))
                r = -ENOMEM;
        if (r <= 0) {
                free(whens.uses);
                return r;
        }

        p->derived[p->n_derived] = d;
        p->derived_whens[p->n_derived++] = whens;
        d = (ProfileDerived) {};
        return 0;
}

int snmp_loader_read_derived(Loader *l, const ConfLine *line) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [derived] is NAME = FACTOR FACTOR ...");

        return loader_each(l, line, add_derived, NULL);
}
