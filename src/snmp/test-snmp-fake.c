/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-snmp-fake.h"

#include <stdio.h>
#include <stdlib.h>

/*** The agent ***/

static bool begins(const SnmpOid *oid, const char *prefix) {
        SnmpOid p;
        bool b;

        if (!prefix)
                return false;
        ASSERT_OK(snmp_oid_parse(prefix, &p));
        b = snmp_oid_has_prefix(oid, &p);
        snmp_oid_done(&p);
        return b;
}

static void add(SnmpReply *reply, const SnmpOid *oid, const SnmpValue *v, SnmpType otherwise) {
        SnmpValue *to;

        reply->values = reallocarray(reply->values, reply->n_values + 1, sizeof(SnmpValue));
        ASSERT_TRUE(reply->values);
        to = &reply->values[reply->n_values++];
        *to = (SnmpValue){};
        if (v)
                ASSERT_OK(snmp_value_copy(v, to));
        else {
                ASSERT_OK(snmp_oid_copy(oid, &to->oid));
                to->type = otherwise;
        }
}

static const SnmpValue *behind(const Fake *f, const SnmpOid *oid) {
        const SnmpValue *v = snmp_walk_next(&f->walk, oid);
        SnmpOid p;

        if (v && begins(oid, f->circle)) {
                ASSERT_OK(snmp_oid_parse(f->circle, &p));
                v = begins(&v->oid, f->circle) ? v : snmp_walk_next(&f->walk, &p);
                snmp_oid_done(&p);
        }
        return v;
}

static void answer_get(Fake *f, SnmpReply *reply) {
        for (size_t i = 0; i < f->n_asked; i++) {
                const SnmpOid *oid = &f->asked[i].oid;
                const SnmpValue *v = begins(oid, f->hidden) ? NULL : snmp_walk_find(&f->walk, oid);

                if (begins(oid, f->general)) {
                        reply->status = SNMP_STATUS_GENERAL;
                        return;
                }
                if (!v && f->link.is_v1) {
                        reply->status = SNMP_STATUS_NO_SUCH_NAME;
                        reply->index = i + 1;
                        return;
                }
                add(reply, oid, v, SNMP_TYPE_NO_INSTANCE);
        }
}

static void answer_next(Fake *f, SnmpReply *reply) {
        unsigned repetitions = f->operation == SNMP_GET_BULK && !f->link.is_v1 ? f->repetitions : 1;

        for (size_t i = 0; i < f->n_asked; i++) {
                const SnmpOid *last = &f->asked[i].oid;

                for (unsigned k = 0; k < repetitions; k++) {
                        const SnmpValue *v = behind(f, last);

                        if (v && begins(&v->oid, f->general)) {
                                reply->status = SNMP_STATUS_GENERAL;
                                return;
                        }
                        if (!v && f->link.is_v1) {
                                reply->status = SNMP_STATUS_NO_SUCH_NAME;
                                reply->index = i + 1;
                                return;
                        }
                        add(reply, last, v, SNMP_TYPE_END);
                        last = v ? &v->oid : last;
                }
        }
}

static void answer_set(Fake *f, SnmpReply *reply) {
        f->n_sets++;
        reply->status = f->refuse;
        reply->index = f->refuse ? 1 : 0;
        for (size_t i = 0; i < f->n_asked && !f->refuse; i++) {
                SnmpValue *v = (SnmpValue *) snmp_walk_find(&f->walk, &f->asked[i].oid);

                if (!v || v->type != f->asked[i].type) {
                        reply->status = v ? 7 : 11; /* wrongType, noCreation */
                        reply->index = i + 1;
                        return;
                }
        }
        for (size_t i = 0; i < f->n_asked && !f->refuse && !f->is_deaf; i++) {
                SnmpValue *v = (SnmpValue *) snmp_walk_find(&f->walk, &f->asked[i].oid);

                snmp_value_done(v);
                ASSERT_OK(snmp_value_copy(&f->asked[i], v));
        }
}

static bool is_silent(Fake *f) {
        if (f->lose > 0) {
                f->lose--;
                return true;
        }
        for (size_t i = 0; i < f->n_asked; i++)
                if (begins(&f->asked[i].oid, f->silent))
                        return true;
        return f->dead || (f->silent_if_big && f->too_big > 0 && f->n_asked > f->too_big);
}

static unsigned dice(Fake *f) {
        f->seed = f->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned) (f->seed >> 33);
}

static void cut_reply(SnmpReply *reply, size_t n) {
        for (size_t i = n; i < reply->n_values; i++)
                snmp_value_done(&reply->values[i]);
        reply->n_values = MIN(reply->n_values, n);
}

