/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "string-util.h"

/* Sends what is to be set, one request after the other or all in one. */

int snmp_order_new(SnmpEngine *e) {
        snmp_order_forget(e);
        e->order = new0(Order, 1);
        return e->order ? 0 : -ENOMEM;
}

void snmp_order_forget(SnmpEngine *e) {
        Order *o = e->order;

        if (!o)
                return;
        snmp_values_done(o->values, o->n_values);
        free(o->variable);
        free(o->text);
        free(o->argument);
        free(o);
        e->order = NULL;
}

/* The name that the profile has for it, which tells more than numbers do. */
static char *object_text(const SnmpEngine *e, const SnmpOid *oid) {
        _cleanup_free_ char *numbers = snmp_oid_text(oid), *rest = NULL;
        const SnmpObject *best = NULL;

        for (size_t i = 0; i < e->profile->n_objects; i++) {
                const SnmpObject *o = &e->profile->objects[i];

                if (snmp_oid_has_prefix(oid, &o->oid) && (!best || o->oid.n > best->oid.n))
                        best = o;
        }
        if (!best || !numbers)
                return TAKE_PTR(numbers);
        if (best->oid.n < oid->n) {
                const SnmpOid more = {.ids = oid->ids + best->oid.n, .n = oid->n - best->oid.n};

                rest = snmp_oid_text(&more);
        }
        return strprintf("%s%s%s (%s)", best->name, rest ? "." : "", strempty(rest), numbers);
}

static void take_refusal(SnmpEngine *e, const SnmpReply *reply) {
        Order *o = e->order;
        size_t which = reply->index >= 1 && reply->index <= o->n_asked ? reply->index - 1 : 0;
        _cleanup_free_ char *object = object_text(e, &o->values[o->n_sent + which].oid);
        char buffer[16];

        snmp_engine_explain(e, strprintf("the agent refuses to set %s: %s", strempty(object),
                                       snmp_status_text(reply->status, buffer)));
        o->error = -EPIPE;
}

static void on_answer(SnmpLink *link _unused_, int r, const SnmpReply *reply, void *userdata) {
        SnmpEngine *e = userdata;
        Order *o = e->order;

        if (r == -ETIMEDOUT || r == -EBADMSG || r == -EPROTO)
                o->unanswered = r;
        if (r < 0)
                o->error = r;
        else if (reply->status != SNMP_STATUS_OK)
                take_refusal(e, reply);
        else {
                o->n_sent += o->n_asked;
                o->is_pausing = o->pause_usec > 0 && o->n_sent < o->n_values;
        }
        snmp_engine_resume(e);
}

int snmp_order_unknown(SnmpEngine *e) {
        int r = e->order->unanswered;

        snmp_engine_explain(e, strdup("not known whether it was done: no answer"));
        return r;
}

int snmp_phase_send(SnmpEngine *e) {
        Order *o = e->order;
        SnmpRequest request = {.operation = SNMP_SET};
        int r;

        if (o->error < 0 || o->n_sent >= o->n_values) {
                e->op.phase = e->op.after;
                return 0;
        }
        if (o->is_pausing) {
                o->is_pausing = false;
                return snmp_engine_wait(e, o->pause_usec);
        }
        o->n_asked = o->together ? o->n_values : 1;
        request.values = o->values + o->n_sent;
        request.n = o->n_asked;
        request.may_repeat = o->may_repeat;
        r = snmp_link_request(e->link, &request, on_answer, e);
        return r < 0 ? r : 1;
}
