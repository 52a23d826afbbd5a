/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-reply.h"

#include <stdio.h>

#include "line-checksum.h"
#include "line-link.h"
#include "string-util.h"

/* A refusal of fewer characters is like too many answers. */
#define GARBLED_MIN 3U

typedef struct Bytes {
        const uint8_t *p;
        size_t n;
} Bytes;

static bool is_character(uint8_t c) {
        return (c >= 0x20 && c < 0x7f) || c == '\t';
}

static bool bytes_equal(Bytes b, const char *s) {
        return b.n == strlen(s) && memcmp(b.p, s, b.n) == 0;
}

static Bytes bytes_skip(Bytes b, size_t n) {
        return (Bytes){b.p + n, b.n - n};
}

static Bytes bytes_cut(Bytes b, size_t n) {
        return (Bytes){b.p, b.n - n};
}

LineReply *line_reply_free(LineReply *a) {
        if (!a)
                return NULL;

        strv_free(a->words);
        free(a->text);
        free(a);
        return NULL;
}

/*** Requests ***/

int line_request_build(const LineFormat *format, const uint8_t *text, size_t n, uint8_t *ret, size_t size) {
        if (n == 0 || n > size || size - n < LINE_CHECK_SIZE_MAX + sizeof(format->end_request))
                return -EINVAL;

        memcpy(ret, text, n);
        n += line_check_make(format->check_request, text, n, ret + n);
        memcpy(ret + n, format->end_request, format->n_end_request);
        return (int) (n + format->n_end_request);
}

size_t line_reply_binary(const LineFormat *format, const LineQuery *query) {
        size_t n = 0;

        if (query->n_binary > 0) {
                n = strlen(strempty(query->begin)) + query->n_binary - 1;
                for (size_t i = 0; i < query->n_binary; i++)
                        n += query->binary[i];
        } else if (query->length_min > 0 && (format->check_answer == LINE_CHECK_CRC16_XMODEM_PLAIN ||
                                                    format->check_answer == LINE_CHECK_SUM8))
                n = query->length_min + line_check_size(format->check_answer);
        return MIN(n, (size_t) LINE_SIZE_MAX / 2);
}

/*** What all answers have in common ***/

static bool strip_end(const LineFormat *format, Bytes *b) {
        if (b->n < format->n_end_answer ||
                memcmp(b->p + b->n - format->n_end_answer, format->end_answer, format->n_end_answer) != 0)
                return false;
        *b = bytes_cut(*b, format->n_end_answer);
        return true;
}

/* The rest of a line before, and what a line catches while nobody speaks. */
static Bytes skip_noise(Bytes b) {
        while (b.n > 0 && (!is_character(b.p[0]) || b.p[0] == ' '))
                b = bytes_skip(b, 1);
        return b;
}

/* A star at the end stands for whatever comes. */
static bool is_said(Bytes b, const char *s) {
        size_t n = strlen(s);

        if (n > 1 && s[n - 1] == '*')
                return b.n >= n - 1 && memcmp(b.p, s, n - 1) == 0;
        return bytes_equal(b, s);
}

static bool is_one_of(Bytes b, char *const *texts) {
        STRV_FOREACH (s, texts)
                if (is_said(b, *s))
                        return true;
        return false;
}

/* The whole answer, with check or without it, noise in front or none, is one of these texts. */
static bool says(const LineFormat *format, Bytes b, char *const *texts) {
        size_t check = line_check_size(format->check_answer);

        for (unsigned i = 0; i < 2; i++, b = skip_noise(b)) {
                if (is_one_of(b, texts))
                        return true;
                if (check > 0 && b.n > check && is_one_of(bytes_cut(b, check), texts) &&
                        line_check_fits(format->check_answer, b.p, b.n - check, b.p + b.n - check))
                        return true;
        }
        return false;
}

static bool is_echo(const LineFormat *format, Bytes b, const uint8_t *request, size_t n_request) {
        size_t check = line_check_size(format->check_request);

        b = skip_noise(b);
        return (b.n == n_request || b.n == n_request + check) && memcmp(b.p, request, n_request) == 0;
}

/*** Words ***/

static int add_word(LineReply *a, const char *s, size_t n) {
        char *word = strndup(s, n);
        int r;

        if (!word)
                return -ENOMEM;
        r = strv_consume(&a->words, word);
        a->n_words += r >= 0;
        return r;
}

static int split_blanks(LineReply *a) {
        const char *p = a->body;
        int r = 0;

        while (r >= 0) {
                size_t n;

                p += strspn(p, " \t");
                n = strcspn(p, " \t");
                if (n == 0)
                        return 0;
                r = add_word(a, p, n);
                p += n;
        }
        return r;
}

static int split_separated(LineReply *a, const char *separator) {
        const char *p = a->body;

        for (;;) {
                const char *end = strstr(p, separator);
                int r = add_word(a, p, end ? (size_t) (end - p) : strlen(p));

                if (r < 0 || !end)
                        return r;
                p = end + strlen(separator);
        }
}

/*** Answers to queries ***/

static char *to_hex(Bytes b) {
        char *s = new (char, b.n * 2 + 1);

        if (!s)
                return NULL;
        s[0] = '\0';
        for (size_t i = 0; i < b.n; i++)
                (void) snprintf(s + 2 * i, 3, "%02x", b.p[i]);
        return s;
}

