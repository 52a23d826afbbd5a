/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "line-engine-internal.h"
#include "line-number.h"
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

/*** What is made of it ***/

static void trim(char *s, const char *more) {
        size_t n = strlen(s), from = 0;

        while (n > 0 && (strchr(" \t\r\n", s[n - 1]) || strchr(more, s[n - 1])))
                n--;
        while (from < n && (strchr(" \t\r\n", s[from]) || strchr(more, s[from])))
                from++;
        memmove(s, s + from, n - from);
        s[n - from] = '\0';
}

/* Stars stand for any characters; nothing else means anything but itself. */
static bool glob_matches(const char *pattern, const char *s) {
        const char *star = NULL, *mark = s;

        while (*s)
                if (*pattern == '*') {
                        star = ++pattern;
                        mark = s;
                } else if (*pattern == *s) {
                        pattern++;
                        s++;
                } else if (star) {
                        pattern = star;
                        s = ++mark;
                } else
                        return false;
        return pattern[strspn(pattern, "*")] == '\0';
}

static bool is_invalid(const LineConversion *v, const char *s) {
        STRV_FOREACH (pattern, v->invalid)
                if (glob_matches(*pattern, s))
                        return true;
        return false;
}

static void replace(char **s, char *by) {
        free(*s);
        *s = by;
}

/* The text before it may become a number. 1, 0 or -ENOMEM. */
static int convert_text(const LineConversion *v, char **s) {
        char *made = NULL;
        int r;

        trim(*s, strempty(v->trim));
        if (isempty(*s) || is_invalid(v, *s))
                return 0;
        if (v->match.text) {
                r = profile_pattern_extract(&v->match, *s, &made);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
                replace(s, made);
                trim(*s, "");
        }
        if (v->unlook) {
                const char *word = line_lookup_word(v->unlook, *s);

                made = word ? strdup(word) : NULL;
                if (!made)
                        return word ? -ENOMEM : 0;
                replace(s, made);
        }
        if (v->function) {
                r = v->function->run(*s, v->function_argument, &made);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
                replace(s, made);
        }
        return !isempty(*s);
}

static bool convert_number(LineEngine *e, const LineConversion *v, const char *s, double *ret) {
        double scale, n;

        if (!line_number_parse(s, v->base, &n))
                return false;
        if (v->mask != 0) {
                if (n < 0 || n > 9e15 || n != floor(n))
                        return false;
                n = (double) (((uint64_t) n & v->mask) >> __builtin_ctzll(v->mask));
        }
        if (!line_number(e, &v->scale, &scale))
                return false;

        n = n * scale / (v->divide != 0 ? v->divide : 1) + v->offset;
        if (v->has_clamp)
                n = CLAMP(n, v->clamp_min, v->clamp_max);
        if (v->has_plausible && !(n >= v->plausible_min && n <= v->plausible_max))
                return false;
        *ret = n;
        return isfinite(n);
}

static bool changes_number(const LineConversion *v) {
        return v->base > 10 || v->base == 2 || v->mask != 0 || v->scale.variable || v->scale.value != 1 ||
               v->divide != 1 || v->offset != 0 || v->has_clamp;
}

static const char *look_up(const LineConversion *v, const char *s) {
        const char *text = v->lookup ? line_lookup_text(v->lookup, s) : s;

        if (!text || !v->names)
                return text;
        for (char **p = v->names->pairs; p && p[0] && p[1]; p += 2)
                if (streq(p[0], text))
                        return p[1];
        return text;
}

/* Numbers are looked up and named by the text that they have without a format. */
static int convert(LineEngine *e, const LineConversion *v, char **s) {
        bool formatted = v->format && !streq(v->format, "%s");
        const char *text;
        char *made;
        double n = 0;
        int r;

        r = convert_text(v, s);
        if (r <= 0)
                return r;
        if (v->numeric) {
                if (!convert_number(e, v, *s, &n))
                        return 0;
                if (changes_number(v)) {
                        made = line_number_text(NULL, n);
                        if (!made)
                                return -ENOMEM;
                        replace(s, made);
                }
        }

        text = look_up(v, *s);
        if (!text)
                return 0;
        if (text != *s)
                made = strdup(text);
        else if (v->numeric && formatted)
                made = line_number_text(v->format, n);
        else
                return 1;
        if (!made)
                return -ENOMEM;
        replace(s, made);
        return !isempty(*s);
}

int line_value(const LineContext *c, const LineSelector *s, const LineConversion *v, char **ret) {
        const LineContext deeper = {.e = c->e, .argument = c->argument, .depth = c->depth + 1};
        _cleanup_free_ char *text = NULL;
        int r;

        if (deeper.depth > LINE_CALLS_MAX)
                return 0;
        r = select_text(&deeper, s, &text);
        if (r > 0)
                r = convert(c->e, v, &text);
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

        return value && line_number_parse(value, 10, ret);
}

bool line_number(LineEngine *e, const LineNumber *n, double *ret) {
        if (n->variable && line_variable_number(e, n->variable, ret))
                return true;
        *ret = n->value;
        return isfinite(n->value);
}
