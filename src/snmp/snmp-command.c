/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

#define LOOK_USEC (500 * USEC_PER_MSEC)

/*** Which one ***/

static const Offer *find_standing(const SnmpEngine *e, const char *name, size_t from) {
        for (size_t i = from; i < e->layout.n_offers; i++)
                if (strcaseeq(e->layout.offers[i].name, name) && snmp_offer_stands(e, &e->layout.offers[i]))
                        return &e->layout.offers[i];
        return NULL;
}

/* Names that NUT gave up but clients still send. */
static const Offer *find_offer(const SnmpEngine *e, const char *name) {
        const Offer *o = find_standing(e, name, 0);

        if (!o && strcaseeq(name, "beeper.off"))
                return find_standing(e, "beeper.disable", 0);
        if (!o && strcaseeq(name, "beeper.on"))
                return find_standing(e, "beeper.enable", 0);
        return o;
}

/* A later row of the name may be for arguments that are none of the first. */
static int choose(SnmpEngine *e, const Offer **offer, const char *argument, char **ret) {
        int first = snmp_check_argument(e, *offer, argument, ret);
        _cleanup_free_ char *why = first == -EINVAL ? TAKE_PTR(e->why) : NULL;
        const Offer *next = *offer;

        while (first == -EINVAL &&
                (next = find_standing(e, (*offer)->name, (size_t) (next - e->layout.offers) + 1)))
                if (snmp_check_argument(e, next, argument, ret) >= 0) {
                        *offer = next;
                        return 0;
                }
        if (first == -EINVAL)
                snmp_engine_explain(e, TAKE_PTR(why));
        return first;
}

/*** Afterwards ***/

/* What the device does now is a reading of its own, if that works; the command is done either way. */
static int phase_after(SnmpEngine *e) {
        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                SnmpItem *item = &e->layout.items.items[i];

                item->due = item->ask == SNMP_ASK_QUICK && snmp_item_is_there(item);
        }
        for (size_t i = 0; i < e->order->n_values; i++) {
                SnmpItem *item = snmp_items_find(&e->layout.items, &e->order->values[i].oid);

                if (item && snmp_item_is_there(item))
                        item->due = true;
        }
        e->op.is_forgiving = true;
        e->op.phase = snmp_phase_read;
        e->op.after = snmp_phase_publish;
        return 0;
}

static int phase_verify(SnmpEngine *e);

static int phase_look(SnmpEngine *e) {
        const Offer *offer = e->order->offer;
        const SnmpContext c = {.e = e, .member = offer->member};
        SnmpWants w = {};
        int r = snmp_want_expression(&w, &c, &offer->command->verify, SNMP_ASK_QUICK, false);

        snmp_wants_due(e, &w);
        e->op.phase = snmp_phase_read;
        e->op.after = phase_verify;
        return r;
}

static int phase_verify(SnmpEngine *e) {
        Order *o = e->order;
        const SnmpContext c = {.e = e, .member = o->offer->member, .argument = o->argument};
        _cleanup_free_ char *text = NULL;
        int r = snmp_refresh(e);

        if (r >= 0)
                r = snmp_expression_holds(&c, &o->offer->command->verify, NULL);
        if (r == -ENOMEM)
                return r;
        if (r > 0) {
                e->op.phase = phase_after;
                return 0;
        }
        if (now_usec(CLOCK_MONOTONIC) < o->until_usec) {
                e->op.phase = phase_look;
                return snmp_engine_wait(e, LOOK_USEC);
        }
        r = snmp_expression_text(&c, &o->offer->command->verify, NULL, &text);
        snmp_engine_explain(e, strprintf("the agent took the command, but does nothing: it says %s",
                                       r > 0 ? text : "nothing"));
        snmp_engine_log(e, LOG_WARNING, 0, "%s: %s", o->offer->name, strempty(e->why));
        return -EREMOTEIO;
}

static int phase_sent(SnmpEngine *e) {
        const SnmpCommand *command = e->order->offer->command;

        if (e->order->error < 0)
                return e->order->error;
        e->order->until_usec = usec_add(now_usec(CLOCK_MONOTONIC), command->within_usec);
        e->op.phase = command->has_verify ? phase_look : phase_after;
        return 0;
}

/*** Before ***/

/* All values are made before the first is sent: half a command is worse than none. */
static int phase_make(SnmpEngine *e) {
        Order *o = e->order;
        const SnmpCommand *command = o->offer->command;
        const SnmpContext c = {.e = e, .member = o->offer->member, .argument = o->argument};
        int r = snmp_refresh(e);

        if (r < 0)
                return r;
        if (command->check && !snmp_when_holds(&c, command->check)) {
                snmp_engine_explain(e, strprintf("nothing was sent: the device is in no state for it (%s)",
                                               command->check->name));
                return -EBUSY;
        }
        o->values = new0(SnmpValue, command->n_sets);
        if (!o->values)
                return -ENOMEM;
        for (size_t i = 0; i < command->n_sets; i++) {
                r = snmp_set_value(e, &c, &command->sets[i], &o->values[i]);
                if (r < 0)
                        return r;
                o->n_values++;
        }
        e->op.phase = snmp_phase_send;
        e->op.after = phase_sent;
        return 0;
}

/* What the values are made of and what is checked is read first. */
static int phase_prepare(SnmpEngine *e) {
        const Offer *offer = e->order->offer;
        const SnmpContext c = {.e = e, .member = offer->member};
        SnmpWants w = {};
        int r = offer->command->check ? snmp_want_when(&w, &c, offer->command->check, SNMP_ASK_QUICK, false)
                                      : 0;

        for (size_t i = 0; i < offer->command->n_sets && r >= 0; i++)
                if (!offer->command->sets[i].value.text)
                        r = snmp_want_expression(
                                &w, &c, &offer->command->sets[i].value.expression, SNMP_ASK_QUICK, false);
        snmp_wants_due(e, &w);
        e->op.phase = snmp_phase_read;
        e->op.after = phase_make;
        return r;
}

int snmp_engine_command(SnmpEngine *e,
        const char *command,
        const char *argument,
        Update *u,
        SnmpEngineDone done,
        void *userdata) {
        const Offer *offer;
        int r;

        if (e->op.done)
                return -EBUSY;
        snmp_engine_explain(e, NULL);
        offer = find_offer(e, command);
        if (!offer)
                return -EOPNOTSUPP;
        r = snmp_order_new(e);
        if (r < 0)
                return r;
        r = choose(e, &offer, argument, &e->order->argument);
        if (r >= 0)
                r = snmp_engine_begin(e, phase_prepare, u, done, userdata);
        if (r < 0) {
                snmp_order_forget(e);
                return r;
        }
        e->order->offer = offer;
        e->order->together = offer->command->together;
        e->order->pause_usec = offer->command->pause_usec;
        return 0;
}
