/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lexer.h"

#include "test-util.h"

/* The linker puts __wrap_realloc() in the place of realloc(), so that memory can be short. */
static bool memory_is_short, realloc_fails;

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_realloc(void *p, size_t size) {
        realloc_fails = memory_is_short && !realloc_fails;
        return realloc_fails ? NULL : __real_realloc(p, size);
}

/* What came out, as text: each line as "FIRST-LAST:" and its words in <> or "", then its flaws as letters,
 * or "!" for a line that was refused. */
typedef struct Output {
        char text[4096];
        size_t n;
} Output;

static void put(Output *o, const char *s) {
        size_t n = strlen(s);

        ASSERT_TRUE(o->n + n < sizeof(o->text));
        memcpy(o->text + o->n, s, n + 1);
        o->n += n;
}

static void put_line(Output *o, const Lexer *l, int r) {
        static const struct {
                unsigned flaw;
                const char *letter;
        } letters[] = {
                { LEXER_FLAW_WORD_TOO_LONG,     "L" },
                { LEXER_FLAW_TOO_MANY_WORDS,    "M" },
                { LEXER_FLAW_BAD_BYTE,          "B" },
                { LEXER_FLAW_NEWLINE_IN_QUOTES, "N" },
                { LEXER_FLAW_OPEN_QUOTE,        "O" },
        };
        char place[32];

        (void) snprintf(place, sizeof(place), "%u-%u:", lexer_line(l), lexer_line_end(l));
        put(o, place);

        for (size_t i = 0; i < lexer_n_words(l); i++) {
                bool quoted = lexer_word_quoted(l, i);

                put(o, quoted ? "\"" : "<");
                put(o, lexer_word(l, i));
                put(o, quoted ? "\"" : ">");
        }

        for (size_t i = 0; i < ELEMENTSOF(letters); i++)
                if (lexer_flaws(l) & letters[i].flaw)
                        put(o, letters[i].letter);
        if (r < 0) {
                ASSERT_ERROR(r, EBADMSG);
                ASSERT_EQ(lexer_n_words(l), 0);
                put(o, "!");
        }
        put(o, "\n");
}

static void feed(Output *o, Lexer *l, const char *data, size_t n) {
        while (n > 0) {
                size_t consumed;
                int r = lexer_feed(l, data, n, &consumed);

                ASSERT_TRUE(consumed <= n);
                if (r == -ENOMEM)
                        ASSERT_TRUE(realloc_fails && consumed < n);
                else if (r == 0)
                        ASSERT_EQ(consumed, n);
                else {
                        ASSERT_EQ(data[consumed - 1], '\n');
                        put_line(o, l, r);
                }
                data += consumed;
                n -= consumed;
        }
}

/* Feeds n bytes in pieces: [0, cut), then pieces of step bytes. */
static void run(Output *o, LexerMode mode, const char *data, size_t n, size_t cut, size_t step) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(mode);
        int r;

        ASSERT_TRUE(l != NULL);
        o->n = 0;
        o->text[0] = '\0';

        feed(o, l, data, cut);
        for (size_t i = cut; i < n; i += step)
                feed(o, l, data + i, MIN(step, n - i));

        r = lexer_finish(l);
        if (r != 0)
                put_line(o, l, r);
        ASSERT_FALSE(lexer_pending(l));
        ASSERT_EQ(lexer_finish(l), 0);
}

static void check(LexerMode mode, const char *data, size_t n, const char *expected) {
        Output o;

        run(&o, mode, data, n, n, 1);
        ASSERT_STREQ(o.text, expected);
        run(&o, mode, data, n, 0, 1);
        ASSERT_STREQ(o.text, expected);

        for (size_t cut = 1; cut < n; cut++) {
                run(&o, mode, data, n, cut, n);
                ASSERT_STREQ(o.text, expected);
        }
}

