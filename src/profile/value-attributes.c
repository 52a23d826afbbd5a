/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attributes: what is done to a text, what is asked of it, and under which conditions. */

#include <math.h>

#include "parse-util.h"
#include "string-util.h"
#include "value-loader.h"

#define TEXTS_MAX 64U
#define NAMES_MAX 64U

bool value_attribute_repeats(const char *name) {
        static const char *const names[] = {
                "invalid", "when", "range", "step", "accepted", "after", "set"
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(names[i], name))
                        return true;

        return false;
}

static int report_unknown_function(Loader *l, const ConfLine *line, const char *name) {
        size_t n;
        const ValueFunction *functions = value_functions(&n);
        _cleanup_free_ const char **names = new0(const char *, n + 1);

        if (!names)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++)
                names[i] = functions[i].name;
        return loader_error_unknown(l, line, "function", name, names);
}

int loader_value_function(
                Loader *l,
                const ConfLine *line,
                const char *s,
                bool bytes,
                const ValueFunction **ret,
                char **ret_argument) {
        const char *colon = strchr(s, ':');
        _cleanup_free_ char *name = strndup(s, colon ? (size_t) (colon - s) : strlen(s));
        const ValueFunction *f;

        if (!name)
                return -ENOMEM;

        f = value_function_find(name);
        if (!f)
                return report_unknown_function(l, line, name);
        if (f->takes_bytes && !bytes)
                return loader_error(l, line, "The function %s is for decode = only", name);
        if (f->takes_argument && (!colon || isempty(colon + 1)))
                return loader_error(l, line, "The function %s wants an argument: %s:...", name, name);
        if (!f->takes_argument && colon)
                return loader_error(l, line, "The function %s takes no argument", name);

        *ret = f;
        return colon ? (free_and_strdup(ret_argument, colon + 1) < 0 ? -ENOMEM : 1) : 1;
}

static int parse_trim(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        if (isempty(s))
                return loader_error(l, line, "trim wants characters");

        c->trim = strdup(s);
        return c->trim ? 1 : -ENOMEM;
}

static int parse_invalid(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        int r;

        if (strv_length(c->invalid) >= TEXTS_MAX)
                return loader_error(l, line, "There are at most %u texts of invalid", TEXTS_MAX);
        if (isempty(s))
                return loader_error(l, line, "invalid wants a text: an empty value is unknown anyway");

        r = strv_extend(&c->invalid, s);
        return r < 0 ? r : 1;
}

static int parse_match(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        return loader_pattern(l, line, s, &c->match);
}

static int parse_function(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        return loader_value_function(l, line, s, false, &c->function, &c->function_argument);
}

static int parse_base(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        if (!streq(s, "2") && !streq(s, "10") && !streq(s, "16"))
                return loader_error(l, line, "base is 2, 10 or 16, not \"%s\"", s);

        c->numeric = true;
        c->base = streq(s, "2") ? 2 : streq(s, "10") ? 10 : 16;
        return 1;
}

static int parse_mask(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        int64_t mask;
        int r = loader_integer(l, line, "mask", s, 1, UINT32_MAX, &mask);

        if (r <= 0)
                return r;
        c->mask = (uint64_t) mask;
        c->numeric = true;
        return 1;
}

/* A number, $NAME, or $NAME:N for N while it is not known. */
static int parse_number(Loader *l, const ConfLine *line, const char *what, const char *s, ValueNumber *ret) {
        _cleanup_free_ char *name = NULL, *behind = NULL;
        const char *colon;
        int r;

        if (s[0] != '$')
                return loader_number(l, line, what, s, &ret->value);

        colon = strchr(s, ':');
        name = strndup(s + 1, colon ? (size_t) (colon - s - 1) : strlen(s + 1));
        behind = strjoin("What ", what, " has behind its :");
        if (!name || !behind)
                return -ENOMEM;
        r = l->values->refer(l, line, name);
        if (r <= 0)
                return r;

        ret->variable = TAKE_PTR(name);
        ret->value = (double) NAN;
        return colon ? loader_number(l, line, behind, colon + 1, &ret->value) : 1;
}

