/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines of [corrections], [variables], [status] and [alarms]. What attributes there are is a table; what
 * does not go together is checked behind it. */

#include "model.h"
#include "parse-util.h"
#include "profile-internal.h"
#include "string-util.h"

#define STRING_LENGTH_MAX 255

typedef enum AttributeType {
        ATTRIBUTE_FLAG,          /* bool */
        ATTRIBUTE_NUMBER,        /* double */
        ATTRIBUTE_NUMBERS,       /* double *, size_t at the second offset */
        ATTRIBUTE_RANGE,         /* double, double at the second offset */
        ATTRIBUTE_INTEGER_RANGE, /* int64_t, the same */
        ATTRIBUTE_TEXT,          /* char * */
        ATTRIBUTE_CLASS,         /* a flag; the second offset is the class */
        ATTRIBUTE_FORMAT,
        ATTRIBUTE_FUNCTION,
        ATTRIBUTE_EXPONENT,
        ATTRIBUTE_LENGTH,
        ATTRIBUTE_UNIT,
        ATTRIBUTE_MASK,
        ATTRIBUTE_SCALE,
        ATTRIBUTE_NEAR,
        ATTRIBUTE_PATH,
        ATTRIBUTE_PATTERN,
        ATTRIBUTE_NAMES,
        ATTRIBUTE_SIGNED,
        ATTRIBUTE_KIND,
        ATTRIBUTE_WHEN,
        ATTRIBUTE_LOOKUP,
        ATTRIBUTE_CURVE,
} AttributeType;

enum {
        IN_CORRECTIONS = 1 << PROFILE_ROW_CORRECTION,
        IN_VARIABLES = 1 << PROFILE_ROW_VARIABLE,
        IN_STATES = 1 << PROFILE_ROW_STATUS | 1 << PROFILE_ROW_ALARM,
        IN_VALUES = IN_VARIABLES | IN_STATES,
        IN_ALL = IN_CORRECTIONS | IN_VALUES,
};

typedef struct AttributeInfo {
        const char *name;
        unsigned where;
        AttributeType type;
        size_t offset, second;
        size_t given; /* of a bool that says that it was given; 0 for none: the type is at offset 0 */
} AttributeInfo;

#define AT(field) offsetof(ProfileRow, field)

static const AttributeInfo infos[] = {
        { "when", IN_ALL, ATTRIBUTE_WHEN },
        { "kind", IN_ALL, ATTRIBUTE_KIND },

        { "exponent", IN_CORRECTIONS, ATTRIBUTE_EXPONENT, AT(exponent), .given = AT(has_exponent) },
        { "if-exponent", IN_CORRECTIONS, ATTRIBUTE_EXPONENT, AT(if_exponent), .given = AT(has_if_exponent) },
        { "widen", IN_CORRECTIONS, ATTRIBUTE_FLAG, AT(widen) },
        { "logical", IN_CORRECTIONS, ATTRIBUTE_INTEGER_RANGE, AT(logical_min), AT(logical_max),
                        AT(has_logical) },
        { "physical", IN_CORRECTIONS, ATTRIBUTE_INTEGER_RANGE, AT(physical_min), AT(physical_max),
          AT(has_physical) },
        { "unit", IN_CORRECTIONS, ATTRIBUTE_UNIT, AT(unit), .given = AT(has_unit) },
        { "signed", IN_CORRECTIONS, ATTRIBUTE_SIGNED, .given = AT(has_signed) },

        { "raw", IN_VALUES, ATTRIBUTE_FLAG, AT(raw) },
        { "invalid", IN_VALUES, ATTRIBUTE_NUMBERS, AT(invalid), AT(n_invalid) },
        { "quick", IN_VALUES, ATTRIBUTE_CLASS, .second = PROFILE_CLASS_QUICK },
        { "once", IN_VARIABLES, ATTRIBUTE_CLASS, .second = PROFILE_CLASS_ONCE },
        { "slow", IN_VALUES, ATTRIBUTE_CLASS, .second = PROFILE_CLASS_SLOW },
        { "mask", IN_VALUES, ATTRIBUTE_MASK, AT(mask) },
        { "scale", IN_VARIABLES, ATTRIBUTE_SCALE },
        { "offset", IN_VARIABLES, ATTRIBUTE_NUMBER, AT(offset) },
        { "plausible", IN_VARIABLES, ATTRIBUTE_RANGE, AT(plausible_min), AT(plausible_max),
          AT(has_plausible) },

        { "format", IN_VARIABLES, ATTRIBUTE_FORMAT },
        { "lookup", IN_VARIABLES, ATTRIBUTE_LOOKUP },
        { "curve", IN_VARIABLES, ATTRIBUTE_CURVE },
        { "function", IN_VARIABLES, ATTRIBUTE_FUNCTION },
        { "rw", IN_VARIABLES, ATTRIBUTE_FLAG, AT(writable) },
        { "enum", IN_VARIABLES, ATTRIBUTE_FLAG, AT(enumerated) },
        { "near", IN_VARIABLES, ATTRIBUTE_NEAR },
        { "clamp", IN_VARIABLES, ATTRIBUTE_RANGE, AT(clamp_min), AT(clamp_max), AT(has_clamp) },
        { "names", IN_VARIABLES, ATTRIBUTE_NAMES },
        { "join", IN_VARIABLES, ATTRIBUTE_PATH, AT(join) },
        { "join-number", IN_VARIABLES, ATTRIBUTE_PATH, AT(join), .given = AT(join_number) },
        { "match", IN_VARIABLES, ATTRIBUTE_PATTERN, AT(match) },
        { "text", IN_VARIABLES, ATTRIBUTE_LENGTH, AT(text_bytes) },
        { "length", IN_VARIABLES, ATTRIBUTE_LENGTH, AT(length_max) },
        { "range", IN_VARIABLES, ATTRIBUTE_INTEGER_RANGE, AT(range_min), AT(range_max), AT(has_range) },
        { "held", IN_VARIABLES, ATTRIBUTE_TEXT, AT(held) },
        { "option", IN_VARIABLES, ATTRIBUTE_TEXT, AT(option) },
        { "value", IN_VARIABLES, ATTRIBUTE_TEXT, AT(value) },

        { "is", IN_STATES, ATTRIBUTE_NUMBERS, AT(is), AT(n_is) },
        { "invert", IN_STATES, ATTRIBUTE_FLAG, AT(invert) },
        { "else", IN_STATES, ATTRIBUTE_FLAG, AT(otherwise) },
};

