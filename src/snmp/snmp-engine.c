/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-engine.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "snmp-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* What was read when the device was opened is as good as the first poll right behind it. */
#define START_COUNTS_USEC (2 * USEC_PER_SEC)
/* By so much the clock of an agent may go back, in ticks. */
#define UPTIME_JITTER 100U
#define SLOW_POLLS 10U

void snmp_engine_log(const SnmpEngine *e, int level, int error, const char *fmt, ...) {
        char text[512];
        va_list ap;

        if (!e->options.log)
                return;
        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        e->options.log(e->options.userdata, level, error, text);
}

const char *snmp_engine_option(const SnmpEngine *e, const char *name) {
        return e->options.option ? e->options.option(e->options.userdata, name) : NULL;
}

void snmp_engine_explain(SnmpEngine *e, char *text) {
        free(e->why);
        e->why = text;
}

const char *snmp_engine_why(const SnmpEngine *e) {
        return e->why;
}

const SnmpProfile *snmp_engine_profile(const SnmpEngine *e) {
        return e->profile;
}

const SnmpLink *snmp_engine_link(const SnmpEngine *e) {
        return e->link;
}

void snmp_engine_values(const SnmpEngine *e,
        void (*visit)(const char *name, const char *value, void *userdata),
        void *userdata) {
        for (size_t i = 0; i < e->layout.n_slots; i++)
                if (e->layout.slots[i].value)
                        visit(e->layout.slots[i].name, e->layout.slots[i].value, userdata);
}

bool snmp_engine_takes_option(const SnmpEngine *e, const char *option) {
        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_VARIABLE]; i++)
                if (streq_ptr(e->profile->rows[SNMP_ROW_VARIABLE][i].option, option))
                        return true;
        return false;
}

void snmp_identity_done(SnmpIdentity *i) {
        snmp_oid_done(&i->object_id);
        free(i->description);
        *i = (SnmpIdentity){};
}

/*** The engine ***/

SnmpEngine *snmp_engine_free(SnmpEngine *e) {
        if (!e)
                return NULL;

        snmp_order_forget(e);
        snmp_column_forget(e);
        snmp_link_free(e->link);
        sd_event_source_disable_unref(e->timer);
        sd_event_unref(e->event);
        snmp_layout_done(&e->layout);
        snmp_chain_done(e);
        for (size_t i = 0; e->tables && i < e->profile->n_tables; i++) {
                snmp_member_list_done(&e->tables[i].list);
                snmp_member_list_done(&e->tables[i].found);
        }
        free(e->tables);
        snmp_asker_done(&e->asker);
        snmp_identity_done(&e->identity);
        strv_free(e->gone);
        strv_free(e->alarms);
        free(e->why);
        snmp_profile_unref(e->profile);
        free(e);
        return NULL;
}

static int copy_identity(const SnmpIdentity *from, SnmpIdentity *to) {
        if (from && from->description) {
                to->description = strdup(from->description);
                if (!to->description)
                        return -ENOMEM;
        }
        return from && from->object_id.n > 0 ? snmp_oid_copy(&from->object_id, &to->object_id) : 0;
}

static int on_timer(sd_event_source *s _unused_, uint64_t usec _unused_, void *userdata) {
        snmp_engine_resume(userdata);
        return 0;
}

static int make_timer(SnmpEngine *e) {
        int r = sd_event_add_time(e->event, &e->timer, CLOCK_MONOTONIC, 0, 1, on_timer, e);

        if (r >= 0)
                r = sd_event_source_set_enabled(e->timer, SD_EVENT_OFF);
        return r;
}

static size_t find_chain(const SnmpProfile *p) {
        for (size_t i = 0; i < p->n_tables; i++)
                if (p->tables[i].is_chain)
                        return i;
        return SNMP_NO_TABLE;
}

static int prepare(SnmpEngine *e, const SnmpIdentity *identity, const char *known) {
        int r = copy_identity(identity, &e->identity);

        if (r >= 0)
                r = make_timer(e);
        if (r >= 0)
                r = snmp_asker_init(&e->asker, e->link, snmp_engine_resume, e);
        if (r < 0)
                return r;
        e->asker.now = 1;
        e->repetitions = SNMP_REPETITIONS;
        e->tables = new0(Table, e->profile->n_tables);
        if (!e->tables)
                return -ENOMEM;
        for (size_t i = 0; i < e->profile->n_tables; i++)
                e->tables[i].count = NAN;
        e->chain_table = find_chain(e->profile);
        e->op.checks_identity = known && snmp_known_load(e, known);
        return snmp_bind(e);
}

