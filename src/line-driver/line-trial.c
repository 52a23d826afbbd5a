/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-trial.h"

#include <time.h>

#include "string-util.h"
#include "time-util.h"

/* More questions than all protocols together begin with; what is beyond is not remembered. */
#define QUESTIONS_MAX 64U

/* Time for the first byte of an answer, as long as it is not even known whether there is a device. */
#define BRISK_USEC (250 * USEC_PER_MSEC)
/* At most so many questions can be open when the first late answer comes, each with a time-out to go. */
#define LATE_MAX 2U

/* In a hurry a device may take so much longer than for its slowest answer so far. */
#define SLACK_USEC (300 * USEC_PER_MSEC)

/* So much of an answer is shown. */
#define SHOWN_MAX 60U

typedef struct Question {
        uint8_t *request, *answer;
        size_t n_request;
        uint8_t end[4];
        size_t n_end, binary;
        bool echo;
        const LineProfile *profile; /* that it was asked for first; its settings of the line count */
        uint64_t timeout_usec; /* that it was asked with; of those without an answer the shortest */
        int result; /* of the last exchange: bytes of the answer, 0 for silence, or an error */
        unsigned n_silent; /* in a row, each for at least that time */
        unsigned n_asked; /* also from memory */
        unsigned n_same;  /* answers in a row that were the same */
        bool used; /* answered from memory, or from the device, for the protocol that is tried now */
} Question;

typedef struct TrialLink {
        LineLink link; /* with what is known of inner; the strings stay that one's */
        LineTrial *trial;
} TrialLink;

struct LineTrial {
        LineLinkOps ops; /* under the name of inner's, which profiles ask for */
        LineLink *inner;
        TrialLink *link;
        Question questions[QUESTIONS_MAX];
        size_t n_questions;
        bool heard;
        bool brisk, hurried;
        const LineProfile *profile; /* that is tried now; or NULL */
        uint64_t slowest_usec;      /* the longest that an answer has taken */
        bool hasty; /* heard now, but what was asked before had little time */
};

/* What is asked at another speed is another question, where speeds matter. */
static bool is_on_same_line(const LineTrial *t, const LineProfile *a, const LineProfile *b) {
        if (t->inner->is_usb || !a || !b)
                return true;
        return a->format.speed == b->format.speed && a->format.data_bits == b->format.data_bits &&
               a->format.stop_bits == b->format.stop_bits && a->format.parity == b->format.parity;
}

static Question *find_question(LineTrial *t, const uint8_t *request, size_t n, const LineFraming *f) {
        for (size_t i = 0; i < t->n_questions; i++) {
                Question *q = t->questions + i;

                if (q->n_request == n && memcmp(q->request, request, n) == 0 && q->n_end == f->n_end &&
                        memcmp(q->end, f->end, f->n_end) == 0 && q->binary == f->binary &&
                        q->echo == f->echo && is_on_same_line(t, q->profile, t->profile))
                        return q;
        }
        return NULL;
}

static Question *add_question(LineTrial *t, const uint8_t *request, size_t n, const LineFraming *f) {
        Question *q = t->questions + t->n_questions;

        if (t->n_questions == QUESTIONS_MAX)
                return NULL;
        *q = (Question){
                .n_request = n,
                .n_end = f->n_end,
                .binary = f->binary,
                .echo = f->echo,
                .profile = t->profile,
                .timeout_usec = f->timeout_usec,
        };
        q->request = malloc(n);
        if (!q->request)
                return NULL;
        memcpy(q->request, request, n);
        memcpy(q->end, f->end, f->n_end);
        t->n_questions++;
        return q;
}

/* A line may lose one answer, but as long as nothing has come from it at all it is rather dead. */
static bool is_silent(const LineTrial *t, const Question *q, const LineFraming *f) {
        return q->n_silent >= (t->heard && !t->hurried ? 2U : 1U) && q->timeout_usec >= f->timeout_usec;
}

/* Whether something has come. */
static bool is_sound(int r) {
        return r > 0 || r == -EPIPE || r == -EBADMSG;
}

static bool is_same(const Question *q, int r, const uint8_t *answer) {
        return q->n_same > 0 && q->result == r && (r <= 0 || memcmp(q->answer, answer, (size_t) r) == 0);
}

static void keep_silence(Question *q, const LineFraming *f) {
        if (q->n_silent == 0 || f->timeout_usec > q->timeout_usec)
                q->n_silent = 0;
        q->timeout_usec = q->n_silent > 0 ? MIN(q->timeout_usec, f->timeout_usec) : f->timeout_usec;
        q->n_silent++;
}

static void keep(LineTrial *t, Question *q, const LineFraming *f, int r, const uint8_t *answer) {
        t->heard = t->heard || is_sound(r);
        if (!q)
                return;

        q->n_same = is_same(q, r, answer) ? q->n_same + 1 : 1;
        free(q->answer);
        q->answer = r > 0 ? malloc((size_t) r) : NULL;
        if (q->answer)
                memcpy(q->answer, answer, (size_t) r);
        q->result = r > 0 && !q->answer ? -ENOMEM : r;
        if (r == 0)
                keep_silence(q, f);
        else
                q->n_silent = 0;
        q->used = true;
}

