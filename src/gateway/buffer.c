/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "buffer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "lexer.h"

void buffer_done(Buffer *b) {
        free(b->data);
        *b = (Buffer) {};
}

char *buffer_reserve(Buffer *b, size_t n) {
        if (b->broken)
                return NULL;
        if (!GREEDY_REALLOC(b->data, b->allocated, b->size + n)) {
                b->broken = true;
                return NULL;
        }
        return b->data + b->size;
}

void buffer_append(Buffer *b, const void *data, size_t n) {
        char *p = buffer_reserve(b, n);

        if (!p || n == 0)
                return;

        memcpy(p, data, n);
        b->size += n;
}

void buffer_strings(Buffer *b, const char *first, ...) {
        va_list ap;

        va_start(ap, first);
        for (const char *s = first; s; s = va_arg(ap, const char *))
                buffer_append(b, s, strlen(s));
        va_end(ap);
}

void buffer_quoted(Buffer *b, const char *value) {
        size_t room = 2 * strlen(value) + 1; /* each byte may need a \ */
        char *p = buffer_reserve(b, room + 2);

        if (!p)
                return;

        p[0] = '"';
        size_t n = lexer_escape(p + 1, room, value);
        p[n + 1] = '"';
        b->size += n + 2;
}

void buffer_number(Buffer *b, int64_t n) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRIi64, n);
        buffer_append(b, text, strlen(text));
}
