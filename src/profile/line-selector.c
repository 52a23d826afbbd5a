/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a value comes from, and templates, which are made of such. */

#include "line-profile-internal.h"

#include <stdio.h>

#include "line-link.h"
#include "model.h"
#include "parse-util.h"
#include "string-util.h"

#define INDEX_MAX 9999

void line_selector_done(LineSelector *s) {
        free(s->name);
        if (s->template)
                line_template_done(s->template);
        free(s->template);
        *s = (LineSelector) {};
}

void line_template_done(LineTemplate *t) {
        for (size_t i = 0; i < t->n_pieces; i++) {
                free(t->pieces[i].text);
                line_selector_done(&t->pieces[i].selector);
                value_conversion_done(&t->pieces[i].conversion);
        }
        free(t->pieces);
        *t = (LineTemplate) {};
}

/* "3", "-1", "2-4", "2-" up to where it ends; *s behind it. Without a second number *ret_last is the first.
 */
static int parse_span(const char **s, int min, int *ret_first, int *ret_last) {
        int numbers[2] = {}, sign = 1;
        const char *p = *s;

        if (*p == '-') {
                sign = -1;
                p++;
        }
        for (size_t i = 0; i < 2; i++) {
                const char *start = p;

                for (; *p >= '0' && *p <= '9' && p - start < 4; p++)
                        numbers[i] = numbers[i] * 10 + (*p - '0');
                if (i == 1 && p == start)
                        numbers[1] = LINE_END;
                else if (p == start || numbers[i] > INDEX_MAX)
                        return -EINVAL;
                if (i == 0 && (*p != '-' || sign < 0)) {
                        numbers[1] = numbers[0];
                        break;
                }
                p += i == 0;
        }

        if (sign < 0 ? numbers[0] == 0 : numbers[0] < min || numbers[1] < numbers[0])
                return -EINVAL;

        *ret_first = sign * numbers[0];
        *ret_last = numbers[1] == LINE_END ? LINE_END : sign * numbers[1];
        *s = p;
        return 0;
}

/* Whether a query can have that word at all. */
static int check_word(Loader *l, const ConfLine *line, const char *s, const LineSelector *selector) {
        const LineQuery *q = &line_loader_profile(l)->queries[selector->query];
        unsigned most = q->n_binary > 0 ? (unsigned) q->n_binary : q->words_max;
        int last = selector->word_last == LINE_END ? selector->word : selector->word_last;
        unsigned word = (unsigned) (last < 0 ? -last : last);

        if (word > most)
                return loader_error(
                        l, line, "%s: an answer to %s has no more than %u words", s, q->name, most);
        return 1;
}

/* QUERY[:WORD][@CHARACTERS] */
static int parse_answer(Loader *l, const ConfLine *line, const char *s, LineSelector *ret) {
        size_t n = strcspn(s, ":@");
        _cleanup_free_ char *name = strndup(s, n);
        LineSelector selector = { .source = LINE_SOURCE_ANSWER };
        const char *p = s + n;
        int r;

        if (!name)
                return -ENOMEM;
        if (variable_name_is_valid(name) && strchr(name, '.'))
                return loader_error(l, line, "\"%s\" is no query; a variable is written $%s", name, name);

        r = line_loader_query(l, line, name, &selector.query);
        if (r <= 0)
                return r;

        if (*p == ':') {
                p++;
                if (parse_span(&p, 1, &selector.word, &selector.word_last) < 0)
                        return loader_error(l, line, "\"%s\": a word is written :3, :-1 or :3-", s);
        }
        if (*p == '@') {
                p++;
                selector.has_characters = true;
                if (parse_span(&p, 0, &selector.first, &selector.last) < 0)
                        return loader_error(l, line,
                                        "\"%s\": characters are written @0, @2-4, @2- or @-1", s);
        }
        if (*p)
                return loader_error(l, line, "\"%s\" is no selector: nothing can follow \"%.*s\"", s,
                                (int) (p - s), s);

        *ret = selector;
        return selector.word != 0 ? check_word(l, line, s, ret) : 1;
}