int snmp_engine_new(SnmpLink *link,
        sd_event *event,
        SnmpProfile *profile,
        const SnmpIdentity *identity,
        const SnmpEngineOptions *options,
        const char *known,
        SnmpEngine **ret) {
        _cleanup_(snmp_engine_freep) SnmpEngine *e = new0(SnmpEngine, 1);
        int r;

        if (!e)
                return -ENOMEM;
        e->event = sd_event_ref(event);
        e->profile = snmp_profile_ref(profile);
        e->options = *options;
        if (e->options.slow_every == 0)
                e->options.slow_every = SLOW_POLLS;
        e->link = link;
        r = prepare(e, identity, known);
        if (r < 0) {
                /* It stays the caller's. */
                e->link = NULL;
                return r;
        }
        *ret = TAKE_PTR(e);
        return 0;
}

/*** Operations ***/

int snmp_engine_begin(SnmpEngine *e, SnmpPhase phase, Update *u, SnmpEngineDone done, void *userdata) {
        bool checks_identity = e->op.checks_identity;

        int r;

        if (e->op.done)
                return -EBUSY;
        e->op = (SnmpOperationState){
                .phase = phase,
                .update = u,
                .done = done,
                .userdata = userdata,
                .checks_identity = checks_identity,
        };
        e->operations++;
        snmp_asker_begin(&e->asker);
        r = snmp_engine_wait(e, 0);
        if (r < 0) {
                e->op = (SnmpOperationState){.checks_identity = checks_identity};
                return r;
        }
        return 0;
}

static void forget_operation(SnmpEngine *e) {
        snmp_order_forget(e);
        snmp_discover_forget(e);
        for (size_t i = 0; i < e->layout.items.n_items; i++)
                e->layout.items.items[i].due = false;
        e->op = (SnmpOperationState){.checks_identity = e->op.checks_identity};
        (void) sd_event_source_set_enabled(e->timer, SD_EVENT_OFF);
}

static void explain_link(SnmpEngine *e) {
        const char *why = snmp_link_why(e->link);

        if (why && !e->why)
                e->why = strdup(why);
}

static void finish(SnmpEngine *e, int r) {
        SnmpEngineDone done = e->op.done;
        void *userdata = e->op.userdata;

        if (r < 0 && e->op.is_forgiving && r != -ENOMEM) {
                /* It is done, whatever could be read of it. */
                e->show_all = true;
                r = 0;
        }
        if (r >= 0)
                r = e->op.result;
        else if (e->order && e->order->unanswered < 0 && r != -ENOMEM)
                r = snmp_order_unknown(e);
        else if (r != -ENXIO && r != -EINVAL && r != -EPIPE && r != -EBUSY && r != -EREMOTEIO)
                explain_link(e);
        /* Nobody will look at what was put into the update. */
        if (r < 0)
                e->show_all = true;
        if (e->op.is_poll)
                e->was_whole = r >= 0 && e->op.is_whole;
        forget_operation(e);
        done(e, r, userdata);
}

void snmp_engine_resume(void *userdata) {
        SnmpEngine *e = userdata;
        int r = 0;

        if (!e->op.done)
                return;
        while (r == 0 && e->op.phase)
                r = e->op.phase(e);
        if (r <= 0)
                finish(e, r);
}

int snmp_engine_wait(SnmpEngine *e, uint64_t usec) {
        uint64_t now;
        int r = sd_event_now(e->event, CLOCK_MONOTONIC, &now);

        if (r >= 0)
                r = sd_event_source_set_time(e->timer, usec_add(now, usec));
        if (r >= 0)
                r = sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
        return r < 0 ? r : 1;
}

void snmp_engine_cancel(SnmpEngine *e) {
        snmp_link_cancel(e->link);
        if (e->op.done) {
                e->show_all = true;
                forget_operation(e);
        }
}

/*** Reading ***/

int snmp_phase_read(SnmpEngine *e) {
        int r = snmp_asker_next(&e->asker, &e->layout.items);

        if (r == 0)
                e->op.phase = e->op.after;
        return r;
}

