/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-walk.h"
#include "string-util.h"

/* More values do not fit into an answer, as real agents have it too. */
#define BULK_VALUES_MAX 1000U

enum {
        STATUS_BAD_VALUE    = 3,
        STATUS_WRONG_TYPE   = 7,
        STATUS_NOT_WRITABLE = 17,
};

typedef struct WalkLink {
        SnmpLink link;
        SnmpWalk walk;
        sd_event_source *source; /* enabled while an answer waits to be told */
        SnmpReply reply;
        SnmpDone done;
        void *userdata;
} WalkLink;

static void reply_done(SnmpReply *reply) {
        snmp_values_done(reply->values, reply->n_values);
        *reply = (SnmpReply) {};
}

/*** Reading ***/

/* What version 1 cannot say is not there. */
static bool is_shown(const WalkLink *w, const SnmpValue *v) {
        return v && (!w->link.is_v1 || v->type != SNMP_TYPE_COUNTER64);
}

static const SnmpValue *find(const WalkLink *w, const SnmpOid *oid) {
        const SnmpValue *v = snmp_walk_find(&w->walk, oid);

        return is_shown(w, v) ? v : NULL;
}

static const SnmpValue *next(const WalkLink *w, const SnmpOid *oid) {
        const SnmpValue *v = snmp_walk_next(&w->walk, oid);

        while (v && !is_shown(w, v))
                v = snmp_walk_next(&w->walk, &v->oid);
        return v;
}

/* Whether the agent has any instance of what oid is an instance of: else there is no such object. */
static SnmpType kind_of_absence(const WalkLink *w, const SnmpOid *oid) {
        SnmpOid object = { .ids = oid->ids, .n = oid->n - 1 };
        const SnmpValue *v = snmp_walk_next(&w->walk, &object);

        return v && snmp_oid_has_prefix(&v->oid, &object) ? SNMP_TYPE_NO_INSTANCE : SNMP_TYPE_NO_OBJECT;
}

static int add_value(SnmpReply *reply, const SnmpValue *v, const SnmpOid *oid, SnmpType absent) {
        SnmpValue *to = reply->values + reply->n_values;
        int r;

        if (v)
                r = snmp_value_copy(v, to);
        else {
                *to = (SnmpValue) { .type = absent };
                r = snmp_oid_copy(oid, &to->oid);
        }
        if (r >= 0)
                reply->n_values++;
        return r;
}

