/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-trial.h"

#include "string-util.h"

/* More questions than all protocols together begin with; what is beyond is not remembered. */
#define QUESTIONS_MAX 64U

/* So much of an answer is shown. */
#define SHOWN_MAX 60U

typedef struct Question {
        uint8_t *request, *answer;
        size_t n_request;
        uint8_t end[4];
        size_t n_end, binary;
        bool echo;
        int result; /* of the last exchange: bytes of the answer, 0 for silence, or an error */
        unsigned n_silent;
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
};

static Question *find_question(LineTrial *t, const uint8_t *request, size_t n, const LineFraming *f) {
        for (size_t i = 0; i < t->n_questions; i++) {
                Question *q = t->questions + i;

                if (q->n_request == n && memcmp(q->request, request, n) == 0 && q->n_end == f->n_end &&
                        memcmp(q->end, f->end, f->n_end) == 0 && q->binary == f->binary &&
                        q->echo == f->echo)
                        return q;
        }
        return NULL;
}

static Question *add_question(LineTrial *t, const uint8_t *request, size_t n, const LineFraming *f) {
        Question *q = t->questions + t->n_questions;

        if (t->n_questions == QUESTIONS_MAX)
                return NULL;
        *q = (Question){ .n_request = n, .n_end = f->n_end, .binary = f->binary, .echo = f->echo };
        q->request = malloc(n);
        if (!q->request)
                return NULL;
        memcpy(q->request, request, n);
        memcpy(q->end, f->end, f->n_end);
        t->n_questions++;
        return q;
}

/* A line may lose one answer, but as long as nothing has come from it at all it is rather dead. */
static bool is_silent(const LineTrial *t, const Question *q) {
        return q->n_silent >= (t->heard ? 2U : 1U);
}

static void keep(LineTrial *t, Question *q, int r, const uint8_t *answer) {
        t->heard = t->heard || r > 0 || r == -EPIPE || r == -EBADMSG;
        if (!q)
                return;

        free(q->answer);
        q->answer = r > 0 ? malloc((size_t) r) : NULL;
        if (q->answer)
                memcpy(q->answer, answer, (size_t) r);
        q->result = r > 0 && !q->answer ? -ENOMEM : r;
        q->n_silent = r == 0 ? q->n_silent + 1 : 0;
        q->used = true;
}

static bool is_remembered(const Question *q) {
        return !q->used && (q->result > 0 || q->result == -EPIPE);
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

        if (q && is_silent(t, q))
                return 0;
        if (q && is_remembered(q) && q->result <= (int) size) {
                q->used = true;
                if (q->result > 0)
                        memcpy(answer, q->answer, (size_t) q->result);
                return q->result;
        }

        r = line_link_exchange(t->inner, request, n, framing, answer, size);
        if (r == -ENODEV || r == -EINTR || r == -EINVAL)
                return r;
        keep(t, q ?: add_question(t, request, n, framing), r, answer);
        return r;
}

static void trial_link_free(LineLink *l) {
        l->identity = (HidIdentity){};
}

int line_trial_new(LineLink *inner, LineTrial **ret) {
        _cleanup_(line_trial_freep) LineTrial *t = new0(LineTrial, 1);

        if (!t)
                return -ENOMEM;
        t->ops = (LineLinkOps){
                .name = inner->ops->name,
                .exchange = trial_exchange,
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

void line_trial_next(LineTrial *t) {
        for (size_t i = 0; i < t->n_questions; i++)
                t->questions[i].used = false;
}

bool line_trial_is_heard(const LineTrial *t) {
        return t->heard;
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
