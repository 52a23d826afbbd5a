/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sections [query:NAME]. */

#include "line-link.h"
#include "line-profile-internal.h"
#include "parse-util.h"
#include "string-util.h"

#define FIELDS_MAX 64U
#define WIDTH_MAX 16

void line_query_done(LineQuery *q) {
        line_template_done(&q->send);
        profile_pattern_done(&q->answer);
        free(q->decode_argument);
        free(q->separator);
        free(q->binary);
        free(q->begin);
        free(q->name);
        *q = (LineQuery) {};
}

/* "MIN" or "MIN..MAX"; without MAX it is none. */
static int read_limits(
        Loader *l, const ConfLine *line, const char *s, int64_t none, int64_t *min, int64_t *max) {
        bool has_max = strstr(s, "..") != NULL;
        int r = has_max ? profile_integer_range_parse(s, min, max) : profile_integer_parse(s, min);

        if (!has_max)
                *max = none;
        if (r < 0 || *min < 1 || *max > none || *min > *max)
                return loader_error(l, line, "%s wants a number as 46, or two as 46..49, not \"%s\"",
                                line->words[0], s);
        return 1;
}

static int read_length(Loader *l, const ConfLine *line, const char *s, LineQuery *q) {
        int64_t min, max;
        int r = read_limits(l, line, s, LINE_SIZE_MAX, &min, &max);

        if (r > 0) {
                q->length_min = (size_t) min;
                q->length_max = (size_t) max;
        }
        return r;
}

static int read_words(Loader *l, const ConfLine *line, const char *s, LineQuery *q) {
        int64_t min, max;
        int r = read_limits(l, line, s, LINE_SIZE_MAX, &min, &max);

        if (r > 0) {
                q->words_min = (unsigned) min;
                q->words_max = strstr(s, "..") ? (unsigned) max : UINT32_MAX;
        }
        return r;
}

/* "2 1 3" */
static int read_binary(Loader *l, const ConfLine *line, LineQuery *q) {
        size_t n = line->n_words - 2;

        if (!line->assignment || line->n_words < 3 || n > FIELDS_MAX)
                return loader_error(l, line, "binary wants the bytes of each field, as 2 1 3");

        q->binary = new0(unsigned, n);
        if (!q->binary)
                return -ENOMEM;

        for (; q->n_binary < n; q->n_binary++) {
                int64_t width;
                int r = loader_integer(
                        l, line, "binary", line->words[2 + q->n_binary], 1, WIDTH_MAX, &width);

                if (r <= 0)
                        return r;
                q->binary[q->n_binary] = (unsigned) width;
        }
        return 1;
}

static int read_ask(Loader *l, const ConfLine *line, const char *s, LineAsk *ret) {
        static const char *const names[_LINE_ASK_MAX + 1] = {
                [LINE_ASK_FULL] = "full", [LINE_ASK_QUICK] = "quick",     [LINE_ASK_SLOW] = "slow",
                [LINE_ASK_ONCE] = "once", [LINE_ASK_WRITTEN] = "written",
        };

        for (LineAsk a = 0; a < _LINE_ASK_MAX; a++)
                if (streq(names[a], s)) {
                        *ret = a;
                        return 1;
                }

        return loader_error_unknown(l, line, "class of queries", s, names);
}

static int read_separator(Loader *l, const ConfLine *line, const char *s, LineQuery *q) {
        if (strlen(s) != 1)
                return loader_error(l, line, "separator wants one character, not \"%s\"", s);

        return loader_text(l, line, s, &q->separator);
}

static int read_value(Loader *l, const ConfLine *line, const char *key, const char *s, LineQuery *q) {
        if (streq(key, "send"))
                return line_loader_template(l, line, s, 0, &q->send);
        if (streq(key, "begin"))
                return loader_text(l, line, s, &q->begin);
        if (streq(key, "length"))
                return read_length(l, line, s, q);
        if (streq(key, "words"))
                return read_words(l, line, s, q);
        if (streq(key, "separator"))
                return read_separator(l, line, s, q);
        if (streq(key, "answer"))
                return loader_pattern(l, line, s, &q->answer);
        if (streq(key, "decode"))
                return loader_value_function(l, line, s, true, &q->decode, &q->decode_argument);
        if (streq(key, "ask"))
                return read_ask(l, line, s, &q->ask);
        if (streq(key, "timeout"))
                return loader_seconds(l, line, key, s, 60, &q->timeout_usec);

        return line_loader_when(l, line, s, &q->whens);
}

/* What a key without a value sets; NULL if it has one. */
static bool *flag_of(LineQuery *q, const char *key) {
        if (streq(key, "optional"))
                return &q->optional;
        if (streq(key, "vital"))
                return &q->vital;
        if (streq(key, "steady"))
                return &q->steady;
        return streq(key, "even-refused") ? &q->even_refused : NULL;
}

int line_loader_read_query(Loader *l, const ConfLine *line, LineQuery *q) {
        static const char *const keys[] = {
                "send", "begin", "length", "words", "separator", "answer", "binary", "decode", "ask", "when",
                "timeout", "optional", "vital", "steady", "even-refused", NULL
        };
        const char *key = line->words[0], *value;
        bool known = false, *flag;
        int r;

        for (size_t i = 0; keys[i]; i++)
                known = known || streq(keys[i], key);
        if (!known)
                return loader_error_unknown(l, line, "key", key, keys);
        if (!streq(key, "when")) {
                r = line_loader_once(l, line, line->section, key);
                if (r <= 0)
                        return r;
        }

        flag = flag_of(q, key);
        if (flag) {
                *flag = true;
                return line->n_words == 1 ? 0 : loader_error(l, line, "%s takes no value", key);
        }
        if (streq(key, "binary"))
                return read_binary(l, line, q);
        r = loader_value(l, line, &value);
        return r <= 0 ? r : read_value(l, line, key, value, q);
}