/* The answer is the question, with a word about one of its objects (RFC 1157). */
static int refuse(SnmpReply *reply, const SnmpRequest *q, unsigned status, size_t i) {
        reply_done(reply);
        reply->values = new0(SnmpValue, q->n);
        if (!reply->values)
                return -ENOMEM;
        reply->status = status;
        reply->index = i + 1;
        for (size_t k = 0; k < q->n; k++) {
                int r = q->operation == SNMP_SET ? add_value(reply, q->values + k, NULL, 0) :
                                                   add_value(reply, NULL, q->oids + k, SNMP_TYPE_NULL);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int answer_get(WalkLink *w, const SnmpRequest *q, SnmpReply *reply) {
        reply->values = new0(SnmpValue, q->n);
        if (!reply->values)
                return -ENOMEM;
        for (size_t i = 0; i < q->n; i++) {
                const SnmpValue *v = q->operation == SNMP_GET ? find(w, q->oids + i) : next(w, q->oids + i);
                int r;

                if (!v && w->link.is_v1)
                        return refuse(reply, q, SNMP_STATUS_NO_SUCH_NAME, i);
                r = add_value(reply, v, q->oids + i,
                              q->operation == SNMP_GET ? kind_of_absence(w, q->oids + i) : SNMP_TYPE_END);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int answer_bulk(WalkLink *w, const SnmpRequest *q, SnmpReply *reply) {
        size_t rows = MIN((size_t) q->repetitions, MAX(BULK_VALUES_MAX / q->n, (size_t) 1));

        reply->values = new0(SnmpValue, rows * q->n);
        if (!reply->values)
                return -ENOMEM;
        for (size_t row = 0; row < rows; row++) {
                bool any = false;

                for (size_t i = 0; i < q->n; i++) {
                        const SnmpOid *oid = row == 0 ? q->oids + i :
                                                        &reply->values[(row - 1) * q->n + i].oid;
                        const SnmpValue *v = next(w, oid);
                        int r = add_value(reply, v, oid, SNMP_TYPE_END);

                        if (r < 0)
                                return r;
                        any = any || v;
                }
                if (!any)
                        break;
        }
        return 0;
}

/*** Writing ***/

static unsigned check_set(const WalkLink *w, const SnmpValue *v) {
        const SnmpValue *old = find(w, &v->oid);

        if (!old)
                return w->link.is_v1 ? SNMP_STATUS_NO_SUCH_NAME : STATUS_NOT_WRITABLE;
        if (old->type != v->type)
                return w->link.is_v1 ? STATUS_BAD_VALUE : STATUS_WRONG_TYPE;
        return SNMP_STATUS_OK;
}

static int answer_set(WalkLink *w, const SnmpRequest *q, SnmpReply *reply) {
        for (size_t i = 0; i < q->n; i++) {
                unsigned status = check_set(w, q->values + i);

                if (status != SNMP_STATUS_OK)
                        return refuse(reply, q, status, i);
        }

        reply->values = new0(SnmpValue, q->n);
        if (!reply->values)
                return -ENOMEM;
        for (size_t i = 0; i < q->n; i++) {
                int r = add_value(reply, q->values + i, NULL, 0);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < q->n; i++) {
                SnmpValue *old = (SnmpValue *) snmp_walk_find(&w->walk, &q->values[i].oid);
                _cleanup_(snmp_value_done) SnmpValue copy = {}, before = *old;
                int r = snmp_value_copy(q->values + i, &copy);

                if (r < 0) {
                        before = (SnmpValue) {};
                        return r;
                }
                *old = copy;
                copy = (SnmpValue) {};
        }
        return 0;
}

/*** The link ***/

static int on_answer(sd_event_source *s, void *userdata) {
        WalkLink *w = userdata;
        _cleanup_(reply_done) SnmpReply reply = w->reply;
        SnmpDone done = TAKE_PTR(w->done);

        w->reply = (SnmpReply) {};
        done(&w->link, 0, &reply, w->userdata);
        return 0;
}

static int walk_request(SnmpLink *link, const SnmpRequest *q, SnmpDone done, void *userdata) {
        WalkLink *w = (WalkLink *) link;
        _cleanup_(reply_done) SnmpReply reply = {};
        int r;

        if (w->done)
                return -EBUSY;
        if (q->operation == SNMP_SET)
                r = answer_set(w, q, &reply);
        else if (q->operation == SNMP_GET_BULK && !link->is_v1)
                r = answer_bulk(w, q, &reply);
        else
                r = answer_get(w, q, &reply);
        if (r >= 0)
                r = sd_event_source_set_enabled(w->source, SD_EVENT_ONESHOT);
        if (r < 0)
                return r;

        w->reply = reply;
        reply = (SnmpReply) {};
        w->done = done;
        w->userdata = userdata;
        return 0;
}

static void walk_cancel(SnmpLink *link) {
        WalkLink *w = (WalkLink *) link;

        (void) sd_event_source_set_enabled(w->source, SD_EVENT_OFF);
        reply_done(&w->reply);
        w->done = NULL;
}

static void walk_free(SnmpLink *link) {
        WalkLink *w = (WalkLink *) link;

        sd_event_source_disable_unref(w->source);
        reply_done(&w->reply);
        snmp_walk_done(&w->walk);
        free(w);
}

static const SnmpLinkOps walk_ops = {
        .name = "walk",
        .request = walk_request,
        .cancel = walk_cancel,
        .free = walk_free,
};

int snmp_walk_link_new(sd_event *event, const char *name, SnmpWalk *walk, bool is_v1, SnmpLink **ret) {
        _cleanup_(snmp_link_freep) SnmpLink *link = NULL;
        WalkLink *w = new0(WalkLink, 1);
        int r;

        if (!w)
                return -ENOMEM;
        link = &w->link;
        link->ops = &walk_ops;
        link->is_v1 = is_v1;
        link->size_max = SIZE_MAX;
        link->peer = strdup(name);
        if (!link->peer)
                return -ENOMEM;
        r = sd_event_add_defer(event, &w->source, on_answer, w);
        if (r >= 0)
                r = sd_event_source_set_enabled(w->source, SD_EVENT_OFF);
        if (r < 0)
                return r;

        w->walk = *walk;
        *walk = (SnmpWalk) {};
        *ret = TAKE_PTR(link);
        return 0;
}

SnmpWalk *snmp_walk_link_walk(SnmpLink *link) {
        return &((WalkLink *) link)->walk;
}