static bool is_remembered(const Question *q) {
        return (!q->used || q->n_same >= 2) && (q->result > 0 || q->result == -EPIPE);
}

static bool is_known(const LineTrial *t, const Question *q, const LineFraming *f) {
        return is_silent(t, q, f) || is_remembered(q);
}

static bool trial_is_immediate(
        LineLink *l, const uint8_t *request, size_t n, const LineFraming *framing) {
        LineTrial *t = ((TrialLink *) l)->trial;
        const Question *q = find_question(t, request, n, framing);

        return (q && is_known(t, q, framing)) || line_link_is_immediate(t->inner, request, n, framing);
}

static void trial_redact(LineLink *l, const char *secret) {
        line_link_redact(((TrialLink *) l)->trial->inner, secret);
}

/* What did not answer quickly enough counts as asked once, and the answer that has come for none. */
static int begin_anew(LineTrial *t, uint64_t timeout_usec) {
        uint64_t usec = t->hurried ? SLACK_USEC
                                   : MIN(line_trial_silences(t), (size_t) LATE_MAX) * timeout_usec;
        const struct timespec pause = {
                .tv_sec = (time_t) (usec / USEC_PER_SEC),
                .tv_nsec = (long) (usec % USEC_PER_SEC * NSEC_PER_USEC),
        };

        for (size_t i = 0; i < t->n_questions; i++)
                t->questions[i].n_silent = MIN(t->questions[i].n_silent, t->hurried ? 0U : 1U);
        t->hasty = t->heard = true;
        return nanosleep(&pause, NULL) < 0 ? -errno : 0;
}

/* One exchange with the device, and how long its answer took. */
static int exchange(LineTrial *t,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        uint64_t begin = now_usec(CLOCK_MONOTONIC);
        int r = line_link_exchange(t->inner, request, n, framing, answer, size);

        if (is_sound(r))
                t->slowest_usec = MAX(t->slowest_usec, usec_sub(now_usec(CLOCK_MONOTONIC), begin));
        return r;
}

/* How long an answer is waited for. */
static uint64_t patience(const LineTrial *t, const LineFraming *framing) {
        uint64_t usec = !t->heard && t->brisk ? BRISK_USEC
                        : t->heard && t->hurried && t->slowest_usec > 0 ? t->slowest_usec + SLACK_USEC
                                                                        : framing->timeout_usec;

        return MIN(usec, framing->timeout_usec);
}

static int ask_device(LineTrial *t,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        bool brisk = t->brisk && !t->heard;
        LineFraming brief = *framing;
        int r;

        brief.timeout_usec = patience(t, framing);
        r = exchange(t, request, n, &brief, answer, size);
        if (!brisk || !is_sound(r) || line_trial_silences(t) == 0)
                return r;
        r = begin_anew(t, framing->timeout_usec);
        return r < 0 ? r : exchange(t, request, n, framing, answer, size);
}

static int trial_exchange(LineLink *l,
        const uint8_t *request,
        size_t n,
        const LineFraming *framing,
        uint8_t *answer,
        size_t size) {
        LineTrial *t = ((TrialLink *) l)->trial;
        Question *q = find_question(t, request, n, framing);
        int r;

        if (q)
                q->n_asked++;
        if (q && is_silent(t, q, framing))
                return 0;
        if (q && is_remembered(q) && q->result <= (int) size) {
                q->used = true;
                if (q->result > 0)
                        memcpy(answer, q->answer, (size_t) q->result);
                return q->result;
        }

        r = ask_device(t, request, n, framing, answer, size);
        if (r == -ENODEV || r == -EINTR || r == -EINVAL)
                return r;
        keep(t, q ?: add_question(t, request, n, framing), framing, r, answer);
        return r;
}

static void trial_link_free(LineLink *l) {
        l->identity = (HidIdentity){};
}

int line_trial_new(LineLink *inner, LineTrialPace pace, LineTrial **ret) {
        _cleanup_(line_trial_freep) LineTrial *t = new0(LineTrial, 1);

        if (!t)
                return -ENOMEM;
        t->ops = (LineLinkOps){
                .name = inner->ops->name,
                .exchange = trial_exchange,
                .is_immediate = trial_is_immediate,
                .redact = trial_redact,
                .free = trial_link_free,
        };
        t->link = new0(TrialLink, 1);
        if (!t->link)
                return -ENOMEM;
        t->link->link = (LineLink){
                .ops = &t->ops,
                .identity = inner->identity,
                .is_usb = inner->is_usb,
        };
        t->link->trial = t;

        t->inner = inner;
        line_trial_set_pace(t, pace);
        *ret = TAKE_PTR(t);
        return 0;
}

