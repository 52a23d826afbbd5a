/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a value comes from, what is done to it before all else, and what is set. */

#include "model.h"
#include "parse-util.h"
#include "snmp-profile-internal.h"
#include "string-util.h"

void snmp_selector_done(SnmpSelector *s) {
        snmp_pattern_done(&s->object);
        free(s->name);
        *s = (SnmpSelector) {};
}

void snmp_expression_init(SnmpExpression *x) {
        *x = (SnmpExpression) {};
        value_conversion_init(&x->conversion);
}

void snmp_expression_done(SnmpExpression *x) {
        snmp_selector_done(&x->selector);
        if (x->decimals)
                snmp_selector_done(x->decimals);
        free(x->decimals);
        value_conversion_done(&x->conversion);
        value_test_done(&x->test);
        *x = (SnmpExpression) {};
}

void snmp_set_done(SnmpSet *s) {
        snmp_pattern_done(&s->object);
        free(s->value.text);
        snmp_expression_done(&s->value.expression);
        *s = (SnmpSet) {};
}

static int set_name(SnmpSelector *s, SnmpSource source, const char *name) {
        s->source = source;
        s->name = strdup(name);
        return s->name ? 1 : -ENOMEM;
}

static int parse_variable(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        int r = snmp_loader_refer(l, line, s);

        return r <= 0 ? r : set_name(ret, SNMP_SOURCE_VARIABLE, s);
}

static int parse_option(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        return isempty(s) ? loader_error(l, line, "The name of the option is missing")
                : set_name(ret, SNMP_SOURCE_OPTION, s);
}

static int parse_count(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        ret->source = SNMP_SOURCE_COUNT;
        return snmp_loader_table(l, line, s, &ret->table);
}

static int parse_number(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        SnmpLoader *loader = snmp_loader(l);
        int r = snmp_loader_table(l, line, s, &ret->table);

        if (r <= 0)
                return r;
        ret->source = SNMP_SOURCE_NUMBER;
        if (loader->need)
                loader->need->tables |= UINT64_C(1) << ret->table;
        else if (loader->table == SNMP_NO_TABLE ||
                 !(snmp_table_line(loader->profile, loader->table) & UINT64_C(1) << ret->table))
                return loader_error(l, line,
                                "number:%s: this is not about members of [table:%s] or of one below",
                                s, s);
        return 1;
}

static int parse_agent(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        static const char *const known[] = { "sysobjectid", "sysdescr", "host", NULL };

        for (size_t i = 0; known[i]; i++)
                if (streq(known[i], s))
                        return set_name(ret, SNMP_SOURCE_AGENT, s);
        return loader_error_unknown(l, line, "thing to know of an agent", s, known);
}

static int parse_argument(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        if (!snmp_loader(l)->has_argument)
                return loader_error(l, line, "There is no argument here: only commands and write= have one");
        if (*s == '\0') {
                ret->source = SNMP_SOURCE_ARGUMENT;
                return 1;
        }
        if (*s != ':' || s[1] == '\0')
                return loader_error(l, line, "What the client gave is argument, or argument:N");
        return set_name(ret, SNMP_SOURCE_ARGUMENT, s + 1);
}

static const struct {
        const char *prefix;
        int (*parse)(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret);
} sources[] = {
        { "$", parse_variable },
        { "option:", parse_option },
        { "table:", parse_count },
        { "number:", parse_number },
        { "agent:", parse_agent },
};

int snmp_loader_selector(Loader *l, const ConfLine *line, const char *s, SnmpSelector *ret) {
        const char *rest = startswith(s, "argument");

        if (isempty(s))
                return loader_error(l, line, "It is not said where the value comes from");
        for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
                const char *behind = startswith(s, sources[i].prefix);

                if (behind)
                        return sources[i].parse(l, line, behind, ret);
        }
        if (rest && (*rest == '\0' || *rest == ':'))
                return parse_argument(l, line, rest, ret);

        ret->source = SNMP_SOURCE_OBJECT;
        return snmp_loader_object(l, line, s, &ret->object);
}

static int parse_form(Loader *l, const ConfLine *line, const char *s, SnmpExpression *x) {
        static const char *const names[_SNMP_FORM_MAX + 1] = {
                [SNMP_FORM_TEXT] = "text",
                [SNMP_FORM_HEX] = "hex",
                [SNMP_FORM_MAC] = "mac",
                [SNMP_FORM_DATE] = "date",
                [SNMP_FORM_BITS] = "bits",
                [SNMP_FORM_BYTES] = "bytes",
        };

        for (SnmpForm f = 0; f < _SNMP_FORM_MAX; f++)
                if (streq(names[f], s)) {
                        x->form = f;
                        return 1;
                }
        return loader_error_unknown(l, line, "form", s, names);
}

