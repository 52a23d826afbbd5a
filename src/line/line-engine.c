/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "line-engine-internal.h"
#include "string-util.h"
#include "time-util.h"

/* What was read when the device was opened is as good as the first poll right behind it. */
#define START_COUNTS_USEC (2 * USEC_PER_SEC)
/* Slow questions are asked with every so many full polls; those without an answer not sooner. */
#define SLOW_POLLS 10U

void line_log(const LineEngine *e, int level, int error, const char *fmt, ...) {
        char text[512];
        va_list ap;

        if (!e->options.log)
                return;
        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        e->options.log(e->options.userdata, level, error, text);
}

const char *line_option(const LineEngine *e, const char *name) {
        return e->options.option ? e->options.option(e->options.userdata, name) : NULL;
}

LineEngine *line_engine_free(LineEngine *e) {
        if (!e)
                return NULL;

        if (e->profile)
                line_unbind(e);
        free(e->last_text);
        free(e->why);
        line_link_free(e->link);
        line_profile_unref(e->profile);
        free(e);
        return NULL;
}

static int make(LineLink *link,
        LineProfile *profile,
        const LineEngineOptions *options,
        bool probing,
        LineEngine **ret) {
        _cleanup_(line_engine_freep) LineEngine *e = new0(LineEngine, 1);
        int r;

        if (!e)
                return -ENOMEM;

        e->options = *options;
        e->probing = probing;
        e->not_ready = options->is_known_not_ready;
        e->profile = line_profile_ref(profile);
        r = line_bind(e);
        if (r < 0)
                return r;

        /* What the driver keeps is there also for a device that never answers: a command may need it. Until
         * all is well the link is the caller's. */
        e->link = link;
        r = line_refresh(e);
        if (r < 0) {
                e->link = NULL;
                return r;
        }

        *ret = TAKE_PTR(e);
        return 0;
}

int line_engine_new(
        LineLink *link, LineProfile *profile, const LineEngineOptions *options, LineEngine **ret) {
        return make(link, profile, options, false, ret);
}

LineLink *line_engine_steal_link(LineEngine *e) {
        return TAKE_PTR(e->link);
}

const char *line_engine_value(const LineEngine *e, const char *name) {
        const Slot *s = line_find_slot(e, name);

        return s ? s->value : NULL;
}

/*** Reading ***/

/* What the device does not know, or has not said when it should have. */
static bool is_dormant(const Question *q) {
        return q->asked > 0 && q->failed && !line_is_required(q);
}

/* What has been there may come back soon. */
static bool may_retry(const LineEngine *e, const Question *q, bool full) {
        bool quick = q->query->ask == LINE_ASK_QUICK;

        if (q->answered && (quick || !q->refused))
                return full || quick;
        return full && (q->query->vital || e->full_polls - q->asked_full >= SLOW_POLLS);
}

/* One of them in a reading, in turn: each may cost as much time as all the rest. */
static const Question *choose_retry(LineEngine *e, bool full) {
        const Question *oldest = NULL;

        for (size_t i = 0; i < e->profile->n_queries; i++) {
                const Question *q = &e->questions[i];

                if (q->polled && is_dormant(q) && may_retry(e, q, full) &&
                        (!oldest || q->asked < oldest->asked) && line_question_counts(e, q))
                        oldest = q;
        }
        return oldest;
}

static bool is_due(const LineEngine *e, const Question *q, bool full) {
        if (is_dormant(q))
                return q == e->retry;
        if (!q->answer)
                return full || q->query->ask == LINE_ASK_QUICK || q->asked == 0;

        switch (q->query->ask) {
        case LINE_ASK_QUICK:
                return true;
        case LINE_ASK_FULL:
                return full;
        case LINE_ASK_SLOW:
                return full && e->full_polls % SLOW_POLLS == 0;
        case LINE_ASK_WRITTEN:
                return full && e->written;
        case LINE_ASK_ONCE:
        case _LINE_ASK_MAX:
                break;
        }
        return false;
}

/* Of one kind all that is due and has not been asked; 1 if there was something. */
static int read_kind(LineEngine *e, bool full, bool quick) {
        int any = 0;

        for (size_t i = 0; i < e->profile->n_queries; i++) {
                Question *q = &e->questions[i];
                int r;

                if (!q->polled || (q->query->ask == LINE_ASK_QUICK) != quick || q->asked == e->polls ||
                        !is_due(e, q, full) || !line_question_counts(e, q))
                        continue;
                if (line_is_exhausted(e) && !line_is_required(q)) {
                        /* Its turn comes with the next; what it said is too old by then. */
                        q->answer = line_reply_free(q->answer);
                        continue;
                }
                r = line_ask(e, q);
                if (r < 0)
                        return r;
                any |= q->asked == e->polls;
        }
        return any;
}

