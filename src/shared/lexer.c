/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lexer.h"

#include <stdint.h>

/* Words of one line, one more that is dropped, and a NUL for each. */
#define BUFFER_SIZE_MAX ((LEXER_WORDS_MAX + 1) * (LEXER_WORD_LENGTH_MAX + 1))

/* The quoted words are bits of one number, the words are 16 bit offsets: many clients have a lexer each. */
_Static_assert(LEXER_WORDS_MAX <= 32 && BUFFER_SIZE_MAX <= UINT16_MAX, "line does not fit its bookkeeping");

typedef enum State {
        STATE_GAP,           /* between words */
        STATE_GAP_ESCAPE,    /* behind a \ between words */
        STATE_WORD,
        STATE_WORD_ESCAPE,
        STATE_QUOTED,
        STATE_QUOTED_ESCAPE,
        STATE_COMMENT,
        STATE_ERROR,         /* as in a comment, but the line is refused at its end */
} State;

struct Lexer {
        LexerMode mode;
        State state;
        bool held;     /* bytes of an unfinished line were taken */
        bool complete; /* the words were handed out; the next call starts a new line */
        unsigned flaws;

        unsigned line;     /* of the next byte */
        unsigned line_end; /* of the last byte */
        unsigned line_first;

        uint32_t quoted;
        uint16_t words[LEXER_WORDS_MAX + 1]; /* offsets into the buffer */
        uint16_t n_words;

        char *buffer; /* words with a NUL behind each; the one in the making has only room for it yet */
        uint16_t size, used;
};

/* What a byte means depends on the state, but most bytes are nothing but themselves in any word. */
enum {
        PLAIN_IN_WORD   = 1 << 0,
        PLAIN_IN_QUOTES = 1 << 1,
        PLAIN           = PLAIN_IN_WORD | PLAIN_IN_QUOTES,
        SPACE           = 1 << 2,
};

static const uint8_t kinds[256] = {
        ['\t'] = SPACE,
        ['\n'] = SPACE,
        ['\v'] = SPACE,
        ['\f'] = SPACE,
        ['\r'] = SPACE,
        [' '] = SPACE | PLAIN_IN_QUOTES,
        ['!'] = PLAIN,
        ['"'] = PLAIN_IN_WORD,
        ['$' ... '<'] = PLAIN,
        ['='] = PLAIN_IN_QUOTES,
        ['>' ... '['] = PLAIN,
        [']' ... 0x7f] = PLAIN,
};

Lexer *lexer_new(LexerMode mode) {
        Lexer *l = new(Lexer, 1);

        if (l)
                *l = (Lexer) {
                        .mode = mode,
                        .line = 1,
                        .line_end = 1,
                        .line_first = 1,
                };
        return l;
}

Lexer *lexer_free(Lexer *l) {
        if (!l)
                return NULL;

        if (l->buffer)
                explicit_bzero(l->buffer, l->size);
        free(l->buffer);
        free(l);
        return NULL;
}

/* Makes room for n more bytes. The sum is bounded by BUFFER_SIZE_MAX. */
static int reserve(Lexer *l, size_t n) {
        size_t need = l->used + n, size;
        char *buffer;

        if (need <= l->size)
                return 0;

        size = MIN(MAX(MAX(need, (size_t) l->size * 2), (size_t) 64), (size_t) BUFFER_SIZE_MAX);
        assert(need <= size);
        buffer = realloc(l->buffer, size);
        if (!buffer)
                return -ENOMEM;

        l->buffer = buffer;
        l->size = (uint16_t) size;
        return 0;
}

/* Starts a word, with room for its NUL, so that ending it cannot fail. */
static int word_begin(Lexer *l, State state) {
        int r;

        r = reserve(l, 1);
        if (r < 0)
                return r;

        if (l->n_words == 0)
                l->line_first = l->line;
        l->words[l->n_words] = l->used;
        l->state = state;
        return 0;
}

/* Appends bytes to the word in the making, as far as it may grow. */
static int word_append(Lexer *l, const char *s, size_t n) {
        size_t length = l->used - l->words[l->n_words], room = LEXER_WORD_LENGTH_MAX - length;
        int r;

        r = reserve(l, MIN(n, room) + 1);
        if (r < 0)
                return r;

        if (n > room) {
                l->flaws |= LEXER_FLAW_WORD_TOO_LONG;
                n = room;
        }

        memcpy(l->buffer + l->used, s, n);
        l->used += (uint16_t) n;
        return 0;
}

