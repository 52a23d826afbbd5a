/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "string-util.h"

#include <ctype.h>
#include <stdio.h>

const char *startswith(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

const char *startswith_nocase(const char *s, const char *prefix) {
        size_t n = strlen(prefix);

        return strncasecmp(s, prefix, n) == 0 ? s + n : NULL;
}

const char *endswith(const char *s, const char *suffix) {
        size_t n = strlen(s), m = strlen(suffix);

        return n >= m && streq(s + n - m, suffix) ? s + n - m : NULL;
}

int free_and_strdup(char **p, const char *s) {
        char *copy = NULL;

        if (s) {
                copy = strdup(s);
                if (!copy)
                        return -ENOMEM;
        }

        free(*p);
        *p = copy;
        return 0;
}

char *strjoin_internal(const char *first, ...) {
        size_t length = 0;
        va_list ap;
        char *joined, *end;

        va_start(ap, first);
        for (const char *s = first; s; s = va_arg(ap, const char *))
                length += strlen(s);
        va_end(ap);

        joined = end = malloc(length + 1);
        if (!joined)
                return NULL;

        va_start(ap, first);
        for (const char *s = first; s; s = va_arg(ap, const char *))
                end = stpcpy(end, s);
        va_end(ap);

        *end = '\0';
        return joined;
}

char *strprintf(const char *fmt, ...) {
        va_list ap;
        char *s;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&s, fmt, ap);
        va_end(ap);

        return r < 0 ? NULL : s;
}

char **strv_free(char **l) {
        STRV_FOREACH(s, l)
                free(*s);
        free(l);
        return NULL;
}

size_t strv_length(char *const *l) {
        size_t n = 0;

        STRV_FOREACH(s, l)
                n++;
        return n;
}

int strv_consume(char ***l, char *s) {
        size_t n = strv_length(*l);
        char **grown;

        if (!s)
                return -ENOMEM;

        grown = reallocarray(*l, n + 2, sizeof(char *));
        if (!grown) {
                free(s);
                return -ENOMEM;
        }

        grown[n] = s;
        grown[n + 1] = NULL;
        *l = grown;
        return 0;
}

int strv_extend(char ***l, const char *s) {
        return strv_consume(l, strdup(s));
}

ssize_t strv_find(char *const *l, const char *s) {
        STRV_FOREACH(i, l)
                if (streq(*i, s))
                        return i - l;
        return -1;
}

ssize_t strv_find_nocase(char *const *l, const char *s) {
        STRV_FOREACH(i, l)
                if (strcaseeq(*i, s))
                        return i - l;
        return -1;
}

bool strv_remove(char **l, const char *s) {
        char **to = l, *last = NULL;
        bool found = false;

        if (!l)
                return false;

        for (char **from = l; *from; from++)
                if (streq(*from, s)) {
                        /* s may be one of them, and is still compared with. */
                        if (*from == s)
                                last = *from;
                        else
                                free(*from);
                        found = true;
                } else
                        *to++ = *from;

        *to = NULL;
        free(last);
        return found;
}

int strv_copy(char *const *l, char ***ret) {
        _cleanup_strv_free_ char **copy = NULL;
        size_t n = strv_length(l);

        if (n > 0) {
                copy = new0(char *, n + 1);
                if (!copy)
                        return -ENOMEM;

                for (size_t i = 0; i < n; i++) {
                        copy[i] = strdup(l[i]);
                        if (!copy[i])
                                return -ENOMEM;
                }
        }

        *ret = TAKE_PTR(copy);
        return 0;
}

bool strv_equal(char *const *a, char *const *b) {
        size_t n = strv_length(a);

        if (n != strv_length(b))
                return false;

        for (size_t i = 0; i < n; i++)
                if (!streq(a[i], b[i]))
                        return false;
        return true;
}

char *strv_join(char *const *l, const char *separator) {
        size_t length = 0;
        char *joined, *end;

        STRV_FOREACH(s, l)
                length += strlen(*s) + strlen(separator);

        joined = end = malloc(length + 1);
        if (!joined)
                return NULL;

        STRV_FOREACH(s, l) {
                if (s != l)
                        end = stpcpy(end, separator);
                end = stpcpy(end, *s);
        }

        *end = '\0';
        return joined;
}

int strv_split(const char *s, const char *separators, char ***ret) {
        _cleanup_strv_free_ char **l = NULL;

        for (s += strspn(s, separators); *s; s += strspn(s, separators)) {
                size_t n = strcspn(s, separators);
                int r;

                r = strv_consume(&l, strndup(s, n));
                if (r < 0)
                        return r;
                s += n;
        }

        *ret = TAKE_PTR(l);
        return 0;
}

size_t string_distance(const char *a, const char *b) {
        enum { LENGTH_MAX = 64 };
        size_t n = MIN(strlen(a), (size_t) LENGTH_MAX), m = MIN(strlen(b), (size_t) LENGTH_MAX);
        size_t row[LENGTH_MAX + 1];

        for (size_t j = 0; j <= m; j++)
                row[j] = j;

        for (size_t i = 1; i <= n; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= m; j++) {
                        size_t above = row[j];
                        bool same = tolower((unsigned char) a[i - 1]) == tolower((unsigned char) b[j - 1]);

                        row[j] = MIN(MIN(row[j] + 1, row[j - 1] + 1), diagonal + !same);
                        diagonal = above;
                }
        }

        return row[m];
}
