/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [variables], [status], [alarms] and [derived], and what [probe] needs. */

#include "line-profile-internal.h"
#include "model.h"
#include "string-util.h"

#define STRING_LENGTH_MAX 255
#define STEP_MAX 1000000

void line_row_done(LineRow *row) {
        free(row->name);
        line_selector_done(&row->selector);
        value_conversion_done(&row->conversion);
        free(row->held);
        free(row->value);
        line_template_done(&row->write);
        value_ranges_done(row->ranges, row->n_ranges);
        free(row->option);
        free(row->why);
        value_test_done(&row->test);
        *row = (LineRow) {};
}

/* "6" or "60:60" */
static int parse_step(Loader *l, const ConfLine *line, const char *s, LineRow *row) {
        const char *colon = strchr(s, ':');
        _cleanup_free_ char *first = strndup(s, colon ? (size_t) (colon - s) : strlen(s));
        int64_t step, from = 0;
        int r;

        if (!first)
                return -ENOMEM;

        r = loader_integer(l, line, "step", first, 1, STEP_MAX, &step);
        if (r > 0 && colon)
                r = loader_integer(l, line, "What step has behind its :", colon + 1, 1, STEP_MAX, &from);
        if (r <= 0)
                return r;
        if (colon ? row->step_above > 0 : row->step > 0)
                return loader_error(l, line, "step stands here twice");

        if (colon) {
                row->step_above = (unsigned) step;
                row->step_from = (unsigned) from;
        } else
                row->step = (unsigned) step;
        return 1;
}

static int parse_length(Loader *l, const ConfLine *line, const char *s, LineRow *row) {
        int64_t length;
        int r = loader_integer(l, line, "length", s, 1, STRING_LENGTH_MAX, &length);

        if (r > 0)
                row->length_max = (uint32_t) length;
        return r;
}

static int take_text(const char *s, char **field) {
        *field = strdup(s);
        return *field ? 1 : -ENOMEM;
}

static int parse_write(Loader *l, const ConfLine *line, const char *s, LineRow *row) {
        int r = line_loader_template(l, line, s, LINE_ALLOW_ARGUMENT, &row->write);

        row->has_write = r > 0;
        return r;
}

static const char *const variable_names[] = {
        "rw", "enum", "hidden", "write", "range", "step", "length", "option", "held", "value", NULL
};
static const char *const state_names[] = { "else", NULL };

static int own_variable(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        LineRow *row = userdata;
        const struct {
                const char *name;
                bool *field;
        } flags[] = { { "rw", &row->writable }, { "enum", &row->enumerated }, { "hidden", &row->hidden } };
        bool known = false;

        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                if (streq(a->name, flags[i].name)) {
                        *flags[i].field = true;
                        return !a->value ? 1 : loader_error(l, line, "%s takes no value", a->name);
                }
        for (size_t i = 0; variable_names[i]; i++)
                known = known || streq(variable_names[i], a->name);
        if (!known)
                return -ENOENT;
        if (!a->value)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        if (streq(a->name, "write"))
                return parse_write(l, line, a->value, row);
        if (streq(a->name, "range"))
                return loader_value_range(l, line, a->value, &row->ranges, &row->n_ranges);
        if (streq(a->name, "step"))
                return parse_step(l, line, a->value, row);
        if (streq(a->name, "length"))
                return parse_length(l, line, a->value, row);

        return take_text(a->value, streq(a->name, "option") ? &row->option
                        : streq(a->name, "held") ? &row->held : &row->value);
}

static int own_state(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        LineRow *row = userdata;

        if (!streq(a->name, "else"))
                return -ENOENT;

        row->alternative = true;
        return !a->value ? 1 : loader_error(l, line, "else takes no value");
}

static const char *const need_names[] = { "why", NULL };

static int own_need(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        LineRow *row = userdata;

        if (!streq(a->name, "why"))
                return -ENOENT;
        if (isempty(a->value))
                return loader_error(l, line, "why wants a text");
        return take_text(a->value, &row->why);
}

/* Whether what the client gave is in a template. */
static bool has_argument(const LineTemplate *t) {
        for (size_t i = 0; i < t->n_pieces; i++)
                if (t->pieces[i].selector.source == LINE_SOURCE_ARGUMENT)
                        return true;

        return false;
}

/* What does not go together in a variable; NULL when all does. */
static const char *find_conflict(const LineRow *row) {
        const ValueConversion *c = &row->conversion;

        if (row->selector.source == LINE_SOURCE_NONE && !row->held && !row->value)
                return "It is not said where the value comes from";
        if ((row->selector.source != LINE_SOURCE_NONE) + !!row->held + !!row->value > 1)
                return "A selector, held= and value= exclude each other";
        if (row->value && (row->writable || row->option || row->has_write || !value_conversion_is_empty(c)))
                return "value= is a text that stands for itself: only when, hidden and each go with it";
        if (row->held && (c->trim || c->invalid || c->match.text || c->function || c->numeric || c->names))
                return "What is held is shown as it is: only lookup can go with it, for enum";
        if (row->has_write && !row->writable)
                return "write belongs to rw";
        if (row->writable && !row->has_write && !row->held)
                return "rw wants write=, which says what is sent";
        if (row->has_write && !has_argument(&row->write))
                return "write does not say what is written: {argument} is missing";
        if ((row->enumerated || row->length_max > 0) && !row->writable)
                return "enum and length belong to rw";
        if ((row->n_ranges > 0 || row->step > 0 || row->step_above > 0) && !row->writable && !row->held)
                return "range and step belong to rw or held";
        if (row->enumerated + (row->length_max > 0) + (row->n_ranges > 0) > 1)
                return "enum, length and range exclude each other";
        if (row->enumerated && !c->lookup)
                return "enum wants a lookup, whose texts can be chosen";
        if (row->option && !row->writable && !row->held)
                return "option belongs to held or rw";
        return NULL;
}

