/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ranges, and the words in braces. */

#include "string-util.h"
#include "value-loader.h"

#define RANGES_MAX 64U

void value_range_done(ValueRange *r) {
        free(r->min.variable);
        free(r->max.variable);
        *r = (ValueRange) {};
}

void value_ranges_done(ValueRange *ranges, size_t n) {
        for (size_t i = 0; i < n; i++)
                value_range_done(&ranges[i]);
        free(ranges);
}

/* N or $NAME. */
static int parse_limit(Loader *l, const ConfLine *line, const char *s, ValueNumber *ret) {
        int r;

        if (s[0] != '$')
                return loader_number(l, line, "range", s, &ret->value);

        r = l->values->refer(l, line, s + 1);
        if (r <= 0)
                return r;
        ret->variable = strdup(s + 1);
        ret->value = __builtin_nan("");
        return ret->variable ? 1 : -ENOMEM;
}

int loader_value_range(Loader *l, const ConfLine *line, const char *s, ValueRange **ranges, size_t *n) {
        _cleanup_(value_range_done) ValueRange range = {};
        const char *dots = strstr(s, "..");
        _cleanup_free_ char *min = strndup(s, dots ? (size_t) (dots - s) : 0);
        ValueRange *grown;
        int r;

        if (!min)
                return -ENOMEM;
        if (!dots)
                return loader_error(l, line, "range wants MIN..MAX, not \"%s\"", s);
        if (*n >= RANGES_MAX)
                return loader_error(l, line, "There are at most %u ranges", RANGES_MAX);

        r = parse_limit(l, line, min, &range.min);
        if (r > 0)
                r = parse_limit(l, line, dots + 2, &range.max);
        if (r <= 0)
                return r;
        if (!range.min.variable && !range.max.variable && range.min.value > range.max.value)
                return loader_error(l, line, "range=%s: the first number is more than the second", s);

        grown = reallocarray(*ranges, *n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        *ranges = grown;
        grown[(*n)++] = range;
        range = (ValueRange) {};
        return 1;
}

int loader_split_words(Loader *l, const ConfLine *line, const char *s, size_t n, char ***ret) {
        _cleanup_strv_free_ char **words = NULL;
        const char *end = s + n;
        int r;

        while (s < end) {
                const char *start = s;

                if (*s == ' ') {
                        s++;
                        continue;
                }
                if (*s == '=')
                        s++;
                else if (*s == '\'' || *s == '"') {
                        s = memchr(start + 1, *start, (size_t) (end - start - 1));
                        if (!s)
                                return loader_error(l, line, "A quote in {} is not closed");
                        r = strv_consume(&words, strndup(start + 1, (size_t) (s - start - 1)));
                        if (r < 0)
                                return r;
                        s++;
                        continue;
                } else
                        while (s < end && *s != ' ' && *s != '=')
                                s++;
                r = strv_consume(&words, strndup(start, (size_t) (s - start)));
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(words);
        return 1;
}