/* Fields of so many bytes with one in between: words of hexadecimal digits. 0 if they are not all there. */
static int binary_text(const LineQuery *q, Bytes b, char **ret) {
        _cleanup_free_ char *text = strdup("");

        for (size_t i = 0; text && i < q->n_binary; i++) {
                _cleanup_free_ char *hex = NULL;
                char *longer;

                if (i > 0 && b.n == 0)
                        return 0;
                b = bytes_skip(b, i > 0);
                if (b.n < q->binary[i])
                        return 0;
                hex = to_hex((Bytes){b.p, q->binary[i]});
                longer = hex ? strjoin(text, i > 0 ? " " : "", hex) : NULL;
                free(text);
                text = longer;
                b = bytes_skip(b, q->binary[i]);
        }
        if (!text)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 1;
}

/* Text with blanks for what is no character and cannot be shown. */
static char *plain_text(Bytes b, bool *doubtful) {
        char *text = new (char, b.n + 1);

        if (!text)
                return NULL;
        for (size_t i = 0; i < b.n; i++) {
                *doubtful = *doubtful || !is_character(b.p[i]);
                text[i] = b.p[i] < 0x20 || b.p[i] == 0x7f ? ' ' : (char) b.p[i];
        }
        text[b.n] = '\0';
        return text;
}

/* What is behind begin as text. 1, 0 if it cannot be that, or -ENOMEM. */
static int body_text(const LineQuery *q, Bytes b, bool *doubtful, char **ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        if (q->n_binary > 0)
                r = binary_text(q, b, &text);
        else {
                text = q->decode && q->decode->takes_bytes ? to_hex(b) : plain_text(b, doubtful);
                r = text ? 1 : -ENOMEM;
        }
        if (r > 0 && q->decode) {
                char *decoded = NULL;

                r = q->decode->run(text, q->decode_argument, &decoded);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
                free(text);
                text = decoded;
                r = 1;
        }
        if (r > 0)
                *ret = TAKE_PTR(text);
        return r;
}

static bool fits(const LineQuery *q, const LineReply *a) {
        return a->n_words >= q->words_min && (q->words_max == 0 || a->n_words <= q->words_max) &&
               (!q->answer.text || profile_pattern_matches(&q->answer, a->text));
}

/* An answer that begins with the first of these bytes. */
static int judge_from(const LineFormat *format, const LineQuery *q, Bytes b, LineReply **ret) {
        _cleanup_(line_reply_freep) LineReply *a = NULL;
        _cleanup_free_ char *body = NULL;
        size_t begin = strlen(strempty(q->begin)), check = line_check_size(format->check_answer);
        bool doubtful = false;
        int r;

        if (b.n < begin + check ||
                !line_check_fits(format->check_answer, b.p, b.n - check, b.p + b.n - check))
                return LINE_BAD;
        b = bytes_cut(b, check);
        if (b.n < q->length_min || (q->length_max > 0 && b.n > q->length_max))
                return LINE_BAD;

        r = body_text(q, bytes_skip(b, begin), &doubtful, &body);
        if (r <= 0)
                return r < 0 ? r : LINE_BAD;
        a = new0(LineReply, 1);
        if (!a)
                return -ENOMEM;
        a->text = strjoin(strempty(q->begin), body);
        if (!a->text)
                return -ENOMEM;
        a->body = a->text + begin;
        a->separator = q->separator;

        r = isempty(q->separator) ? split_blanks(a) : split_separated(a, q->separator);
        if (r < 0)
                return r;
        if (!fits(q, a))
                return LINE_BAD;
        *ret = TAKE_PTR(a);
        return doubtful ? LINE_DOUBTFUL : LINE_GOOD;
}

/* One character away from a refusal: that is what noise makes of one, and without a begin nothing else tells
 * it from an answer. */
static bool is_garbled_refusal(const LineFormat *format, const LineReply *a) {
        STRV_FOREACH (s, format->refused)
                if (strlen(*s) >= GARBLED_MIN && string_distance(*s, a->text) <= 1)
                        return true;
        return false;
}

/* Of a query whose answers begin with nothing in particular. */
static int judge_whole(const LineFormat *format, const LineQuery *q, Bytes b, LineReply **ret) {
        LineReply *a = NULL;
        int r = judge_from(format, q, q->n_binary > 0 ? b : skip_noise(b), &a);

        if (a && !q->even_refused && is_garbled_refusal(format, a)) {
                line_reply_free(a);
                return LINE_BAD;
        }
        if (a)
                *ret = a;
        return r;
}

int line_reply_judge(const LineFormat *format,
        const LineQuery *query,
        const uint8_t *request,
        size_t n_request,
        const uint8_t *bytes,
        size_t n,
        LineReply **ret) {
        size_t begin = strlen(strempty(query->begin));
        Bytes b = {bytes, n};

        if (!strip_end(format, &b))
                return LINE_BAD;
        if (!query->even_refused && says(format, b, format->refused))
                return LINE_REFUSED;
        if (is_echo(format, b, request, n_request))
                return format->echo_is_skipped ? LINE_BAD : LINE_REFUSED;

        if (begin == 0)
                return judge_whole(format, query, b, ret);

        /* What looks like the begin may be noise, or the begin of an answer that was cut and sent again. */
        for (; b.n >= begin; b = bytes_skip(b, 1)) {
                int r = memcmp(b.p, query->begin, begin) == 0 ? judge_from(format, query, b, ret) : LINE_BAD;

                if (r != LINE_BAD)
                        return r;
        }
        return LINE_BAD;
}

/*** Answers to commands ***/

int line_reply_accepts(const LineFormat *format,
        char *const *accepted,
        const uint8_t *request,
        size_t n_request,
        const uint8_t *bytes,
        size_t n) {
        Bytes b = {bytes, n};

        if (!strip_end(format, &b))
                return -EBADMSG;
        if (says(format, b, accepted))
                return 0;
        if (says(format, b, format->refused))
                return -EPIPE;
        if (is_echo(format, b, request, n_request))
                return format->echo_is_skipped ? -EBADMSG : -EPIPE;
        return -EBADMSG;
}