int snmp_loader_attribute(Loader *l, const ConfLine *line, const Attribute *a, SnmpExpression *x) {
        bool is_form = streq(a->name, "form");

        if (!is_form && !streq(a->name, "decimals"))
                return -ENOENT;
        if (!a->value)
                return loader_error(l, line, "%s wants a value, %s=...", a->name, a->name);
        if (is_form)
                return parse_form(l, line, a->value, x);

        x->decimals = new0(SnmpSelector, 1);
        if (!x->decimals)
                return -ENOMEM;
        x->conversion.numeric = true;
        return snmp_loader_selector(l, line, a->value, x->decimals);
}

static int own_attribute(Loader *l, const ConfLine *line, const Attribute *a, void *userdata) {
        return snmp_loader_attribute(l, line, a, userdata);
}

static const char *const own_names[] = { "form", "decimals", NULL };

int snmp_loader_expression(
                Loader *l, const ConfLine *line, size_t word, bool with_test, SnmpExpression *ret) {
        const ValueTarget target = {
                .conversion = &ret->conversion,
                .test = with_test ? &ret->test : NULL,
                .has_test = &ret->has_test,
                .own = own_attribute,
                .own_names = own_names,
                .userdata = ret,
        };
        int r;

        if (word >= line->n_words)
                return loader_error(l, line, "It is not said where the value comes from");
        r = snmp_loader_selector(l, line, line->words[word], &ret->selector);
        return r <= 0 ? r : loader_value_attributes(l, line, word + 1, &target);
}

/* What stands in braces. */
static int parse_braces(Loader *l, const ConfLine *line, const char *s, size_t n, SnmpExpression *x) {
        const ValueTarget target = {
                .conversion = &x->conversion,
                .is_template = true,
                .own = own_attribute,
                .own_names = own_names,
                .userdata = x,
        };
        _cleanup_strv_free_ char **words = NULL;
        ConfLine inner = *line;
        int r;

        r = loader_split_words(l, line, s, n, &words);
        if (r <= 0)
                return r;
        if (!words)
                return loader_error(l, line, "There is nothing in {}");

        r = snmp_loader_selector(l, line, words[0], &x->selector);
        if (r <= 0)
                return r;
        inner.words = words;
        inner.n_words = strv_length(words);
        return loader_value_attributes(l, &inner, 1, &target);
}

/* Whether a text is a value of the type. An identifier may begin with a name, which is not kept. */
static int check_text(Loader *l, const ConfLine *line, SnmpType type, char **text) {
        int64_t integer;
        SnmpOid oid;
        int r;

        switch (type) {
        case SNMP_TYPE_INTEGER:
                if (parse_int64(*text, INT32_MIN, INT32_MAX, &integer) < 0)
                        return loader_error(l, line, "\"%s\" is no integer", *text);
                return 1;

        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_TICKS:
                if (parse_int64(*text, 0, UINT32_MAX, &integer) < 0)
                        return loader_error(l, line, "\"%s\" is no number from 0 to %u", *text, UINT32_MAX);
                return 1;

        case SNMP_TYPE_OID:
                r = snmp_loader_oid(l, line, *text, &oid, NULL);
                if (r <= 0)
                        return r;
                free(*text);
                *text = snmp_oid_text(&oid);
                snmp_oid_done(&oid);
                return *text ? 1 : -ENOMEM;

        default:
                return 1;
        }
}

int snmp_loader_operand(Loader *l, const ConfLine *line, const char *s, SnmpType type, SnmpOperand *ret) {
        size_t n = strlen(s);

        snmp_expression_init(&ret->expression);
        if (n == 0)
                return loader_error(l, line, "What is to be set is missing behind the :");
        if (*s == '{')
                return n > 1 && s[n - 1] == '}' ? parse_braces(l, line, s + 1, n - 2, &ret->expression)
                        : loader_error(l, line, "What is set is a text, or one thing in braces: a { is not "
                                        "closed at the end");

        ret->text = strdup(s);
        return ret->text ? check_text(l, line, type, &ret->text) : -ENOMEM;
}

int snmp_loader_set(Loader *l, const ConfLine *line, const char *s, SnmpSet *ret, bool *ret_has_value) {
        const char *colon = strchr(s, ':');
        _cleanup_free_ char *object = strndup(s, colon ? (size_t) (colon - s) : strlen(s));
        int r;

        if (!object)
                return -ENOMEM;
        if (!colon && !ret_has_value)
                return loader_error(l, line, "What is set is OBJECT:VALUE, not \"%s\"", s);

        r = snmp_loader_object(l, line, object, &ret->object);
        if (r <= 0)
                return r;
        if (ret_has_value)
                *ret_has_value = colon != NULL;
        return colon ? snmp_loader_operand(l, line, colon + 1, ret->object.type, &ret->value) : 1;
}
