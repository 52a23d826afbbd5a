/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

#define LOOK_USEC (500 * USEC_PER_MSEC)
/* That may get lost in one reading until it is given up. */
#define READING_REQUESTS 2U

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
        int r = snmp_phase_begin_reading(e);

        for (size_t i = 0; i < e->order->n_values; i++) {
                SnmpItem *item = snmp_items_find(&e->layout.items, &e->order->values[i].oid);

                if (item && snmp_item_is_there(item))
                        item->due = true;
        }
        e->order->unanswered = 0;
        e->op.is_forgiving = true;
        return r;
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
        if (o->unanswered < 0)
                return snmp_order_unknown(e);
        r = snmp_expression_text(&c, &o->offer->command->verify, NULL, &text);
        snmp_engine_explain(e, strprintf("the agent took the command, but does nothing: it says %s",
                                       r > 0 ? text : "nothing"));
        snmp_engine_log(e, LOG_WARNING, 0, "%s: %s", o->offer->name, strempty(e->why));
        return -EREMOTEIO;
}

static int phase_sent(SnmpEngine *e) {
        const SnmpCommand *command = e->order->offer->command;

        /* It was sent once; only what the device does can tell then whether it came. */
        if (e->order->error < 0 && !(e->order->unanswered < 0 && command->has_verify))
                return e->order->error;
        e->order->until_usec = usec_add(now_usec(CLOCK_MONOTONIC), command->within_usec);
        e->op.phase = command->has_verify ? phase_look : phase_after;
        return 0;
}

/*** Before ***/

/* Which row of the name it is, as things are now: with another state another one may have become right. */
static int choose_now(SnmpEngine *e) {
        Order *o = e->order;
        const Offer *offer = find_standing(e, o->offer->name, 0);
        int r;

        if (!offer) {
                snmp_engine_explain(e, strdup("nothing was sent: the device is in no state for it now"));
                return -EBUSY;
        }
        o->argument = (free(o->argument), NULL);
        r = choose(e, &offer, o->text, &o->argument);
        if (r < 0)
                return r;
        o->offer = offer;
        o->together = offer->command->together;
        o->pause_usec = offer->command->pause_usec;
        return 0;
}

/* All values are made before the first is sent: half a command is worse than none. */
static int phase_make(SnmpEngine *e) {
        Order *o = e->order;
        const SnmpCommand *command;
        SnmpContext c = {.e = e};
        int r = snmp_refresh(e);

        if (r >= 0)
                r = choose_now(e);
        if (r < 0)
                return r;
        command = o->offer->command;
        c.member = o->offer->member;
        c.argument = o->argument;
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

/* What its conditions hang on, what is checked and what the values are made of. */
static int want_offer(SnmpWants *w, const SnmpEngine *e, const Offer *offer) {
        const SnmpContext c = {.e = e, .member = offer->member};
        const SnmpCommand *command = offer->command;
        int r = snmp_want_whens(w, &c, &command->whens, SNMP_ASK_QUICK, false);

        if (r >= 0 && command->check)
                r = snmp_want_when(w, &c, command->check, SNMP_ASK_QUICK, false);
        for (size_t i = 0; i < command->n_sets && r >= 0; i++)
                if (!command->sets[i].value.text)
                        r = snmp_want_expression(
                                w, &c, &command->sets[i].value.expression, SNMP_ASK_QUICK, false);
        return r;
}

/* Of all rows of the name, as it is not known yet which one it will be. */
static int phase_prepare(SnmpEngine *e) {
        const char *name = e->order->offer->name;
        SnmpWants w = {};
        int r = 0;

        for (size_t i = 0; i < e->layout.n_offers && r >= 0; i++)
                if (strcaseeq(e->layout.offers[i].name, name))
                        r = want_offer(&w, e, &e->layout.offers[i]);
        snmp_wants_due(e, &w);
        e->op.phase = snmp_phase_read;
        e->op.after = phase_make;
        return r;
}

static uint64_t command_usec(const SnmpCommand *c, uint64_t request_usec) {
        size_t n = c->together ? MIN(c->n_sets, 1U) : c->n_sets;
        uint64_t usec = request_usec * (2 * READING_REQUESTS + n);

        if (n > 1)
                usec = usec_add(usec, c->pause_usec * (n - 1));
        /* The last look may begin when its time is just not over. */
        if (c->has_verify)
                usec = usec_add(usec, usec_add(c->within_usec, usec_add(LOOK_USEC, request_usec)));
        return usec;
}

uint64_t snmp_engine_command_usec(const SnmpEngine *e, const char *command, uint64_t request_usec) {
        const Offer *o = find_offer(e, command);
        uint64_t usec = 0;

        if (!o)
                return 0;
        /* Which of its rows it will be is not known yet. */
        for (size_t i = 0; i < e->layout.n_offers; i++)
                if (strcaseeq(e->layout.offers[i].name, o->name))
                        usec = MAX(usec, command_usec(e->layout.offers[i].command, request_usec));
        return usec;
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
        if (r >= 0 && argument)
                r = free_and_strdup(&e->order->text, argument);
        if (r >= 0)
                r = snmp_engine_begin(e, phase_prepare, u, done, userdata);
        if (r < 0) {
                snmp_order_forget(e);
                return r;
        }
        e->order->offer = offer;
        return 0;
}
