/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>
#include <syslog.h>

#include "parse-util.h"
#include "snmp-engine-internal.h"
#include "string-util.h"
#include "value-number.h"

#define SAME 1e-6

/*** What may be written ***/

bool snmp_texts_same(const char *a, const char *b) {
        double x, y;

        return strcaseeq(a, b) ||
               (value_number_parse(a, 10, &x) && value_number_parse(b, 10, &y) && fabs(x - y) < SAME);
}

static bool in_ranges(const SnmpContext *c, const ValueRange *ranges, size_t n, double v) {
        for (size_t i = 0; i < n; i++) {
                double min, max;

                if (snmp_value_number_now(c, &ranges[i].min, &min) &&
                        snmp_value_number_now(c, &ranges[i].max, &max) && v >= min && v <= max)
                        return true;
        }
        return n == 0;
}

static bool is_harmless(const char *s) {
        for (; *s; s++)
                if ((unsigned char) *s < 0x20 || (unsigned char) *s >= 0x7f)
                        return false;
        return true;
}

static char *list_texts(const ValueLookup *l) {
        _cleanup_strv_free_ char **texts = NULL;

        for (size_t i = 0; i < l->n_entries; i++)
                if (l->entries[i].word && !strv_contains(texts, l->entries[i].text) &&
                        strv_extend(&texts, l->entries[i].text) < 0)
                        return NULL;
        return strv_join(texts, ", ");
}

static char *list_ranges(const SnmpContext *c, const ValueRange *ranges, size_t n) {
        _cleanup_strv_free_ char **texts = NULL;

        for (size_t i = 0; i < n; i++) {
                double min, max;

                if (snmp_value_number_now(c, &ranges[i].min, &min) &&
                        snmp_value_number_now(c, &ranges[i].max, &max) &&
                        strv_consume(&texts, strprintf("%.10g to %.10g", min, max)) < 0)
                        return NULL;
        }
        return strv_join(texts, " or ");
}

static int refuse(SnmpEngine *e,
        const SnmpContext *c,
        const ValueLookup *l,
        const ValueRange *ranges,
        size_t n,
        uint32_t length) {
        _cleanup_free_ char *texts = l ? list_texts(l) : n > 0 ? list_ranges(c, ranges, n) : NULL;

        if (!isempty(texts))
                snmp_engine_explain(e, strprintf("it has to be %s%s", l ? "one of " : "", texts));
        else if (length > 0)
                snmp_engine_explain(e, strprintf("it may have %u characters at the most", length));
        else
                snmp_engine_explain(e, strdup("it has to be a number"));
        return -EINVAL;
}

/* Down to a multiple, unless that is out of range: then up. */
static double cut_to_step(const SnmpContext *c, const SnmpRow *row, double v) {
        double cut = row->step > 0 ? floor(v / row->step + SAME) * row->step : v;

        return row->step > 0 && !in_ranges(c, row->ranges, row->n_ranges, cut) ? cut + row->step : cut;
}

