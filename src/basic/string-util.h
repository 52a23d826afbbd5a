/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "macro.h"

#define streq(a, b) (strcmp((a), (b)) == 0)
#define strcaseeq(a, b) (strcasecmp((a), (b)) == 0)

static inline bool isempty(const char *s) {
        return !s || s[0] == '\0';
}

static inline const char *strempty(const char *s) {
        return s ?: "";
}

/* Equality in which NULL equals only NULL. */
static inline bool streq_ptr(const char *a, const char *b) {
        return a && b ? streq(a, b) : a == b;
}

/* The rest of s after the prefix, or NULL. */
const char *startswith(const char *s, const char *prefix) _pure_;

/* The same, ignoring ASCII case. */
const char *startswith_nocase(const char *s, const char *prefix) _pure_;

/* The suffix inside s, or NULL. */
const char *endswith(const char *s, const char *suffix) _pure_;

/* Replaces *p by a copy of s (NULL frees it). -ENOMEM leaves *p alone. */
int free_and_strdup(char **p, const char *s);

/* Concatenates strings up to NULL into a new one; NULL without memory. */
char *strjoin_internal(const char *first, ...) _sentinel_;
#define strjoin(...) strjoin_internal(__VA_ARGS__, NULL)

/* printf into new memory; NULL without memory. */
char *strprintf(const char *fmt, ...) _printf_(1, 2);

/* A string vector (strv) is a NULL-terminated array of allocated strings; NULL is the empty one. */

/* Frees vector and strings; returns NULL. */
char **strv_free(char **l);
static inline void strv_freep(char ***l) {
        *l = strv_free(*l);
}
#define _cleanup_strv_free_ _cleanup_(strv_freep)

/* Number of strings. */
size_t strv_length(char *const *l) _pure_;

/* Appends a copy of s. 0 or -ENOMEM, which leaves the vector as it was. */
int strv_extend(char ***l, const char *s);

/* Appends s itself and owns it from then on, also on failure. */
int strv_consume(char ***l, char *s);

/* Index of s in the vector, or -1. The second form ignores ASCII case. */
ssize_t strv_find(char *const *l, const char *s) _pure_;
ssize_t strv_find_nocase(char *const *l, const char *s) _pure_;

static inline bool strv_contains(char *const *l, const char *s) {
        return strv_find(l, s) >= 0;
}

/* Removes each occurrence of s, which may be one of the vector's own; true if there was one. */
bool strv_remove(char **l, const char *s);

/* Deep copy; NULL for the empty vector too, so ask ret. 0 or -ENOMEM. */
int strv_copy(char *const *l, char ***ret);

/* Same strings in the same order. */
bool strv_equal(char *const *a, char *const *b) _pure_;

/* Joins with a separator into a new string ("" when empty); NULL without memory. */
char *strv_join(char *const *l, const char *separator);

/* Splits at any run of the separator characters; empty parts are dropped. 0 or -ENOMEM. */
int strv_split(const char *s, const char *separators, char ***ret);

#define STRV_FOREACH(s, l) for (char *const *s = (l); s && *s; s++)

/* Levenshtein distance of two short strings, ignoring case; used to name the nearest known key. */
size_t string_distance(const char *a, const char *b) _pure_;