static int parse_scale(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        int r = parse_number(l, line, "scale", s, &c->scale);

        c->numeric = true;
        return r <= 0 || c->scale.variable || c->scale.value != 0 ? r
                : loader_error(l, line, "scale cannot be 0");
}

static int parse_divide(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        int r = loader_number(l, line, "divide", s, &c->divide);

        c->numeric = true;
        return r <= 0 || c->divide != 0 ? r : loader_error(l, line, "divide cannot be 0");
}

static int parse_offset(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        c->numeric = true;
        return parse_number(l, line, "offset", s, &c->offset);
}

static int parse_clamp(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        c->numeric = c->has_clamp = true;
        return loader_range(l, line, "clamp", s, &c->clamp_min, &c->clamp_max);
}

static int parse_plausible(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        c->numeric = c->has_plausible = true;
        return loader_range(l, line, "plausible", s, &c->plausible_min, &c->plausible_max);
}

static int parse_lookup(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        return loader_value_lookup(l, line, s, &c->lookup);
}

static int parse_unlook(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        return loader_value_lookup(l, line, s, &c->unlook);
}

static int parse_names(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        const ValueDefinitions *d = l->values->definitions;

        return loader_names(l, line, s, d->names, d->n_names, &c->names);
}

/* %.Nf, %d, %0Nd, %0N.Mf, %x, %s, where N is one or two digits and M is one. */
static bool is_format(const char *s) {
        const char *p;
        bool width = false, precision = false;

        if (s[0] != '%')
                return false;
        p = s + 1;
        if (p[0] == '0' && p[1] >= '1' && p[1] <= '9') {
                width = true;
                p += p[2] >= '0' && p[2] <= '9' ? 3 : 2;
        }
        if (p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
                precision = true;
                p += 2;
        }

        return (streq(p, "f") && precision) || (streq(p, "d") && !precision) ||
                (!width && !precision && (streq(p, "x") || streq(p, "s")));
}

static int parse_format(Loader *l, const ConfLine *line, const char *s, ValueConversion *c) {
        if (!is_format(s))
                return loader_error(l, line, "\"%s\" is no format: there are %%.Nf, %%0N.Mf, %%d, %%0Nd, "
                                "%%x and %%s", s);

        c->format = strdup(s);
        c->numeric = c->numeric || !streq(s, "%s");
        return c->format ? 1 : -ENOMEM;
}

typedef struct ConversionInfo {
        const char *name;
        int (*parse)(Loader *l, const ConfLine *line, const char *s, ValueConversion *c);
} ConversionInfo;

static const ConversionInfo conversions[] = {
        { "trim", parse_trim },           { "invalid", parse_invalid }, { "match", parse_match },
        { "function", parse_function },   { "base", parse_base },       { "mask", parse_mask },
        { "scale", parse_scale },         { "divide", parse_divide },   { "offset", parse_offset },
        { "clamp", parse_clamp },         { "plausible", parse_plausible },
        { "lookup", parse_lookup },       { "names", parse_names },     { "format", parse_format },
        { "unlook", parse_unlook }, /* the last one, in templates only */
};

static size_t n_conversions(const ValueTarget *t) {
        return !t->conversion ? 0 : ELEMENTSOF(conversions) - (t->is_template ? 0 : 1);
}

int loader_value_list(Loader *l, const ConfLine *line, const char *s, ValueTest *test) {
        int r;

        r = strv_split(s, ",", &test->is);
        if (r < 0)
                return r;
        if (!test->is || strv_length(test->is) > TEXTS_MAX)
                return loader_error(l, line, "There have to be 1 to %u values with commas between them",
                                TEXTS_MAX);
        return 1;
}