/* What has to be answered comes first: without it the rest is of no use. */
static int read_rounds(LineEngine *e, bool full) {
        for (size_t round = 0; round <= e->profile->n_queries; round++) {
                int quick, other, r;

                quick = read_kind(e, full, true);
                if (quick < 0)
                        return quick;
                if (quick > 0) {
                        r = line_refresh(e);
                        if (r < 0)
                                return r;
                }
                other = read_kind(e, full, false);
                if (other < 0)
                        return other;
                r = line_refresh(e);
                if (r < 0)
                        return r;
                if (quick == 0 && other == 0)
                        break;
        }
        return 0;
}

int line_read(LineEngine *e, bool full) {
        int r;

        e->lost_usec = 0;
        e->retry = choose_retry(e, full);
        r = read_rounds(e, full);
        e->retry = NULL;
        e->lost_usec = 0;
        return r;
}

/* A device that is its own may answer anything while it starts. */
static int check_ready(LineEngine *e) {
        const LineContext c = {.e = e};
        bool ready = true;

        for (size_t i = 0; i < e->profile->n_rows[LINE_ROW_READY] && ready; i++) {
                const LineRow *row = &e->profile->rows[LINE_ROW_READY][i];
                int holds = line_whens_hold(&c, &row->whens) ? line_row_holds(&c, row, true) : 1;

                if (holds == -ENOMEM)
                        return holds;
                ready = holds != 0;
        }
        if (!ready)
                line_log(e, e->not_ready ? LOG_DEBUG : LOG_NOTICE, 0,
                        "the device is not ready yet: what it answers are no readings");
        e->not_ready = !ready;
        return ready ? 0 : -EAGAIN;
}

static int read_anew(LineEngine *e, bool full) {
        int r;

        e->polls++;
        e->failures = 0;
        r = line_read(e, full);
        if (r < 0)
                return r;
        if (full)
                e->written = false;
        r = check_ready(e);
        return r < 0 ? r : line_confirm_mains(e);
}

int line_engine_start(LineEngine *e, Update *u) {
        int r;

        r = read_anew(e, true);
        if (r >= 0)
                r = line_run_starts(e);
        if (r >= 0)
                r = line_write_options(e);
        if (r >= 0 && e->written) {
                r = line_read_written(e);
                if (r >= 0)
                        r = line_refresh(e);
        }
        if (r < 0)
                return r;

        e->full_usec = now_usec(CLOCK_BOOTTIME);
        return line_publish(e, u);
}

static bool start_counts(const LineEngine *e) {
        return e->polls == 1 && e->full_usec > 0 &&
               now_usec(CLOCK_BOOTTIME) < usec_add(e->full_usec, START_COUNTS_USEC);
}

int line_engine_poll(LineEngine *e, bool full, Update *u) {
        int r;

        if (start_counts(e))
                e->full_usec = 0;
        else {
                e->full_polls += full;
                r = read_anew(e, full);
                if (r < 0)
                        return r;
        }
        return line_publish(e, u);
}

/*** Probing ***/

static int need_counted(LineEngine *e, Question *q) {
        return line_question_counts(e, q) ? line_need(e, q) : 0;
}

static int probe_row(LineEngine *e, const LineRow *row) {
        const LineContext c = {.e = e};
        int r;

        if (!line_whens_hold(&c, &row->whens))
                return 1;
        r = line_selector_each_query(e, &row->selector, need_counted);
        if (r < 0)
                return r;
        r = line_refresh(e);
        return r < 0 ? r : line_row_holds(&c, row, true);
}

static int probe(LineEngine *e) {
        const LineProfile *p = e->profile;

        e->polls = 1;
        if (!e->options.is_demanded && !line_link_is_meant(e))
                return -ENODEV;

        for (size_t i = 0; i < p->n_rows[LINE_ROW_NEED]; i++) {
                int r = probe_row(e, &p->rows[LINE_ROW_NEED][i]);

                if (r > 0)
                        continue;
                if ((r == 0 || r == -ENODATA) && e->options.ret_why && p->rows[LINE_ROW_NEED][i].why)
                        (void) free_and_strdup(e->options.ret_why, p->rows[LINE_ROW_NEED][i].why);
                if (r == 0 || r == -ENODATA || r == -ETIMEDOUT || r == -EBADMSG)
                        return e->heard ? -ENODEV : -ETIMEDOUT;
                return r;
        }
        return 0;
}

int line_engine_probe(LineLink *link, const LineProfile *profile, const LineEngineOptions *options) {
        _cleanup_(line_engine_freep) LineEngine *e = NULL;
        int r;

        r = make(link, (LineProfile *) profile, options, true, &e);
        if (r < 0)
                return r;
        r = probe(e);
        (void) line_engine_steal_link(e);
        return r;
}
