/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-descriptor.h"

#include "hid-items.h"

/* Collections in collections, and pushed states: far more than devices have, and few enough that paths
 * stay short. */
#define DEPTH_MAX 32U
#define PUSHED_MAX 64U

/* Collections of a vendor's type are numbered by it; in paths that number is a step of its own. */
#define COLLECTION_VENDOR 0x80U
#define USAGE_NUMBERED UINT32_C(0x00ff0000)

struct HidDescriptor {
        HidField *fields;
        size_t n_fields, n_fields_allocated;
        HidStep *steps; /* the paths of all fields, one behind the other */
        size_t n_steps, n_steps_allocated;
        uint32_t *applications;
        size_t n_applications, n_applications_allocated;
        uint32_t bits[_HID_KIND_MAX][256];
        bool present[_HID_KIND_MAX][256];
        bool numbered;
};

/* A limit both as signed and as unsigned number: which of them is meant shows only beside the other. */
typedef struct Limit {
        int64_t value;
        uint32_t as_unsigned;
} Limit;

typedef struct Globals {
        uint32_t usage_page; /* in the upper half */
        Limit logical_min, logical_max, physical_min, physical_max;
        uint32_t unit, report_size, report_count;
        int exponent;
        uint8_t report_id;
} Globals;

typedef struct Range {
        uint32_t min, max;
} Range;

typedef struct Locals {
        Range *usages;
        size_t n_usages, n_usages_allocated;
        bool open_range, delimited, alternative;
        Range designator, string;
} Locals;

/* How often something was seen in a collection: fields by kind and usage, collections by usage and
 * number. */
typedef struct Seen {
        uint32_t parent, usage, number;
        uint16_t n;
        bool used;
} Seen;

#define SEEN_COLLECTION UINT32_C(0x100)

typedef struct Level {
        uint32_t id;
        uint8_t n_steps;
} Level;

typedef struct Parser {
        HidDescriptor *descriptor;
        Globals globals, pushed[PUSHED_MAX];
        size_t n_pushed;
        Locals locals;
        Level levels[DEPTH_MAX];
        size_t n_levels;
        HidStep path[2 * DEPTH_MAX + 1];
        size_t n_path;
        uint32_t last_id;
        Seen *seen;
        size_t n_seen, n_seen_allocated;
} Parser;

static void parser_done(Parser *p) {
        hid_descriptor_free(p->descriptor);
        free(p->locals.usages);
        free(p->seen);
}

static void locals_reset(Locals *l) {
        *l = (Locals) {
                .usages = l->usages,
                .n_usages_allocated = l->n_usages_allocated,
        };
}

static Seen *seen_find(Seen *table, size_t n, const Seen *what) {
        uint64_t hash = (uint64_t) what->parent * UINT64_C(0x9e3779b97f4a7c15) ^
                        (uint64_t) what->usage * UINT64_C(0xc2b2ae3d27d4eb4f) ^
                        (uint64_t) what->number * UINT64_C(0x165667b19e3779f9);

        for (size_t i = (hash >> 32) & (n - 1);; i = (i + 1) & (n - 1))
                if (!table[i].used || (table[i].parent == what->parent && table[i].usage == what->usage &&
                                       table[i].number == what->number))
                        return table + i;
}

static int seen_grow(Parser *p) {
        size_t n = MAX(p->n_seen_allocated * 2, (size_t) 128);
        Seen *table;

        if (p->n_seen < p->n_seen_allocated / 2)
                return 0;
        table = new0(Seen, n);
        if (!table)
                return -ENOMEM;

        for (size_t i = 0; i < p->n_seen_allocated; i++)
                if (p->seen[i].used)
                        *seen_find(table, n, p->seen + i) = p->seen[i];
        free(p->seen);
        p->seen = table;
        p->n_seen_allocated = n;
        return 0;
}

/* Returns how many such there were in this collection before, and counts this one. */
static int seen_count(Parser *p, uint32_t usage, uint32_t number) {
        Seen what = {
                .parent = p->n_levels > 0 ? p->levels[p->n_levels - 1].id : 0,
                .usage = usage,
                .number = number,
                .used = true,
        };
        Seen *s;
        int r;

        r = seen_grow(p);
        if (r < 0)
                return r;

        s = seen_find(p->seen, p->n_seen_allocated, &what);
        if (!s->used) {
                *s = what;
                p->n_seen++;
        }
        return s->n++;
}