static int parse_test(Loader *l, const ConfLine *line, const Attribute *a, const ValueTarget *t) {
        if (streq(a->name, "invert")) {
                t->test->invert = true;
                return !a->value ? 1 : loader_error(l, line, "invert takes no value");
        }
        if (!a->value)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);
        if (*t->has_test)
                return loader_error(l, line, "is, is-match and is-range exclude each other");
        *t->has_test = true;

        if (streq(a->name, "is"))
                return loader_value_list(l, line, a->value, t->test);
        if (streq(a->name, "is-match"))
                return loader_pattern(l, line, a->value, &t->test->match);

        t->test->has_range = true;
        return loader_range(l, line, a->name, a->value, &t->test->min, &t->test->max);
}

static const char *const test_names[] = { "is", "is-match", "is-range", "invert", NULL };

static int report_unknown(Loader *l, const ConfLine *line, const char *name, const ValueTarget *t) {
        const char *names[NAMES_MAX] = {};
        size_t n = 0, key = strcspn(name, "=");

        if (name[key] && key < 32)
                return loader_error(l, line, "Quotes stand behind the =: %.*s=\"...\"", (int) key, name);

        for (size_t i = 0; i < n_conversions(t); i++)
                names[n++] = conversions[i].name;
        for (size_t i = 0; t->test && test_names[i]; i++)
                names[n++] = test_names[i];
        for (size_t i = 0; t->own_names && t->own_names[i] && n < ELEMENTSOF(names) - 3; i++)
                names[n++] = t->own_names[i];
        if (t->whens)
                names[n++] = "when";
        if (!t->is_template)
                names[n++] = "each";
        return loader_error_unknown(l, line, "attribute", name, names);
}

static int take_attribute(Loader *l, const ConfLine *line, const Attribute *a, const ValueTarget *t) {
        int r = t->own ? t->own(l, line, a, t->userdata) : -ENOENT;

        if (r != -ENOENT)
                return r;
        if (t->whens && streq(a->name, "when"))
                return a->value ? l->values->when(l, line, a->value, t->whens)
                        : loader_error(l, line, "when wants the name of a condition");
        for (size_t i = 0; t->test && test_names[i]; i++)
                if (streq(test_names[i], a->name))
                        return parse_test(l, line, a, t);
        for (size_t i = 0; i < n_conversions(t); i++)
                if (streq(conversions[i].name, a->name))
                        return a->value ? conversions[i].parse(l, line, a->value, t->conversion)
                                : loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);

        return report_unknown(l, line, a->name, t);
}

/* What does not go together; NULL when all does. */
static const char *find_conflict(const ValueConversion *c) {
        bool is_text = c->format && streq(c->format, "%s");

        if (c->lookup && c->unlook)
                return "lookup and unlook exclude each other";
        if (c->format && !is_text && (c->lookup || c->names || c->unlook))
                return "lookup, unlook and names make a text, which has no such format";
        if (is_text && c->numeric && !c->lookup && !c->unlook && !c->names)
                return "%s is a format for texts, not for numbers";
        return NULL;
}

int loader_value_attributes(Loader *l, const ConfLine *line, size_t first, const ValueTarget *target) {
        Attribute attributes[ATTRIBUTES_MAX];
        const char *conflict;
        bool fine = true;
        int n = loader_attributes(l, line, first, attributes);

        if (n < 0)
                return 0;
        for (int i = 0; i < n; i++) {
                int r;

                for (int k = 0; k < i; k++)
                        if (streq(attributes[i].name, attributes[k].name) &&
                            !value_attribute_repeats(attributes[i].name))
                                return loader_error(l, line, "%s stands here twice", attributes[i].name);

                r = take_attribute(l, line, &attributes[i], target);
                if (r < 0)
                        return r;
                fine = fine && r > 0;
        }
        if (!fine)
                return 0;

        conflict = target->conversion ? find_conflict(target->conversion) : NULL;
        return conflict ? loader_error(l, line, "%s", conflict) : 1;
}