/* An answer that is lost, refused, cut or garbled on its way. */
static int spoil(Fake *f, SnmpReply *reply) {
        if (f->operation == SNMP_SET && f->lose_sets > 0) {
                f->lose_sets--;
                return -ETIMEDOUT;
        }
        if (f->faults == 0 || dice(f) % 1000 >= f->faults)
                return 0;
        switch (dice(f) % 6) {
        case 0:
                return -ETIMEDOUT;
        case 1:
                return -EBADMSG;
        case 2:
                return -EPROTO;
        case 3:
                cut_reply(reply, 0);
                reply->status = SNMP_STATUS_GENERAL;
                return 0;
        case 4:
                cut_reply(reply, 0);
                reply->status = f->n_asked > 1 ? SNMP_STATUS_TOO_BIG : SNMP_STATUS_GENERAL;
                return 0;
        default:
                /* Only what says so by being shorter: rows of a bulk may be as few as the agent likes. */
                cut_reply(reply, f->operation == SNMP_GET_BULK ? 0 : reply->n_values / 2);
                return 0;
        }
}

static void enter(const Fake *f, int n) {
        if (f->own)
                *f->own += (unsigned) n;
}

static int on_timer(sd_event_source *s, uint64_t usec _unused_, void *userdata) {
        Fake *f = userdata;
        SnmpReply reply = {};
        int r = f->error;

        enter(f, 1);
        if (r == 0 && is_silent(f))
                r = -ETIMEDOUT;
        else if (r == 0 && f->fail > 0) {
                f->fail--;
                reply.status = SNMP_STATUS_GENERAL;
        } else if (r == 0 && f->too_big > 0 && f->n_asked > f->too_big)
                reply.status = SNMP_STATUS_TOO_BIG;
        else if (r == 0 && f->operation == SNMP_GET)
                answer_get(f, &reply);
        else if (r == 0 && f->operation == SNMP_SET)
                answer_set(f, &reply);
        else if (r == 0)
                answer_next(f, &reply);
        if (r == 0)
                r = spoil(f, &reply);
        snmp_values_done(f->asked, f->n_asked);
        f->asked = NULL;
        f->n_asked = 0;
        enter(f, -1);
        f->done(&f->link, r, r < 0 ? NULL : &reply, f->userdata);
        snmp_values_done(reply.values, reply.n_values);
        return 0;
}

static void note_set(Fake *f, const SnmpValue *v) {
        _cleanup_free_ char *oid = snmp_oid_text(&v->oid), *before = f->wire;
        double number = 0;

        (void) snmp_value_number(v, &number);
        f->wire = strprintf("%s%s=%.10g ", strempty(before), oid, number);
        ASSERT_TRUE(oid && f->wire);
}

static int fake_request(SnmpLink *link, const SnmpRequest *q, SnmpDone done, void *userdata) {
        Fake *f = (Fake *) link;

        int r;

        enter(f, 1);
        ASSERT_EQ(f->n_asked, 0);
        f->asked = new0(SnmpValue, q->n);
        for (size_t i = 0; i < q->n; i++)
                if (q->operation == SNMP_SET) {
                        ASSERT_OK(snmp_value_copy(&q->values[i], &f->asked[i]));
                        note_set(f, &q->values[i]);
                } else
                        ASSERT_OK(snmp_oid_copy(&q->oids[i], &f->asked[i].oid));
        f->n_asked = q->n;
        f->operation = q->operation;
        f->repetitions = q->repetitions;
        f->may_repeat = q->operation == SNMP_SET ? q->may_repeat : f->may_repeat;
        f->done = done;
        f->userdata = userdata;
        f->n_requests++;
        f->n_objects += (unsigned) q->n;
        f->largest = MAX(f->largest, q->n);
        ASSERT_OK(sd_event_source_set_time(f->timer, 0));
        r = sd_event_source_set_enabled(f->timer, SD_EVENT_ONESHOT);
        enter(f, -1);
        return r;
}

static void fake_cancel(SnmpLink *link) {
        Fake *f = (Fake *) link;

        (void) sd_event_source_set_enabled(f->timer, SD_EVENT_OFF);
        snmp_values_done(f->asked, f->n_asked);
        f->asked = NULL;
        f->n_asked = 0;
}

static void fake_free(SnmpLink *link) {
        Fake *f = (Fake *) link;

        fake_cancel(link);
        sd_event_source_disable_unref(f->timer);
        snmp_walk_done(&f->walk);
        free(f->wire);
        free(f);
}

static const SnmpLinkOps fake_ops = {
        .name = "fake",
        .request = fake_request,
        .cancel = fake_cancel,
        .free = fake_free,
};

Fake *fake_new(sd_event *event, const char *lines, bool is_v1) {
        Fake *f = new0(Fake, 1);

        f->link = (SnmpLink){.ops = &fake_ops, .is_v1 = is_v1, .size_max = SIZE_MAX};
        f->link.peer = strdup("udp:192.0.2.1:161");
        ASSERT_OK(snmp_walk_parse(lines, strlen(lines), NULL, NULL, &f->walk));
        ASSERT_OK(sd_event_add_time(event, &f->timer, CLOCK_MONOTONIC, 0, 1, on_timer, f));
        ASSERT_OK(sd_event_source_set_enabled(f->timer, SD_EVENT_OFF));
        return f;
}

