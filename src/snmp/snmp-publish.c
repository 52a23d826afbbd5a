/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "snmp-engine-internal.h"
#include "string-util.h"

/*** Descriptions ***/

/* A range of fractions is shown as the whole numbers around it; what is outside of it is refused when it is
 * written. */
static void describe_ranges(const SnmpContext *c, const char *name, const SnmpRow *row, Update *u) {
        for (size_t i = 0; i < row->n_ranges; i++) {
                double min, max;

                if (snmp_value_number_now(c, &row->ranges[i].min, &min) &&
                        snmp_value_number_now(c, &row->ranges[i].max, &max) && min <= max &&
                        fabs(min) < 1e15 && fabs(max) < 1e15)
                        (void) update_range(u, name, (int64_t) floor(min), (int64_t) ceil(max));
        }
}

static bool is_repeated(const ValueLookup *l, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (l->entries[i].word && streq(l->entries[i].text, l->entries[n].text))
                        return true;
        return false;
}

static void describe(const SnmpEngine *e, const Slot *s, const Use *use, Update *u) {
        const SnmpContext c = {.e = e, .member = use->member};
        const SnmpRow *row = use->row;
        const ValueLookup *l = row->enumerated ? row->expression.conversion.lookup : NULL;
        uint32_t length = row->length_max;

        for (size_t i = 0; l && i < l->n_entries; i++)
                length = MAX(length, (uint32_t) strlen(l->entries[i].text));

        (void) update_describe(u, s->name, VARIABLE_WRITABLE | (length > 0 ? VARIABLE_STRING : 0), length);
        for (size_t i = 0; l && i < l->n_entries; i++)
                if (l->entries[i].word && !is_repeated(l, i))
                        (void) update_enum(u, s->name, l->entries[i].text);
        if (!l)
                describe_ranges(&c, s->name, row, u);
}

static bool can_be_writable(const SnmpEngine *e, const Slot *s) {
        for (size_t i = 0; i < s->n_uses; i++)
                if (e->layout.uses[SNMP_ROW_VARIABLE][s->first + i].row->writable)
                        return true;
        return false;
}

/*** Variables ***/

static void publish_slot(const SnmpEngine *e, Slot *s, Update *u) {
        const Use *use = snmp_slot_use(e, s);

        if (!s->dirty && !e->show_all)
                return;
        s->dirty = false;
        if (!s->value || (use && use->row->hidden)) {
                /* What was taken back in an update that came to nothing is still there. */
                if (s->shown || (e->show_all && !update_replaces(u)))
                        (void) update_unset(u, s->name);
                s->shown = false;
                return;
        }

        s->shown = true;
        (void) update_set(u, s->name, s->value);
        if (use && use->row->writable)
                describe(e, s, use, u);
        else if (can_be_writable(e, s))
                (void) update_describe(u, s->name, 0, 0);
}

static void publish_gone(SnmpEngine *e, Update *u) {
        STRV_FOREACH (name, e->gone) {
                const char *command = startswith(*name, "@");
                const Slot *s = command ? NULL : snmp_find_slot(e, *name);

                if (command)
                        (void) update_command_remove(u, command);
                else if (!s || !s->value)
                        (void) update_unset(u, *name);
        }
}

/*** Commands ***/

/* An agent has no object that it cannot be told something by, unless they are said to be for that only. */
static bool objects_exist(const SnmpEngine *e, const Offer *o) {
        const SnmpContext c = {.e = e, .member = o->member};

        for (size_t i = 0; !o->command->unread && i < o->command->n_sets; i++) {
                const SnmpItem *item = snmp_pattern_item(&c, &o->command->sets[i].object);

                if (!item || !snmp_item_is_there(item))
                        return false;
        }
        return true;
}

bool snmp_offer_stands(const SnmpEngine *e, const Offer *o) {
        const SnmpContext c = {.e = e, .member = o->member};

        return objects_exist(e, o) && snmp_whens_hold(&c, &o->command->whens);
}

/* Alternatives stand beside each other; the first of them keeps whether the command is in the model. */
static void publish_commands(SnmpEngine *e, Update *u) {
        Layout *l = &e->layout;

        for (size_t i = 0, next; i < l->n_offers; i = next) {
                bool stands = false;

                for (next = i; next < l->n_offers && strcaseeq(l->offers[next].name, l->offers[i].name);
                        next++)
                        stands = stands || snmp_offer_stands(e, &l->offers[next]);
                if (stands && (!l->offers[i].offered || e->show_all))
                        (void) update_command(u, l->offers[i].name);
                else if (!stands && (l->offers[i].offered || (e->show_all && !update_replaces(u))))
                        (void) update_command_remove(u, l->offers[i].name);
                l->offers[i].offered = stands;
        }
}

int snmp_publish(SnmpEngine *e, Update *u) {
        int r;

        if (update_replaces(u))
                e->show_all = true;
        if (e->show_all) {
                (void) update_setf(u, "driver.version.data", "%s %s", strempty(e->profile->title),
                        strempty(e->profile->version));
                if (e->profile->type)
                        (void) update_set(u, "device.type", e->profile->type);
        }

        /* First: what is gone may be there again by now. */
        publish_gone(e, u);
        r = snmp_publish_status(e, u);
        if (r < 0)
                return r;
        for (size_t i = 0; i < e->layout.n_slots; i++)
                publish_slot(e, &e->layout.slots[i], u);
        if (e->has_new_values || e->show_all)
                publish_commands(e, u);
        if (update_error(u) == -ENOMEM)
                return -ENOMEM;
        e->gone = strv_free(e->gone);
        e->has_new_values = e->show_all = false;
        return 0;
}
