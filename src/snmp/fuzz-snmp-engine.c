/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine-internal.h"
#include "test-util.h"
#include "time-util.h"

/* The fuzzer is the agent: what it answers, of which type, in which order, and when it says nothing. */

/* More than an engine with these profiles may ask in all these operations, whatever the answers. */
#define REQUESTS_MAX 60000U
#define OPERATIONS 8U

static const char *const profiles[] = {
        "[profile]\nengine = snmp\ntitle = A\nversion = 1\nmib = a\nvendor = V\norder = 1\n"
        "[objects]\ne = 1.3.6.1.4.1.9\nt = e.5.1\nu = e.6.1\n"
        "[probe]\nsysobjectid = 1.3.6.1.4.1.9\nneed = e.1.0\n"
        "[table:t]\nindex = t\nask = full\nselect = e.5.2.* is=1,2\nmax = 5\n"
        "[table:u]\nindex = u\nparent = t\ndepth = 2\nnumber = value\nask = quick\n"
        "[table:p]\nmembers = 1..3\n"
        "[variables]\n"
        "ups.model = e.1.0\ninput.voltage = e.2.0 decimals=e.3.0 format=%.1f rw range=0..300\n"
        "ups.contacts = e.4.0 form=bits\nups.date = e.4.0 form=date\nups.macaddr = e.4.0 form=mac\n"
        "ups.id = e.4.0 rw length=8\nups.load = e.2.0 scale=$ups.power:2 divide=3\nups.power = e.3.0\n"
        "outlet.count = table:t\noutlet.*.name = e.5.3.* table=t\noutlet.*.id = number:t table=t\n"
        "outlet.*.status = e.5.2.* table=t lookup=on-off\n"
        "ambient.*.humidity = u.* table=u\ninput.L*.current = e.7.* table=p\n"
        "[when:w]\nexists = e.8.0\nvalue = e.2.0 is-range=1..500\n"
        "[status]\nonline = e.8.0 is=1\nlow-battery = e.5.2.* table=t is=2\n"
        "[alarms]\n* = u.* table=u lookup=x\n[lookup:x]\n1 = \"Bad\"\n* = \"Worse\"\n"
        "[commands]\nload.off = set=e.8.0:{e.2.0} when=w\noutlet.*.load.off = set=e.5.2.*:1 table=t "
        "verify=e.5.2.* is=1 "
        "within=0.01\n",

        "[profile]\nengine = snmp\ntitle = B\nversion = 1\nmib = b\norder = 2\n"
        "[objects]\ne = 1.3.6.1.4.1.9\n[probe]\nneed = e.1.0\n"
        "[table:c]\nindex = e.5.1\nchain\nask = quick\nfirst = 0\n[table:o]\nindex = e.6.1\nparent = "
        "c\nnumber = position\n"
        "[variables]\ndevice.model = e.5.3.* table=c\noutlet.*.name = e.6.1.* table=o\n"
        "outlet.*.desc = $device.model table=o\n"
        "[status]\nonline = e.5.2.* table=c is=1\nreplace-battery = e.6.2.* table=o\n"
        "[alarms]\n\"Outlet *\" = e.6.2.* table=o is=3\n",
};

typedef struct Agent {
        SnmpLink link;
        sd_event_source *soon;
        const uint8_t *data;
        size_t n, at;
        SnmpOid asked[64];
        size_t n_asked;
        unsigned repetitions, n_requests;
        bool is_next;
        SnmpDone done;
        void *userdata;
} Agent;

static unsigned take(Agent *a) {
        return a->at < a->n ? a->data[a->at++] : 0;
}

/* In an order that is good more often than not. */
static void choose_oid(Agent *a, const SnmpOid *from, unsigned how, SnmpOid *ret) {
        uint32_t last = from->n > 0 ? from->ids[from->n - 1] : 0;
        SnmpOid more = {.ids = (uint32_t[]){1 + how % 5}, .n = 1};

        if (!a->is_next || how % 8 == 7) {
                ASSERT_OK(snmp_oid_copy(from, ret));
                if (how >= 250)
                        ret->ids[ret->n - 1]++;
        } else if (how % 2 || from->n > 20) {
                ASSERT_OK(snmp_oid_copy(from, ret));
                ret->ids[ret->n - 1] = last + 1 + how / 64;
        } else
                ASSERT_OK(snmp_oid_join(from, &more, ret));
}

