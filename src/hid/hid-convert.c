/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "hid-engine-internal.h"
#include "parse-util.h"
#include "string-util.h"

/* Main item flag: values outside of the logical range mean "no value". */
#define FIELD_NULL_STATE (1U << 6)

static bool field_raw(const HidEngine *e, const HidField *f, int64_t *ret) {
        const Report *r = engine_report(e, f);

        return r && r->n > 0 && hid_field_get(f, r->data, r->n, ret) >= 0;
}

/* From the newer of the two reports that a value stands in. What was sent before the last answer of the
 * other one is out of date, also when that one fails later; so is what was sent before it began to fail for
 * good. */
static const HidField *newest_raw(const HidEngine *e, const HidField *field, const HidField *twin,
                int64_t *ret) {
        const Report *a = engine_report(e, field), *b = twin ? engine_report(e, twin) : NULL;

        if (b && b->n > 0 && (!a || b->sequence > a->sequence) &&
            !(a && report_is_lost(a) && b->sequence <= a->failed_since) && field_raw(e, twin, ret))
                return twin;
        return field_raw(e, field, ret) ? field : NULL;
}

/* Devices state ranges that their values do not keep to, so a value outside is not dropped for that alone:
 * it has to look like one that nobody means, all bits set. */
static bool raw_is_unknown(const HidField *f, int64_t raw) {
        uint64_t mask = UINT64_MAX >> (64 - f->size_bits);

        if (hid_field_in_range(f, raw))
                return false;
        return f->flags & FIELD_NULL_STATE || (f->size_bits >= 8 && ((uint64_t) raw & mask) == mask);
}

static bool row_takes(const ProfileRow *row, const HidField *f, int64_t *raw) {
        for (size_t i = 0; i < row->n_invalid; i++)
                if (row->invalid[i] == (double) *raw)
                        return false;
        if (row->mask != 0)
                *raw &= row->mask;
        else if (raw_is_unknown(f, *raw))
                return false;
        return true;
}

static bool row_is_raw(const ProfileRow *row) {
        return row->raw || row->mask != 0;
}

bool engine_number(const HidEngine *e, const HidField *field, const HidField *twin, const ProfileRow *row,
                bool raw, double *ret) {
        const HidField *f;
        int64_t value;

        f = newest_raw(e, field, twin, &value);
        if (!f || (row && !row_takes(row, f, &value)))
                return false;

        *ret = raw || (row && row_is_raw(row)) ? (double) value : hid_field_to_physical(f, value);
        return isfinite(*ret);
}

bool engine_variable_number(const HidEngine *e, const char *name, double *ret) {
        const Slot *s = engine_find_slot(e, name);

        return s && s->value && parse_double(s->value, ret) >= 0;
}

/*** Texts ***/

static int give(char *text, const ProfileRow *row, char **ret) {
        _cleanup_free_ char *mine = text;
        const char *named;

        if (!text)
                return -ENOMEM;
        if (isempty(text))
                return 0;

        named = row->names ? names_text(row->names, text) : text;
        if (named == text) {
                *ret = TAKE_PTR(mine);
                return 1;
        }
        if (isempty(named))
                return 0;
        *ret = strdup(named);
        return *ret ? 1 : -ENOMEM;
}

/* What the expression of the row finds in a text. */
static int give_match(const Binding *b, const char *s, char **ret) {
        _cleanup_free_ char *found = NULL;
        int r;

        if (isempty(s))
                return 0;
        if (b->row->match.text) {
                r = profile_pattern_extract(&b->row->match, s, &found);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
                s = found;
        }
        return give(strdup(b->row->value ?: s), b->row, ret);
}

/* Puts behind a text what the row joins to it. */
static int give_joined(HidEngine *e, const Binding *b, const char *first, char **ret) {
        _cleanup_free_ char *number = NULL, *joined = NULL;
        const char *second;
        int64_t index;
        double v;

        if (isempty(first) || !b->join)
                return give_match(b, first, ret);

        if (b->row->join_number) {
                if (!engine_number(e, b->join, NULL, NULL, false, &v))
                        return 0;
                second = number = number_to_text(NULL, v);
                if (!number)
                        return -ENOMEM;
        } else {
                second = field_raw(e, b->join, &index) ? engine_string(e, index) : NULL;
                if (isempty(second))
                        return 0;
        }

        joined = strjoin(first, " ", second);
        return joined ? give_match(b, joined, ret) : -ENOMEM;
}

static int convert_source(HidEngine *e, const Binding *b, char **ret) {
        const HidIdentity *i = &e->link->identity;

        switch (b->row->source) {
        case PROFILE_SOURCE_VENDOR:
                return give_joined(e, b, i->vendor, ret);
        case PROFILE_SOURCE_PRODUCT:
                return give_joined(e, b, i->product, ret);
        case PROFILE_SOURCE_SERIAL:
                return give_joined(e, b, i->serial, ret);
        default:
                return 0;
        }
}

/* Characters that stand in the report itself. */
static int convert_report_text(HidEngine *e, const Binding *b, const HidField *f, char **ret) {
        const Report *r = engine_report(e, f);
        _cleanup_free_ char *text = NULL;
        size_t first = 1 + f->offset_bits / 8, n = 0;

        while (n < b->row->text_bytes && first + n < r->n && r->data[first + n] >= ' ' &&
               r->data[first + n] <= '~')
                n++;
        text = strndup((const char *) r->data + first, n);
        return text ? give_match(b, text, ret) : -ENOMEM;
}

/*** Numbers ***/

