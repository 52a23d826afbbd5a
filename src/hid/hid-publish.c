/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "hid-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* No range that is wider means anything. */
#define RANGE_MAX 1e9
/* Fields that are shown to who explores a device: more than any device has. */
#define EXPLORED_MAX ((size_t) 2048)

/* What is known without asking. */
static const char *identity_value(const HidEngine *e, const char *name) {
        const HidIdentity *i = &e->link->identity;

        if (strcaseeq(name, "ups.mfr"))
                return isempty(i->vendor) ? e->profile->vendor : i->vendor;
        if (strcaseeq(name, "ups.model"))
                return i->product;
        return strcaseeq(name, "ups.serial") ? i->serial : NULL;
}

static int slot_try(HidEngine *e, Slot *s, size_t i, char **ret) {
        Binding *b = &s->bindings[i];
        const char *held;

        if (!engine_when(e, b->row->when, b->row->when_not))
                return 0;
        if (!b->row->held)
                return engine_convert(e, b, ret);

        held = engine_held(e, s, b);
        *ret = held ? strdup(held) : NULL;
        return *ret ? 1 : -ENOMEM;
}

/* A better row, whose report did not answer at start, takes its place when it does. */
static int slot_try_awaited(HidEngine *e, Slot *s, char **ret) {
        for (ssize_t i = 0; i < s->chosen; i++) {
                Binding *b = &s->bindings[i];
                int r;

                if (!b->awaited || !(engine_field_came(e, b->field) || engine_field_came(e, b->twin)))
                        continue;
                r = slot_try(e, s, (size_t) i, ret);
                if (r > 0) {
                        s->chosen = i;
                        b->awaited = false;
                        e->learned = true;
                }
                if (r != 0)
                        return r;
        }
        return 0;
}

int engine_refresh_slot(HidEngine *e, Slot *s) {
        _cleanup_free_ char *value = NULL;
        bool counts = s->chosen >= 0 && engine_when(e, s->bindings[s->chosen].row->when,
                                                        s->bindings[s->chosen].row->when_not);
        int r = 0;

        if (counts) {
                r = slot_try_awaited(e, s, &value);
                if (r == 0)
                        r = slot_try(e, s, (size_t) s->chosen, &value);
        } else
                for (size_t i = 0; i < s->n_bindings && r == 0; i++) {
                        r = slot_try(e, s, i, &value);
                        if (r > 0)
                                s->chosen = (ssize_t) i;
                }
        if (r < 0)
                return r;

        if (!value && !isempty(identity_value(e, s->name))) {
                value = strdup(identity_value(e, s->name));
                if (!value)
                        return -ENOMEM;
        }

        free(s->value);
        s->value = TAKE_PTR(value);
        return 0;
}

static bool derive(const HidEngine *e, const ProfileDerived *d, double *ret) {
        double product = 1;

        for (size_t i = 0; i < d->n_factors; i++) {
                const ProfileFactor *f = &d->factors[i];
                double v;

                if (!f->variable)
                        v = f->number;
                else if (!engine_variable_number(e, f->variable, &v)) {
                        if (!f->has_number)
                                return false;
                        v = f->number;
                }
                product *= v;
        }

        *ret = product;
        return isfinite(product);
}

static int refresh_derived(HidEngine *e) {
        for (size_t i = 0; i < e->profile->n_derived; i++) {
                const ProfileDerived *d = &e->profile->derived[i];
                Slot *s = engine_find_slot(e, d->name);
                double v;

                if (!s || s->value || !engine_when(e, d->when, d->when_not) || !derive(e, d, &v))
                        continue;
                s->value = number_to_text(d->format, v);
                if (!s->value)
                        return -ENOMEM;
        }
        return 0;
}

/*** Descriptions ***/

static void describe_range(const Slot *s, const Binding *b, Update *u) {
        const ProfileRow *row = b->row;
        double min, max, now;
        char *end;

        if (row->has_range) {
                (void) update_range(u, s->name, row->range_min, row->range_max);
                return;
        }
        if (!b->field || row->curve || b->field->logical_max <= b->field->logical_min)
                return;

        min = row_shown(b, b->field->logical_min);
        max = row_shown(b, b->field->logical_max);
        now = strtod(s->value, &end);
        if (min > max) {
                double t = min;

                min = max;
                max = t;
        }

        /* A range that the device itself does not keep to, or that leaves no choice, is a mistake. */
        if (!(fabs(min) <= RANGE_MAX && fabs(max) <= RANGE_MAX) || floor(max) <= ceil(min) || *end != '\0' ||
            now < min || now > max)
                return;
        (void) update_range(u, s->name, (int64_t) ceil(min), (int64_t) floor(max));
}

static void describe(const Slot *s, const Binding *b, Update *u) {
        const ProfileRow *row = b->row;
        uint32_t length = row->length_max;

        if (row->enumerated && row->lookup && length == 0)
                for (size_t i = 0; i < row->lookup->n_entries; i++)
                        length = MAX(length, (uint32_t) strlen(row->lookup->entries[i].text));

        (void) update_describe(u, s->name, VARIABLE_WRITABLE | (length > 0 ? VARIABLE_STRING : 0), length);
        if (row->enumerated && row->lookup) {
                for (size_t i = 0; i < row->lookup->n_entries; i++)
                        if (!row->lookup->entries[i].any)
                                (void) update_enum(u, s->name, row->lookup->entries[i].text);
        } else if (length == 0)
                describe_range(s, b, u);
}