/* Where the two modes do the same there is one expectation. */
static const struct {
        const char *input, *config, *protocol;
} cases[] = {
        /* words and lines */
        { "",                      "" },
        { "\n",                    "1-1:\n" },
        { "a",                     "1-1:<a>\n" },
        { "a\n",                   "1-1:<a>\n" },
        { "a b\n\n c\n",           "1-1:<a><b>\n2-2:\n3-3:<c>\n" },
        { " \t\v\f\ra\t\tb \r\n",  "1-1:<a><b>\n" },
        { "a\rb\r\n",              "1-1:<a><b>\n" },
        { "   ",                   "1-1:\n" },
        { "a\nflag",               "1-1:<a>\n2-2:<flag>\n" },
        { "[ups] x\n",             "1-1:<[ups]><x>\n" },
        { "it's 'a b'\n",          "1-1:<it's><'a><b'>\n" },

        /* = */
        { "x=y\n",                 "1-1:<x><=><y>\n" },
        { "x = y\n",               "1-1:<x><=><y>\n" },
        { "=\n",                   "1-1:<=>\n" },
        { "==a=\n",                "1-1:<=><=><a><=>\n" },
        { "\"x=y\"\n",             "1-1:\"x=y\"\n" },
        { "x\"=\"y\n",             "1-1:<x\"><=>\"y\"NO\n", "1-1:<x\"><=>\"y\"N\n" },
        { "x \"=\" y\n",           "1-1:<x>\"=\"<y>\n" },
        { "x\\=y\n",               "1-1:<x=y>\n" },
        { "x=\"a b\"\n",           "1-1:<x><=>\"a b\"\n" },

        /* quotes */
        { "\"a b\" c\n",           "1-1:\"a b\"<c>\n" },
        { "\"\"\n",                "1-1:\"\"\n" },
        { "a\"b c\"d\n",           "1-1:<a\"b><c\"d>\n" },
        { "\"a\"\"b\"\n",          "1-1:\"a\"\"b\"\n" },
        { "\"a\"b\n",              "1-1:\"a\"<b>\n" },
        { "\"a'b\"\n",             "1-1:\"a'b\"\n" },
        { "\"a",                   "1-1:\"a\"O\n" },
        { "\"",                    "1-1:\"\"O\n" },
        { "x \"a\\",               "1-1:<x>\"a\"O\n" },
        { "\"a\nb\" c\nd\n",       "1-2:\"ab\"<c>N\n3-3:<d>\n", "1-1:\"a\"N\n2-2:<b\"><c>\n3-3:<d>\n" },
        { "\"a\n",                 "1-1:\"a\"NO\n", "1-1:\"a\"N\n" },
        { "\"a\tb\"\n",            "1-1:\"ab\"B\n" },

        /* escapes and joined lines */
        { "a\\b\\ c\n",            "1-1:<ab c>\n" },
        { "\\\\\n",                "1-1:<\\>\n" },
        { "\"\\\"\\\\\\#\"\n",     "1-1:\"\"\\#\"\n" },
        { "\\\"a b\\\"\n",         "1-1:<\"a><b\">\n" },
        { "\\n\\t\n",              "1-1:<nt>\n" },
        { "\\#a\n",                "1-1:<#a>\n" },
        { "a\\\nb c\n",            "1-2:<ab><c>\n" },
        { "a \\\n b\n",            "1-2:<a><b>\n" },
        { "\\\n\\\n \"x y\"\nz\n", "3-3:\"x y\"\n4-4:<z>\n" },
        { "\"a\\\nb\"\n",          "1-2:\"ab\"\n" },
        { "a\\",                   "1-1:<a>\n" },
        { "\\",                    "1-1:\n" },
        { "a\\\n",                 "1-1:<a>\n" },
        { "a\\\r\nb\n",            "1-1:<a>B\n2-2:<b>\n" },

        /* comments */
        { "# a \"b\n",             "1-1:\n" },
        { "#",                     "1-1:\n" },
        { "a#b\nc # d\n",          "1-1:<a>\n2-2:<c>\n" },
        { "\"a\"#b\n",             "1-1:\"a\"\n" },
        { "# a\\\nb\n",            "1-1:\n2-2:<b>\n" },
        { "a=#b\n",                "1-1:<a><=>\n" },
        { "a # \xff\x01\n",        "1-1:<a>\n" },
        { "# a # b\n",             "1-1:\n" },

        /* # in quotes */
        { "x \"a#b\" c\ny\n",      "1-1:!\n2-2:<y>\n" },
        { "x \"a#b\\\ny\n",        "1-1:!\n2-2:<y>\n" },
        { "\"a#b",                 "1-1:!\n" },
        { "\"a\nb # c\"\nd\n",     "1-2:N!\n3-3:<d>\n", "1-1:\"a\"N\n2-2:<b>\n3-3:<d>\n" },

        /* bytes */
        { "PROT\xffVER\x01\n",     "1-1:<PROTVER>B\n" },
        { "a\\\xc3\\\xa4z\n",      "1-1:<az>B\n" },
        { "\xff\n",                "1-1:<>B\n" },
        { "a \x80 b\n",            "1-1:<a><><b>B\n" },
        { "\xff\"a\n",             "1-1:<\"a>B\n" },
        { "\"\x1b[0m\"\n",         "1-1:\"[0m\"B\n" },
        { "a\x7f~\n",              "1-1:<a\x7f~>\n" },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t n = strlen(cases[i].input);

                check(LEXER_CONFIG, cases[i].input, n, cases[i].config);
                check(LEXER_PROTOCOL, cases[i].input, n, cases[i].protocol ?: cases[i].config);
        }
}