/* The bounds of what is plausible; false when there are none. */
static bool plausible_bounds(const HidEngine *e, const ProfileRow *row, double *ret_min, double *ret_max) {
        double near = 1;

        if (!row->has_plausible && !row->near)
                return false;
        if (row->near && (!engine_variable_number(e, row->near, &near) || near == 0))
                return false;

        *ret_min = MIN(row->plausible_min * near, row->plausible_max * near);
        *ret_max = MAX(row->plausible_min * near, row->plausible_max * near);
        return true;
}

/* Decides once which of several scales a device means. */
static void choose_scale(const HidEngine *e, Binding *b, double value) {
        const ProfileRow *row = b->row;
        double min, max;

        if (b->scaled || value == 0 || !plausible_bounds(e, row, &min, &max))
                return;

        for (size_t i = 0; i < row->n_scales; i++) {
                double shown = value * row->scales[i] + row->offset;

                if (shown >= min && shown <= max) {
                        b->scale = row->scales[i];
                        b->scaled = true;
                        return;
                }
        }
}

static double row_value(const Binding *b, const HidField *f, int64_t raw) {
        const ProfileRow *row = b->row;
        double v;

        if (row->function >= PROFILE_FUNCTION_MINUTES_SECONDS && row->function < _PROFILE_FUNCTION_MAX)
                v = delay_unpack(row->function, raw);
        else
                v = row_is_raw(row) ? (double) raw : hid_field_to_physical(f, raw);
        /* Some devices count in degrees Celsius whatever they say. */
        if (row->function == PROFILE_FUNCTION_KELVIN && v >= 273 && v <= 373)
                v -= 273.15;
        return row->curve ? curve_at(row->curve, v) : v;
}

double row_shown(const Binding *b, int64_t raw) {
        return row_value(b, b->field, raw) * b->scale + b->row->offset;
}

static int convert_number(HidEngine *e, Binding *b, const HidField *f, int64_t raw, char **ret) {
        const ProfileRow *row = b->row;
        double v = row_value(b, f, raw), min, max;

        choose_scale(e, b, v);
        v = v * b->scale + row->offset;
        if (!isfinite(v) || (plausible_bounds(e, row, &min, &max) && (v < min || v > max)))
                return 0;
        if (row->has_clamp)
                v = CLAMP(v, row->clamp_min, row->clamp_max);

        const char *format = row->format ?: row->function == PROFILE_FUNCTION_KELVIN ? "%.1f" : NULL;
        return give(number_to_text(format, v), row, ret);
}

int engine_convert(HidEngine *e, Binding *b, char **ret) {
        const ProfileRow *row = b->row;
        const HidField *f;
        int64_t raw;

        if (row->source != PROFILE_SOURCE_FIELD)
                return convert_source(e, b, ret);
        if (row->value && !row->match.text)
                return give(strdup(row->value), row, ret);
        if (!b->field)
                return 0;

        f = newest_raw(e, b->field, b->twin, &raw);
        if (!f || !row_takes(row, f, &raw))
                return 0;
        if (row->text_bytes > 0)
                return convert_report_text(e, b, f, ret);
        if (row->function == PROFILE_FUNCTION_STRING)
                return give_joined(e, b, engine_string(e, raw), ret);
        if (row->lookup) {
                const char *text = lookup_text(row->lookup, (double) raw, hid_field_to_physical(f, raw));

                return text ? give(strdup(text), row, ret) : 0;
        }
        if (function_makes_text(row->function))
                return give(function_text(row->function, raw, f->size_bits), row, ret);
        return convert_number(e, b, f, raw, ret);
}

/*** Back ***/

static int parse_ascii(const HidField *f, const char *text, int64_t *ret) {
        size_t n = strlen(text);
        uint64_t raw = 0;

        if (n > f->size_bits / 8U)
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                raw |= (uint64_t) (unsigned char) text[i] << 8 * i;
        *ret = (int64_t) raw;
        return 0;
}

static int parse_number(const Binding *b, const char *text, int64_t *ret) {
        const ProfileRow *row = b->row;
        double v;

        if (parse_double(text, &v) < 0 || fabs(v) > 1e15)
                return -EINVAL;
        if (row->has_range && (v < (double) row->range_min || v > (double) row->range_max))
                return -EINVAL;
        if (row->curve || b->scale == 0)
                return -EOPNOTSUPP;

        v = (v - row->offset) / b->scale;
        if (row->function >= PROFILE_FUNCTION_MINUTES_SECONDS)
                *ret = delay_pack(row->function, v);
        else if (row_is_raw(row))
                *ret = llround(v);
        else
                *ret = hid_field_from_physical(b->field, v);
        return 0;
}

int row_parse(const Binding *b, const char *text, int64_t *ret) {
        const ProfileRow *row = b->row;
        double raw;

        if (!b->field)
                return -EOPNOTSUPP;

        switch (row->function) {
        case PROFILE_FUNCTION_DATE:
        case PROFILE_FUNCTION_BCD_DATE:
                return date_parse(row->function, text, ret);
        case PROFILE_FUNCTION_ASCII:
                return parse_ascii(b->field, text, ret);
        case PROFILE_FUNCTION_STRING:
        case PROFILE_FUNCTION_HEX:
        case PROFILE_FUNCTION_VERSION:
        case PROFILE_FUNCTION_UNIX_DATE:
        case PROFILE_FUNCTION_UNIX_TIME:
                return -EOPNOTSUPP;
        default:
                break;
        }

        if (!row->lookup)
                return parse_number(b, text, ret);
        if (!lookup_raw(row->lookup, text, &raw))
                return -EINVAL;
        *ret = llround(raw);
        return 0;
}