static SnmpValue make_value(Agent *a, const SnmpOid *from) {
        SnmpValue v = {};
        unsigned how = take(a);

        choose_oid(a, from, how, &v.oid);
        v.type = a->at >= a->n ? SNMP_TYPE_END : (SnmpType) (take(a) % _SNMP_TYPE_MAX);
        if (how % 3 == 0 && a->at < a->n)
                v.type = SNMP_TYPE_INTEGER;
        v.integer = (int8_t) take(a);
        v.count = (uint64_t) v.integer;
        v.real = (double) v.integer / 3;
        if (v.type == SNMP_TYPE_STRING || v.type == SNMP_TYPE_OPAQUE || v.type == SNMP_TYPE_ADDRESS) {
                v.n_bytes = v.type == SNMP_TYPE_ADDRESS ? 4 : take(a) % 12;
                v.bytes = new0(uint8_t, v.n_bytes + 1);
                for (size_t i = 0; i < v.n_bytes; i++)
                        v.bytes[i] = (uint8_t) take(a);
        } else if (v.type == SNMP_TYPE_OID)
                ASSERT_OK(snmp_oid_copy(from, &v.object));
        return v;
}

static void fill(Agent *a, SnmpReply *reply) {
        unsigned how = take(a), rounds = a->is_next ? MIN(a->repetitions, 16U) : 1;

        if (how % 16 == 15) {
                reply->status = take(a) % 20;
                reply->index = take(a) % 8;
                return;
        }
        reply->values = new0(SnmpValue, a->n_asked * rounds + 1);
        for (size_t i = 0; i < a->n_asked; i++)
                for (unsigned k = 0; k < rounds; k++) {
                        const SnmpOid *from = k > 0 ? &reply->values[reply->n_values - 1].oid : &a->asked[i];

                        reply->values[reply->n_values] = make_value(a, from);
                        reply->n_values++;
                }
        if (how % 16 == 14 && reply->n_values > 0)
                snmp_value_done(&reply->values[--reply->n_values]);
}

static void forget(Agent *a) {
        for (size_t i = 0; i < a->n_asked; i++)
                snmp_oid_done(&a->asked[i]);
        a->n_asked = 0;
}

static int on_soon(sd_event_source *s, void *userdata) {
        static const int errors[] = {-ETIMEDOUT, -EBADMSG, -EPROTO, -EMSGSIZE, -ECONNREFUSED};
        Agent *a = userdata;
        SnmpReply reply = {};
        unsigned how = take(a);
        int r = how >= 240 ? errors[how % ELEMENTSOF(errors)] : 0;

        if (r == 0)
                fill(a, &reply);
        forget(a);
        a->done(&a->link, r, r < 0 ? NULL : &reply, a->userdata);
        snmp_values_done(reply.values, reply.n_values);
        return 0;
}

static int agent_request(SnmpLink *link, const SnmpRequest *q, SnmpDone done, void *userdata) {
        Agent *a = (Agent *) link;

        ASSERT_EQ(a->n_asked, 0);
        ASSERT_TRUE(q->n <= ELEMENTSOF(a->asked));
        ASSERT_TRUE(++a->n_requests < REQUESTS_MAX);
        for (size_t i = 0; i < q->n; i++)
                ASSERT_OK(snmp_oid_copy(
                        q->operation == SNMP_SET ? &q->values[i].oid : &q->oids[i], &a->asked[i]));
        a->n_asked = q->n;
        a->is_next = q->operation == SNMP_GET_NEXT || q->operation == SNMP_GET_BULK;
        a->repetitions = q->operation == SNMP_GET_BULK && !link->is_v1 ? q->repetitions : 1;
        a->done = done;
        a->userdata = userdata;
        return sd_event_source_set_enabled(a->soon, SD_EVENT_ONESHOT);
}

static void agent_cancel(SnmpLink *link) {
        Agent *a = (Agent *) link;

        (void) sd_event_source_set_enabled(a->soon, SD_EVENT_OFF);
        forget(a);
}

