/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>

#include "snmp-engine-internal.h"

/* The walk of one column, in slices. */

/* Rows of a column; of a table with depth= several rows may be one member. */
#define ROWS_MAX 8192U
#define SILENCES_MAX 2U
/* Slices that come full until larger ones are tried. */
#define GOOD_SLICES 32U

void snmp_column_forget(SnmpEngine *e) {
        if (!e->walk)
                return;
        snmp_values_done(e->walk->values, e->walk->n_values);
        snmp_items_done(&e->walk->items);
        snmp_member_list_done(&e->walk->found);
        free(e->walk);
        e->walk = NULL;
}

int snmp_column_begin(SnmpEngine *e, const SnmpOid *column) {
        snmp_column_forget(e);
        e->walk = new0(Walk, 1);
        if (!e->walk)
                return -ENOMEM;
        e->walk->column = *column;
        if (column->n > 0)
                memcpy(e->walk->ids, column->ids, column->n * sizeof(uint32_t));
        e->walk->last = (SnmpOid){.ids = e->walk->ids, .n = column->n};
        e->walk->repetitions = e->repetitions;
        return 0;
}

/* What has come so far is what there is. */
static void end_early(SnmpEngine *e, const char *what) {
        Table *t = &e->tables[e->op.index];

        if (!t->has_loop)
                snmp_engine_log(e, LOG_NOTICE, 0, "the agent %s in the table %s: what came before is used",
                        what, e->profile->tables[e->op.index].name);
        t->has_loop = true;
        e->walk->is_over = true;
}

/* 1: there may be more behind it; 0: the column is at its end, -ENOMEM. */
static int take_value(SnmpEngine *e, const SnmpValue *v) {
        Walk *w = e->walk;
        int r;

        if (!snmp_value_is_there(v) || !snmp_oid_has_prefix(&v->oid, &w->column) ||
                v->oid.n > SNMP_OID_MAX) {
                w->is_over = true;
                return 0;
        }
        if (snmp_oid_order(&v->oid, &w->last) <= 0) {
                end_early(e, "goes round in circles");
                return 0;
        }
        if (w->n_values >= ROWS_MAX) {
                end_early(e, "has too many rows");
                return 0;
        }
        if (!GREEDY_REALLOC(w->values, w->n_allocated, w->n_values + 1))
                return -ENOMEM;
        w->values[w->n_values] = (SnmpValue){};
        r = snmp_value_copy(v, &w->values[w->n_values]);
        if (r < 0)
                return r;
        w->n_values++;
        memcpy(w->ids, v->oid.ids, v->oid.n * sizeof(uint32_t));
        w->last.n = v->oid.n;
        return 1;
}

/* What came before the failure is not what there is. */
static void smaller_slices(SnmpEngine *e, const char *what) {
        Walk *w = e->walk;

        if (w->repetitions > 1) {
                w->repetitions /= 2;
                return;
        }
        if (e->tables[e->op.index].failures == 0)
                snmp_engine_log(e, LOG_NOTICE, 0, "the agent %s in the table %s, which stays as it was",
                        what, e->profile->tables[e->op.index].name);
        w->has_failed = w->is_over = true;
}

/* An agent that took less than it was asked for at first is asked for that from now on; but it may have been
 * an answer that got lost, or have other reasons by now: after a while, for more again. */
static void learn_slices(SnmpEngine *e, size_t n) {
        Walk *w = e->walk;

        if (w->repetitions < e->repetitions) {
                e->slices_in_doubt = true;
                e->repetitions = w->repetitions;
                e->good_slices = 0;
        }
        if (n < w->repetitions || ++e->good_slices < GOOD_SLICES)
                return;
        e->good_slices = 0;
        e->slices_in_doubt = false;
        e->repetitions = w->repetitions = MIN(2 * w->repetitions, SNMP_REPETITIONS);
}

static void take_silence(SnmpEngine *e) {
        Walk *w = e->walk;

        if (++w->silences >= SILENCES_MAX)
                w->error = -ETIMEDOUT;
        if (w->repetitions > 1)
                w->repetitions /= 2;
}

static void take_reply(SnmpEngine *e, const SnmpReply *reply) {
        size_t before = e->walk->n_values;
        int r = 1;

        e->walk->silences = 0;
        if (reply->status == SNMP_STATUS_NO_SUCH_NAME)
                e->walk->is_over = true;
        else if (reply->status != SNMP_STATUS_OK)
                smaller_slices(e, "fails");
        else {
                for (size_t i = 0; i < reply->n_values && r > 0; i++)
                        r = take_value(e, &reply->values[i]);
                if (r < 0)
                        e->walk->error = r;
                if (r > 0 && e->walk->n_values == before)
                        smaller_slices(e, "answers with nothing");
                else
                        learn_slices(e, e->walk->n_values - before);
        }
}

static void on_answer(SnmpLink *link _unused_, int r, const SnmpReply *reply, void *userdata) {
        SnmpEngine *e = userdata;

        if (r >= 0)
                take_reply(e, reply);
        else if (r == -ETIMEDOUT)
                take_silence(e);
        else if (r == -EMSGSIZE || r == -EBADMSG || r == -EPROTO)
                smaller_slices(e, "answers nonsense");
        else
                e->walk->error = r;
        snmp_engine_resume(e);
}

int snmp_column_next(SnmpEngine *e) {
        Walk *w = e->walk;
        const SnmpRequest request = {
                .operation = w->repetitions > 1 ? SNMP_GET_BULK : SNMP_GET_NEXT,
                .oids = &w->last,
                .n = 1,
                .repetitions = w->repetitions,
        };
        int r;

        if (w->error < 0)
                return w->error;
        if (w->is_over)
                return 0;
        r = snmp_link_request(e->link, &request, on_answer, e);
        return r < 0 ? r : 1;
}