int snmp_check_written(SnmpEngine *e, const Use *use, const char *value, char **ret) {
        const SnmpRow *row = use->row;
        const SnmpContext c = {.e = e, .member = use->member};
        const ValueLookup *l = row->enumerated ? row->expression.conversion.lookup : NULL;
        bool number = row->n_ranges > 0 || row->step > 0 || row->length_max == 0;
        double v, cut;
        char *text;

        if (!is_harmless(value))
                return -EINVAL;
        if (l) {
                const ValueLookupEntry *entry = value_lookup_entry(l, value);

                if (!entry)
                        return refuse(e, &c, l, NULL, 0, 0);
                text = strdup(entry->text);
        } else if (!number) {
                if (strlen(value) > row->length_max)
                        return refuse(e, &c, NULL, NULL, 0, row->length_max);
                text = strdup(value);
        } else {
                if (!value_number_parse(value, 10, &v) || !in_ranges(&c, row->ranges, row->n_ranges, v))
                        return refuse(e, &c, NULL, row->ranges, row->n_ranges, 0);
                cut = cut_to_step(&c, row, v);
                if (!in_ranges(&c, row->ranges, row->n_ranges, cut))
                        return refuse(e, &c, NULL, row->ranges, row->n_ranges, 0);
                text = cut != v ? value_number_text(NULL, cut) : strdup(value);
        }
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/* Also when it only chooses among rows of a name. */
static bool has_argument(const SnmpCommand *c) {
        if (c->n_ranges > 0 || c->lookup)
                return true;
        for (size_t i = 0; i < c->n_sets; i++)
                if (!c->sets[i].value.text && c->sets[i].value.expression.selector.source ==
                                                      SNMP_SOURCE_ARGUMENT)
                        return true;
        return false;
}

int snmp_check_argument(SnmpEngine *e, const Offer *o, const char *argument, char **ret) {
        const SnmpContext c = {.e = e, .member = o->member};
        const SnmpCommand *command = o->command;
        const char *text = argument;
        double v;

        if (isempty(argument)) {
                *ret = NULL;
                return 0;
        }
        if (!is_harmless(argument))
                return -EINVAL;
        if (!has_argument(command)) {
                snmp_engine_explain(e, strdup("the command takes no argument"));
                return -EINVAL;
        }
        if (command->lookup) {
                text = value_lookup_word(command->lookup, argument);
                if (!text)
                        return refuse(e, &c, command->lookup, NULL, 0, 0);
        }
        if (command->n_ranges > 0 &&
                (!value_number_parse(text, 10, &v) || !in_ranges(&c, command->ranges, command->n_ranges, v)))
                return refuse(e, &c, NULL, command->ranges, command->n_ranges, 0);
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

/*** What the driver keeps ***/

/* A held text may be one that no number is, "disabled" say: then it is only measured. */
static int check_held(SnmpEngine *e, const Use *use, const char *value, char **ret) {
        const SnmpRow *row = use->row;
        double first;

        if (row->length_max == 0 && row->n_ranges == 0 && !value_number_parse(row->held, 10, &first)) {
                if (!is_harmless(value))
                        return -EINVAL;
                *ret = strdup(value);
                return *ret ? 0 : -ENOMEM;
        }
        return snmp_check_written(e, use, value, ret);
}

const char *snmp_held(SnmpEngine *e, Slot *s, const Use *use) {
        const SnmpRow *row = use->row;
        const char *given = row->option ? snmp_engine_option(e, row->option) : NULL;

        if (s->held)
                return s->held;
        if (!isempty(given)) {
                snmp_engine_explain(e, NULL);
                if (check_held(e, use, given, &s->held) >= 0)
                        return s->held;
                snmp_engine_log(e, LOG_WARNING, 0, "%s cannot be %s; it is %s%s%s%s", s->name, given,
                        row->held, e->why ? " (" : "", strempty(e->why), e->why ? ")" : "");
                snmp_engine_explain(e, NULL);
        }
        s->held = strdup(row->held);
        return s->held;
}

int snmp_set_held(SnmpEngine *e, Slot *s, const Use *use, const char *value) {
        char *text;
        int r = check_held(e, use, value, &text);

        if (r < 0)
                return r;
        free(s->held);
        s->held = text;
        e->is_stale = true;
        return 0;
}

/*** Values of objects ***/

/* The type that is said, or that of what the agent had last, or what the text looks like. */
static SnmpType type_for(const SnmpContext *c, const SnmpPattern *object, const char *text) {
        const SnmpItem *item;
        double v;

        if (object->type >= 0)
                return object->type;
        item = snmp_pattern_item(c, object);
        if (item && snmp_item_is_there(item) && item->datum.type != SNMP_TYPE_OPAQUE)
                return item->datum.type;
        return value_number_parse(text, 10, &v) ? SNMP_TYPE_INTEGER : SNMP_TYPE_STRING;
}

static int take_bytes(const void *bytes, size_t n, SnmpValue *ret) {
        ret->bytes = new0(uint8_t, n + 1);
        if (!ret->bytes)
                return -ENOMEM;
        memcpy(ret->bytes, bytes, n);
        ret->n_bytes = n;
        return 0;
}

static int take_address(const char *text, SnmpValue *ret) {
        unsigned a, b, c, d;
        char more;

        if (sscanf(text, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &more) != 4 || a > 255 || b > 255 || c > 255 ||
                d > 255)
                return -EINVAL;
        return take_bytes((uint8_t[]){(uint8_t) a, (uint8_t) b, (uint8_t) c, (uint8_t) d}, 4, ret);
}

static int take_number(const char *text, SnmpValue *ret) {
        double v;

        if (!value_number_parse(text, 10, &v))
                return -EINVAL;
        if (ret->type == SNMP_TYPE_REAL) {
                ret->real = v;
                return 0;
        }
        v = round(v);
        if (ret->type == SNMP_TYPE_INTEGER) {
                if (v < INT32_MIN || v > INT32_MAX)
                        return -EINVAL;
                ret->integer = (int64_t) v;
        } else {
                if (v < 0 || v > (ret->type == SNMP_TYPE_COUNTER64 ? 9e15 : UINT32_MAX))
                        return -EINVAL;
                ret->count = (uint64_t) v;
        }
        return 0;
}

static int take_text(SnmpType type, const char *text, SnmpValue *ret) {
        ret->type = type;
        switch (type) {
        case SNMP_TYPE_STRING:
        case SNMP_TYPE_OPAQUE:
                return take_bytes(text, strlen(text), ret);
        case SNMP_TYPE_OID:
                return snmp_oid_parse(text, &ret->object);
        case SNMP_TYPE_ADDRESS:
                return take_address(text, ret);
        case SNMP_TYPE_INTEGER:
        case SNMP_TYPE_REAL:
        case SNMP_TYPE_COUNTER:
        case SNMP_TYPE_GAUGE:
        case SNMP_TYPE_TICKS:
        case SNMP_TYPE_COUNTER64:
                return take_number(text, ret);
        case SNMP_TYPE_NULL:
        case SNMP_TYPE_NO_OBJECT:
        case SNMP_TYPE_NO_INSTANCE:
        case SNMP_TYPE_END:
        case _SNMP_TYPE_MAX:
        case _SNMP_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int make_value(
        SnmpEngine *e, const SnmpContext *c, const SnmpPattern *object, const char *text, SnmpValue *ret) {
        SnmpValue v = {};
        uint32_t ids[SNMP_OID_MAX];
        SnmpOid oid;
        int r;

        if (!snmp_pattern_oid(object, c->member, ids, &oid))
                return -EINVAL;
        r = snmp_oid_copy(&oid, &v.oid);
        if (r >= 0)
                r = take_text(type_for(c, object, text), text, &v);
        if (r < 0) {
                snmp_value_done(&v);
                if (r != -ENOMEM)
                        snmp_engine_explain(
                                e, strprintf("\"%s\" cannot be set: it does not fit the type of the object",
                                           text));
                return r == -ENOMEM ? r : -EINVAL;
        }
        *ret = v;
        return 0;
}

static int operand_text(const SnmpContext *c, const SnmpOperand *o, char **ret) {
        if (!o->text)
                return snmp_expression_text(c, &o->expression, NULL, ret);
        *ret = strdup(o->text);
        return *ret ? 1 : -ENOMEM;
}

int snmp_set_value(SnmpEngine *e, const SnmpContext *c, const SnmpSet *set, SnmpValue *ret) {
        _cleanup_free_ char *text = NULL;
        int r = operand_text(c, &set->value, &text);

        if (r == 0) {
                snmp_engine_explain(e, strdup("a value that it needs is not known"));
                return -EINVAL;
        }
        return r < 0 ? r : make_value(e, c, &set->object, text, ret);
}

/*** The way back ***/

/* As it was divided when it was read. */
static bool decimals_now(const SnmpContext *c, const SnmpExpression *x, double *ret) {
        const SnmpExpression places = {.selector = *x->decimals,
                .conversion = {
                        .scale.value = 1,
                        .divide = 1,
                }};
        _cleanup_free_ char *text = NULL;

        return snmp_expression_text(c, &places, NULL, &text) > 0 && value_number_parse(text, 10, ret);
}

static bool undo_numbers(const SnmpContext *c, const SnmpExpression *x, double *v) {
        double scale, offset, places = 0;

        if (!snmp_value_number_now(c, &x->conversion.scale, &scale) || scale == 0 ||
                !snmp_value_number_now(c, &x->conversion.offset, &offset))
                return false;
        if (x->decimals && !decimals_now(c, x, &places))
                return false;
        *v = (*v - offset) * x->conversion.divide / scale * pow(10, places);
        return isfinite(*v);
}

static bool has_numbers(const SnmpExpression *x) {
        const ValueConversion *v = &x->conversion;

        return x->decimals || v->scale.variable || v->scale.value != 1 || v->divide != 1 ||
               v->offset.variable || v->offset.value != 0;
}

/* The word or number for a text of the lookup, then the number that it was before it was calculated with. */
static int undo(const SnmpContext *c, const SnmpExpression *x, const char *text, char **ret) {
        const char *word = x->conversion.lookup ? value_lookup_word(x->conversion.lookup, text) : text;
        double v;

        if (!word)
                return -EINVAL;
        if (!has_numbers(x)) {
                *ret = strdup(word);
                return *ret ? 0 : -ENOMEM;
        }
        if (!value_number_parse(word, 10, &v) || !undo_numbers(c, x, &v))
                return -EINVAL;
        *ret = value_number_text(NULL, fabs(v - round(v)) < SAME ? round(v) : v);
        return *ret ? 0 : -ENOMEM;
}

/* Whether nothing gets lost when the object becomes it. */
static bool is_whole(const SnmpContext *c, const SnmpPattern *object, const char *text) {
        SnmpType type = type_for(c, object, text);
        double v;

        if (type == SNMP_TYPE_REAL || type == SNMP_TYPE_STRING || type == SNMP_TYPE_OPAQUE)
                return true;
        return !value_number_parse(text, 10, &v) || fabs(v - round(v)) < SAME;
}

int snmp_write_value(SnmpEngine *e, const Use *use, const char *text, SnmpValue *ret) {
        const SnmpRow *row = use->row;
        const SnmpContext c = {.e = e, .member = use->member, .argument = text};
        const SnmpPattern *object = row->write ? &row->write->object : &row->expression.selector.object;
        _cleanup_free_ char *back = NULL;
        int r;

        if (row->write && row->has_write_value)
                return snmp_set_value(e, &c, row->write, ret);
        r = undo(&c, &row->expression, text, &back);
        if (r >= 0 && !is_whole(&c, object, back)) {
                snmp_engine_explain(e, strprintf("the device has whole numbers only, and %s would be %s",
                                               text, back));
                return -EINVAL;
        }
        return r < 0 ? r : make_value(e, &c, object, back, ret);
}