static int parse_link(Loader *l, const ConfLine *line, const char *s, LineSelector *ret) {
        static const char *const known[] = { "vendor", "product", "serial", "name", NULL };

        for (size_t i = 0; known[i]; i++)
                if (streq(known[i], s)) {
                        ret->source = LINE_SOURCE_LINK;
                        ret->name = strdup(s);
                        return ret->name ? 1 : -ENOMEM;
                }

        return loader_error_unknown(l, line, "thing to know of a link", s, known);
}

static int parse_argument(
                Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineSelector *ret) {
        if (!(allow & LINE_ALLOW_ARGUMENT))
                return loader_error(l, line, "There is no argument here: only commands and write= have one");
        if (s && isempty(s))
                return loader_error(l, line, "What argument: has behind it is missing");

        ret->source = LINE_SOURCE_ARGUMENT;
        ret->name = s ? strdup(s) : NULL;
        return !s || ret->name ? 1 : -ENOMEM;
}

static int parse_template_selector(
                Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineSelector *ret) {
        int r;

        ret->template = new0(LineTemplate, 1);
        if (!ret->template)
                return -ENOMEM;

        ret->source = LINE_SOURCE_TEMPLATE;
        r = line_loader_template(l, line, s, allow & ~(unsigned) LINE_ALLOW_TEMPLATE, ret->template);
        if (r <= 0)
                line_selector_done(ret);
        return r;
}

int line_loader_selector(
        Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineSelector *ret) {
        const char *rest;
        int r;

        if (isempty(s))
                return loader_error(l, line, "It is not said where the value comes from");
        if (strpbrk(s, "{}")) {
                if (!(allow & LINE_ALLOW_TEMPLATE))
                        return loader_error(l, line, "There can be no template inside of a template");
                return parse_template_selector(l, line, s, allow, ret);
        }

        rest = startswith(s, "$");
        if (rest) {
                r = line_loader_refer(l, line, rest);
                if (r <= 0)
                        return r;
                ret->source = LINE_SOURCE_VARIABLE;
                ret->name = strdup(rest);
                return ret->name ? 1 : -ENOMEM;
        }

        rest = startswith(s, "option:");
        if (rest) {
                if (isempty(rest))
                        return loader_error(l, line, "The name of the option is missing");
                ret->source = LINE_SOURCE_OPTION;
                ret->name = strdup(rest);
                return ret->name ? 1 : -ENOMEM;
        }

        rest = startswith(s, "link:");
        if (rest)
                return parse_link(l, line, rest, ret);
        rest = startswith(s, "argument");
        if (rest && (*rest == '\0' || *rest == ':'))
                return parse_argument(l, line, *rest ? rest + 1 : NULL, allow, ret);

        return parse_answer(l, line, s, ret);
}

/* The end of what stands in braces: the } that is not in quotes; NULL without one. */
static const char *find_brace(const char *s) {
        char quote = '\0';

        for (; *s; s++) {
                if (quote)
                        quote = *s == quote ? '\0' : quote;
                else if (*s == '\'' || *s == '"')
                        quote = *s;
                else if (*s == '}')
                        return s;
        }

        return NULL;
}

/* "hex:0d0a": bytes as they are. */
static int parse_bytes(Loader *l, const ConfLine *line, const char *s, LinePiece *piece) {
        size_t n = strlen(s);

        if (n == 0 || n % 2 != 0 || s[strspn(s, "0123456789abcdefABCDEF")])
                return loader_error(
                        l, line, "\"%s\" are no bytes: write two hexadecimal digits for each", s);

        piece->text = malloc(n / 2 + 1);
        if (!piece->text)
                return -ENOMEM;
        for (size_t i = 0; i < n / 2; i++) {
                unsigned byte = 0;

                (void) sscanf(s + 2 * i, "%2x", &byte);
                piece->text[i] = (char) byte;
        }
        piece->text[n / 2] = '\0';
        piece->n = n / 2;
        return 1;
}

