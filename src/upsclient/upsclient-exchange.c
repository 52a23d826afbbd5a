/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lexer.h"
#include "nut-reply.h"
#include "nut-request.h"
#include "string-util.h"
#include "time-util.h"
#include "upsclient-internal.h"

static uint64_t timeout_to_usec(time_t timeout) {
        return timeout < 0 ? USEC_INFINITY : (uint64_t) MIN(timeout, (time_t) INT32_MAX) * USEC_PER_SEC;
}

/* Whether there is a connection and room for a line. 0, or -1. */
static int check_call(UPSCONN_t *ups, const void *buf, size_t size) {
        if (!ups)
                return -1;
        if (!upscli_is_valid(ups))
                return upscli_fail(ups, UPSCLI_ERR_INVALIDARG, 0);
        if (ups->fd < 0 || !upscli_session(ups))
                return upscli_fail(ups, UPSCLI_ERR_DRVNOTCONN, 0);
        if (!buf || size < 1)
                return upscli_fail(ups, UPSCLI_ERR_INVALIDARG, 0);
        return 0;
}

/* The connection is of no more use, for the reason r. */
static int break_off(UPSCONN_t *ups, int upserror, int r) {
        const char *text = nut_session_error(upscli_session(ups));

        if (r == -ENOMEM)
                (void) upscli_fail(ups, UPSCLI_ERR_NOMEM, r);
        else if (r == -ETIMEDOUT || r == -ECONNRESET || r == -EPIPE)
                (void) upscli_fail(ups, UPSCLI_ERR_SRVDISC, r);
        else if (!isempty(text))
                (void) upscli_fail_text(ups, UPSCLI_ERR_SSLERR, text);
        else
                (void) upscli_fail(ups, upserror, r);

        /* Who is slow gets to know that nobody waits any more. */
        upscli_close(ups, r == -ETIMEDOUT);
        return -1;
}

ssize_t upscli_sendline_timeout(UPSCONN_t *ups, const char *buf, size_t buflen, const time_t timeout) {
        int r;

        if (check_call(ups, buf, buflen) < 0)
                return -1;

        r = nut_session_send(upscli_session(ups), buf, buflen, timeout_to_usec(timeout));
        return r < 0 ? break_off(ups, UPSCLI_ERR_WRITE, r) : 0;
}

ssize_t upscli_sendline(UPSCONN_t *ups, const char *buf, size_t buflen) {
        return upscli_sendline_timeout(ups, buf, buflen, UPSCLI_TIMEOUT_SECONDS);
}

static int read_line(UPSCONN_t *ups, char *buf, size_t buflen, bool *ret_truncated, uint64_t timeout_usec) {
        int r;

        r = nut_session_read_line(upscli_session(ups), buf, buflen, ret_truncated, timeout_usec);
        return r < 0 ? break_off(ups, UPSCLI_ERR_READ, r) : 0;
}

ssize_t upscli_readline_timeout(UPSCONN_t *ups, char *buf, size_t buflen, const time_t timeout) {
        if (check_call(ups, buf, buflen) < 0)
                return -1;
        return read_line(ups, buf, buflen, NULL, timeout_to_usec(timeout));
}

ssize_t upscli_readline(UPSCONN_t *ups, char *buf, size_t buflen) {
        return upscli_readline_timeout(ups, buf, buflen, UPSCLI_TIMEOUT_SECONDS);
}

/*** Requests and answers ***/

/* What the lexer says of a line, as errno. */
static int answer_to_errno(int r, size_t n_words) {
        return r == -ENOMEM ? -ENOMEM : r < 0 ? -EBADMSG : n_words == 0 ? -ENODATA : 0;
}

/* Makes words of a line the answer. 0, -ENOMEM, -EBADMSG for an open quote and the like, -ENODATA for an
 * empty line. */
static int take_words(UPSCONN_t *ups, const char *line) {
        _cleanup_(lexer_freep) Lexer *lexer = lexer_new(LEXER_PROTOCOL);
        _cleanup_strv_free_ char **words = NULL;
        size_t n;
        int r;

        if (!lexer)
                return -ENOMEM;
        r = lexer_feed(lexer, line, strlen(line), &n);
        if (r >= 0)
                r = lexer_feed(lexer, "\n", 1, &n);
        r = answer_to_errno(r, lexer_n_words(lexer));
        if (r >= 0 && lexer_flaws(lexer) & (LEXER_FLAW_OPEN_QUOTE | LEXER_FLAW_NEWLINE_IN_QUOTES))
                r = -EBADMSG;

        for (size_t i = 0; r >= 0 && i < lexer_n_words(lexer); i++)
                r = strv_extend(&words, lexer_word(lexer, i));
        if (r < 0)
                return r;

        ups->pc_ctx.arglist = TAKE_PTR(words);
        ups->pc_ctx.numargs = strv_length(ups->pc_ctx.arglist);
        return 0;
}

