/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-edit.h"

#include <ctype.h>
#include <stdio.h>
#include <syslog.h>

#include "lexer.h"
#include "string-util.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct ConfEdit {
        ConfEditLine *lines;
        size_t n_lines, allocated;
        bool carriage_returns; /* the file has the line ends of Windows */
};

static void line_done(ConfEditLine *l) {
        strv_free(l->words);
        free(l->section);
        free(l->text);
}

ConfEdit *conf_edit_free(ConfEdit *e) {
        if (!e)
                return NULL;

        for (size_t i = 0; i < e->n_lines; i++)
                line_done(e->lines + i);
        free(e->lines);
        free(e);
        return NULL;
}

size_t conf_edit_n_lines(const ConfEdit *e) {
        return e->n_lines;
}

const ConfEditLine *conf_edit_line(const ConfEdit *e, size_t i) {
        return e->lines + i;
}

/* Takes the words out of the lexer, which has a complete line. */
static int take_words(ConfEditLine *l, const Lexer *lexer) {
        for (size_t i = 0; i < lexer_n_words(lexer); i++) {
                int r = strv_extend(&l->words, lexer_word(lexer, i));
                if (r < 0)
                        return r;
        }

        l->n_words = lexer_n_words(lexer);
        l->header = l->n_words > 0 && l->words[0][0] == '[' && !lexer_word_quoted(lexer, 0) &&
                strlen(l->words[0]) > 2 && endswith(l->words[0], "]");
        return 0;
}

static int make_line(const Lexer *lexer, const char *text, size_t n, ConfEditLine *ret) {
        ConfEditLine l = { .text = new(char, n + 1), .n = n };
        int r = l.text ? take_words(&l, lexer) : -ENOMEM;

        if (r < 0) {
                line_done(&l);
                return r;
        }

        if (n > 0)
                memcpy(l.text, text, n);
        l.text[n] = '\0';
        *ret = l;
        return 0;
}

/* Says of each line, from i on, in which section it is. */
static int name_sections(ConfEdit *e, size_t i) {
        const char *section = i > 0 ? e->lines[i - 1].section : NULL;

        for (; i < e->n_lines; i++) {
                ConfEditLine *l = e->lines + i;
                _cleanup_free_ char *own = NULL;

                if (l->header) {
                        own = strndup(l->words[0] + 1, strlen(l->words[0]) - 2);
                        if (!own)
                                return -ENOMEM;
                        section = own;
                }

                int r = free_and_strdup(&l->section, section);
                if (r < 0)
                        return r;
                section = l->section;
        }

        return 0;
}

static int add_line(ConfEdit *e, const Lexer *lexer, const char *text, size_t n) {
        if (!GREEDY_REALLOC(e->lines, e->allocated, e->n_lines + 1))
                return -ENOMEM;

        int r = make_line(lexer, text, n, e->lines + e->n_lines);
        if (r >= 0)
                e->n_lines++;
        return r;
}

static int take_lines(ConfEdit *e, const char *data, size_t n) {
        _cleanup_(lexer_freep) Lexer *lexer = lexer_new(LEXER_CONFIG);
        const char *begin = data;
        int r = 0;

        if (!lexer)
                return -ENOMEM;

        /* A byte order mark is a word to the lexer, but stays with the first line. */
        if (n >= 3 && memcmp(data, BYTE_ORDER_MARK, 3) == 0) {
                data += 3;
                n -= 3;
        }

        while (r >= 0 && n > 0) {
                size_t consumed;

                r = lexer_feed(lexer, data, n, &consumed);
                data += consumed;
                n -= consumed;
                if (r > 0) {
                        r = add_line(e, lexer, begin, (size_t) (data - begin));
                        begin = data;
                }
        }
        if (r < 0)
                return r;

        r = lexer_finish(lexer);
        if (r >= 0 && data != begin)
                r = add_line(e, lexer, begin, (size_t) (data - begin));
        return r < 0 ? r : name_sections(e, 0);
}

/* Passes reports on and keeps in mind whether one is serious. */
typedef struct Judge {
        ConfReport report;
        void *userdata;
        bool refused;
} Judge;

static void judge(void *userdata, int level, const char *file, unsigned line, const char *message) {
        Judge *j = userdata;

        if (level > LOG_ERR)
                return;
        j->refused = true;
        if (j->report)
                j->report(j->userdata, level, file, line, message);
}

int conf_edit_parse(const char *name, const char *data, size_t n, ConfReport report, void *userdata,
                ConfEdit **ret) {
        _cleanup_(conf_edit_freep) ConfEdit *e = new0(ConfEdit, 1);
        _cleanup_(conf_freep) Conf *c = NULL;
        Judge j = { report, userdata, false };

        if (!e)
                return -ENOMEM;
        if (n > 0 && memchr(data, '\0', n))
                judge(&j, LOG_ERR, name, 1, "There is a NUL in the file: this is no text");

        int r = conf_parse(name, data, n, judge, &j, &c);
        if (r < 0)
                return r;
        if (j.refused)
                return -EBADMSG;

        e->carriage_returns = n > 0 && memmem(data, n, "\r\n", 2);
        r = take_lines(e, data, n);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(e);
        return 0;
}

static size_t indent_length(const ConfEditLine *l) {
        size_t i = startswith(l->text, BYTE_ORDER_MARK) ? 3 : 0;

        return i + strspn(l->text + i, " \t");
}

char *conf_edit_indent(const ConfEditLine *l) {
        return strndup(l->text, indent_length(l));
}