void profile_row_done(ProfileRow *row) {
        free(row->name);
        profile_path_done(&row->path);
        profile_path_done(&row->join);
        profile_pattern_done(&row->match);
        free(row->format);
        free(row->scales);
        free(row->near);
        free(row->invalid);
        free(row->held);
        free(row->option);
        free(row->value);
        free(row->is);
        *row = (ProfileRow) {};
}

static void *field(ProfileRow *row, size_t offset) {
        return (uint8_t *) row + offset;
}

static bool is_flag(const AttributeInfo *info) {
        return info->type == ATTRIBUTE_FLAG || info->type == ATTRIBUTE_CLASS;
}

static const AttributeInfo *find_info(const char *name, ProfileRowType type) {
        for (size_t i = 0; i < ELEMENTSOF(infos); i++)
                if ((infos[i].where & 1U << type) && streq(infos[i].name, name))
                        return &infos[i];

        return NULL;
}

static int report_unknown(Loader *l, const ConfLine *line, ProfileRowType type, const char *name) {
        const char *names[ELEMENTSOF(infos) + 2] = { "each" };
        size_t n = 1;

        for (size_t i = 0; i < ELEMENTSOF(infos); i++)
                if (infos[i].where & 1U << type)
                        names[n++] = infos[i].name;

        return loader_error_unknown(l, line, "attribute", name, names);
}

/* Those that are a whole number, each within its own bounds. */
static int parse_integer(Loader *l, const ConfLine *line, const AttributeInfo *info, const char *s,
                ProfileRow *row) {
        static const struct {
                AttributeType type;
                int64_t min, max;
        } bounds[] = {
                { ATTRIBUTE_EXPONENT, -20, 20 },      { ATTRIBUTE_LENGTH, 1, STRING_LENGTH_MAX },
                { ATTRIBUTE_UNIT, 0, UINT32_MAX },    { ATTRIBUTE_MASK, 1, UINT32_MAX },
        };
        int64_t n;
        size_t i = 0;
        int r;

        while (bounds[i].type != info->type)
                i++;
        r = loader_integer(l, line, info->name, s, bounds[i].min, bounds[i].max, &n);
        if (r <= 0)
                return r;

        switch (info->type) {
        case ATTRIBUTE_EXPONENT:
                *(int *) field(row, info->offset) = (int) n;
                return 0;

        case ATTRIBUTE_MASK:
                row->raw = true;
                _fallthrough_;
        default:
                *(uint32_t *) field(row, info->offset) = (uint32_t) n;
                return 0;
        }
}

