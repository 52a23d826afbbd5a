/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#define TEXT_LENGTH(s)          \
        do {                    \
                (void) (s);     \
        } while (0)

typedef int (*TextHook)(const char *s);

typedef struct Text {
        char *s;
        void (*done)(struct Text *t);
} Text;

/* Length of s in bytes. */
size_t text_length(const char *s) __attribute__((pure));

/* Both count words. */
size_t text_words(const char *s);
size_t text_words_of_many(
                const char *const *s,
                size_t n);

Text *text_free(Text *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Text *, text_free);

static inline int text_is_empty(const char *s) {
        return !s || !*s;
}
