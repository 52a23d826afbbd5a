/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

/* Bytes on their way to a client. Appending cannot fail in the middle of an answer: without memory the
 * buffer is marked broken, takes no more, and whoever sends it finds out. */
typedef struct Buffer {
        char *data;
        size_t size, allocated;
        bool broken;
} Buffer;

/* Frees the bytes; the buffer is empty and usable afterwards. */
void buffer_done(Buffer *b);

/* Forgets the bytes but keeps the memory. */
static inline void buffer_clear(Buffer *b) {
        b->size = 0;
        b->broken = false;
}

/* Makes room for n more bytes and returns where they go, or NULL. */
char *buffer_reserve(Buffer *b, size_t n);

void buffer_append(Buffer *b, const void *data, size_t n);

/* Appends strings up to NULL. */
void buffer_strings(Buffer *b, const char *first, ...) _sentinel_;
#define buffer_add(b, ...) buffer_strings((b), __VA_ARGS__, NULL)

/* Appends a value as clients want it: in quotes, escaped, ASCII only. */
void buffer_quoted(Buffer *b, const char *value);

/* Appends a decimal number. */
void buffer_number(Buffer *b, int64_t n);
