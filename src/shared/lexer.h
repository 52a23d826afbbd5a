/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* NUT's lexer: words between white space, "quoted words", \x escapes, # comments, = as a word of its own.
 * Configuration files, the network protocol and the driver sockets are all made of it. It is fed bytes as
 * they come and hands out a line of words at a time; memory is bounded by its limits whatever is fed.
 *
 * Where NUT drops input in silence (a 33rd word, a 513th character, a byte outside ASCII), this lexer goes
 * on like NUT and counts it in the flaws of the line, so that the caller can say so. It differs in two
 * things: a \ at a line end between words leaves nothing behind (NUT: an empty word), and a line with an
 * unescaped # inside quotes is lost to its end (NUT takes the rest of it for a line of its own). */

#define LEXER_WORDS_MAX 32U
#define LEXER_WORD_LENGTH_MAX 512U

typedef enum LexerFlaw {
        LEXER_FLAW_WORD_TOO_LONG  = 1 << 0, /* characters past LEXER_WORD_LENGTH_MAX were dropped */
        LEXER_FLAW_TOO_MANY_WORDS = 1 << 1, /* words past LEXER_WORDS_MAX were dropped */
        LEXER_FLAW_BAD_BYTE       = 1 << 2, /* control or non-ASCII bytes were dropped */
        LEXER_FLAW_NEWLINE_IN_QUOTES = 1 << 3, /* a quoted word went over a line end, which was dropped */
        LEXER_FLAW_OPEN_QUOTE     = 1 << 4, /* the input ended inside quotes (lexer_finish only) */
} LexerFlaw;

typedef enum LexerMode {
        LEXER_CONFIG,   /* an unescaped # inside quotes is an error that ends at the next line end */
        LEXER_PROTOCOL, /* the same error, and a line end always ends the request, also inside quotes: one
                         * client's open quote must not swallow its next request unanswered */
} LexerMode;

typedef struct Lexer Lexer;

/* A new lexer; NULL without memory. Free with lexer_free(), which takes and returns NULL. */
Lexer *lexer_new(LexerMode mode);
Lexer *lexer_free(Lexer *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(Lexer *, lexer_free);

/* Feeds up to n bytes. Stops behind the byte that ends a line and says in *ret_consumed how many were
 * taken. Returns 1 when a line is complete (words are valid until the next call), 0 when more bytes are
 * needed, or -EBADMSG for a line with an unescaped # inside quotes: it is skipped to its end, then the
 * lexer is ready again. A line without any word (empty, or only a comment) is complete with 0 words.
 * Without memory it is -ENOMEM; fed the rest again, the lexer goes on where it stood. */
int lexer_feed(Lexer *l, const char *data, size_t n, size_t *ret_consumed);

/* Ends the input: 1 if a last line without line end is there, 0 if not, or -EBADMSG as above. */
int lexer_finish(Lexer *l);

/* Forgets the words of a line that lexer_feed() has handed out, and overwrites them. */
void lexer_erase(Lexer *l);

/* Whether bytes of an unfinished line are held. */
bool lexer_pending(const Lexer *l) _pure_;

/* The words of the complete line and the flaws that were met in it (or-ed LexerFlaw). The strings belong to
 * the lexer. Any index from the count up to LEXER_WORDS_MAX gives NULL. */
size_t lexer_n_words(const Lexer *l) _pure_;
const char *lexer_word(const Lexer *l, size_t i) _pure_;
unsigned lexer_flaws(const Lexer *l) _pure_;

/* Whether word i was written in quotes; a config needs it to tell = from "=". */
bool lexer_word_quoted(const Lexer *l, size_t i) _pure_;

/* Line number of the first word of the complete line, and of the byte fed last; both count from 1. */
unsigned lexer_line(const Lexer *l) _pure_;
unsigned lexer_line_end(const Lexer *l) _pure_;

/* Writes s with a \ before each " \ and #, as all of NUT's text formats want values inside quotes;
 * control and non-ASCII bytes become '?'. Writes at most size bytes including the final NUL, and returns
 * the length that the whole text has (as snprintf does). */
size_t lexer_escape(char *buffer, size_t size, const char *s);