static int word_append_byte(Lexer *l, uint8_t c) {
        if (c < 0x20 || c > 0x7f) {
                l->flaws |= LEXER_FLAW_BAD_BYTE;
                return 0;
        }

        return word_append(l, (const char *) &c, 1);
}

static void word_end(Lexer *l, State state) {
        if (l->n_words < LEXER_WORDS_MAX) {
                if (l->state == STATE_QUOTED || l->state == STATE_QUOTED_ESCAPE)
                        l->quoted |= UINT32_C(1) << l->n_words;
                l->buffer[l->used++] = '\0';
                l->n_words++;
        } else {
                l->flaws |= LEXER_FLAW_TOO_MANY_WORDS;
                l->used = l->words[l->n_words];
        }

        l->state = state;
}

static void line_begin(Lexer *l) {
        l->complete = false;
        l->state = STATE_GAP;
        l->line_first = l->line;
        l->flaws = 0;
        l->quoted = 0;
        l->n_words = 0;
        l->used = 0;
}

static int line_end(Lexer *l) {
        bool refused = l->state == STATE_ERROR;

        l->held = false;
        l->complete = true;
        if (!refused)
                return 1;

        l->n_words = 0;
        return -EBADMSG;
}

/* The steps take one byte in a state. They return as lexer_feed() does; on -ENOMEM the byte is not taken. */

static int step_gap(Lexer *l, uint8_t c) {
        int r;

        switch (c) {
        case '\n':
                return line_end(l);
        case '#':
                l->state = STATE_COMMENT;
                return 0;
        case '\\':
                l->state = STATE_GAP_ESCAPE;
                return 0;
        case '"':
                return word_begin(l, STATE_QUOTED);
        }

        if (kinds[c] & SPACE)
                return 0;

        r = word_begin(l, STATE_WORD);
        if (r < 0)
                return r;

        r = word_append_byte(l, c);
        if (r < 0)
                l->state = STATE_GAP;
        else if (c == '=')
                word_end(l, STATE_GAP);
        return r;
}

static int step_gap_escape(Lexer *l, uint8_t c) {
        int r;

        if (c == '\n') {
                l->state = STATE_GAP;
                return 0;
        }

        r = word_begin(l, STATE_WORD);
        if (r < 0)
                return r;

        r = word_append_byte(l, c);
        if (r < 0)
                l->state = STATE_GAP_ESCAPE;
        return r;
}

static int step_word(Lexer *l, uint8_t c) {
        switch (c) {
        case '\n':
                word_end(l, STATE_GAP);
                return line_end(l);
        case '#':
                word_end(l, STATE_COMMENT);
                return 0;
        case '\\':
                l->state = STATE_WORD_ESCAPE;
                return 0;
        case '=':
                word_end(l, STATE_GAP);
                return step_gap(l, c);
        }

        if (!(kinds[c] & SPACE))
                return word_append_byte(l, c);

        word_end(l, STATE_GAP);
        return 0;
}

static int step_quoted(Lexer *l, uint8_t c) {
        switch (c) {
        case '"':
                word_end(l, STATE_GAP);
                return 0;
        case '#':
                l->state = STATE_ERROR;
                return 0;
        case '\\':
                l->state = STATE_QUOTED_ESCAPE;
                return 0;
        case '\n':
                l->flaws |= LEXER_FLAW_NEWLINE_IN_QUOTES;
                if (l->mode != LEXER_PROTOCOL)
                        return 0;
                word_end(l, STATE_GAP);
                return line_end(l);
        }

        return word_append_byte(l, c);
}

/* Behind a \ in a word: a line end is as if it were not there, all else is itself. */
static int step_escape(Lexer *l, uint8_t c, State back) {
        int r = c == '\n' ? 0 : word_append_byte(l, c);

        if (r >= 0)
                l->state = back;
        return r;
}

