/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "hid-engine-internal.h"
#include "string-util.h"

/* Whether the usages are the same, whichever of several collections it is. A path that names one means
 * that. */
static bool path_is_like(const ProfilePath *path, const HidField *f) {
        if (path->n_steps != f->n_path)
                return false;
        for (size_t i = 0; i < f->n_path; i++)
                if (path->steps[i].any || path->steps[i].has_instance ||
                    path->steps[i].usage != f->path[i].usage)
                        return false;
        return true;
}

/* Devices spread one collection over several of the same name. */
static HidField *find_of_kind(const HidEngine *e, const ProfilePath *path, HidKind kind) {
        size_t n = hid_descriptor_n_fields(e->descriptor);
        HidField *like = NULL;

        for (size_t i = 0; i < n; i++) {
                HidField *f = hid_descriptor_field(e->descriptor, i);

                if (f->kind != kind)
                        continue;
                if (profile_path_matches(path, f))
                        return f;
                if (!like && path_is_like(path, f))
                        like = f;
        }
        return like;
}

HidField *engine_find_field(const HidEngine *e, const ProfilePath *path, int kind, HidKind otherwise) {
        HidField *f;

        if (path->n_steps == 0)
                return NULL;
        if (kind >= 0)
                return find_of_kind(e, path, (HidKind) kind);

        f = find_of_kind(e, path, HID_FEATURE);
        return f ?: find_of_kind(e, path, otherwise);
}

static const char *slot_value(const HidEngine *e, const char *name) {
        const Slot *s = engine_find_slot(e, name);

        return s ? s->value : NULL;
}

static bool when_judge(const HidEngine *e, const ProfileWhen *w) {
        const char *model = slot_value(e, "ups.model") ?: e->link->identity.product;
        bool found = false;

        if (!profile_when_holds(w, false, &e->link->identity, e->descriptor, slot_value(e, "ups.firmware")))
                return false;

        STRV_FOREACH(option, w->option)
                found = found || engine_option(e, *option);
        if (w->option && !found)
                return false;

        return profile_patterns_match(&w->model, model);
}

void engine_judge_whens(HidEngine *e) {
        for (size_t i = 0; i < e->profile->n_whens; i++)
                e->whens[i].holds = when_judge(e, e->whens[i].when);
}

static bool when_field_holds(const HidEngine *e, const WhenField *w) {
        const ProfileFieldValue *v = w->value;
        double raw;

        if (!w->field || !engine_number(e, w->field, NULL, NULL, true, &raw))
                return false;
        if (v->has_range && raw >= v->min && raw <= v->max)
                return true;
        for (size_t i = 0; i < v->n_is; i++)
                if (v->is[i] == raw)
                        return true;
        return !v->has_range && v->n_is == 0 && raw != 0;
}

bool engine_when(const HidEngine *e, const ProfileWhen *w, bool negate) {
        const WhenState *state;
        bool holds = false;

        if (!w)
                return true;

        state = &e->whens[w - e->profile->whens];
        for (size_t i = 0; i < state->n_fields && !holds; i++)
                holds = when_field_holds(e, &state->fields[i]);
        return (state->holds && (holds || state->n_fields == 0)) != negate;
}

static int bind_whens(HidEngine *e) {
        e->whens = new0(WhenState, e->profile->n_whens);
        if (!e->whens)
                return -ENOMEM;

        for (size_t i = 0; i < e->profile->n_whens; i++) {
                const ProfileWhen *w = &e->profile->whens[i];
                WhenState *state = &e->whens[i];

                state->when = w;
                state->fields = new0(WhenField, w->n_field);
                if (!state->fields)
                        return -ENOMEM;
                state->n_fields = w->n_field;
                for (size_t k = 0; k < w->n_field; k++) {
                        HidField *f = engine_find_field(e, &w->field[k].path, -1, HID_INPUT);

                        state->fields[k] = (WhenField) { &w->field[k], f };
                        if (f && !engine_add_report(e, f))
                                return -ENOMEM;
                }
        }

        engine_judge_whens(e);
        return 0;
}

