/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <syslog.h>
#include <time.h>

#include "line-engine-internal.h"
#include "line-trust.h"
#include "string-util.h"
#include "time-util.h"

/* After trouble so long must pass in which nothing comes: the time that a long answer takes on the line, and
 * what the device needs to begin with it. */
#define SETTLE_BYTES 64U
#define SETTLE_USEC (50 * USEC_PER_MSEC)
/* Questions in a row without a good answer until the device is asked for what it knows for sure, or is given
 * up if it has not answered anything yet. */
#define FAILURES_MAX 2U
#define FAILURES_AT_FIRST_MAX 4U
/* Time that a reading may lose to silence: enough for one query that was answered before. */
#define LOST_USEC (2 * USEC_PER_SEC)
/* What has never answered gets less time when it is tried again, but more than any answer has taken. */
#define RETRY_USEC (500 * USEC_PER_MSEC)
/* Since noise was seen, so many answers have to be borne out by a second one that agrees, unless they have a
 * check: the next character that it changes may be a digit. */
#define NOISY_ANSWERS 50U

static bool is_cancelled(const LineEngine *e) {
        return e->options.is_cancelled && e->options.is_cancelled(e->options.userdata);
}

int line_pause(LineEngine *e, uint64_t usec) {
        struct timespec left = {
                .tv_sec = (time_t) (usec / USEC_PER_SEC),
                .tv_nsec = (long) (usec % USEC_PER_SEC * NSEC_PER_USEC),
        };

        if (is_cancelled(e))
                return -EINTR;
        if (e->options.pause) {
                e->options.pause(e->options.userdata, usec);
                return 0;
        }
        while (nanosleep(&left, &left) < 0)
                if (is_cancelled(e))
                        return -EINTR;
        return is_cancelled(e) ? -EINTR : 0;
}

/*** One exchange ***/

/* The next request may only go out when all is over that belongs to this one. After an answer that was
 * complete, not much can follow. */
static void need_settling(LineEngine *e, bool complete) {
        unsigned speed = e->profile->format.speed > 0 ? e->profile->format.speed : 2400;

        if (e->is_immediate)
                return;
        e->settle_usec = SETTLE_USEC + (complete ? 0 : SETTLE_BYTES * 10 * USEC_PER_SEC / speed);
}

static int wait_before(LineEngine *e) {
        uint64_t end = usec_add(e->answer_usec, e->profile->format.pause_usec);
        uint64_t wait = e->answer_usec > 0 ? usec_sub(end, now_usec(CLOCK_MONOTONIC)) : 0;

        /* What is owed to the device stays so until it is asked. */
        if (e->is_immediate)
                return is_cancelled(e) ? -EINTR : 0;
        wait = MAX(wait, e->settle_usec);
        e->settle_usec = 0;
        return wait > 0 || is_cancelled(e) ? line_pause(e, wait) : 0;
}

/* text is without check and end; of framing what is not that of all requests, which without a time has
 * that of the profile. As line_link_exchange(). */
static int exchange(LineEngine *e,
        const uint8_t *text,
        size_t n,
        LineFraming framing,
        uint8_t answer[static LINE_SIZE_MAX]) {
        const LineFormat *format = &e->profile->format;
        uint8_t request[LINE_SIZE_MAX];
        uint64_t begin;
        int r, size;

        size = line_request_build(format, text, n, request, sizeof(request));
        if (size < 0)
                return size;

        framing.echo = format->echo_is_skipped;
        framing.n_end = format->n_end_answer;
        memcpy(framing.end, format->end_answer, format->n_end_answer);
        if (framing.timeout_usec == 0)
                framing.timeout_usec = format->timeout_usec;

        e->is_immediate = line_link_is_immediate(e->link, request, (size_t) size, &framing);
        r = wait_before(e);
        if (r < 0)
                return r;
        begin = now_usec(CLOCK_MONOTONIC);
        r = line_link_exchange(e->link, request, (size_t) size, &framing, answer, LINE_SIZE_MAX);
        if (!e->is_immediate) {
                uint64_t usec;

                e->answer_usec = now_usec(CLOCK_MONOTONIC);
                usec = usec_sub(e->answer_usec, begin);
                if (r > 0)
                        e->slowest_usec = MAX(e->slowest_usec, usec);
                else
                        e->lost_usec += r == 0 ? MAX(usec, framing.timeout_usec) : usec;
        }
        e->heard = e->heard || r > 0 || r == -EBADMSG || r == -EPIPE;
        if (r > (int) LINE_SIZE_MAX)
                return -EBADMSG;
        return is_cancelled(e) ? -EINTR : r;
}