/* "1" or, to be tried in this order, "1,0.1". */
static int parse_scale(Loader *l, const ConfLine *line, const char *s, ProfileRow *row) {
        int r = profile_numbers_parse(s, &row->scales, &row->n_scales);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return loader_error(l, line, "scale wants a number, or several with commas, not \"%s\"", s);

        row->scale = row->scales[0];
        if (row->n_scales == 1) {
                row->scales = (free(row->scales), NULL);
                row->n_scales = 0;
        }
        return 0;
}

/* "NAME:LOW..HIGH" */
static int parse_near(Loader *l, const ConfLine *line, const char *s, ProfileRow *row) {
        const char *range = strrchr(s, ':');
        _cleanup_free_ char *name = strndup(s, range ? (size_t) (range - s) : strlen(s));

        if (!name)
                return -ENOMEM;
        if (!range || row->has_plausible ||
            profile_range_parse(range + 1, &row->plausible_min, &row->plausible_max) < 0)
                return loader_error(l, line, "near wants NAME:LOW..HIGH, without plausible, not \"%s\"", s);

        row->has_plausible = true;
        return loader_variable(l, line, name, &row->near);
}

static int parse_range(Loader *l, const ConfLine *line, const AttributeInfo *info, const char *s,
                ProfileRow *row) {
        int r = info->type == ATTRIBUTE_RANGE
                ? profile_range_parse(s, field(row, info->offset), field(row, info->second))
                : profile_integer_range_parse(s, field(row, info->offset), field(row, info->second));

        return r >= 0 ? 0 : loader_error(l, line, "%s wants a range as 0..100, not \"%s\"", info->name, s);
}

static int parse_value(Loader *l, const ConfLine *line, const AttributeInfo *info, const char *s,
                ProfileRow *row) {
        int r;

        switch (info->type) {
        case ATTRIBUTE_NUMBER:
                return loader_number(l, line, info->name, s, field(row, info->offset));
        case ATTRIBUTE_NUMBERS:
                r = profile_numbers_parse(s, field(row, info->offset), field(row, info->second));
                return r >= 0 || r == -ENOMEM ? r :
                        loader_error(l, line, "%s wants numbers with commas between them, not \"%s\"",
                                        info->name, s);
        case ATTRIBUTE_RANGE:
        case ATTRIBUTE_INTEGER_RANGE:
                return parse_range(l, line, info, s, row);
        case ATTRIBUTE_TEXT:
                return free_and_strdup(field(row, info->offset), s);
        case ATTRIBUTE_FORMAT:
                return loader_format(l, line, s, &row->format);
        case ATTRIBUTE_FUNCTION:
                return loader_function(l, line, s, &row->function);
        case ATTRIBUTE_SCALE:
                return parse_scale(l, line, s, row);
        case ATTRIBUTE_NEAR:
                return parse_near(l, line, s, row);
        case ATTRIBUTE_PATH:
                if (((ProfilePath *) field(row, info->offset))->n_steps > 0)
                        return loader_error(l, line, "join and join-number exclude each other");
                return loader_path(l, line, s, false, field(row, info->offset));
        case ATTRIBUTE_PATTERN:
                return loader_pattern(l, line, s, field(row, info->offset));
        case ATTRIBUTE_NAMES:
                return loader_names(l, line, s, hid_loader(l)->profile->names,
                                hid_loader(l)->profile->n_names, &row->names);
        case ATTRIBUTE_EXPONENT:
        case ATTRIBUTE_LENGTH:
        case ATTRIBUTE_UNIT:
        case ATTRIBUTE_MASK:
                return parse_integer(l, line, info, s, row);
        case ATTRIBUTE_SIGNED:
                return parse_boolean(s, &row->is_signed) >= 0 ? 0 :
                        loader_error(l, line, "signed is yes or no, not \"%s\"", s);
        case ATTRIBUTE_KIND:
                return loader_kind(l, line, s, &row->kind);
        case ATTRIBUTE_WHEN:
                return loader_when(l, line, s, &row->when, &row->when_not);
        case ATTRIBUTE_LOOKUP:
                return loader_lookup(l, line, s, &row->lookup);
        case ATTRIBUTE_CURVE:
                return loader_curve(l, line, s, &row->curve);
        default:
                return 0;
        }
}