/*** Corrections ***/

static void field_widen(HidField *f) {
        int64_t max = (INT64_C(1) << f->size_bits) - 1;

        if (f->physical_max > f->physical_min && f->logical_max > f->logical_min)
                f->physical_max = f->physical_min +
                        llround((double) (f->physical_max - f->physical_min) * (double) max /
                                (double) (f->logical_max - f->logical_min));
        f->logical_min = 0;
        f->logical_max = max;
}

/* Signed is what has a range with negative numbers. */
static void field_sign(HidField *f, bool is_signed) {
        int64_t half = INT64_C(1) << (f->size_bits - 1);

        if (is_signed && f->logical_min >= 0) {
                f->logical_min = -half;
                f->logical_max = half - 1;
        } else if (!is_signed && f->logical_min < 0) {
                f->logical_min = 0;
                f->logical_max = 2 * half - 1;
        }
}

static void field_correct(HidField *f, const ProfileRow *row) {
        if (row->has_signed)
                field_sign(f, row->is_signed);
        if (row->widen)
                field_widen(f);
        if (row->has_logical) {
                f->logical_min = row->logical_min;
                f->logical_max = row->logical_max;
        }
        if (row->has_physical) {
                f->physical_min = row->physical_min;
                f->physical_max = row->physical_max;
        }
        if (row->has_exponent)
                f->exponent = row->exponent;
        if (row->has_unit)
                f->unit = row->unit;
}

static void correct_fields(HidEngine *e) {
        size_t n = hid_descriptor_n_fields(e->descriptor);

        for (size_t i = 0; i < e->profile->n_rows[PROFILE_ROW_CORRECTION]; i++) {
                const ProfileRow *row = &e->profile->rows[PROFILE_ROW_CORRECTION][i];

                if (!engine_when(e, row->when, row->when_not))
                        continue;
                for (size_t k = 0; k < n; k++) {
                        HidField *f = hid_descriptor_field(e->descriptor, k);

                        if ((row->kind < 0 || (HidKind) row->kind == f->kind) &&
                            (!row->has_if_exponent || row->if_exponent == f->exponent) &&
                            profile_path_matches(&row->path, f))
                                field_correct(f, row);
                }
        }
}

/*** Rows ***/

/* Whether the row asks nothing of the device. */
static bool row_is_fixed(const ProfileRow *row) {
        return row->source != PROFILE_SOURCE_FIELD || (row->held && row->path.n_steps == 0) ||
               (row->value && row->path.n_steps == 0);
}

/* 1: bound, 0: the device has no such field. */
static int binding_init(HidEngine *e, const ProfileRow *row, Binding *ret) {
        Binding b = { .row = row, .scale = row->scale, .scaled = row->n_scales < 2 };

        if (!row_is_fixed(row)) {
                b.field = engine_find_field(e, &row->path, row->kind, HID_INPUT);
                if (!b.field || !engine_add_report(e, b.field))
                        return b.field ? -ENOMEM : 0;
                if (b.field->kind == HID_FEATURE && row->kind < 0)
                        b.twin = find_of_kind(e, &row->path, HID_INPUT);
                if (b.twin && !engine_add_report(e, b.twin))
                        return -ENOMEM;
        }

        if (row->join.n_steps > 0) {
                b.join = engine_find_field(e, &row->join, -1, HID_INPUT);
                if (!b.join || !engine_add_report(e, b.join))
                        return b.join ? -ENOMEM : 0;
        }

        *ret = b;
        return 1;
}

Slot *engine_find_slot(const HidEngine *e, const char *name) {
        for (size_t i = 0; i < e->n_slots; i++)
                if (strcaseeq(e->slots[i].name, name))
                        return &e->slots[i];
        return NULL;
}