/* Walks through ranges as fields use them up; the last usage stands for all that follow. */
typedef struct Cursor {
        const Range *ranges;
        size_t n, i;
        uint32_t offset;
} Cursor;

static uint32_t cursor_next(Cursor *c) {
        const Range *range = c->ranges + c->i;
        uint32_t usage = range->min + c->offset;

        if (usage < range->max)
                c->offset++;
        else if (c->i + 1 < c->n) {
                c->i++;
                c->offset = 0;
        }
        return usage;
}

static uint8_t range_at(Range r, uint32_t i) {
        uint32_t value = r.max > r.min ? r.min + MIN(i, r.max - r.min) : r.min;

        return value <= UINT8_MAX ? (uint8_t) value : 0;
}

/* Devices write 255 as the byte ff, which reads as -1: below a minimum that is not negative, 255 is
 * meant. */
static int64_t limit_settle(const Limit *min, const Limit *max) {
        return max->value < min->value && min->value >= 0 ? max->as_unsigned : max->value;
}

static HidField field_template(const Parser *p, HidKind kind, uint32_t flags) {
        const Globals *g = &p->globals;
        const Locals *l = &p->locals;

        return (HidField) {
                .kind = kind,
                .report_id = g->report_id,
                .size_bits = (uint8_t) MIN(g->report_size, 32U),
                .flags = flags,
                .logical_min = g->logical_min.value,
                .logical_max = limit_settle(&g->logical_min, &g->logical_max),
                .physical_min = g->physical_min.value,
                .physical_max = limit_settle(&g->physical_min, &g->physical_max),
                .unit = g->unit,
                .exponent = g->exponent,
                .usage_min = l->usages[0].min,
                .usage_max = l->usages[l->n_usages - 1].max,
        };
}

static int field_add(Parser *p, const HidField *template, uint32_t usage, uint32_t index) {
        HidDescriptor *d = p->descriptor;
        HidField field = *template;
        int instance;

        if (d->n_fields >= HID_FIELDS_MAX)
                return -E2BIG;
        if (!GREEDY_REALLOC(d->fields, d->n_fields_allocated, d->n_fields + 1) ||
            !GREEDY_REALLOC(d->steps, d->n_steps_allocated, d->n_steps + p->n_path + 1))
                return -ENOMEM;

        instance = seen_count(p, usage, (uint32_t) field.kind);
        if (instance < 0)
                return instance;

        field.designator = range_at(p->locals.designator, index);
        field.string_index = range_at(p->locals.string, index);
        field.n_path = p->n_path + 1;
        if (field.flags & HID_FIELD_VARIABLE)
                field.usage_min = field.usage_max = usage;

        memcpy(d->steps + d->n_steps, p->path, p->n_path * sizeof(HidStep));
        d->steps[d->n_steps + p->n_path] = (HidStep) { .usage = usage, .instance = (uint16_t) instance };
        d->n_steps += field.n_path;
        d->fields[d->n_fields++] = field;
        return 0;
}