static int parse_attribute(
                Loader *l,
                const ConfLine *line,
                const Attribute *a,
                uint64_t *given,
                ProfileRow *row) {
        const AttributeInfo *info = find_info(a->name, row->type);
        uint64_t bit;

        if (!info)
                return report_unknown(l, line, row->type, a->name);

        bit = UINT64_C(1) << (info - infos);
        if (*given & bit)
                return loader_error(l, line, "%s stands here twice", a->name);
        *given |= bit;

        if (is_flag(info) != !a->value)
                return loader_error(l, line, a->value ? "%s takes no value"
                                : "%s wants a value, %s=...", a->name,
                                a->name);

        if (info->given)
                *(bool *) field(row, info->given) = true;
        if (info->type == ATTRIBUTE_FLAG) {
                *(bool *) field(row, info->offset) = true;
                return 0;
        }
        if (info->type == ATTRIBUTE_CLASS) {
                if (row->class != PROFILE_CLASS_FULL)
                        return loader_error(l, line, "Only one of quick, once and slow can be");
                row->class = (ProfileClass) info->second;
                return 0;
        }

        return parse_value(l, line, info, a->value, row);
}

static bool is_number_function(ProfileFunction f) {
        return f == PROFILE_FUNCTION_KELVIN || f >= PROFILE_FUNCTION_MINUTES_SECONDS;
}

static bool is_text(const ProfileRow *row) {
        return row->lookup || row->text_bytes > 0 || row->source != PROFILE_SOURCE_FIELD ||
                (row->function != PROFILE_FUNCTION_NONE && !is_number_function(row->function));
}

/* What does not go together in a variable; NULL when all does. */
static const char *find_conflict(const ProfileRow *row) {
        const char *f = row->format;
        bool source = row->lookup || row->curve || row->function != PROFILE_FUNCTION_NONE;

        if (!row->lookup + !row->curve + (row->function == PROFILE_FUNCTION_NONE) < 2)
                return "lookup, curve and function exclude each other";
        if (row->text_bytes > 0 && (source || row->held || row->value || row->writable || row->raw))
                return "text is taken as it stands: only match, names, when, kind and each go with it";
        if (row->value && (source || row->held || row->writable || f || row->has_plausible))
                return "value= is a text that stands for itself: only when, kind and each go with it";
        if (row->source != PROFILE_SOURCE_FIELD && (source || row->held || row->value || row->writable))
                return "What the device says on USB is a text that can only be matched and renamed";
        if (row->path.n_steps == 0 && row->source == PROFILE_SOURCE_FIELD && !row->held && !row->value)
                return "There is no path: only held= and value= can do without one";
        if (f && streq(f, "%s") && !is_text(row) && !row->held)
                return "%s is a format for texts: add lookup= or function=";
        if (f && !streq(f, "%s") && is_text(row))
                return "A lookup or function makes a text, which has no such format";
        if ((row->names || row->match.text) && !is_text(row))
                return "names and match are for texts: add lookup= or function=";
        if (row->join.n_steps > 0 && row->function != PROFILE_FUNCTION_STRING &&
            row->source == PROFILE_SOURCE_FIELD)
                return "join belongs to function=string and to @product and so on";
        if (row->n_scales > 0 && !row->has_plausible)
                return "Of several scales the plausible one is taken: add plausible= or near=";
        if ((row->enumerated || row->length_max > 0 || row->has_range) && !row->writable)
                return "enum, length and range belong to rw";
        if (row->enumerated + (row->length_max > 0) + row->has_range > 1)
                return "enum, length and range exclude each other";
        if (row->enumerated && !row->lookup)
                return "enum wants a lookup, whose texts can be chosen";
        if (row->writable && row->curve)
                return "A curve has no way back: it cannot be rw";
        if (row->writable && row->scale == 0)
                return "What has scale=0 cannot be written";
        if (row->option && !row->writable && !row->held)
                return "option belongs to held or rw";
        return NULL;
}

static int check_variable(Loader *l, const ConfLine *line, const ProfileRow *row) {
        const char *conflict = find_conflict(row);

        if (conflict)
                return loader_error(l, line, "%s", conflict);
        profile_check_name(l, line, row->name);
        return 1;
}

static int check_row(Loader *l, const ConfLine *line, const ProfileRow *row) {
        switch (row->type) {
        case PROFILE_ROW_VARIABLE:
                return check_variable(l, line, row);
        case PROFILE_ROW_CORRECTION:
                if (!row->has_exponent && !row->has_logical && !row->has_physical && !row->has_unit &&
                    !row->has_signed && !row->widen)
                        return loader_error(l, line, "This corrects nothing");
                if (row->when && row->when->n_field + row->when->firmware.n_patterns > 0)
                        return loader_error(l, line,
                                        "A correction is made before the device is asked anything: "
                                        "its condition cannot have field or firmware");
                return 1;
        default:
                return 1;
        }
}