static int step(Lexer *l, uint8_t c) {
        switch (l->state) {
        case STATE_GAP:
                return step_gap(l, c);
        case STATE_GAP_ESCAPE:
                return step_gap_escape(l, c);
        case STATE_WORD:
                return step_word(l, c);
        case STATE_WORD_ESCAPE:
                return step_escape(l, c, STATE_WORD);
        case STATE_QUOTED:
                return step_quoted(l, c);
        case STATE_QUOTED_ESCAPE:
                return step_escape(l, c, STATE_QUOTED);
        case STATE_COMMENT:
        case STATE_ERROR:
                return c == '\n' ? line_end(l) : 0;
        }

        return 0;
}

/* Takes the bytes at the start of data that mean nothing but themselves in this state. Returns how many, or
 * -ENOMEM. */
static ssize_t take_run(Lexer *l, const char *data, size_t n) {
        uint8_t plain;
        size_t run = 0;
        int r;

        switch (l->state) {
        case STATE_WORD:
                plain = PLAIN_IN_WORD;
                break;
        case STATE_QUOTED:
                plain = PLAIN_IN_QUOTES;
                break;
        case STATE_COMMENT:
        case STATE_ERROR: {
                const char *end = memchr(data, '\n', n);
                return end ? end - data : (ssize_t) n;
        }
        default:
                return 0;
        }

        while (run < n && kinds[(uint8_t) data[run]] & plain)
                run++;

        r = run > 0 ? word_append(l, data, run) : 0;
        return r < 0 ? r : (ssize_t) run;
}

int lexer_feed(Lexer *l, const char *data, size_t n, size_t *ret_consumed) {
        size_t i = 0;
        int r = 0;

        if (l->complete)
                line_begin(l);

        while (r == 0 && i < n) {
                ssize_t run = take_run(l, data + i, n - i);
                if (run < 0) {
                        r = (int) run;
                        break;
                }
                if (run > 0) {
                        i += (size_t) run;
                        l->held = true;
                        l->line_end = l->line;
                        continue;
                }

                l->held = true;
                r = step(l, (uint8_t) data[i]);
                if (r == -ENOMEM)
                        break;

                l->line_end = l->line;
                if (data[i++] == '\n')
                        l->line++;
        }

        *ret_consumed = i;
        return r;
}

int lexer_finish(Lexer *l) {
        if (l->complete)
                line_begin(l);
        if (!l->held)
                return 0;

        switch (l->state) {
        case STATE_QUOTED:
        case STATE_QUOTED_ESCAPE:
                l->flaws |= LEXER_FLAW_OPEN_QUOTE;
                _fallthrough_;
        case STATE_WORD:
        case STATE_WORD_ESCAPE:
                word_end(l, STATE_GAP);
                break;
        default:
                break;
        }

        return line_end(l);
}

void lexer_erase(Lexer *l) {
        if (!l->complete)
                return;

        if (l->used > 0)
                explicit_bzero(l->buffer, l->used);
        line_begin(l);
}

bool lexer_pending(const Lexer *l) {
        return l->held;
}

size_t lexer_n_words(const Lexer *l) {
        return l->complete ? l->n_words : 0;
}

const char *lexer_word(const Lexer *l, size_t i) {
        return i < lexer_n_words(l) ? l->buffer + l->words[i] : NULL;
}

unsigned lexer_flaws(const Lexer *l) {
        return l->flaws;
}

bool lexer_word_quoted(const Lexer *l, size_t i) {
        return i < lexer_n_words(l) && l->quoted & UINT32_C(1) << i;
}

unsigned lexer_line(const Lexer *l) {
        return l->line_first;
}

unsigned lexer_line_end(const Lexer *l) {
        return l->line_end;
}

size_t lexer_escape(char *buffer, size_t size, const char *s) {
        size_t length = 0, written = 0;

        for (; *s; s++) {
                bool escaped = *s == '"' || *s == '\\' || *s == '#';

                /* A \ must not be cut off from what it escapes. */
                if (written == length && size > length + escaped + 1) {
                        if (escaped)
                                buffer[written++] = '\\';
                        buffer[written++] = *s >= 0x20 && *s < 0x7f ? *s : '?';
                }
                length += 1 + escaped;
        }

        if (size > 0)
                buffer[written] = '\0';
        return length;
}