LineTrial *line_trial_free(LineTrial *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_questions; i++) {
                free(t->questions[i].request);
                free(t->questions[i].answer);
        }
        if (t->link)
                line_link_free(&t->link->link);
        line_link_free(t->inner);
        free(t);
        return NULL;
}

LineLink *line_trial_link(LineTrial *t) {
        return &t->link->link;
}

LineLink *line_trial_steal(LineTrial *t) {
        t->link->link.identity = (HidIdentity){};
        return TAKE_PTR(t->inner);
}

void line_trial_next(LineTrial *t, const LineProfile *profile) {
        t->profile = profile;
        for (size_t i = 0; i < t->n_questions; i++)
                t->questions[i].used = false;
}

void line_trial_forget(LineTrial *t) {
        for (size_t i = 0; i < t->n_questions; i++) {
                t->questions[i].result = 0;
                t->questions[i].n_same = t->questions[i].n_silent = 0;
        }
}

void line_trial_set_pace(LineTrial *t, LineTrialPace pace) {
        t->brisk = pace != LINE_TRIAL_PATIENT;
        t->hurried = pace == LINE_TRIAL_HURRIED;
}

const LineProfile *line_trial_most_asked(const LineTrial *t) {
        const Question *most = NULL;

        for (size_t i = 0; i < t->n_questions; i++)
                if (!most || t->questions[i].n_asked > most->n_asked)
                        most = t->questions + i;
        return most ? most->profile : NULL;
}

bool line_trial_is_heard(const LineTrial *t) {
        return t->heard;
}

bool line_trial_take_hasty(LineTrial *t) {
        bool hasty = t->hasty;

        t->hasty = false;
        return hasty;
}

int line_trial_knock(LineTrial *t) {
        LineFraming framing = {};
        uint8_t answer[LINE_SIZE_MAX];
        Question *most = NULL;
        int r;

        if (!t->brisk || t->heard)
                return 0;
        for (size_t i = 0; i < t->n_questions; i++)
                if (is_on_same_line(t, t->questions[i].profile, t->profile) &&
                        (!most || t->questions[i].n_asked > most->n_asked))
                        most = t->questions + i;
        if (!most)
                return 0;

        framing.n_end = most->n_end;
        memcpy(framing.end, most->end, most->n_end);
        framing.binary = most->binary;
        framing.echo = most->echo;
        framing.timeout_usec = most->timeout_usec;
        r = exchange(t, most->request, most->n_request, &framing, answer, sizeof(answer));
        if (!is_sound(r))
                return r;
        r = begin_anew(t, framing.timeout_usec);
        return r < 0 ? r : 1;
}

size_t line_trial_silences(const LineTrial *t) {
        size_t n = 0;

        for (size_t i = 0; i < t->n_questions; i++)
                n += t->questions[i].n_silent > 0;
        return n;
}

/* Bytes as people read them. */
static char *show_bytes(const uint8_t *data, size_t n) {
        size_t shown = MIN(n, (size_t) SHOWN_MAX), k = 0;
        char *text = malloc(4 * shown + 4);

        if (!text)
                return NULL;
        for (size_t i = 0; i < shown; i++)
                if (data[i] >= 0x20 && data[i] < 0x7f && data[i] != '\\')
                        text[k++] = (char) data[i];
                else {
                        static const char digits[] = "0123456789abcdef";

                        text[k++] = '\\';
                        text[k++] = 'x';
                        text[k++] = digits[data[i] >> 4];
                        text[k++] = digits[data[i] & 15];
                }
        if (n > shown) {
                memcpy(text + k, "...", 3);
                k += 3;
        }
        text[k] = '\0';
        return text;
}

static char *describe_question(const Question *q) {
        size_t n_request = q->n_request;
        _cleanup_free_ char *request = NULL, *answer = NULL;

        while (n_request > 1 && (q->request[n_request - 1] == '\r' || q->request[n_request - 1] == '\n'))
                n_request--;
        request = show_bytes(q->request, n_request);
        if (!request)
                return NULL;

        if (q->result > 0) {
                size_t n = (size_t) q->result;

                answer = show_bytes(q->answer, n > q->n_end ? n - q->n_end : n);
                return answer ? strprintf("%s: \"%s\"", request, answer) : NULL;
        }
        return strjoin(request, ": ",
                q->result == 0            ? "nothing"
                : q->result == -EPIPE     ? "refused"
                : q->result == -EBADMSG   ? "no whole answer"
                : q->result == -ETIMEDOUT ? "nothing"
                                          : "an error");
}

char *line_trial_text(const LineTrial *t) {
        _cleanup_strv_free_ char **texts = NULL;

        for (size_t i = 0; i < t->n_questions; i++) {
                char *text = describe_question(t->questions + i);

                if (!text || strv_consume(&texts, text) < 0)
                        return NULL;
        }
        return strv_join(texts, "; ");
}