static bool is_fatal(int r) {
        return r == -ENODEV || r == -EINTR || r == -ENOMEM;
}

/*** Questions ***/

typedef enum Outcome {
        OUTCOME_GOOD,
        OUTCOME_SILENT,
        OUTCOME_BAD,
        OUTCOME_REFUSED,
} Outcome;

bool line_is_exhausted(const LineEngine *e) {
        return e->polls > 1 && e->lost_usec >= LOST_USEC;
}

static uint64_t timeout_for(const LineEngine *e, const Question *q) {
        if (q != e->retry || q->answered || q->query->timeout_usec > 0)
                return q->query->timeout_usec;
        return MIN(e->profile->format.timeout_usec, MAX(RETRY_USEC, 2 * e->slowest_usec));
}

static int ask_once(LineEngine *e,
        const Question *q,
        const char *text,
        size_t n,
        bool *ret_doubtful,
        LineReply **ret) {
        LineFraming framing = {
                .binary = line_reply_binary(&e->profile->format, q->query),
                .timeout_usec = timeout_for(e, q),
        };
        uint8_t bytes[LINE_SIZE_MAX];
        int r;

        *ret_doubtful = false;
        r = exchange(e, (const uint8_t *) text, n, framing, bytes);
        if (is_fatal(r))
                return r;
        if (r == 0)
                return OUTCOME_SILENT;
        if (r == -EPIPE)
                return OUTCOME_REFUSED;
        if (r < 0)
                return OUTCOME_BAD;

        r = line_reply_judge(
                &e->profile->format, q->query, (const uint8_t *) text, n, bytes, (size_t) r, ret);
        if (r < 0)
                return r;
        *ret_doubtful = r == LINE_DOUBTFUL;
        return r == LINE_REFUSED ? OUTCOME_REFUSED : r == LINE_BAD ? OUTCOME_BAD : OUTCOME_GOOD;
}

/*** What is believed ***/

/* The same text as of the question before, and not what the device said to this one last: that may be the
 * answer to the other, come twice. */
static bool is_strange(const LineEngine *e, const Question *q, const LineReply *a) {
        return e->last && e->last != q && streq_ptr(e->last_text, a->text) &&
               !(q->answer && streq(q->answer->text, a->text));
}

/* Nearly anything could be an answer to this: half of the right one, a refusal that was garbled. */
static bool is_weak(const LineQuery *q) {
        return isempty(q->begin) && !q->answer.text && q->n_binary == 0 && !q->decode;
}

/* Another shape than last time: a character may be lost, one too many, or another one. */
static bool is_unsteady(const Question *q, const LineReply *a) {
        return q->answer ? !line_reply_same_shape(q->answer, a, q->query->steady)
                         : q->query->steady || q->refused || is_weak(q->query);
}

/* How an answer is to be borne out by another one. */
typedef enum Doubt {
        DOUBT_NONE,
        DOUBT_CONTENT, /* by one that agrees with it */
        DOUBT_TEXT,    /* by the very same */
} Doubt;

