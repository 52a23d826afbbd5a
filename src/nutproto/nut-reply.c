/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-reply.h"

#include "lexer.h"
#include "nut-protocol.h"
#include "string-util.h"

typedef struct Request {
        char **words;
        bool in_list; /* BEGIN was seen */
        NutItem on_item;
        NutReply reply;
        void *userdata;
} Request;

struct NutReplyQueue {
        Lexer *lexer;
        Request *requests;
        size_t n_requests, n_allocated;
        size_t line_size, reply_size;
        unsigned n_changed; /* since the last request */
        size_t n_answered;
        NutChanged changed;
        void *userdata;
        bool *freed; /* set while callbacks run, for them to free the queue */
};

int nut_reply_queue_new(NutReplyQueue **ret) {
        _cleanup_(nut_reply_queue_freep) NutReplyQueue *q = new0(NutReplyQueue, 1);

        if (!q)
                return -ENOMEM;

        q->lexer = lexer_new(LEXER_PROTOCOL);
        if (!q->lexer)
                return -ENOMEM;

        *ret = TAKE_PTR(q);
        return 0;
}

NutReplyQueue *nut_reply_queue_free(NutReplyQueue *q) {
        if (!q)
                return NULL;

        if (q->freed)
                *q->freed = true;
        for (size_t i = 0; i < q->n_requests; i++)
                strv_free(q->requests[i].words);
        free(q->requests);
        lexer_free(q->lexer);
        free(q);
        return NULL;
}

int nut_reply_queue_push(NutReplyQueue *q, char **words, NutItem on_item, NutReply reply, void *userdata) {
        _cleanup_strv_free_ char **owned = words;

        if (!GREEDY_REALLOC(q->requests, q->n_allocated, q->n_requests + 1))
                return -ENOMEM;

        q->n_changed = 0;
        q->requests[q->n_requests++] = (Request) {
                .words = TAKE_PTR(owned),
                .on_item = on_item,
                .reply = reply,
                .userdata = userdata,
        };
        return 0;
}

void nut_reply_queue_on_changed(NutReplyQueue *q, NutChanged changed, void *userdata) {
        q->changed = changed;
        q->userdata = userdata;
}

size_t nut_reply_queue_length(const NutReplyQueue *q) {
        return q->n_requests;
}

static Request queue_shift(NutReplyQueue *q) {
        Request first = q->requests[0];

        q->n_requests--;
        memmove(q->requests, q->requests + 1, q->n_requests * sizeof(Request));
        return first;
}

/* Takes the first request out of the queue and tells its outcome. */
static int queue_answer(NutReplyQueue *q, int r, char *const *words, size_t n_words) {
        Request request = queue_shift(q);
        bool freed = false;

        q->reply_size = 0;
        q->n_answered++;

        if (request.reply) {
                q->freed = &freed;
                request.reply(request.userdata, r, words, n_words);
                if (!freed)
                        q->freed = NULL;
        }

        strv_free(request.words);
        return freed ? -ECANCELED : 0;
}

static int queue_item(NutReplyQueue *q, char *const *words, size_t n_words) {
        const Request *request = &q->requests[0];
        bool freed = false;

        if (!request->on_item)
                return 0;

        q->freed = &freed;
        request->on_item(request->userdata, words, n_words);
        if (freed)
                return -ECANCELED;

        q->freed = NULL;
        return 0;
}

/* CHANGED ups, which answers nothing. */
static int queue_changed(NutReplyQueue *q, char *const *words, size_t n_words) {
        bool freed = false;

        if (n_words != 2 || ++q->n_changed > NUT_CHANGED_MAX)
                return -EPROTO;

        q->reply_size = 0;
        q->freed = &freed;
        q->changed(q->userdata, words[1]);
        if (freed)
                return -ECANCELED;

        q->freed = NULL;
        return 0;
}

/* Whether the line says again what was asked: servers echo the words of a query in front of the answer. */
static bool words_begin_with(char *const *words, size_t n_words, char *const *echo) {
        size_t i = 0;

        for (; echo[i]; i++)
                if (i >= n_words || !strcaseeq(words[i], echo[i]))
                        return false;
        return true;
}

static int queue_list_line(NutReplyQueue *q, char *const *words, size_t n_words) {
        Request *request = &q->requests[0];

        if (!request->in_list) {
                if (!strcaseeq(words[0], "BEGIN") ||
                    !words_begin_with(words + 1, n_words - 1, request->words))
                        return -EPROTO;
                request->in_list = true;
                return 0;
        }

        if (strcaseeq(words[0], "END")) {
                if (!words_begin_with(words + 1, n_words - 1, request->words))
                        return -EPROTO;
                return queue_answer(q, 0, words + 1, n_words - 1);
        }

        if (!words_begin_with(words, n_words, request->words + 1))
                return -EPROTO;
        return queue_item(q, words, n_words);
}

/* One line of the server, of at least one word. */
static int queue_line(NutReplyQueue *q, char *const *words, size_t n_words) {
        const Request *request;

        if (q->changed && strcaseeq(words[0], "CHANGED") && (q->n_requests == 0 || !q->requests[0].in_list))
                return queue_changed(q, words, n_words);
        if (q->n_requests == 0)
                return -EPROTO;
        request = &q->requests[0];

        if (strcaseeq(words[0], "ERR") && !request->in_list)
                return queue_answer(q, nut_error_to_errno(strempty(words[1])), words, n_words);

        if (strcaseeq(request->words[0], "LIST"))
                return queue_list_line(q, words, n_words);

        if (strcaseeq(words[0], "BEGIN") || strcaseeq(words[0], "END"))
                return -EPROTO;
        /* The state of a tracked request is the one answer to GET without an echo. */
        if (strcaseeq(request->words[0], "GET") && !strcaseeq(strempty(request->words[1]), "TRACKING") &&
            !words_begin_with(words, n_words, request->words + 1))
                return -EPROTO;

        return queue_answer(q, 0, words, n_words);
}

static int queue_lexed_line(NutReplyQueue *q) {
        char *words[LEXER_WORDS_MAX + 1] = {};
        size_t n_words = lexer_n_words(q->lexer);

        if (n_words == 0)
                return -EPROTO;
        for (size_t i = 0; i < n_words; i++)
                words[i] = (char *) lexer_word(q->lexer, i);

        return queue_line(q, words, n_words);
}

int nut_reply_queue_feed(NutReplyQueue *q, const char *data, size_t n, size_t *ret_answered) {
        size_t answered_before = q->n_answered;

        while (n > 0) {
                size_t consumed;
                int r;

                r = lexer_feed(q->lexer, data, n, &consumed);
                if (r < 0)
                        return -EPROTO;
                data += consumed;
                n -= consumed;
                q->line_size += consumed;
                q->reply_size += consumed;
                if (q->line_size > NUT_LINE_SIZE_MAX || q->reply_size > NUT_REPLY_SIZE_MAX)
                        return -EPROTO;
                if (r == 0)
                        break;

                q->line_size = 0;
                r = queue_lexed_line(q);
                if (r < 0)
                        return r;
        }

        *ret_answered = q->n_answered - answered_before;
        return 0;
}

int nut_reply_queue_fail(NutReplyQueue *q, int r) {
        for (size_t open = q->n_requests; open > 0; open--) {
                int k = queue_answer(q, r, NULL, 0);

                if (k < 0)
                        return k;
        }

        return 0;
}