static int main_data(Parser *p, HidKind kind, uint32_t flags) {
        const Globals *g = &p->globals;
        uint32_t *bits = &p->descriptor->bits[kind][g->report_id], offset = *bits;
        Cursor cursor = { .ranges = p->locals.usages, .n = p->locals.n_usages };
        HidField template;
        int r;

        if ((uint64_t) g->report_size * g->report_count > (HID_REPORT_SIZE_MAX - 1) * 8 - *bits)
                return -E2BIG;
        p->descriptor->present[kind][g->report_id] = true;
        *bits += g->report_size * g->report_count;

        /* Without a usage it is padding, be it said to be constant or not. */
        if (cursor.n == 0 || g->report_size == 0)
                return 0;

        template = field_template(p, kind, flags);
        for (uint32_t i = 0; i < g->report_count; i++) {
                template.offset_bits = offset + i * g->report_size;
                r = field_add(p, &template, cursor_next(&cursor), i);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int main_collection(Parser *p, uint32_t type) {
        HidDescriptor *d = p->descriptor;
        uint32_t usage = p->locals.n_usages > 0 ? p->locals.usages[0].min : 0;
        bool numbered = type >= COLLECTION_VENDOR && type <= UINT8_MAX;
        size_t n_path = p->n_path;
        int instance;

        if (p->n_levels >= DEPTH_MAX)
                return -E2BIG;
        if (p->n_levels == 0) {
                if (!GREEDY_REALLOC(d->applications, d->n_applications_allocated, d->n_applications + 1))
                        return -ENOMEM;
                d->applications[d->n_applications++] = usage;
        }

        instance = seen_count(p, usage, SEEN_COLLECTION | (numbered ? type : 0));
        if (instance < 0)
                return instance;

        p->path[p->n_path++] = (HidStep) {
                .usage = usage,
                .instance = numbered ? 0 : (uint16_t) instance,
        };
        if (numbered)
                p->path[p->n_path++] = (HidStep) {
                        .usage = USAGE_NUMBERED | (type & 0x7fU),
                        .instance = (uint16_t) instance,
                };
        p->levels[p->n_levels++] = (Level) { .id = ++p->last_id, .n_steps = (uint8_t) (p->n_path - n_path) };
        return 0;
}

static int parse_main(Parser *p, const Item *item) {
        int r = 0;

        switch (item->tag) {
        case ITEM_INPUT:
                r = main_data(p, HID_INPUT, item->value);
                break;
        case ITEM_OUTPUT:
                r = main_data(p, HID_OUTPUT, item->value);
                break;
        case ITEM_FEATURE:
                r = main_data(p, HID_FEATURE, item->value);
                break;
        case ITEM_COLLECTION:
                r = main_collection(p, item->value);
                break;
        case ITEM_END_COLLECTION:
                if (p->n_levels > 0)
                        p->n_path -= p->levels[--p->n_levels].n_steps;
                break;
        default:
                break;
        }

        locals_reset(&p->locals);
        return r;
}

/* Four bits with a sign by the specification; those who write a whole byte mean its sign. */
static int item_exponent(const Item *item) {
        int64_t v = item_signed(item);

        if (v >= 8 && v <= 15)
                v -= 16;
        return (int) CLAMP(v, (int64_t) -30, (int64_t) 30);
}

static int parse_report_id(Parser *p, const Item *item) {
        if (item->value > UINT8_MAX)
                return -EBADMSG;

        /* 0 is reserved, and whoever writes it means that there are none. */
        p->globals.report_id = (uint8_t) item->value;
        if (item->value != 0)
                p->descriptor->numbered = true;
        return 0;
}

static int parse_stack(Parser *p, const Item *item) {
        if (item->tag == ITEM_PUSH) {
                if (p->n_pushed >= PUSHED_MAX)
                        return -E2BIG;
                p->pushed[p->n_pushed++] = p->globals;
        } else if (p->n_pushed > 0)
                p->globals = p->pushed[--p->n_pushed];

        return 0;
}

static int parse_global(Parser *p, const Item *item) {
        Limit limit = { .value = item_signed(item), .as_unsigned = item->value };
        Globals *g = &p->globals;

        switch (item->tag) {
        case ITEM_USAGE_PAGE:
                g->usage_page = item->value << 16;
                break;
        case ITEM_LOGICAL_MIN:
                g->logical_min = limit;
                break;
        case ITEM_LOGICAL_MAX:
                g->logical_max = limit;
                break;
        case ITEM_PHYSICAL_MIN:
                g->physical_min = limit;
                break;
        case ITEM_PHYSICAL_MAX:
                g->physical_max = limit;
                break;
        case ITEM_UNIT_EXPONENT:
                g->exponent = item_exponent(item);
                break;
        case ITEM_UNIT:
                g->unit = item->value;
                break;
        case ITEM_REPORT_SIZE:
                g->report_size = item->value;
                break;
        case ITEM_REPORT_COUNT:
                g->report_count = item->value;
                break;
        case ITEM_REPORT_ID:
                return parse_report_id(p, item);
        case ITEM_PUSH:
        case ITEM_POP:
                return parse_stack(p, item);
        default:
                break;
        }

        return 0;
}

/* A usage of at most two bytes is one of the page in force; of four bytes it brings its own. */
static uint32_t item_usage(const Parser *p, const Item *item) {
        return item->size > 2 ? item->value : p->globals.usage_page | item->value;
}

static int parse_usage(Parser *p, const Item *item) {
        Locals *l = &p->locals;
        uint32_t usage = item_usage(p, item);

        /* Of alternatives for one field the first counts. */
        if (l->delimited && l->alternative)
                return 0;

        if (item->tag == ITEM_USAGE_MAX && l->open_range) {
                Range *range = l->usages + l->n_usages - 1;

                range->max = MAX(usage, range->min);
                l->open_range = false;
                l->alternative = true;
                return 0;
        }

        if (!GREEDY_REALLOC(l->usages, l->n_usages_allocated, l->n_usages + 1))
                return -ENOMEM;
        l->usages[l->n_usages++] = (Range) { .min = usage, .max = usage };
        l->open_range = item->tag == ITEM_USAGE_MIN;
        l->alternative = !l->open_range;
        return 0;
}

static int parse_local(Parser *p, const Item *item) {
        Locals *l = &p->locals;

        switch (item->tag) {
        case ITEM_USAGE:
        case ITEM_USAGE_MIN:
        case ITEM_USAGE_MAX:
                return parse_usage(p, item);
        case ITEM_DESIGNATOR:
                l->designator = (Range) { item->value, item->value };
                break;
        case ITEM_DESIGNATOR_MIN:
                l->designator.min = item->value;
                break;
        case ITEM_DESIGNATOR_MAX:
                l->designator.max = item->value;
                break;
        case ITEM_STRING:
                l->string = (Range) { item->value, item->value };
                break;
        case ITEM_STRING_MIN:
                l->string.min = item->value;
                break;
        case ITEM_STRING_MAX:
                l->string.max = item->value;
                break;
        case ITEM_DELIMITER:
                l->delimited = item->value != 0;
                l->alternative = false;
                break;
        default:
                break;
        }

        return 0;
}

static int parse_item(Parser *p, const Item *item) {
        switch ((item->tag >> 2) & 3U) {
        case 0:
                return parse_main(p, item);
        case 1:
                return parse_global(p, item);
        case 2:
                return parse_local(p, item);
        default:
                return 0;
        }
}

static void descriptor_link_paths(HidDescriptor *d) {
        const HidStep *path = d->steps;

        for (size_t i = 0; i < d->n_fields; i++) {
                d->fields[i].path = path;
                path += d->fields[i].n_path;
        }
}

int hid_descriptor_parse(const uint8_t *data, size_t n, HidDescriptor **ret) {
        _cleanup_(parser_done) Parser p = {};
        size_t pos = 0;
        Item item;
        int r;

        if (n > HID_DESCRIPTOR_SIZE_MAX)
                return -E2BIG;
        p.descriptor = new0(HidDescriptor, 1);
        if (!p.descriptor)
                return -ENOMEM;

        while (item_next(data, n, &pos, &item) > 0) {
                r = parse_item(&p, &item);
                if (r < 0)
                        return r;
        }
        if (p.descriptor->n_applications == 0)
                return -EBADMSG;

        descriptor_link_paths(p.descriptor);
        *ret = TAKE_PTR(p.descriptor);
        return 0;
}

HidDescriptor *hid_descriptor_free(HidDescriptor *d) {
        if (!d)
                return NULL;

        free(d->fields);
        free(d->steps);
        free(d->applications);
        free(d);
        return NULL;
}

size_t hid_descriptor_n_fields(const HidDescriptor *d) {
        return d->n_fields;
}

HidField *hid_descriptor_field(HidDescriptor *d, size_t i) {
        return i < d->n_fields ? d->fields + i : NULL;
}

size_t hid_descriptor_n_applications(const HidDescriptor *d) {
        return d->n_applications;
}

uint32_t hid_descriptor_application(const HidDescriptor *d, size_t i) {
        return i < d->n_applications ? d->applications[i] : 0;
}

size_t hid_descriptor_report_size(const HidDescriptor *d, HidKind kind, uint8_t id) {
        if (kind < 0 || kind >= _HID_KIND_MAX || !d->present[kind][id])
                return 0;
        return (d->bits[kind][id] + 7) / 8 + (d->numbered ? 1 : 0);
}

bool hid_descriptor_is_numbered(const HidDescriptor *d) {
        return d->numbered;
}
