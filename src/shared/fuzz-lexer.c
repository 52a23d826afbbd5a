/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Both modes of the lexer, fed at once and byte by byte: the cuts that the network makes must not show. */

#include "lexer.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const Lexer *l) {
        size_t n = lexer_n_words(l);

        ASSERT_TRUE(n <= LEXER_WORDS_MAX);
        ASSERT_TRUE(lexer_line(l) <= lexer_line_end(l));
        ASSERT_FALSE(lexer_pending(l));

        for (size_t i = 0; i <= LEXER_WORDS_MAX; i++) {
                const char *word = lexer_word(l, i);

                ASSERT_EQ(word != NULL, i < n);
                if (!word)
                        continue;

                ASSERT_TRUE(strlen(word) <= LEXER_WORD_LENGTH_MAX);
                for (const char *c = word; *c; c++)
                        ASSERT_TRUE(*c >= 0x20); /* a signed char outside ASCII is below that */
        }
}

static void check_same(const Lexer *a, const Lexer *b) {
        ASSERT_EQ(lexer_n_words(a), lexer_n_words(b));
        ASSERT_EQ(lexer_flaws(a), lexer_flaws(b));
        ASSERT_EQ(lexer_line(a), lexer_line(b));
        ASSERT_EQ(lexer_line_end(a), lexer_line_end(b));

        for (size_t i = 0; i < lexer_n_words(a); i++) {
                ASSERT_STREQ(lexer_word(a, i), lexer_word(b, i));
                ASSERT_EQ(lexer_word_quoted(a, i), lexer_word_quoted(b, i));
        }
}

/* What was escaped must come back as one word, as long as it fits and has nothing to mask. */
static void check_escape(const Lexer *l) {
        for (size_t i = 0; i < lexer_n_words(l); i++) {
                const char *word = lexer_word(l, i);
                char text[2 * LEXER_WORD_LENGTH_MAX + 3] = "\"";
                _cleanup_(lexer_freep) Lexer *again = lexer_new(LEXER_PROTOCOL);
                size_t n, consumed;

                ASSERT_TRUE(again != NULL);
                if (strchr(word, 0x7f))
                        continue;

                n = 1 + lexer_escape(text + 1, sizeof(text) - 1, word);
                ASSERT_EQ(strlen(text), n);
                text[n++] = '"';
                ASSERT_EQ(lexer_feed(again, text, n, &consumed), 0);
                ASSERT_EQ(lexer_finish(again), 1);
                ASSERT_EQ(lexer_flaws(again), 0);
                ASSERT_EQ(lexer_n_words(again), 1);
                ASSERT_STREQ(lexer_word(again, 0), word);
        }
}

/* Feeds a line byte by byte, at most n of them. Returns what the last call did. */
static int feed_slowly(Lexer *l, const char *data, size_t n, size_t *ret_consumed) {
        int r = 0;
        size_t i = 0;

        while (r == 0 && i < n) {
                size_t consumed;

                r = lexer_feed(l, data + i, 1, &consumed);
                ASSERT_EQ(consumed, 1);
                i++;
        }

        *ret_consumed = i;
        return r;
}

static void run(LexerMode mode, const char *data, size_t size) {
        _cleanup_(lexer_freep) Lexer *fast = lexer_new(mode), *slow = lexer_new(mode);
        size_t n, m;
        int r;

        ASSERT_TRUE(fast && slow);

        while (size > 0) {
                r = lexer_feed(fast, data, size, &n);
                ASSERT_EQ(feed_slowly(slow, data, size, &m), r);
                ASSERT_EQ(n, m);
                ASSERT_TRUE(r == 0 || data[n - 1] == '\n');
                if (r != 0)
                        check_line(fast);
                check_same(fast, slow);
                check_escape(fast);
                data += n;
                size -= n;
        }

        r = lexer_finish(fast);
        ASSERT_EQ(lexer_finish(slow), r);
        if (r != 0)
                check_line(fast);
        check_same(fast, slow);
        ASSERT_EQ(lexer_finish(fast), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        run(LEXER_CONFIG, (const char *) data, size);
        run(LEXER_PROTOCOL, (const char *) data, size);
        return 0;
}
