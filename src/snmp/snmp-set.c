/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* An agent may need a moment until it says what it was told. */
#define MOMENT_USEC (500 * USEC_PER_MSEC)
#define MOMENTS 4U

/*** One variable ***/

/* What the slot is taken from, whichever of its rows it may be now. */
static int mark_slot(SnmpEngine *e, const Slot *s) {
        SnmpWants w = {};
        int r = 0;

        for (size_t i = 0; i < s->n_uses && r >= 0; i++) {
                const Use *u = &e->layout.uses[SNMP_ROW_VARIABLE][s->first + i];
                const SnmpContext c = {.e = e, .member = u->member};

                r = snmp_want_expression(&w, &c, &u->row->expression, SNMP_ASK_QUICK, false);
                if (r >= 0)
                        r = snmp_want_whens(&w, &c, &u->row->whens, SNMP_ASK_QUICK, false);
        }
        snmp_wants_due(e, &w);
        return r;
}

/* The object that was written, if it is one of those that are read. */
static SnmpItem *written_item(SnmpEngine *e) {
        return snmp_items_find(&e->layout.items, &e->order->values[0].oid);
}

/* An agent that has a thing twice, once to be shown and once to be set, may show it later: what it was told
 * it has nevertheless. */
static bool is_written_elsewhere(SnmpEngine *e, const Slot *s) {
        const Use *use = snmp_slot_use(e, s);
        const SnmpItem *item = written_item(e);

        return use && use->row->write && !use->row->has_write_value && item &&
               snmp_datum_is(&item->datum, &e->order->values[0]);
}

static int phase_compare(SnmpEngine *e);

static int phase_read_back(SnmpEngine *e) {
        const Slot *s = snmp_find_slot(e, e->order->variable);
        SnmpItem *item = written_item(e);

        if (item)
                item->due = true;
        e->op.phase = snmp_phase_read;
        e->op.after = phase_compare;
        return s ? mark_slot(e, s) : 0;
}

static int phase_end(SnmpEngine *e, int error) {
        Order *o = e->order;

        if (!o->from_option) {
                e->op.result = error;
                e->op.phase = snmp_phase_publish;
                return 0;
        }
        if (error < 0)
                snmp_engine_log(e, LOG_WARNING, e->why ? 0 : error, "cannot set %s to %s%s%s", o->variable,
                        o->text, e->why ? ": " : "", strempty(e->why));
        snmp_engine_explain(e, NULL);
        snmp_order_forget(e);
        e->op.phase = snmp_phase_options;
        return 0;
}

static int phase_compare(SnmpEngine *e) {
        Order *o = e->order;
        int r = snmp_refresh(e);
        const Slot *s = snmp_find_slot(e, o->variable);

        if (r < 0)
                return r;
        if (s && s->value ? snmp_texts_same(s->value, o->text) : o->unanswered == 0)
                return phase_end(e, 0);
        if (o->n_looks++ < MOMENTS) {
                e->op.phase = phase_read_back;
                return snmp_engine_wait(e, MOMENT_USEC);
        }
        if (is_written_elsewhere(e, s))
                return phase_end(e, 0);
        if (o->unanswered < 0)
                return phase_end(e, snmp_order_unknown(e));
        snmp_engine_explain(e, strprintf("it was set to %s, but the device has %s", o->text, s->value));
        if (!o->from_option)
                snmp_engine_log(e, LOG_WARNING, 0, "%s was set to %s, but the device has %s", o->variable,
                        o->text, s->value);
        return phase_end(e, -EREMOTEIO);
}

static int phase_sent(SnmpEngine *e) {
        int error = e->order->error;

        if (error < 0 && e->order->unanswered == 0)
                return e->order->from_option ? phase_end(e, error) : error;
        e->op.phase = phase_read_back;
        return 0;
}

/* Prepares the order: 0; -EINVAL, -ENOMEM, and nothing is left of it. */
static int make_order(SnmpEngine *e, const Slot *s, const Use *use, const char *value) {
        Order *o;
        int r = snmp_order_new(e);

        if (r < 0)
                return r;
        o = e->order;
        o->variable = strdup(s->name);
        o->values = new0(SnmpValue, 1);
        r = o->variable && o->values ? snmp_check_written(e, use, value, &o->text) : -ENOMEM;
        if (r >= 0)
                r = snmp_write_value(e, use, o->text, o->values);
        if (r < 0) {
                snmp_order_forget(e);
                return r;
        }
        o->n_values = 1;
        o->may_repeat = !use->row->has_write_value;
        return 0;
}