/* Where the comment behind the words begins, or the line end, or the end. */
static size_t find_comment(const ConfEditLine *l) {
        bool quoted = false, word = false;

        for (size_t i = 0; i < l->n; i++) {
                char c = l->text[i];

                if (c == '\\' && i + 1 < l->n) {
                        word = word || !quoted;
                        i++;
                } else if (quoted)
                        quoted = c != '"';
                else if (c == '#' || c == '\n')
                        return i;
                else if (c == '"' && !word)
                        quoted = true;
                else
                        word = c != '=' && !isspace((unsigned char) c);
        }

        return l->n;
}

/* The comment without the line end, with the blanks before it; empty if there is none. */
static char *copy_comment(const ConfEditLine *l, bool with_blanks) {
        size_t i = find_comment(l), n;

        if (i >= l->n || l->text[i] != '#')
                return strdup("");

        n = strcspn(l->text + i, "\r\n");
        while (with_blanks && i > 0 && strchr(" \t", l->text[i - 1])) {
                i--;
                n++;
        }
        return strndup(l->text + i, n);
}

static const char *line_end(const ConfEdit *e) {
        return e->carriage_returns ? "\r\n" : "\n";
}

/* A line of its own from a text with a line end, which must be one line and nothing else. */
static int lex_line(const char *text, ConfEditLine *ret) {
        _cleanup_(lexer_freep) Lexer *lexer = lexer_new(LEXER_CONFIG);
        const char *words = startswith(text, BYTE_ORDER_MARK) ?: text;
        size_t n = strlen(words), consumed;

        if (!lexer)
                return -ENOMEM;

        int r = lexer_feed(lexer, words, n, &consumed);
        if (r == -ENOMEM)
                return r;
        if (r <= 0 || consumed != n || lexer_flaws(lexer) != 0)
                return -EINVAL;
        return make_line(lexer, text, strlen(text), ret);
}

/* Puts a line into a place that is there for it. */
static int put_line(ConfEdit *e, size_t i, const char *text) {
        ConfEditLine l;

        int r = lex_line(text, &l);
        if (r < 0)
                return r;

        line_done(e->lines + i);
        e->lines[i] = l;
        return name_sections(e, i);
}

int conf_edit_replace(ConfEdit *e, size_t i, const char *content) {
        const ConfEditLine *old = e->lines + i;
        _cleanup_free_ char *indent = conf_edit_indent(old), *comment = copy_comment(old, true);
        _cleanup_free_ char *text = indent && comment ? strjoin(indent, content, comment,
                line_end(e)) : NULL;

        return text ? put_line(e, i, text) : -ENOMEM;
}

/* What is behind the last line of a file that does not end its last line. */
static int end_line(const ConfEdit *e, ConfEditLine *l) {
        if (l->n == 0 || l->text[l->n - 1] == '\n')
                return 0;

        char *text = strjoin(l->text, line_end(e));
        if (!text)
                return -ENOMEM;
        free(l->text);
        l->text = text;
        l->n = strlen(text);
        return 0;
}

int conf_edit_insert(ConfEdit *e, size_t i, const char *content) {
        _cleanup_free_ char *text = strjoin(content, line_end(e));
        ConfEditLine l = {};

        if (!text || !GREEDY_REALLOC(e->lines, e->allocated, e->n_lines + 1))
                return -ENOMEM;

        int r = i > 0 ? end_line(e, e->lines + i - 1) : 0;
        if (r >= 0)
                r = lex_line(text, &l);
        if (r < 0)
                return r;

        memmove(e->lines + i + 1, e->lines + i, (e->n_lines - i) * sizeof(*e->lines));
        e->lines[i] = l;
        e->n_lines++;
        return name_sections(e, i);
}

int conf_edit_remove(ConfEdit *e, size_t i) {
        _cleanup_free_ char *comment = copy_comment(e->lines + i, false);

        if (!comment)
                return -ENOMEM;
        if (!isempty(comment)) {
                _cleanup_free_ char *indent = conf_edit_indent(e->lines + i);
                _cleanup_free_ char *text = indent ? strjoin(indent, comment, line_end(e)) : NULL;

                return text ? put_line(e, i, text) : -ENOMEM;
        }

        line_done(e->lines + i);
        e->n_lines--;
        memmove(e->lines + i, e->lines + i + 1, (e->n_lines - i) * sizeof(*e->lines));
        return name_sections(e, i);
}

int conf_edit_text(const ConfEdit *e, char **ret, size_t *ret_n) {
        size_t n = 0, used = 0;

        for (size_t i = 0; i < e->n_lines; i++)
                n += e->lines[i].n;

        char *text = new(char, n + 1);
        if (!text)
                return -ENOMEM;

        for (size_t i = 0; i < e->n_lines; i++) {
                memcpy(text + used, e->lines[i].text, e->lines[i].n);
                used += e->lines[i].n;
        }
        text[n] = '\0';

        *ret = text;
        *ret_n = n;
        return 0;
}

int conf_edit_quote(const char *word, char **ret) {
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" "abcdefghijklmnopqrstuvwxyz"
                                    "0123456789_-./:@+%*,";
        char buffer[2 * LEXER_WORD_LENGTH_MAX + 1];
        size_t n = strlen(word);
        char *s;

        if (n > LEXER_WORD_LENGTH_MAX)
                return -EINVAL;
        for (size_t i = 0; i < n; i++)
                if (word[i] < 0x20 || word[i] >= 0x7f)
                        return -EINVAL;

        if (n > 0 && strspn(word, plain) == n)
                s = strdup(word);
        else {
                (void) lexer_escape(buffer, sizeof(buffer), word);
                s = strjoin("\"", buffer, "\"");
        }
        if (!s)
                return -ENOMEM;

        *ret = s;
        return 0;
}