/* Reads a line that is no error and makes its words the answer. 0, or -1. */
static int read_answer(UPSCONN_t *ups) {
        _cleanup_free_ char *line = malloc(NUT_LINE_SIZE_MAX);
        bool truncated;
        int r;

        upscli_forget_answer(ups);
        if (!line)
                return upscli_fail(ups, UPSCLI_ERR_NOMEM, -ENOMEM);
        if (read_line(ups, line, NUT_LINE_SIZE_MAX, &truncated, UPSCLI_TIMEOUT_USEC) < 0)
                return -1;
        if (upscli_check_line(ups, line) < 0)
                return -1;
        if (truncated)
                return upscli_fail_text(ups, UPSCLI_ERR_PARSE, "the line is too long");

        r = take_words(ups, line);
        if (r == -ENOMEM)
                return upscli_fail(ups, UPSCLI_ERR_NOMEM, r);
        if (r == -ENODATA)
                return upscli_fail(ups, UPSCLI_ERR_PROTOCOL, 0);
        return r < 0 ? upscli_fail_text(ups, UPSCLI_ERR_PARSE, "a quoted word does not end") : 0;
}

/* Whether the answer, from that word on, repeats the query. */
static bool answer_fits(const UPSCONN_t *ups, size_t from, size_t numq,
                const char *const *query) {
        if (ups->pc_ctx.numargs < from + numq)
                return false;
        for (size_t i = 0; i < numq; i++)
                if (!strcaseeq(ups->pc_ctx.arglist[from + i], query[i]))
                        return false;
        return true;
}

/* Sends the request and reads the first line of the answer. 0, or -1. */
static int ask(UPSCONN_t *ups, const char *verb, size_t numq, const char **query) {
        _cleanup_(nut_line_erase_and_freep) char *line = NULL;
        _cleanup_(nut_words_erase_and_freep) char **expected = NULL;
        _cleanup_(nut_words_erase_and_freep) char **request = NULL;
        _cleanup_(nut_line_erase_and_freep) char *message = NULL;
        int r;

        if (check_call(ups, query, numq) < 0)
                return -1;

        r = strv_extend(&request, verb);
        for (size_t i = 0; r >= 0 && i < numq; i++)
                r = query[i] ? strv_extend(&request, query[i]) : -EINVAL;
        if (r >= 0)
                r = nut_request_render(request, &line, &expected);
        if (r >= 0) {
                message = strjoin(line, "\n");
                r = message ? 0 : -ENOMEM;
        }
        if (r < 0)
                return upscli_fail(ups, r == -ENOMEM ? UPSCLI_ERR_NOMEM : UPSCLI_ERR_INVALIDARG, r);

        if (upscli_sendline(ups, message, strlen(message)) < 0)
                return -1;
        return read_answer(ups);
}

int upscli_get(UPSCONN_t *ups, size_t numq, const char **query, size_t *numa, char ***answer) {
        if (ask(ups, "GET", numq, query) < 0)
                return -1;
        if (!answer_fits(ups, 0, numq, query))
                return upscli_fail(ups, UPSCLI_ERR_PROTOCOL, 0);

        *numa = ups->pc_ctx.numargs;
        *answer = ups->pc_ctx.arglist;
        return 0;
}

int upscli_list_start(UPSCONN_t *ups, size_t numq, const char **query) {
        static const char *const begin[] = { "BEGIN", "LIST" };

        if (ask(ups, "LIST", numq, query) < 0)
                return -1;
        if (!answer_fits(ups, 0, ELEMENTSOF(begin), begin) || !answer_fits(ups, 2, numq, query))
                return upscli_fail(ups, UPSCLI_ERR_PROTOCOL, 0);
        return 0;
}

int upscli_list_next(UPSCONN_t *ups, size_t numq, const char **query, size_t *numa, char ***answer) {
        static const char *const end[] = { "END", "LIST" };

        if (check_call(ups, query, numq) < 0 || read_answer(ups) < 0)
                return -1;

        *numa = ups->pc_ctx.numargs;
        *answer = ups->pc_ctx.arglist;
        if (answer_fits(ups, 0, ELEMENTSOF(end), end))
                return 0;
        return answer_fits(ups, 0, numq, query) ? 1 : upscli_fail(ups, UPSCLI_ERR_PROTOCOL, 0);
}