/* What stands in braces. */
static int parse_piece(
        Loader *l, const ConfLine *line, const char *s, size_t n, LineAllow allow, LinePiece *piece) {
        _cleanup_strv_free_ char **words = NULL;
        const ValueTarget target = { .conversion = &piece->conversion, .is_template = true };
        ConfLine inner = *line;
        const char *hex;
        int r;

        r = loader_split_words(l, line, s, n, &words);
        if (r <= 0)
                return r;
        if (!words)
                return loader_error(
                        l, line, "There is nothing in {}; braces themselves are written {{ and }}");

        hex = startswith(words[0], "hex:");
        if (hex && !words[1])
                return parse_bytes(l, line, hex, piece);

        value_conversion_init(&piece->conversion);
        r = line_loader_selector(l, line, words[0], allow, &piece->selector);
        if (r <= 0)
                return r;

        inner.words = words;
        inner.n_words = strv_length(words);
        return loader_value_attributes(l, &inner, 1, &target);
}

static LinePiece *add_piece(LineTemplate *t) {
        LinePiece *grown = reallocarray(t->pieces, t->n_pieces + 1, sizeof(*grown));

        if (!grown)
                return NULL;

        t->pieces = grown;
        grown[t->n_pieces] = (LinePiece) {};
        return &grown[t->n_pieces++];
}

/* Text up to a brace that is not doubled, or -EINVAL for a } alone. Returns how much of s it was. */
static int take_literal(const char *s, LineTemplate *t) {
        LinePiece *piece = add_piece(t);
        size_t i = 0;

        if (!piece)
                return -ENOMEM;
        piece->text = malloc(strlen(s) + 1);
        if (!piece->text)
                return -ENOMEM;

        while (s[i]) {
                bool doubled = (s[i] == '{' || s[i] == '}') && s[i + 1] == s[i];

                if (s[i] == '{' && !doubled)
                        break;
                if (s[i] == '}' && !doubled)
                        return -EINVAL;
                piece->text[piece->n++] = s[i];
                i += doubled ? 2 : 1;
        }
        piece->text[piece->n] = '\0';
        return (int) i;
}

static int read_template(
                Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineTemplate *t) {
        while (*s) {
                const char *end;
                LinePiece *piece;
                int r;

                if (t->n_pieces >= LINE_PIECES_MAX)
                        return loader_error(l, line, "A template has at most %u parts", LINE_PIECES_MAX);
                if (s[0] != '{' || s[1] == '{') {
                        r = take_literal(s, t);
                        if (r == -EINVAL)
                                return loader_error(l, line, "A } stands alone: one that is meant is }}");
                        if (r < 0)
                                return r;
                        s += r;
                        continue;
                }

                end = find_brace(++s);
                if (!end)
                        return loader_error(l, line, "A { is not closed: one that is meant is {{");
                piece = add_piece(t);
                if (!piece)
                        return -ENOMEM;
                r = parse_piece(l, line, s, (size_t) (end - s), allow, piece);
                if (r <= 0)
                        return r;
                s = end + 1;
        }

        return 1;
}

int line_loader_template(
        Loader *l, const ConfLine *line, const char *s, LineAllow allow, LineTemplate *ret) {
        _cleanup_(line_template_done) LineTemplate t = {};
        int r;

        if (isempty(s))
                return loader_error(l, line, "What is to be sent is empty");

        r = read_template(l, line, s, allow, &t);
        if (r <= 0)
                return r;

        *ret = t;
        t = (LineTemplate) {};
        return 1;
}

int line_loader_query(Loader *l, const ConfLine *line, const char *s, size_t *ret) {
        LineProfile *p = line_loader_profile(l);
        int r;

        r = loader_find(l, line, "query", s, p->queries, p->n_queries, sizeof(LineQuery), ret);
        if (r > 0)
                p->queries[*ret].used = true;
        return r;
}
