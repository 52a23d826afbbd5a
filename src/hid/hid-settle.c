/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-engine-internal.h"
#include "string-util.h"

static bool field_answered(const HidEngine *e, const HidField *f) {
        const Report *r = f ? engine_report(e, f) : NULL;

        return r && r->answered;
}

static int binding_need(HidEngine *e, const Binding *b) {
        int r = 0;

        if (b->field)
                r = engine_need(e, b->field);
        if (r >= 0 && b->twin && !field_answered(e, b->field))
                r = engine_need(e, b->twin);
        if (r >= 0 && b->join)
                r = engine_need(e, b->join);
        return r;
}

/* A value that the driver keeps: there when the device has the field. */
static int settle_held(HidEngine *e, Slot *s, const ProfileRow *row) {
        const char *given = row->option ? engine_option(e, row->option) : NULL;

        return free_and_strdup(&s->value, isempty(given) ? row->held : given);
}

static int settle_slot(HidEngine *e, Slot *s) {
        for (size_t i = 0; s->chosen < 0 && i < s->n_bindings; i++) {
                Binding *b = &s->bindings[i];
                _cleanup_free_ char *value = NULL;
                int r;

                if (!engine_when(e, b->row->when, b->row->when_not))
                        continue;

                if (b->row->held) {
                        r = settle_held(e, s, b->row);
                        if (r < 0)
                                return r;
                        s->chosen = (ssize_t) i;
                        break;
                }

                r = b->row->value && !b->row->match.text ? 0 : binding_need(e, b);
                if (r < 0)
                        return r;
                r = engine_convert(e, b, &value);
                if (r < 0)
                        return r;
                if (r > 0) {
                        s->chosen = (ssize_t) i;
                        free(s->value);
                        s->value = TAKE_PTR(value);
                }
        }
        return 0;
}

static int settle_named(HidEngine *e, const char *name) {
        Slot *s = engine_find_slot(e, name);

        return s ? settle_slot(e, s) : 0;
}

static int settle_flags(HidEngine *e, Flag *flags, size_t n) {
        for (size_t i = 0; i < n; i++) {
                Flag *f = &flags[i];
                int r = binding_need(e, &f->binding);

                if (r < 0)
                        return r;
                f->bound = field_answered(e, f->binding.field) || f->binding.twin ||
                           (f->binding.field && f->binding.field->kind == HID_INPUT);
        }
        return 0;
}

int engine_settle(HidEngine *e) {
        int r;

        /* Other rows may depend on these. */
        r = settle_named(e, "ups.model");
        if (r >= 0)
                r = settle_named(e, "ups.firmware");
        if (r < 0)
                return r;
        engine_judge_whens(e);

        for (size_t i = 0; i < e->profile->n_whens; i++)
                for (size_t k = 0; k < e->whens[i].n_fields; k++)
                        if (e->whens[i].fields[k].field) {
                                r = engine_need(e, e->whens[i].fields[k].field);
                                if (r < 0)
                                        return r;
                        }

        for (size_t i = 0; i < e->n_slots; i++) {
                r = settle_slot(e, &e->slots[i]);
                if (r < 0)
                        return r;
        }

        r = settle_flags(e, e->status, e->n_status);
        if (r >= 0)
                r = settle_flags(e, e->alarms, e->n_alarms);
        if (r >= 0)
                r = engine_offer_commands(e);
        return r;
}

static void plan_binding(HidEngine *e, const Binding *b, ProfileClass class) {
        const HidField *f = b->field;
        Report *r;

        if (!f || b->row->held || (b->row->value && !b->row->match.text))
                return;
        if (b->twin && !field_answered(e, f) && field_answered(e, b->twin))
                f = b->twin;

        r = engine_report(e, f);
        if (r)
                r->classes |= 1U << class;
}

static void plan_unmapped(HidEngine *e) {
        for (size_t i = 0; i < hid_descriptor_n_fields(e->descriptor); i++) {
                const HidField *f = hid_descriptor_field(e->descriptor, i);
                Report *r = f->kind == HID_OUTPUT ? NULL : engine_add_report(e, f);

                if (r)
                        r->classes |= 1U << PROFILE_CLASS_FULL;
        }
}

void engine_plan(HidEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++)
                for (size_t k = 0; k < e->slots[i].n_bindings; k++) {
                        const Binding *b = &e->slots[i].bindings[k];

                        /* One that depends on a field may count later. */
                        if (e->slots[i].chosen < 0 || (ssize_t) k == e->slots[i].chosen || b->row->when)
                                plan_binding(e, b, b->row->class);
                }

        for (size_t i = 0; i < e->n_status; i++) {
                ProfileClass class = e->status[i].binding.row->class;

                plan_binding(e, &e->status[i].binding,
                                class == PROFILE_CLASS_FULL ? PROFILE_CLASS_QUICK : class);
        }
        for (size_t i = 0; i < e->n_alarms; i++)
                plan_binding(e, &e->alarms[i].binding, e->alarms[i].binding.row->class);

        for (size_t i = 0; i < e->profile->n_whens; i++)
                for (size_t k = 0; k < e->whens[i].n_fields; k++) {
                        const HidField *f = e->whens[i].fields[k].field;
                        Report *r = f ? engine_report(e, f) : NULL;

                        if (r)
                                r->classes |= 1U << PROFILE_CLASS_FULL;
                }

        if (e->options.explore)
                plan_unmapped(e);
}