static int check_row(Loader *l, const ConfLine *line, const LineRow *row) {
        const char *conflict = NULL;

        if (row->type == LINE_ROW_VARIABLE) {
                conflict = find_conflict(row);
                if (!conflict && !row->hidden)
                        profile_check_name(l, line, row->name);
        } else if (row->type == LINE_ROW_ALARM && !row->name) {
                if ((!row->conversion.lookup && !row->conversion.names) || row->has_test || row->test.invert)
                        conflict = "The alarm * is what its lookup gives: "
                                   "it wants lookup= or names=, and no test";
        }

        return conflict ? loader_error(l, line, "%s", conflict) : 1;
}

/* What stands before the =. */
static int parse_subject(Loader *l, const ConfLine *line, LineRow *row) {
        const char *s = line->words[0];
        int condition, r;

        switch (row->type) {
        case LINE_ROW_VARIABLE:
                if (!variable_name_is_valid(s))
                        return loader_error(l, line, "\"%s\" cannot be the name of a variable", s);
                break;

        case LINE_ROW_STATUS:
                r = loader_condition(l, line, s, &condition);
                if (r <= 0)
                        return r;
                row->condition = (Condition) condition;
                break;

        case LINE_ROW_ALARM:
                if (streq(s, "*"))
                        return 1;
                r = loader_alarm(l, line, s);
                if (r <= 0)
                        return r;
                break;

        default:
                return 1;
        }

        return take_text(s, &row->name);
}

static int parse_row(Loader *l, const ConfLine *line, LineRow *row) {
        bool is_variable = row->type == LINE_ROW_VARIABLE;
        const ValueTarget target = {
                .conversion = &row->conversion,
                .test = is_variable ? NULL : &row->test,
                .has_test = &row->has_test,
                .whens = &row->whens,
                .own = is_variable ? own_variable : row->type < LINE_ROW_NEED ? own_state
                        : row->type == LINE_ROW_NEED ? own_need : NULL,
                .own_names = is_variable ? variable_names : row->type < LINE_ROW_NEED ? state_names
                        : row->type == LINE_ROW_NEED ? need_names : NULL,
                .userdata = row,
        };
        size_t first = 2;
        int r;

        r = parse_subject(l, line, row);
        if (r <= 0)
                return r;

        /* A variable may have no selector when an attribute comes first. */
        if (!is_variable || line->n_words < 4 || !streq(line->words[3], "=")) {
                r = line_loader_selector(l, line, line->words[2], LINE_ALLOW_TEMPLATE, &row->selector);
                if (r <= 0)
                        return r;
                first = 3;
        }

        r = loader_value_attributes(l, line, first, &target);
        return r <= 0 ? r : check_row(l, line, row);
}

static size_t count_rows(const LineProfile *p) {
        size_t n = p->n_commands + p->n_starts + p->n_derived;

        for (int i = 0; i < _LINE_ROW_TYPE_MAX; i++)
                n += p->n_rows[i];
        return n;
}

static int add_row(Loader *l, const ConfLine *line, void *userdata) {
        const LineRowType *type = userdata;
        _cleanup_(line_row_done) LineRow row = { .type = *type, .file = line->file, .line = line->line };
        LineLoader *loader = line_loader(l);
        LineProfile *p = loader->profile;
        int r;

        if (count_rows(p) >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u rows", PROFILE_ROWS_MAX);

        value_conversion_init(&row.conversion);
        r = parse_row(l, line, &row);
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->rows[row.type], loader->rows_allocated[row.type], p->n_rows[row.type] + 1))
                return -ENOMEM;
        p->rows[row.type][p->n_rows[row.type]++] = row;
        row = (LineRow) {};
        return 0;
}

int line_loader_read_row(Loader *l, const ConfLine *line, LineRowType type) {
        static const char *const forms[] = {
                [LINE_ROW_VARIABLE] = "NAME = SELECTOR ATTRIBUTES",
                [LINE_ROW_STATUS] = "CONDITION = SELECTOR ATTRIBUTES",
                [LINE_ROW_ALARM] = "\"TEXT\" = SELECTOR ATTRIBUTES",
                [LINE_ROW_NEED] = "need = SELECTOR ATTRIBUTES",
                [LINE_ROW_READY] = "ready = SELECTOR ATTRIBUTES",
        };

        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [%s] is %s", line->section, forms[type]);

        return loader_each(l, line, add_row, &type);
}

static int take_when(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        return line_loader_when(l, line, a->value, userdata);
}

static int add_derived(Loader *l, const ConfLine *line, void *userdata) {
        LineLoader *loader = line_loader(l);
        LineProfile *p = loader->profile;
        _cleanup_(profile_derived_done) ProfileDerived d = {};
        LineWhens whens = {};
        int r;

        if (count_rows(p) >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u rows", PROFILE_ROWS_MAX);
        r = loader_read_derived(l, line, take_when, &whens, &d);
        for (size_t i = 0; i < d.n_factors && r > 0; i++)
                if (d.factors[i].variable)
                        r = line_loader_refer(l, line, d.factors[i].variable);
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->derived, l->derived_allocated, p->n_derived + 1) ||
            !GREEDY_REALLOC(p->derived_whens, loader->derived_whens_allocated, p->n_derived + 1))
                return -ENOMEM;
        p->derived[p->n_derived] = d;
        p->derived_whens[p->n_derived++] = whens;
        d = (ProfileDerived) {};
        return 0;
}

int line_loader_read_derived(Loader *l, const ConfLine *line) {
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [derived] is NAME = FACTOR FACTOR ...");

        return loader_each(l, line, add_derived, NULL);
}