uint64_t snmp_engine_set_usec(const SnmpEngine *e _unused_, uint64_t request_usec) {
        return request_usec * (MOMENTS + 2) + MOMENTS * MOMENT_USEC;
}

int snmp_engine_set(SnmpEngine *e,
        const char *variable,
        const char *value,
        Update *u,
        SnmpEngineDone done,
        void *userdata) {
        Slot *s = snmp_find_slot(e, variable);
        const Use *use = s ? snmp_slot_use(e, s) : NULL;
        int r;

        if (e->op.done)
                return -EBUSY;
        snmp_engine_explain(e, NULL);
        if (!use || !use->row->writable || use->row->hidden)
                return -EOPNOTSUPP;
        r = use->row->held ? snmp_set_held(e, s, use, value) : make_order(e, s, use, value);
        if (r < 0)
                return r;
        r = snmp_engine_begin(e, use->row->held ? snmp_phase_publish : snmp_phase_send, u, done, userdata);
        if (r < 0)
                return r;
        e->op.after = phase_sent;
        return 0;
}

/*** Options ***/

/* The option that is given for a row, or NULL. */
static const char *option_given(const SnmpEngine *e, const SnmpRow *row) {
        const char *value = row->option ? snmp_engine_option(e, row->option) : NULL;

        return isempty(value) ? NULL : value;
}

/* Likewise, for one that is written. */
static const char *option_value(const SnmpEngine *e, const SnmpRow *row) {
        const char *value = row->held ? NULL : option_given(e, row);

        return isempty(value) ? NULL : value;
}

static bool is_had(const SnmpEngine *e, const char *option) {
        for (size_t i = 0; i < e->layout.n_slots; i++) {
                const SnmpRow *row = snmp_slot_row(e, &e->layout.slots[i]);

                if (row && streq_ptr(row->option, option))
                        return true;
        }
        return false;
}

/* What is to be set, and the device does not have. */
static void tell_missing(const SnmpEngine *e) {
        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_VARIABLE]; i++) {
                const SnmpRow *row = &e->profile->rows[SNMP_ROW_VARIABLE][i];
                bool again = false;

                for (size_t k = 0; k < i; k++)
                        again = again ||
                                streq_ptr(e->profile->rows[SNMP_ROW_VARIABLE][k].option, row->option);
                if (option_given(e, row) && !again && !is_had(e, row->option))
                        snmp_engine_log(e, LOG_WARNING, 0, "%s is not set: the device does not have it",
                                row->option);
        }
}

static int write_option(SnmpEngine *e, Slot *s, const Use *use, const char *value) {
        int r;

        snmp_engine_explain(e, NULL);
        r = use->row->writable ? make_order(e, s, use, value) : -EOPNOTSUPP;
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                snmp_engine_log(e, LOG_WARNING, e->why ? 0 : r, "cannot set %s to %s%s%s", use->row->option,
                        value, e->why ? ": " : "", strempty(e->why));
                snmp_engine_explain(e, NULL);
                return 0;
        }
        e->order->from_option = true;
        e->op.phase = snmp_phase_send;
        e->op.after = phase_sent;
        return 0;
}

/* Each in turn; op.index is where it goes on. */
int snmp_phase_options(SnmpEngine *e) {
        int r;

        if (!e->op.is_writing) {
                r = snmp_refresh(e);
                if (r < 0)
                        return r;
                tell_missing(e);
                e->op.is_writing = true;
                e->op.index = 0;
        }
        e->op.phase = snmp_phase_publish;
        while (e->op.index < e->layout.n_slots) {
                Slot *s = &e->layout.slots[e->op.index++];
                const Use *use = snmp_slot_use(e, s);
                const char *value = use ? option_value(e, use->row) : NULL;

                if (!value || (s->value && snmp_texts_same(s->value, value)))
                        continue;
                r = write_option(e, s, use, value);
                if (r < 0 || e->order)
                        return r;
        }
        return 0;
}