/* What could not be taken for lack of memory is taken when it is fed again. */
static void test_short_memory(void) {
        memory_is_short = true;
        test_cases();
        memory_is_short = false;
}

static void test_nul(void) {
        static const char input[] = "a\0b \0 c\n";

        check(LEXER_CONFIG, input, sizeof(input) - 1, "1-1:<ab><><c>B\n");
        check(LEXER_PROTOCOL, input, sizeof(input) - 1, "1-1:<ab><><c>B\n");
}

static void test_words_limit(void) {
        for (size_t n = LEXER_WORDS_MAX - 1; n <= LEXER_WORDS_MAX + 2; n++) {
                char input[128] = "", expected[256] = "1-1:";

                for (size_t i = 0; i < n; i++) {
                        strcat(input, i % 2 ? "y " : "\"x\" ");
                        if (i < LEXER_WORDS_MAX)
                                strcat(expected, i % 2 ? "<y>" : "\"x\"");
                }
                strcat(input, "\nz\n");
                strcat(expected, n > LEXER_WORDS_MAX ? "M\n2-2:<z>\n" : "\n2-2:<z>\n");

                check(LEXER_CONFIG, input, strlen(input), expected);
                check(LEXER_PROTOCOL, input, strlen(input), expected);
        }
}

/* A word of n characters, bare, quoted and escaped. */
static void test_length_limit(void) {
        static const struct {
                const char *before, *each, *after;
        } kinds[] = {
                { "", "w", " z" },
                { "\"", "w", "\" z" },
                { "", "\\w", " z" },
        };

        for (size_t n = LEXER_WORD_LENGTH_MAX - 1; n <= LEXER_WORD_LENGTH_MAX + 2; n++)
                for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
                        char input[2 * LEXER_WORD_LENGTH_MAX + 64] = "";
                        char expected[LEXER_WORD_LENGTH_MAX + 64] = "1-1:";

                        strcat(input, kinds[k].before);
                        strcat(expected, k == 1 ? "\"" : "<");
                        for (size_t i = 0; i < n; i++) {
                                strcat(input, kinds[k].each);
                                if (i < LEXER_WORD_LENGTH_MAX)
                                        strcat(expected, "w");
                        }
                        strcat(input, kinds[k].after);
                        strcat(input, "\n");
                        strcat(expected, k == 1 ? "\"" : ">");
                        strcat(expected, n > LEXER_WORD_LENGTH_MAX ? "<z>L\n" : "<z>\n");

                        check(LEXER_CONFIG, input, strlen(input), expected);
                }
}

/* The largest line: all words of full length, and more of both. */
static void test_memory_limit(void) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        char word[LEXER_WORD_LENGTH_MAX + 10];
        size_t consumed;

        memset(word, 'w', sizeof(word));
        word[sizeof(word) - 1] = ' ';
        ASSERT_TRUE(l != NULL);

        for (unsigned round = 0; round < 3; round++) {
                for (unsigned i = 0; i < 2 * LEXER_WORDS_MAX; i++)
                        ASSERT_EQ(lexer_feed(l, word, sizeof(word), &consumed), 0);
                ASSERT_TRUE(lexer_pending(l));
                ASSERT_EQ(lexer_feed(l, "\n", 1, &consumed), 1);

                ASSERT_EQ(lexer_n_words(l), LEXER_WORDS_MAX);
                ASSERT_EQ(lexer_flaws(l), LEXER_FLAW_WORD_TOO_LONG | LEXER_FLAW_TOO_MANY_WORDS);
                for (size_t i = 0; i < LEXER_WORDS_MAX; i++)
                        ASSERT_EQ(strlen(lexer_word(l, i)), LEXER_WORD_LENGTH_MAX);
                ASSERT_TRUE(lexer_word(l, LEXER_WORDS_MAX) == NULL);
        }

        /* and the flaws go with the line */
        ASSERT_EQ(lexer_feed(l, "VER\n", 4, &consumed), 1);
        ASSERT_EQ(lexer_flaws(l), 0);
        ASSERT_EQ(lexer_n_words(l), 1);
        ASSERT_STREQ(lexer_word(l, 0), "VER");
}