/* What stands before the =. Returns 1 when it is fine. */
static int parse_subject(Loader *l, const ConfLine *line, ProfileRow *row) {
        const char *s = line->words[0];
        int condition, r;

        switch (row->type) {
        case PROFILE_ROW_CORRECTION:
                return loader_path(l, line, s, true, &row->path);

        case PROFILE_ROW_VARIABLE:
                if (!variable_name_is_valid(s))
                        return loader_error(l, line, "\"%s\" cannot be the name of a variable", s);
                break;

        case PROFILE_ROW_STATUS:
                r = loader_condition(l, line, s, &condition);
                if (r <= 0)
                        return r;
                row->condition = (Condition) condition;
                break;

        default: /* PROFILE_ROW_ALARM */
                r = loader_alarm(l, line, s);
                if (r <= 0)
                        return r;
        }

        row->name = strdup(s);
        return row->name ? 1 : -ENOMEM;
}

static int parse_source(Loader *l, const ConfLine *line, const char *s, ProfileRow *row) {
        static const char *const sources[] = {
                [PROFILE_SOURCE_FIELD] = "",
                [PROFILE_SOURCE_VENDOR] = "@vendor",
                [PROFILE_SOURCE_PRODUCT] = "@product",
                [PROFILE_SOURCE_SERIAL] = "@serial",
        };

        for (size_t i = 1; i < ELEMENTSOF(sources) && row->type == PROFILE_ROW_VARIABLE; i++)
                if (streq(s, sources[i])) {
                        row->source = (ProfileSource) i;
                        return 1;
                }

        return loader_path(l, line, s, false, &row->path);
}

static int parse_row(Loader *l, const ConfLine *line, ProfileRow *row) {
        Attribute attributes[ATTRIBUTES_MAX];
        size_t first = 2;
        uint64_t given = 0;
        int n, r;

        r = parse_subject(l, line, row);
        if (r <= 0)
                return r;

        /* A correction begins with its path; a variable may have none when an attribute comes first. */
        if (row->type != PROFILE_ROW_CORRECTION &&
            (row->type != PROFILE_ROW_VARIABLE || !find_info(line->words[2], row->type))) {
                r = parse_source(l, line, line->words[2], row);
                if (r <= 0)
                        return r;
                first = 3;
        }

        n = loader_attributes(l, line, first, attributes);
        for (int i = 0; i < n; i++) {
                r = parse_attribute(l, line, &attributes[i], &given, row);
                if (r < 0)
                        return r;
        }

        return n < 0 ? 0 : check_row(l, line, row);
}

static size_t count_rows(const HidProfile *p) {
        size_t n = p->n_commands;

        for (int i = 0; i < _PROFILE_ROW_TYPE_MAX; i++)
                n += p->n_rows[i];
        return n;
}

static int add_row(Loader *l, const ConfLine *line, void *userdata) {
        const ProfileRowType *type = userdata;
        _cleanup_(profile_row_done) ProfileRow row = {
                .type = *type,
                .kind = -1,
                .scale = 1,
                .file = line->file,
                .line = line->line,
        };
        HidLoader *h = hid_loader(l);
        HidProfile *p = h->profile;
        int r;

        if (count_rows(p) >= PROFILE_ROWS_MAX)
                return loader_error(l, line, "A profile has at most %u rows", PROFILE_ROWS_MAX);

        r = parse_row(l, line, &row);
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->rows[row.type], h->rows_allocated[row.type], p->n_rows[row.type] + 1))
                return -ENOMEM;

        p->rows[row.type][p->n_rows[row.type]++] = row;
        row = (ProfileRow) {};
        return 0;
}

int loader_read_row(Loader *l, const ConfLine *line, ProfileRowType type) {
        static const char *const forms[] = {
                [PROFILE_ROW_CORRECTION] = "PATH = ATTRIBUTES",
                [PROFILE_ROW_VARIABLE] = "NAME = PATH ATTRIBUTES",
                [PROFILE_ROW_STATUS] = "CONDITION = PATH ATTRIBUTES",
                [PROFILE_ROW_ALARM] = "\"TEXT\" = PATH ATTRIBUTES",
        };

        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [%s] is %s", line->section, forms[type]);

        return loader_each(l, line, add_row, &type);
}