static bool item_is_due(const SnmpItem *i, bool full, bool slow) {
        if (i->ask == _SNMP_ASK_MAX)
                return false;
        /* The status waits for it. */
        if (i->status && i->missed > 0 && !i->suspect)
                return true;
        if ((i->absent || i->suspect) && !(i->status && i->seen && !i->mute))
                return i->seen || i->suspect ? full : slow;
        if (!i->known)
                return true;
        switch ((SnmpAsk) i->ask) {
        case SNMP_ASK_QUICK:
                return true;
        case SNMP_ASK_FULL:
                return full;
        case SNMP_ASK_SLOW:
                return slow;
        case SNMP_ASK_ONCE:
                /* A card that has just started may not know yet what it is called. */
                return slow && (i->datum.type == SNMP_TYPE_STRING && i->datum.n == 0);
        case _SNMP_ASK_MAX:
                break;
        }
        return false;
}

static void mark_due(SnmpEngine *e, bool full, bool slow) {
        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                SnmpItem *item = &e->layout.items.items[i];

                item->due = item_is_due(item, full, slow);
        }
}

/* Of a table that has changed: what is new is read as well. */
static int phase_rebound(SnmpEngine *e) {
        if (!e->op.is_rebound) {
                e->op.phase = snmp_phase_whole;
                return 0;
        }
        e->op.is_rebound = false;
        for (size_t i = 0; i < e->layout.items.n_items; i++) {
                SnmpItem *item = &e->layout.items.items[i];

                item->due = item->ask != _SNMP_ASK_MAX && !item->known && item->missed == 0;
        }
        /* Conditions of tables may hang on what comes now: another look, which ends when nothing is new. */
        e->op.phase = snmp_phase_read;
        e->op.after = e->op.rounds++ < SNMP_TABLE_DEPTH_MAX ? snmp_phase_find : phase_rebound;
        return 0;
}

int snmp_phase_find(SnmpEngine *e) {
        int r = snmp_refresh(e);

        e->op.index = 0;
        e->op.after = phase_rebound;
        e->op.phase = snmp_phase_discover;
        return r;
}

static bool says_another(const SnmpEngine *e) {
        const SnmpItem *item;
        const SnmpOid oid = {.ids = (uint32_t[]){1, 3, 6, 1, 2, 1, 1, 2, 0}, .n = 9};

        item = snmp_items_find(&e->layout.items, &oid);
        if (item && item->datum.type == SNMP_TYPE_OID && e->identity.object_id.n > 0) {
                const SnmpOid id = {.ids = item->datum.ids, .n = item->datum.n};

                return !snmp_oid_equal(&id, &e->identity.object_id);
        }
        return false;
}

static bool is_another(SnmpEngine *e) {
        const SnmpContext c = {.e = e};

        if (says_another(e))
                return true;
        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_NEED]; i++) {
                const SnmpExpression *x = &e->profile->rows[SNMP_ROW_NEED][i].expression;
                const SnmpItem *needed = snmp_pattern_item(&c, &x->selector.object);

                /* What got lost on the way says nothing. */
                if (needed && needed->missed > 0)
                        continue;
                if (!needed || !snmp_item_is_there(needed) ||
                        (x->has_test && snmp_expression_holds(&c, x, NULL) <= 0))
                        return true;
        }
        return false;
}

static int phase_check_identity(SnmpEngine *e) {
        if (is_another(e)) {
                snmp_engine_explain(
                        e, strprintf("the agent is not the device any more that it was: it lacks what %s "
                                     "needs, or says that it is another",
                                   e->profile->id));
                return -ENXIO;
        }
        e->op.checks_identity = false;
        e->op.phase = snmp_phase_find;
        return 0;
}

static void mark_identity(SnmpEngine *e) {
        const SnmpContext c = {.e = e};
        const SnmpOid oid = {.ids = (uint32_t[]){1, 3, 6, 1, 2, 1, 1, 2, 0}, .n = 9};
        SnmpItem *item = snmp_items_find(&e->layout.items, &oid);

        if (item)
                item->due = true;
        for (size_t i = 0; i < e->profile->n_rows[SNMP_ROW_NEED]; i++) {
                const SnmpExpression *x = &e->profile->rows[SNMP_ROW_NEED][i].expression;

                item = snmp_pattern_item(&c, &x->selector.object);
                if (item)
                        item->due = true;
        }
}

/* Whether the agent has said of more objects than before that it has them not any more. */
static bool has_lost_more(SnmpEngine *e) {
        size_t before = e->n_lost;

        e->n_lost = 0;
        for (size_t i = 0; i < e->layout.items.n_items; i++)
                e->n_lost += e->layout.items.items[i].absent && e->layout.items.items[i].seen;
        return e->n_lost > before;
}