static void test_state(void) {
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        size_t consumed = 9;

        ASSERT_TRUE(l != NULL);
        ASSERT_EQ(lexer_feed(l, "", 0, &consumed), 0);
        ASSERT_EQ(consumed, 0);
        ASSERT_FALSE(lexer_pending(l));

        ASSERT_EQ(lexer_feed(l, "LIST U", 6, &consumed), 0);
        ASSERT_EQ(consumed, 6);
        ASSERT_TRUE(lexer_pending(l));
        ASSERT_EQ(lexer_n_words(l), 0);
        ASSERT_TRUE(lexer_word(l, 0) == NULL);

        ASSERT_EQ(lexer_feed(l, "PS\nVER\n", 7, &consumed), 1);
        ASSERT_EQ(consumed, 3);
        ASSERT_FALSE(lexer_pending(l));
        ASSERT_EQ(lexer_n_words(l), 2);
        ASSERT_STREQ(lexer_word(l, 1), "UPS");
        ASSERT_TRUE(lexer_word(l, 2) == NULL);
        ASSERT_FALSE(lexer_word_quoted(l, 2));

        ASSERT_TRUE(lexer_free(NULL) == NULL);
}

static void test_escape(void) {
        static const struct {
                const char *input, *output;
        } rows[] = {
                { "",                     ""                         },
                { "plain text",           "plain text"               },
                { "Crash \"Dummy\" #1\\", "Crash \\\"Dummy\\\" \\#1\\\\" },
                { "a\tb\nc\x7f",          "a?b?c?"                   },
                { "20\xb0",               "20?"                      },
                { "= ' ~",                "= ' ~"                    },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                size_t n = strlen(rows[i].output);
                char buffer[64];

                ASSERT_EQ(lexer_escape(NULL, 0, rows[i].input), n);

                /* Whatever fits is a beginning of the whole, and never ends between \ and its character. */
                for (size_t size = 1; size < sizeof(buffer); size++) {
                        memset(buffer, 'X', sizeof(buffer));
                        ASSERT_EQ(lexer_escape(buffer, size, rows[i].input), n);
                        ASSERT_TRUE(strlen(buffer) < size);
                        ASSERT_TRUE(startswith(rows[i].output, buffer) != NULL);
                        ASSERT_TRUE(size > n ? streq(buffer, rows[i].output) : strlen(buffer) + 2 >= size);
                        ASSERT_EQ(buffer[size], 'X');

                        size_t backslashes = 0;
                        for (size_t k = strlen(buffer); k > 0 && buffer[k - 1] == '\\'; k--)
                                backslashes++;
                        ASSERT_EQ(backslashes % 2, 0);
                }
        }
}

static void test_erase(void) {
        static const char text[] = "PASSWORD secret\nVER\n";
        _cleanup_(lexer_freep) Lexer *l = lexer_new(LEXER_PROTOCOL);
        size_t n, m;

        ASSERT_EQ(lexer_feed(l, text, strlen(text), &n), 1);
        const char *word = lexer_word(l, 1);
        ASSERT_STREQ(word, "secret");
        lexer_erase(l);
        for (size_t i = 0; i < strlen("secret"); i++)
                ASSERT_EQ(word[i], '\0');
        ASSERT_EQ(lexer_n_words(l), 0);

        ASSERT_EQ(lexer_feed(l, text + n, strlen(text) - n - 1, &m), 0);
        lexer_erase(l); /* a line in the making stays */
        ASSERT_EQ(lexer_feed(l, "\n", 1, &m), 1);
        ASSERT_STREQ(lexer_word(l, 0), "VER");
}

int main(void) {
        test_cases();
        test_short_memory();
        test_nul();
        test_words_limit();
        test_length_limit();
        memory_is_short = true;
        test_length_limit();
        memory_is_short = false;
        test_memory_limit();
        test_state();
        test_escape();
        test_erase();
        return EXIT_SUCCESS;
}
