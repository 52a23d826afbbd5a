/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-request.h"

#include "lexer.h"
#include "string-util.h"

void nut_line_erase_and_freep(char **line) {
        if (*line)
                explicit_bzero(*line, strlen(*line));
        free(*line);
}

void nut_words_erase_and_freep(char ***words) {
        STRV_FOREACH(word, *words)
                explicit_bzero(*word, strlen(*word));
        strv_freep(words);
}

static bool word_can_be_carried(const char *word, bool ascii_only) {
        if (strlen(word) > LEXER_WORD_LENGTH_MAX)
                return false;

        for (; *word; word++) {
                uint8_t c = (uint8_t) *word;

                if (c < ' ' || c == 0x7f || (c > 0x7f && ascii_only))
                        return false;
        }
        return true;
}

/* Servers drop bytes outside ASCII, from what they are sent and from their file of users alike: so that
 * names and passwords with such bytes fit one another, while a value would be set that nobody asked for. */
static bool words_can_be_carried(char *const *words) {
        bool login = strcaseeq(words[0], "USERNAME") || strcaseeq(words[0], "PASSWORD");

        STRV_FOREACH(word, words)
                if (!word_can_be_carried(*word, !login || word == words))
                        return false;
        return true;
}

/* Returns where the text ends. */
static char *word_escape(char *t, const char *word) {
        for (; *word; word++) {
                if (strchr("\"\\#", *word))
                        *t++ = '\\';
                *t++ = *word;
        }
        return t;
}

/* Keywords and names go bare; whatever a server's lexer could take apart goes in quotes. */
static int words_render(char *const *words, char **ret) {
        size_t size = 1;
        char *line, *t;

        STRV_FOREACH(word, words)
                size += 2 * strlen(*word) + strlen("\"\" ");
        line = t = new(char, size);
        if (!line)
                return -ENOMEM;

        STRV_FOREACH(word, words) {
                bool bare = **word && !strpbrk(*word, " \"\\#=");

                if (word != words)
                        *t++ = ' ';
                if (bare)
                        t = stpcpy(t, *word);
                else {
                        *t++ = '"';
                        t = word_escape(t, *word);
                        *t++ = '"';
                }
        }

        *t = '\0';
        *ret = line;
        return 0;
}

/* What a reply is told by: the words that a server echoes, but of others, which may be secret, the first
 * one. */
static int words_expected(char *const *words, char ***ret) {
        bool echoed = strcaseeq(words[0], "LIST") || strcaseeq(words[0], "GET");
        _cleanup_strv_free_ char **expected = NULL;

        STRV_FOREACH(word, words) {
                int r = echoed || word == words ? strv_extend(&expected, *word) : 0;

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(expected);
        return 0;
}

int nut_request_render(char *const *words, char **ret_line, char ***ret_expected) {
        char *line;
        int r;

        if (strv_length(words) == 0 || strv_length(words) > LEXER_WORDS_MAX)
                return -EINVAL;
        if (!words_can_be_carried(words))
                return -EINVAL;

        r = words_render(words, &line);
        if (r < 0)
                return r;
        r = words_expected(words, ret_expected);
        if (r < 0) {
                nut_line_erase_and_freep(&line);
                return r;
        }

        *ret_line = line;
        return 0;
}