static void agent_free(SnmpLink *link) {
        Agent *a = (Agent *) link;

        agent_cancel(link);
        sd_event_source_disable_unref(a->soon);
        free(a);
}

static const SnmpLinkOps agent_ops = {
        .name = "fuzz",
        .request = agent_request,
        .cancel = agent_cancel,
        .free = agent_free,
};

/* With bit 2 the data begin with what is remembered, up to a zero. */
static SnmpEngine *make_engine(sd_event *event, unsigned which, const uint8_t *data, size_t n) {
        _cleanup_free_ char *known = which & 4 ? strndup((const char *) data, n) : NULL;
        size_t n_known = known ? MIN(strlen(known) + 1, n) : 0;
        const char *text = profiles[which % 2];
        const SnmpEngineOptions options = {.slow_every = 2};
        SnmpProfile *p;
        Agent *a = new0(Agent, 1);
        SnmpEngine *e;

        a->link = (SnmpLink){.ops = &agent_ops, .is_v1 = which & 2, .size_max = SIZE_MAX};
        a->data = data + n_known;
        a->n = n - n_known;
        ASSERT_OK(sd_event_add_defer(event, &a->soon, on_soon, a));
        ASSERT_OK(sd_event_source_set_enabled(a->soon, SD_EVENT_OFF));
        ASSERT_OK(snmp_profile_parse("fuzz", text, strlen(text), NULL, NULL, &p));
        ASSERT_OK(snmp_engine_new(&a->link, event, p, NULL, &options, known, &e));
        snmp_profile_unref(p);
        return e;
}

typedef struct Run {
        bool is_over;
        int result;
} Run;

static void on_done(SnmpEngine *e, int r, void *userdata) {
        *(Run *) userdata = (Run){.is_over = true, .result = r};
}

/* Time is virtual: what the engine waits for comes now, and what it has until then comes sooner by as much.
 * False: it waits for nothing. */
static bool skip_time(SnmpEngine *e) {
        uint64_t usec, now = now_usec(CLOCK_MONOTONIC);
        int enabled;

        ASSERT_OK(sd_event_source_get_enabled(e->timer, &enabled));
        if (enabled == SD_EVENT_OFF)
                return false;
        ASSERT_OK(sd_event_source_get_time(e->timer, &usec));
        ASSERT_OK(sd_event_source_set_time(e->timer, 0));
        if (e->order)
                e->order->until_usec = usec_sub(e->order->until_usec, usec_sub(usec, now));
        return true;
}

/* The engine always either waits for the agent or for its timer. */
static void run(sd_event *event, SnmpEngine *e, Model *m, int r, Update *u, Run *run) {
        while (r >= 0 && !run->is_over) {
                r = sd_event_run(event, 0);
                if (r == 0)
                        ASSERT_TRUE(run->is_over || skip_time(e));
        }
        if (run->is_over && run->result >= 0)
                ASSERT_OK(model_apply(m, u, NULL));
        update_free(u);
        *run = (Run){};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Model *m = model_new();
        sd_event *event;
        SnmpEngine *e;
        Update *u;
        Run state = {};
        char *saved;

        if (size < 4 || size > 4096) {
                model_free(m);
                return 0;
        }
        ASSERT_OK(sd_event_new(&event));
        e = make_engine(event, data[0], data + 2, size - 2);
        u = update_new();
        run(event, e, m, snmp_engine_start(e, u, on_done, &state), u, &state);
        for (unsigned i = 0; i < OPERATIONS; i++) {
                u = update_new();
                if (data[1] & 1U << i && i % 2)
                        run(event, e, m,
                                snmp_engine_command(e, i % 4 == 1 ? "load.off" : "outlet.1.load.off", "1", u,
                                        on_done, &state),
                                u, &state);
                else if (data[1] & 1U << i)
                        run(event, e, m,
                                snmp_engine_set(e, i ? "ups.id" : "input.voltage", "12", u, on_done, &state),
                                u, &state);
                else
                        run(event, e, m, snmp_engine_poll(e, i % 3 != 1, u, on_done, &state), u, &state);
        }
        if (snmp_engine_save(e, &saved) >= 0)
                free(saved);
        snmp_engine_free(e);
        sd_event_unref(event);
        model_free(m);
        return 0;
}