static Doubt doubt_of(
        const LineEngine *e, const Question *q, const LineReply *a, bool doubtful, bool first) {
        if (doubtful || (first && is_strange(e, q, a)))
                return DOUBT_TEXT;
        if (e->probing || e->profile->format.check_answer != LINE_CHECK_NONE)
                return DOUBT_NONE;
        /* What it said last bears it out as well. */
        if (e->noise > 0 && !(q->answer && line_reply_agrees(q->answer, a)))
                return DOUBT_CONTENT;
        return is_unsteady(q, a) ? DOUBT_CONTENT : DOUBT_NONE;
}

static bool is_borne_out(const LineReply *before, const LineReply *a, Doubt doubt) {
        if (!before)
                return false;
        return doubt == DOUBT_TEXT ? streq(before->text, a->text) : line_reply_agrees(before, a);
}

/* How often an outcome is tried until it is believed. */
static unsigned tries_for(const LineEngine *e, const Question *q, Outcome outcome) {
        unsigned tries = MAX(e->profile->format.tries, 1U);

        if (q == e->retry && (outcome != OUTCOME_BAD || !q->answered))
                return 1;
        return outcome == OUTCOME_BAD || q->answered ? tries : MIN(tries, 2U);
}

/* Asks until there is an answer that can be believed, or none is to be hoped for. What is only asked again
 * to be sure has not failed. */
static int ask_again(LineEngine *e, Question *q, const char *text, size_t n, LineReply **ret) {
        unsigned tries[] = {0, 0, 0, 0}, limit = 2 * MAX(e->profile->format.tries, 2U);
        _cleanup_(line_reply_freep) LineReply *doubted = NULL;

        for (unsigned i = 0;; i++) {
                _cleanup_(line_reply_freep) LineReply *a = NULL;
                bool doubtful;
                int r = ask_once(e, q, text, n, &doubtful, &a);

                if (r < 0)
                        return r;
                if (r == OUTCOME_GOOD) {
                        Doubt doubt;

                        if (tries[OUTCOME_BAD] > 0)
                                e->noise = NOISY_ANSWERS;
                        doubt = doubt_of(e, q, a, doubtful, i == 0);
                        if (doubt == DOUBT_NONE || is_borne_out(doubted, a, doubt)) {
                                q->borne_out = doubt != DOUBT_NONE;
                                *ret = TAKE_PTR(a);
                                return r;
                        }
                        line_reply_free(doubted);
                        doubted = TAKE_PTR(a);
                        if (doubt == DOUBT_TEXT)
                                need_settling(e, false);
                        if (i >= limit)
                                return OUTCOME_BAD;
                        continue;
                }

                need_settling(e, r == OUTCOME_REFUSED);
                if (++tries[r] >= tries_for(e, q, (Outcome) r) || i >= limit)
                        return r;
        }
}

static int take_answer(LineEngine *e, Question *q, LineReply *a) {
        line_reply_free(q->answer);
        q->answer = a;
        q->failed = q->refused = false;
        q->answered = true;
        e->failures = 0;
        e->noise -= e->noise > 0;
        e->last = q;
        return free_and_strdup(&e->last_text, a->text);
}

/* Without whose answer the rest is of no use. */
bool line_is_required(const Question *q) {
        const LineQuery *query = q->query;

        return q->polled && ((query->ask == LINE_ASK_QUICK && !query->optional) ||
                                (query->vital && q->answered));
}

static int ask(LineEngine *e, Question *q);

/* What the device has answered, best with each poll; NULL for nothing. */
static Question *find_known(LineEngine *e) {
        Question *known = NULL;

        for (size_t i = 0; i < e->profile->n_queries; i++) {
                Question *q = &e->questions[i];

                if (q->answer && (!known || q->query->ask == LINE_ASK_QUICK))
                        known = q;
        }
        return known;
}

/* Several questions without an answer may be several that the device does not know, or the device is gone:
 * what it has answered before tells. */
