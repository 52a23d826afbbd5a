/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "hid-engine-internal.h"
#include "string-util.h"

static int binding_need(HidEngine *e, const Binding *b) {
        int r = 0;

        if (b->field)
                r = engine_need(e, b->field);
        if (r >= 0 && b->twin && !engine_field_came(e, b->field))
                r = engine_need(e, b->twin);
        if (r >= 0 && b->join)
                r = engine_need(e, b->join);
        return r;
}

const char *engine_held(HidEngine *e, const Slot *s, Binding *b) {
        const char *given = b->row->option ? engine_option(e, b->row->option) : NULL;

        if (b->held)
                return b->held;

        if (!isempty(given) && !held_is_valid(s, b, given, true)) {
                engine_log(e, LOG_WARNING, 0, "%s cannot be %s; it is %s", s->name, given, b->row->held);
                given = NULL;
        }
        b->held = strdup(isempty(given) ? b->row->held : given);
        return b->held;
}

/* Whether the row could give a value if the device answered. */
static bool binding_is_silent(const HidEngine *e, const Binding *b) {
        return b->field && !b->row->held && !engine_field_came(e, b->field) &&
               !engine_field_came(e, b->twin);
}

static int settle_slot(HidEngine *e, Slot *s) {
        for (size_t i = 0; s->chosen < 0 && i < s->n_bindings; i++) {
                Binding *b = &s->bindings[i];
                _cleanup_free_ char *value = NULL;
                int r;

                if (!engine_when(e, b->row->when, b->row->when_not))
                        continue;

                /* A value that the driver keeps: there when the device has the field. */
                if (b->row->held) {
                        r = engine_held(e, s, b) ? free_and_strdup(&s->value, b->held) : -ENOMEM;
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
                } else
                        b->awaited = binding_is_silent(e, b);
        }
        return 0;
}

static int settle_named(HidEngine *e, const char *name) {
        Slot *s = engine_find_slot(e, name);

        return s ? settle_slot(e, s) : 0;
}

static int settle_flags(HidEngine *e, Flag *flags, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = binding_need(e, &flags[i].binding);

                if (r < 0)
                        return r;
        }
        return 0;
}

/*** Mains ***/

static bool tells_mains(const Flag *f) {
        switch (f->binding.row->condition) {
        case CONDITION_ONLINE:
        case CONDITION_OFFLINE:
        case CONDITION_DISCHARGING:
                return f->binding.field != NULL;
        default:
                return false;
        }
}

typedef struct MainsFields {
        unsigned n_told, n_came;
        bool may_be_sent; /* the device can send one of them by itself */
        bool is_refused;  /* all of them */
} MainsFields;

static MainsFields look_for_mains(const HidEngine *e) {
        MainsFields found = { .is_refused = true };

        for (size_t i = 0; i < e->n_status; i++) {
                const Binding *b = &e->status[i].binding;

                if (!tells_mains(&e->status[i]) || !engine_when(e, b->row->when, b->row->when_not))
                        continue;

                found.n_told++;
                found.n_came += engine_field_came(e, b->field) || engine_field_came(e, b->twin);
                found.may_be_sent = found.may_be_sent || b->twin || b->field->kind == HID_INPUT;
                found.is_refused = found.is_refused && engine_report(e, b->field)->refused;
        }
        return found;
}

int engine_settle_mains(HidEngine *e) {
        MainsFields found;

        if (!e->options.poll_only) {
                int r = engine_drain(e);

                if (r < 0)
                        return r;
        }

        found = look_for_mains(e);
        if (found.n_told == 0 || found.n_came > 0)
                return 0;

        for (size_t i = 0; i < e->n_status; i++) {
                Report *report = tells_mains(&e->status[i])
                                ? engine_report(e, e->status[i].binding.field) : NULL;
                int r = report && !report->answered && report->failures < 2 ? engine_read(e, report) : 0;

                if (r < 0)
                        return r;
        }

        found = look_for_mains(e);
        if (found.n_came > 0)
                return 0;
        if (!found.is_refused && !found.may_be_sent) {
                engine_log(e, LOG_WARNING, 0,
                                "the device does not answer what its status is; it is opened anew");
                return -EAGAIN;
        }
        engine_log(e, LOG_WARNING, 0,
                        "the device does not say whether it has mains: it has NEITHER OL NOR OB "
                        "and protects nothing until it does");
        return 0;
}

/*** All of it ***/

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
                r = engine_ask_commands(e);
        return r < 0 ? r : engine_offer_commands(e);
}

static void plan_binding(HidEngine *e, const Binding *b, ProfileClass class) {
        const HidField *f = b->field;
        Report *r;

        if (!f || b->row->held || (b->row->value && !b->row->match.text))
                return;
        if (b->twin && !engine_field_came(e, f) && engine_field_came(e, b->twin))
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

static void plan_status(HidEngine *e, const Binding *b) {
        Report *r = b->field ? engine_report(e, b->field) : NULL;
        Report *twin = b->twin ? engine_report(e, b->twin) : NULL;

        if (r)
                r->status = r->needed = true;
        if (twin && !r->answered)
                twin->status = twin->needed = true;
        plan_binding(e, b, b->row->class == PROFILE_CLASS_FULL ? PROFILE_CLASS_QUICK : b->row->class);
}

/* What has to be asked until it answers. */
static void plan_needed(HidEngine *e) {
        for (size_t i = 0; i < e->n_status; i++)
                plan_status(e, &e->status[i].binding);

        for (size_t i = 0; i < e->n_commands; i++)
                for (size_t k = 0; k < e->commands[i].n_steps; k++) {
                        const HidField *f = e->commands[i].steps[k].field;

                        if (f && f->kind == HID_FEATURE)
                                engine_report(e, f)->needed = true;
                }

        for (size_t i = 0; i < e->n_slots; i++)
                for (ssize_t k = 0; k < e->slots[i].chosen; k++) {
                        const Binding *b = &e->slots[i].bindings[k];

                        if (b->awaited)
                                engine_report(e, b->field)->awaited = true;
                }
}

int engine_plan_again(HidEngine *e) {
        if (!e->learned)
                return 0;

        e->learned = false;
        engine_plan(e);
        return engine_offer_commands(e);
}

void engine_plan(HidEngine *e) {
        for (size_t i = 0; i < e->n_slots; i++)
                for (size_t k = 0; k < e->slots[i].n_bindings; k++) {
                        const Binding *b = &e->slots[i].bindings[k];

                        /* One that depends on a field may count later. */
                        if (e->slots[i].chosen < 0 || (ssize_t) k == e->slots[i].chosen || b->row->when)
                                plan_binding(e, b, b->row->class);
                }

        plan_needed(e);
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
