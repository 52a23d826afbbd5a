/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <syslog.h>

#include "line-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/*** Descriptions ***/

/* A range of fractions is shown as the whole numbers around it; what is outside of it is refused when it is
 * written. */
static void describe_ranges(LineEngine *e, const Slot *s, Update *u) {
        for (size_t i = 0; i < s->chosen->n_ranges; i++) {
                const ValueRange *range = &s->chosen->ranges[i];
                double min, max;

                if (line_number(e, &range->min, &min) && line_number(e, &range->max, &max) && min <= max &&
                        fabs(min) < 1e15 && fabs(max) < 1e15)
                        (void) update_range(u, s->name, (int64_t) floor(min), (int64_t) ceil(max));
        }
}

static bool is_repeated(const ValueLookup *l, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (l->entries[i].word && streq(l->entries[i].text, l->entries[n].text))
                        return true;
        return false;
}

static void describe(LineEngine *e, const Slot *s, Update *u) {
        const LineRow *row = s->chosen;
        const ValueLookup *l = row->enumerated ? row->conversion.lookup : NULL;
        uint32_t length = row->length_max;

        for (size_t i = 0; l && i < l->n_entries; i++)
                length = MAX(length, (uint32_t) strlen(l->entries[i].text));

        (void) update_describe(u, s->name, VARIABLE_WRITABLE | (length > 0 ? VARIABLE_STRING : 0), length);
        for (size_t i = 0; l && i < l->n_entries; i++)
                if (l->entries[i].word && !is_repeated(l, i))
                        (void) update_enum(u, s->name, l->entries[i].text);
        if (!l)
                describe_ranges(e, s, u);
}

static bool can_be_writable(const Slot *s) {
        for (size_t i = 0; i < s->n_rows; i++)
                if (s->rows[i]->writable)
                        return true;
        return false;
}

static void publish_slot(LineEngine *e, Slot *s, Update *u) {
        if (!s->value || (s->chosen && s->chosen->hidden)) {
                if (s->shown)
                        (void) update_unset(u, s->name);
                return;
        }

        s->shown = true;
        if (endswith(s->name, ".serial"))
                line_link_redact(e->link, s->value);
        (void) update_set(u, s->name, s->value);
        if (s->chosen && s->chosen->writable)
                describe(e, s, u);
        else if (can_be_writable(s))
                (void) update_describe(u, s->name, 0, 0);
}

/*** Status ***/

void line_collect_conditions(LineEngine *e, Conditions *c) {
        const LineContext context = {.e = e};
        uint64_t known = 0;

        for (size_t i = 0; i < e->profile->n_rows[LINE_ROW_STATUS]; i++) {
                const LineRow *row = &e->profile->rows[LINE_ROW_STATUS][i];
                uint64_t bit = UINT64_C(1) << row->condition;
                int holds;

                if ((row->alternative && known & bit) || !line_whens_hold(&context, &row->whens))
                        continue;
                holds = line_row_holds(&context, row, false);
                if (holds < 0)
                        continue;
                known |= bit;
                conditions_put(c, row->condition, holds > 0 || c->set & bit);
        }
}

static int publish_alarms(LineEngine *e, Update *u) {
        const LineContext c = {.e = e};

        for (size_t i = 0; i < e->profile->n_rows[LINE_ROW_ALARM]; i++) {
                const LineRow *row = &e->profile->rows[LINE_ROW_ALARM][i];
                _cleanup_free_ char *text = NULL;
                int r;

                if (!line_whens_hold(&c, &row->whens))
                        continue;
                if (row->name) {
                        if (line_row_holds(&c, row, false) > 0)
                                (void) update_alarm(u, row->name);
                        continue;
                }
                r = line_value(&c, &row->selector, &row->conversion, &text);
                if (r < 0)
                        return r;
                if (r > 0 && (!row->has_test || value_test_holds(&row->test, text)))
                        (void) update_alarm(u, text);
        }
        return 0;
}

static void publish_status(LineEngine *e, Update *u) {
        Conditions c = {};
        StatusRemark remark = {};
        double charge;

        line_collect_conditions(e, &c);
        if (!line_variable_number(e, "battery.charge", &charge))
                charge = NAN;
        /* One batch may be for a start and a poll: what was true before is not to stay in it. */
        update_restart_status(u);
        status_rules_apply(&e->options.rules, &e->memory, &c, charge, now_usec(CLOCK_BOOTTIME), u, &remark);
        if (remark.text)
                line_log(e, remark.level, 0, "%s", remark.text);
}

/*** Commands ***/

static void publish_commands(LineEngine *e, Update *u) {
        for (size_t i = 0; i < e->profile->n_commands; i++) {
                const char *name = e->profile->commands[i].name;

                if (line_find_command(e, name))
                        (void) update_command(u, name);
                else
                        (void) update_command_remove(u, name);
        }
}

int line_publish(LineEngine *e, Update *u) {
        const HidIdentity *i = &e->link->identity;
        int r;

        if (e->link->is_usb) {
                (void) update_setf(u, "ups.vendorid", "%04x", i->vendor_id);
                (void) update_setf(u, "ups.productid", "%04x", i->product_id);
        }
        (void) update_setf(u, "driver.version.data", "%s %s", strempty(e->profile->title),
                strempty(e->profile->version));

        publish_status(e, u);
        r = publish_alarms(e, u);
        if (r < 0)
                return r;
        for (size_t k = 0; k < e->n_slots; k++)
                publish_slot(e, &e->slots[k], u);
        publish_commands(e, u);
        return 0;
}