static int ask_whether_alive(LineEngine *e, int error) {
        Question *known = find_known(e);
        int r;

        if (!known)
                return e->polls > 1 || e->failures >= FAILURES_AT_FIRST_MAX ? error : 0;

        /* Its own failure is not one more. */
        e->is_checking = true;
        r = ask(e, known);
        e->is_checking = false;
        e->failures = 0;
        if (r < 0)
                return r;
        return known->answer ? 0 : error;
}

static int take_failure(LineEngine *e, Question *q, Outcome outcome) {
        static const char *const words[] = {"", "no answer", "no answer that fits", "refused"};
        int error = outcome == OUTCOME_SILENT ? -ETIMEDOUT : -EBADMSG;

        line_log(e, LOG_DEBUG, 0, "query %s: %s", q->query->name, words[outcome]);
        line_reply_free(TAKE_PTR(q->answer));
        q->failed = true;
        q->refused = outcome == OUTCOME_REFUSED;
        if (line_is_required(q))
                return error;
        if (q->refused) {
                e->failures = 0;
                return 0;
        }
        if (e->is_checking)
                return 0;
        if (++e->failures < FAILURES_MAX && !line_is_exhausted(e) && find_known(e))
                return 0;
        return ask_whether_alive(e, error);
}

static int ask(LineEngine *e, Question *q) {
        const LineContext c = {.e = e};
        _cleanup_free_ char *text = NULL;
        LineReply *a = NULL;
        size_t n;
        int r;

        r = line_render(&c, &q->query->send, &text, &n);
        if (r <= 0) {
                line_reply_free(TAKE_PTR(q->answer));
                return r;
        }

        q->asked = e->polls;
        q->asked_full = e->full_polls;
        r = ask_again(e, q, text, n, &a);
        if (r < 0)
                return r;
        if (r != OUTCOME_GOOD)
                return take_failure(e, q, (Outcome) r);
        r = take_answer(e, q, a);
        return r < 0 ? r : 1;
}

/* 1 also means that another question was answered. */
int line_ask(LineEngine *e, Question *q) {
        int r = ask(e, q);

        return r > 0 ? q->answer != NULL : r;
}

int line_need(LineEngine *e, Question *q) {
        return q->asked == e->polls && e->polls > 0 ? q->answer != NULL : line_ask(e, q);
}

/*** Commands ***/

/* Without a text that says yes, whatever is no refusal does. */
static int judge_order(LineEngine *e, const LineOrder *o, const uint8_t *bytes, size_t n) {
        int r = line_reply_accepts(&e->profile->format, o->accepted, o->text, o->n, bytes, n);

        if (r == -EBADMSG && !o->accepted) {
                line_log(e, LOG_DEBUG, 0, "a command has got an answer of %zu bytes where none is known", n);
                return 0;
        }
        return r;
}

/* Where silence means that it was done, a refusal must not be missed: it may take as long as any answer. */
uint64_t line_order_usec(const LineEngine *e, const LineOrder *o) {
        uint64_t usual = e->profile->format.timeout_usec;

        if (o->timeout_usec > 0)
                return o->timeout_usec;
        return o->silence_is_done ? MAX(usual, e->slowest_usec) : usual;
}

int line_send(LineEngine *e, const LineOrder *o) {
        /* "ACK" and the like come without an end from some. */
        LineFraming framing = {.end_optional = true, .timeout_usec = line_order_usec(e, o)};
        uint8_t bytes[LINE_SIZE_MAX];
        size_t n;
        int r;

        r = exchange(e, o->text, o->n, framing, bytes);
        n = r > 0 ? (size_t) r : 0;
        if (r > 0)
                r = judge_order(e, o, bytes, n);
        else if (r == 0 && !o->silence_is_done)
                r = -ETIMEDOUT;
        if (r < 0) {
                need_settling(e, r == -EPIPE);
                line_explain_order(e, o, r, bytes, n);
        }
        return r;
}
