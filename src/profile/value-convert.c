/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "string-util.h"
#include "value-number.h"

#define SAME 1e-6

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

static bool is_invalid(const ValueConversion *v, const char *s) {
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
static int convert_text(const ValueConversion *v, char **s) {
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
                const char *word = value_lookup_word(v->unlook, *s);

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

static bool convert_number(
        const ValueConversion *v, double scale, double offset, const char *s, double *ret) {
        double n;

        if (!value_number_parse(s, v->base, &n))
                return false;
        if (v->mask != 0) {
                if (n < 0 || n > 9e15 || n != floor(n))
                        return false;
                n = (double) (((uint64_t) n & v->mask) >> __builtin_ctzll(v->mask));
        }
        n = n * scale / (v->divide != 0 ? v->divide : 1) + offset;
        if (v->has_clamp)
                n = CLAMP(n, v->clamp_min, v->clamp_max);
        if (v->has_plausible && !(n >= v->plausible_min && n <= v->plausible_max))
                return false;
        *ret = n;
        return isfinite(n);
}

static bool changes_number(const ValueConversion *v) {
        return v->base > 10 || v->base == 2 || v->mask != 0 || v->scale.variable || v->scale.value != 1 ||
               v->divide != 1 || v->offset.variable || v->offset.value != 0 || v->has_clamp;
}

static const char *look_up(const ValueConversion *v, const char *s) {
        const char *text = v->lookup ? value_lookup_text(v->lookup, s) : s;

        if (!text || !v->names)
                return text;
        for (char **p = v->names->pairs; p && p[0] && p[1]; p += 2)
                if (streq(p[0], text))
                        return p[1];
        return text;
}

/* Numbers are looked up and named by the text that they have without a format. */
int value_convert(const ValueConversion *v, double scale, double offset, char **s) {
        bool formatted = v->format && !streq(v->format, "%s");
        const char *text;
        char *made;
        double n = 0;
        int r;

        r = convert_text(v, s);
        if (r <= 0)
                return r;
        if (v->numeric) {
                if (!convert_number(v, scale, offset, *s, &n))
                        return 0;
                if (changes_number(v)) {
                        made = value_number_text(NULL, n);
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
                made = value_number_text(v->format, n);
        else
                return 1;
        if (!made)
                return -ENOMEM;
        replace(s, made);
        return !isempty(*s);
}

static bool is_one_of(char *const *is, const char *text) {
        double a, b;

        STRV_FOREACH (s, is)
                if (streq(*s, text) || (value_number_parse(*s, 10, &a) && value_number_parse(text, 10, &b) &&
                                               fabs(a - b) < SAME))
                        return true;
        return false;
}

bool value_test_holds(const ValueTest *t, const char *text) {
        bool holds;
        double v;

        if (t->is)
                holds = is_one_of(t->is, text);
        else if (t->match.text)
                holds = profile_pattern_matches(&t->match, text);
        else if (!value_number_parse(text, 10, &v))
                return false;
        else
                holds = t->has_range ? v >= t->min && v <= t->max : v != 0;
        return holds != t->invert;
}

bool value_test_applies(const ValueTest *t, const char *text) {
        double v;

        return t->is || t->match.text || value_number_parse(text, 10, &v);
}
