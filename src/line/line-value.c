/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "line-engine-internal.h"
#include "value-number.h"
#include "string-util.h"

/*** Where a text comes from ***/

/* Part of a text, by positions from 0, or from the end for negative ones; false if it is not all there. */
static bool cut(const char *s, int first, int last, const char **ret, size_t *ret_n) {
        ssize_t n = (ssize_t) strlen(s), from = first < 0 ? n + first : first;
        ssize_t to = last == LINE_END ? n - 1 : last < 0 ? n + last : last;

        if (from < 0 || to < from || to >= n)
                return false;
        *ret = s + from;
        *ret_n = (size_t) (to - from) + 1;
        return true;
}

static int join_words(const LineReply *a, size_t first, size_t last, char **ret) {
        _cleanup_free_ char *joined = strdup(a->words[first]);

        for (size_t i = first + 1; joined && i <= last; i++) {
                char *longer = strjoin(joined, isempty(a->separator) ? " " : a->separator, a->words[i]);

                free(joined);
                joined = longer;
        }
        *ret = TAKE_PTR(joined);
        return *ret ? 1 : -ENOMEM;
}

static int answer_words(const LineReply *a, const LineSelector *s, char **ret) {
        ssize_t n = (ssize_t) a->n_words;
        ssize_t first = s->word < 0 ? n + s->word : s->word - 1;
        ssize_t last = s->word_last == LINE_END ? n - 1
                       : s->word_last == 0      ? first
                       : s->word_last < 0       ? n + s->word_last
                                                : s->word_last - 1;

        if (first < 0 || last < first || last >= n)
                return 0;
        return join_words(a, (size_t) first, (size_t) last, ret);
}

static int from_answer(const LineContext *c, const LineSelector *s, char **ret) {
        const LineReply *a = c->e->questions[s->query].answer;
        _cleanup_free_ char *text = NULL;
        const char *part;
        size_t n;
        int r;

        if (!a)
                return 0;

        if (s->word == 0) {
                text = strdup(s->has_characters ? a->text : a->body);
                r = text ? 1 : -ENOMEM;
        } else
                r = answer_words(a, s, &text);
        if (r <= 0 || !s->has_characters) {
                *ret = TAKE_PTR(text);
                return r;
        }

        if (!cut(text, s->first, s->last, &part, &n))
                return 0;
        *ret = strndup(part, n);
        return *ret ? 1 : -ENOMEM;
}

static const char *from_link(const LineEngine *e, const char *what) {
        const HidIdentity *i = &e->link->identity;

        if (streq(what, "vendor"))
                return i->vendor;
        if (streq(what, "product"))
                return i->product;
        if (streq(what, "serial"))
                return i->serial;
        return streq(what, "name") ? e->link->ops->name : NULL;
}

static const char *from_variable(const LineEngine *e, const char *name) {
        const Slot *s = line_find_slot(e, name);

        return s ? s->value : NULL;
}

static int select_text(const LineContext *c, const LineSelector *s, char **ret) {
        const char *text = NULL;
        size_t n;

        switch (s->source) {
        case LINE_SOURCE_ANSWER:
                return from_answer(c, s, ret);
        case LINE_SOURCE_TEMPLATE:
                return line_render(c, s->template, ret, &n);
        case LINE_SOURCE_VARIABLE:
                text = from_variable(c->e, s->name);
                break;
        case LINE_SOURCE_OPTION:
                text = line_option(c->e, s->name);
                break;
        case LINE_SOURCE_LINK:
                text = from_link(c->e, s->name);
                break;
        case LINE_SOURCE_ARGUMENT:
                text = isempty(c->argument) ? s->name : c->argument;
                break;
        case LINE_SOURCE_NONE:
                break;
        }
        if (!text)
                return 0;
        *ret = strdup(text);
        return *ret ? 1 : -ENOMEM;
}

int line_value(const LineContext *c, const LineSelector *s, const ValueConversion *v, char **ret) {
        const LineContext deeper = {.e = c->e, .argument = c->argument, .depth = c->depth + 1};
        _cleanup_free_ char *text = NULL;
        double scale, offset;
        int r;

        if (deeper.depth > LINE_CALLS_MAX)
                return 0;
        r = select_text(&deeper, s, &text);
        if (r > 0 && !line_number(c->e, &v->scale, &scale))
                scale = NAN;
        if (r > 0 && !line_number(c->e, &v->offset, &offset))
                offset = NAN;
        if (r > 0)
                r = value_convert(v, scale, offset, &text);
        if (r > 0)
                *ret = TAKE_PTR(text);
        return r;
}

/*** Templates ***/

static int append(char **buffer, size_t *n, const char *s, size_t size) {
        char *longer;

        if (size > LINE_SIZE_MAX - *n)
                return 0;
        longer = realloc(*buffer, *n + size + 1);
        if (!longer)
                return -ENOMEM;
        memcpy(longer + *n, s, size);
        *n += size;
        longer[*n] = '\0';
        *buffer = longer;
        return 1;
}

int line_render(const LineContext *c, const LineTemplate *t, char **ret, size_t *ret_n) {
        _cleanup_free_ char *buffer = NULL;
        size_t n = 0;
        int r = append(&buffer, &n, "", 0);

        for (size_t i = 0; i < t->n_pieces && r > 0; i++) {
                const LinePiece *p = &t->pieces[i];
                _cleanup_free_ char *value = NULL;

                r = p->text ? 1 : line_value(c, &p->selector, &p->conversion, &value);
                if (r > 0)
                        r = append(&buffer, &n, value ?: p->text, value ? strlen(value) : p->n);
        }
        if (r <= 0)
                return r;

        *ret = TAKE_PTR(buffer);
        *ret_n = n;
        return 1;
}

/*** Numbers ***/

bool line_variable_number(const LineEngine *e, const char *name, double *ret) {
        const char *value = from_variable(e, name);

        return value && value_number_parse(value, 10, ret);
}

bool line_number(LineEngine *e, const ValueNumber *n, double *ret) {
        if (n->variable && line_variable_number(e, n->variable, ret))
                return true;
        *ret = n->value;
        return isfinite(n->value);
}
