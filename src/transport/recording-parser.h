/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "recording.h"

/* Reads the text of a recording: lines, times, words, texts, and the statements of all kinds. */

typedef struct RecordingParser {
        const char *name;    /* of the file, for messages */
        RecordingHead *head;
        void *recording;     /* the kind's own */
        unsigned line;
        uint64_t at_usec;
        char *rest;          /* of the present line */
        char *error;         /* what was wrong, with name and line, in new memory */
} RecordingParser;

/* Takes a statement that begins with word, of which p->rest is the rest. 0; 1: the kind does not know it; or
 * a negative errno. */
typedef int (*RecordingStatement)(RecordingParser *p, const char *word);

/* Parses a file whose first line is magic. Its kind is asked before the statements of all. -EBADMSG: then
 * p->error says what is wrong. */
int recording_parser_run(
        RecordingParser *p, const char *magic, RecordingStatement statement, const char *data, size_t n);
void recording_parser_done(RecordingParser *p);

/* Sets p->error; returns -EBADMSG, or -ENOMEM. */
int recording_parser_fail(RecordingParser *p, const char *fmt, ...) _printf_(2, 3);

/* The next word of the line, cut off; NULL at its end. */
char *recording_parser_word(RecordingParser *p);

/* Whether the next thing is a text. */
bool recording_parser_at_text(const RecordingParser *p) _pure_;

/* An error if anything is left of the line. */
int recording_parser_end(RecordingParser *p);

/* A text in quotation marks, with \", \\, \r, \n and \xNN, in new memory, with a NUL behind it. Without
 * ret_n it must not hold one. */
int recording_parser_text(RecordingParser *p, char **ret, size_t *ret_n);

/* Adds an answer, as long as there is room for more events. */
int recording_parser_answer(
        RecordingParser *p, RecordedAnswers *l, int error, const uint8_t *data, size_t n);

/* A byte of two hexadecimal digits, or -EINVAL. */
int recording_byte(const char *s, uint8_t *ret);
