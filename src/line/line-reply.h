/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-profile.h"

/* From the bytes of an answer to its words, and back: pure functions without a device. */

typedef struct LineReply {
        char *text;   /* with begin, without check and end; decoded, if it is */
        char *body;   /* in text, behind begin */
        char **words; /* n_words of them, and NULL; empty ones too, where there is a separator */
        size_t n_words;
        const char *separator; /* that of the query */
} LineReply;

LineReply *line_reply_free(LineReply *a);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineReply *, line_reply_free);

/* What the bytes of an answer (with its end) are. */
typedef enum LineVerdict {
        LINE_GOOD,
        LINE_BAD,      /* it does not look as it has to */
        LINE_DOUBTFUL, /* it does, but for bytes that are no characters: noise, unless it comes again */
        LINE_REFUSED,  /* the device says that it does not know this */
} LineVerdict;

/* Judges the answer to a query: end, check, noise in front, begin, length, words, expression. request is
 * what was sent, without check and end. LINE_GOOD and LINE_DOUBTFUL fill *ret. -ENOMEM. */
int line_reply_judge(const LineFormat *format,
        const LineQuery *query,
        const uint8_t *request,
        size_t n_request,
        const uint8_t *bytes,
        size_t n,
        LineReply **ret);

/* What the answer to a command means: 0 it is done, -EPIPE refused, -EBADMSG neither. */
int line_reply_accepts(const LineFormat *format,
        char *const *accepted,
        const uint8_t *request,
        size_t n_request,
        const uint8_t *bytes,
        size_t n);

/* Text with check and end, as it is sent. The number of bytes, or -EINVAL if it is longer than size or
 * empty. */
int line_request_build(const LineFormat *format, const uint8_t *text, size_t n, uint8_t *ret, size_t size);

/* How many bytes of an answer may look like its end without being it. */
size_t line_reply_binary(const LineFormat *format, const LineQuery *query);