static SnmpValue *find(Fake *f, const char *oid) {
        const SnmpValue *v;
        SnmpOid o;

        ASSERT_OK(snmp_oid_parse(oid, &o));
        v = snmp_walk_find(&f->walk, &o);
        snmp_oid_done(&o);
        ASSERT_TRUE(v);
        return (SnmpValue *) v;
}

void fake_put(Fake *f, const char *oid, int64_t integer) {
        SnmpValue *v = find(f, oid);

        if (v->type != SNMP_TYPE_INTEGER && v->type != SNMP_TYPE_STRING)
                v->count = (uint64_t) integer;
        else {
                free(v->bytes);
                v->bytes = NULL;
                v->type = SNMP_TYPE_INTEGER;
                v->integer = integer;
        }
}

void fake_put_text(Fake *f, const char *oid, const char *text) {
        SnmpValue *v = find(f, oid);

        free(v->bytes);
        v->type = SNMP_TYPE_STRING;
        v->bytes = (uint8_t *) strdup(text);
        v->n_bytes = strlen(text);
}

void fake_drop(Fake *f, const char *prefix) {
        size_t n = 0;

        for (size_t i = 0; i < f->walk.n_values; i++)
                if (begins(&f->walk.values[i].oid, prefix))
                        snmp_value_done(&f->walk.values[i]);
                else
                        f->walk.values[n++] = f->walk.values[i];
        f->walk.n_values = n;
}

/*** The device ***/

static void report(
        void *userdata _unused_, int level _unused_, const char *file, unsigned line, const char *message) {
        TEST_FAIL("%s:%u: %s", file, line, message);
}

SnmpProfile *bench_profile(const char *text) {
        SnmpProfile *p;

        ASSERT_OK(snmp_profile_parse("test.profile", text, strlen(text), report, NULL, &p));
        return p;
}

static const char *get_option(const void *userdata, const char *name) {
        const Bench *b = userdata;

        for (const char *const *o = b->options; o && *o; o += 2)
                if (streq(o[0], name))
                        return o[1];
        return NULL;
}

static void on_log(const void *userdata, int level _unused_, int error _unused_, const char *message) {
        Bench *b = (Bench *) userdata;
        char *longer = strprintf("%s%s\n", strempty(b->log), message);

        free(b->log);
        b->log = longer;
}

void bench_open_profile(Bench *b, SnmpProfile *p, const char *lines, bool is_v1, const char *known) {
        const SnmpEngineOptions options = {
                .option = get_option, .log = on_log, .userdata = b, .slow_every = 3};
        const SnmpIdentity identity = {
                .object_id = {.ids = (uint32_t[]){1, 3, 6, 1, 4, 1, 99999, 2}, .n = 8},
                .description = (char *) "Example",
        };

        ASSERT_OK(sd_event_new(&b->event));
        b->fake = fake_new(b->event, lines, is_v1);
        b->model = model_new();
        ASSERT_OK(snmp_engine_new(&b->fake->link, b->event, p, &identity, &options, known, &b->engine));
}

void bench_open(Bench *b, const char *profile, const char *lines, bool is_v1, const char *known) {
        SnmpProfile *p = bench_profile(profile);

        bench_open_profile(b, p, lines, is_v1, known);
        snmp_profile_unref(p);
}

void bench_close(Bench *b) {
        snmp_engine_free(b->engine);
        model_free(b->model);
        sd_event_unref(b->event);
        free(b->log);
        *b = (Bench){};
}

static void on_done(SnmpEngine *e, int r, void *userdata) {
        Bench *b = userdata;

        ASSERT_TRUE(e == b->engine);
        ASSERT_FALSE(b->is_done);
        b->is_done = true;
        b->result = r;
}

static int run(Bench *b, int r, Update *u) {
        if (r >= 0) {
                while (!b->is_done)
                        ASSERT_OK(sd_event_run(b->event, UINT64_MAX));
                r = b->result;
        }
        if (r >= 0)
                ASSERT_OK(model_apply(b->model, u, NULL));
        update_free(u);
        b->is_done = false;
        return r;
}

int bench_start(Bench *b) {
        Update *u = update_new();
        int r;

        ASSERT_OK(update_replace(u, "driver."));
        r = run(b, snmp_engine_start(b->engine, u, on_done, b), u);
        /* The poll right behind it reads nothing. */
        return r < 0 ? r : bench_poll(b, true);
}

int bench_poll(Bench *b, bool full) {
        Update *u = update_new();

        return run(b, snmp_engine_poll(b->engine, full, u, on_done, b), u);
}

int bench_set(Bench *b, const char *name, const char *value) {
        Update *u = update_new();

        return run(b, snmp_engine_set(b->engine, name, value, u, on_done, b), u);
}

int bench_command(Bench *b, const char *name, const char *argument) {
        Update *u = update_new();

        return run(b, snmp_engine_command(b->engine, name, argument, u, on_done, b), u);
}

const char *bench_get(const Bench *b, const char *name) {
        return model_get(b->model, name);
}