/* Whether the agent was started anew since its clock was read last. That one runs over now and then, and
 * that it is not quite even means nothing. */
static bool has_restarted(SnmpEngine *e) {
        const SnmpItem *item = snmp_items_find(&e->layout.items, &snmp_sys_uptime);
        bool has_restarted;

        if (!item || item->datum.type != SNMP_TYPE_TICKS)
                return false;
        has_restarted = e->has_uptime && item->datum.count + UPTIME_JITTER < e->uptime;
        e->has_uptime = true;
        e->uptime = item->datum.count;
        return has_restarted;
}

/* All of it anew, also what is asked only once: there may be another device behind the address, of the same
 * kind. */
static void mark_all(SnmpEngine *e) {
        e->op.full = e->op.slow = true;
        for (size_t i = 0; i < e->layout.items.n_items; i++)
                if (e->layout.items.items[i].ask != _SNMP_ASK_MAX)
                        e->layout.items.items[i].due = true;
}

/* What loses objects, was started or says that it is something else may be another device that was put in
 * its place, between two polls even. */
static int phase_read_all(SnmpEngine *e) {
        bool has_lost = has_lost_more(e), restarted = has_restarted(e) && !e->op.is_start;

        e->op.phase = phase_check_identity;
        if (e->op.checks_identity && !restarted)
                return 0;
        if (!has_lost && !restarted && !says_another(e)) {
                e->op.phase = snmp_phase_find;
                return 0;
        }
        if (restarted)
                mark_all(e);
        mark_identity(e);
        e->op.checks_identity = true;
        e->op.phase = snmp_phase_read;
        e->op.after = phase_check_identity;
        return 0;
}

/* Two objects more that tell whether it is still the device that it was. */
static void mark_signs(SnmpEngine *e) {
        const SnmpOid id = {.ids = (uint32_t[]){1, 3, 6, 1, 2, 1, 1, 2, 0}, .n = 9};
        const SnmpOid *const signs[] = {&id, &snmp_sys_uptime};

        for (size_t i = 0; i < ELEMENTSOF(signs); i++) {
                SnmpItem *item = snmp_items_find(&e->layout.items, signs[i]);

                if (item)
                        item->due = item->due || e->op.slow || (!item->absent && !item->suspect);
        }
}

int snmp_phase_begin_reading(SnmpEngine *e) {
        mark_due(e, e->op.full, e->op.slow);
        if (e->op.full)
                mark_signs(e);
        if (e->op.slow && !e->op.is_start)
                e->op.checks_identity = true;
        /* Where nothing is due, something has to say that the agent is there. */
        if (e->op.checks_identity || !snmp_items_are_due(&e->layout.items))
                mark_identity(e);
        e->op.phase = snmp_phase_read;
        e->op.after = phase_read_all;
        return 0;
}

int snmp_phase_publish(SnmpEngine *e) {
        int r = snmp_refresh(e);

        if (r >= 0 && e->op.is_whole && e->status_is_stale)
                r = snmp_refresh_status(e);
        if (r >= 0)
                r = snmp_publish(e, e->op.update);
        if (e->op.is_start)
                e->start_usec = now_usec(CLOCK_BOOTTIME);
        e->op.phase = NULL;
        return r;
}

int snmp_engine_start(SnmpEngine *e, Update *u, SnmpEngineDone done, void *userdata) {
        int r = snmp_engine_begin(e, snmp_phase_begin_reading, u, done, userdata);

        if (r < 0)
                return r;
        snmp_engine_explain(e, NULL);
        e->op.is_start = e->op.is_poll = e->op.full = e->op.slow = true;
        e->show_all = true;
        return 0;
}

static bool start_counts(SnmpEngine *e) {
        uint64_t start_usec = e->start_usec;

        e->start_usec = 0;
        return start_usec > 0 && now_usec(CLOCK_BOOTTIME) < usec_add(start_usec, START_COUNTS_USEC);
}

int snmp_engine_poll(SnmpEngine *e, bool full, Update *u, SnmpEngineDone done, void *userdata) {
        int r = snmp_engine_begin(e, snmp_phase_begin_reading, u, done, userdata);

        if (r < 0)
                return r;
        snmp_engine_explain(e, NULL);
        if (start_counts(e)) {
                e->op.phase = snmp_phase_publish;
                return 0;
        }
        e->op.is_poll = true;
        e->full_polls += full;
        e->op.full = full;
        e->op.slow = full && e->full_polls % e->options.slow_every == 0;
        return 0;
}