static void publish_slot(Slot *s, Update *u) {
        const Binding *b = s->chosen >= 0 ? &s->bindings[s->chosen] : NULL;

        if (!s->value) {
                if (s->shown)
                        (void) update_unset(u, s->name);
                return;
        }

        s->shown = true;
        (void) update_set(u, s->name, s->value);
        if (b && b->row->writable)
                describe(s, b, u);
}

/*** Status ***/

static int flag_value(const HidEngine *e, const Flag *f) {
        const ProfileRow *row = f->binding.row;
        bool is = false;
        double v;

        if (!engine_number(e, f->binding.field, f->binding.twin, row, false, &v))
                return -ENODATA;
        for (size_t i = 0; i < row->n_is; i++)
                is = is || fabs(row->is[i] - v) < 1e-6;
        if (row->n_is == 0)
                is = v != 0;
        return is != row->invert;
}

static bool flag_counts(const HidEngine *e, const Flag *f) {
        const ProfileRow *row = f->binding.row;

        return (engine_field_came(e, f->binding.field) || engine_field_came(e, f->binding.twin)) &&
               engine_when(e, row->when, row->when_not);
}

static void collect_conditions(const HidEngine *e, Conditions *c) {
        uint64_t bound = 0;

        for (size_t i = 0; i < e->n_status; i++) {
                const Flag *f = &e->status[i];
                Condition condition = f->binding.row->condition;
                uint64_t bit = UINT64_C(1) << condition;
                int value;

                if (!flag_counts(e, f) || (f->binding.row->otherwise && bound & bit))
                        continue;
                bound |= bit;
                value = flag_value(e, f);
                if (value >= 0)
                        conditions_put(c, condition, value > 0 || c->set & bit);
        }
}

static void publish_status(HidEngine *e, Update *u) {
        Conditions c = {};
        StatusRemark remark;
        double charge;

        collect_conditions(e, &c);
        if (!engine_variable_number(e, "battery.charge", &charge))
                charge = NAN;
        /* One batch may be for a start and a poll: what was true before is not to stay in it. */
        update_restart_status(u);
        status_rules_apply(&e->options.rules, &e->memory, &c, charge, now_usec(CLOCK_BOOTTIME), u, &remark);
        if (remark.text)
                engine_log(e, remark.level, 0, "%s", remark.text);

        for (size_t i = 0; i < e->n_alarms; i++)
                if (flag_counts(e, &e->alarms[i]) && flag_value(e, &e->alarms[i]) > 0)
                        (void) update_alarm(u, e->alarms[i].binding.row->name);
}

/*** All of it ***/

static bool has_feature_twin(const HidEngine *e, const HidField *input) {
        for (size_t i = 0; i < hid_descriptor_n_fields(e->descriptor); i++) {
                const HidField *f = hid_descriptor_field(e->descriptor, i);

                if (f->kind == HID_FEATURE && f->n_path == input->n_path &&
                    memcmp(f->path, input->path, f->n_path * sizeof(*f->path)) == 0)
                        return true;
        }
        return false;
}

static int publish_unmapped(const HidEngine *e, Update *u) {
        size_t n = MIN(hid_descriptor_n_fields(e->descriptor), EXPLORED_MAX);

        for (size_t i = 0; i < n; i++) {
                HidField *f = hid_descriptor_field(e->descriptor, i);
                _cleanup_free_ char *path = NULL, *name = NULL, *value = NULL;
                double v;

                if (f->kind == HID_OUTPUT || !engine_number(e, f, NULL, NULL, false, &v) ||
                    (f->kind == HID_INPUT && has_feature_twin(e, f)))
                        continue;

                path = hid_path_to_string(f->path, f->n_path);
                name = path ? strjoin("unmapped.", path) : NULL;
                value = strprintf("%.10g", v);
                if (!name || !value)
                        return -ENOMEM;
                for (char *p = name; *p; p++)
                        *p = (char) (*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
                if (variable_name_is_valid(name))
                        (void) update_set(u, name, value);
        }
        return 0;
}

static void publish_identity(const HidEngine *e, Update *u) {
        const HidIdentity *i = &e->link->identity;

        if (i->vendor_id != 0 || i->product_id != 0) {
                (void) update_setf(u, "ups.vendorid", "%04x", i->vendor_id);
                (void) update_setf(u, "ups.productid", "%04x", i->product_id);
        }
        (void) update_setf(u, "driver.version.data", "%s %s", strempty(e->profile->title),
                        strempty(e->profile->version));
}

int engine_publish(HidEngine *e, Update *u) {
        int r;

        if (e->started) {
                r = engine_plan_again(e);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < e->n_slots; i++) {
                r = engine_refresh_slot(e, &e->slots[i]);
                if (r < 0)
                        return r;
        }
        r = refresh_derived(e);
        if (r < 0)
                return r;

        publish_identity(e, u);
        publish_status(e, u);
        for (size_t i = 0; i < e->n_slots; i++)
                publish_slot(&e->slots[i], u);
        STRV_FOREACH(command, e->offered)
                (void) update_command(u, *command);
        return e->options.explore ? publish_unmapped(e, u) : 0;
}