static Slot *add_slot(HidEngine *e, const char *name) {
        Slot *s = engine_find_slot(e, name);

        if (s)
                return s;
        if (!GREEDY_REALLOC(e->slots, e->n_slots_allocated, e->n_slots + 1))
                return NULL;

        e->slots[e->n_slots] = (Slot) { .name = name, .chosen = -1 };
        return &e->slots[e->n_slots++];
}

static int bind_variables(HidEngine *e) {
        static const char *const identity[] = { "ups.mfr", "ups.model", "ups.serial" };

        /* These are there without any row. */
        for (size_t i = 0; i < ELEMENTSOF(identity); i++)
                if (!add_slot(e, identity[i]))
                        return -ENOMEM;

        for (size_t i = 0; i < e->profile->n_rows[PROFILE_ROW_VARIABLE]; i++) {
                const ProfileRow *row = &e->profile->rows[PROFILE_ROW_VARIABLE][i];
                Binding b = {};
                Slot *s;
                int r;

                r = binding_init(e, row, &b);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;

                s = add_slot(e, row->name);
                if (!s || !GREEDY_REALLOC(s->bindings, s->n_allocated, s->n_bindings + 1))
                        return -ENOMEM;
                s->bindings[s->n_bindings++] = b;
        }

        for (size_t i = 0; i < e->profile->n_derived; i++) {
                const ProfileDerived *d = &e->profile->derived[i];

                if (!add_slot(e, d->name))
                        return -ENOMEM;
        }
        return 0;
}

static int bind_flags(HidEngine *e, ProfileRowType type, Flag **flags, size_t *n) {
        *flags = new0(Flag, e->profile->n_rows[type]);
        if (!*flags)
                return -ENOMEM;

        for (size_t i = 0; i < e->profile->n_rows[type]; i++) {
                int r = binding_init(e, &e->profile->rows[type][i], &(*flags)[*n].binding);

                if (r < 0)
                        return r;
                *n += (size_t) r;
        }
        return 0;
}

void engine_free_bindings(HidEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++) {
                for (size_t k = 0; k < e->slots[i].n_bindings; k++)
                        free(e->slots[i].bindings[k].held);
                free(e->slots[i].bindings);
                free(e->slots[i].value);
        }
        free(TAKE_PTR(e->slots));

        free(TAKE_PTR(e->status));
        free(TAKE_PTR(e->alarms));

        for (size_t i = 0; e->whens && i < e->profile->n_whens; i++)
                free(e->whens[i].fields);
        free(TAKE_PTR(e->whens));

        for (size_t i = 0; i < e->n_commands; i++)
                free(e->commands[i].steps);
        free(TAKE_PTR(e->commands));
        e->offered = strv_free(e->offered);
        e->n_slots = e->n_status = e->n_alarms = e->n_commands = 0;
}

static bool anything_bound(const HidEngine *e) {
        if (e->n_status > 0 || e->n_alarms > 0)
                return true;
        for (size_t i = 0; i < e->n_slots; i++)
                for (size_t k = 0; k < e->slots[i].n_bindings; k++)
                        if (e->slots[i].bindings[k].field)
                                return true;
        return false;
}

int engine_bind(HidEngine *e) {
        int r;

        r = bind_whens(e);
        if (r < 0)
                return r;
        if (e->options.fix_descriptor)
                correct_fields(e);

        r = bind_variables(e);
        if (r < 0)
                return r;
        r = bind_flags(e, PROFILE_ROW_STATUS, &e->status, &e->n_status);
        if (r < 0)
                return r;
        r = bind_flags(e, PROFILE_ROW_ALARM, &e->alarms, &e->n_alarms);
        if (r < 0)
                return r;
        r = engine_bind_commands(e);
        if (r < 0)
                return r;

        return anything_bound(e) || e->options.explore ? 0 : -ENODEV;
}
