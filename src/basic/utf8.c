/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "utf8.h"

#include <stdint.h>

#include "string-util.h"

size_t utf8_character(const char *s) {
        const unsigned char *u = (const unsigned char *) s;
        size_t length;
        uint32_t c;

        if (u[0] < 0x80)
                return u[0] != 0;
        if (u[0] >= 0xc2 && u[0] <= 0xdf)
                length = 2;
        else if ((u[0] & 0xf0) == 0xe0)
                length = 3;
        else if (u[0] >= 0xf0 && u[0] <= 0xf4)
                length = 4;
        else
                return 0;

        c = u[0] & (0x7fU >> length);
        for (size_t i = 1; i < length; i++) {
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
                c = c << 6 | (u[i] & 0x3fU);
        }

        /* Overlong forms, surrogates, and what lies behind the last plane are no characters. */
        if ((length == 3 && c < 0x800) || (length == 4 && c < 0x10000) || c > 0x10ffff ||
            (c >= 0xd800 && c <= 0xdfff))
                return 0;

        return length;
}

/* C1 controls too: some terminals take 0x9b for the beginning of an escape sequence. */
static bool is_control(const char *s, size_t length) {
        const unsigned char *u = (const unsigned char *) s;

        return length == 1 ? u[0] < 0x20 || u[0] == 0x7f : length == 2 && u[0] == 0xc2 && u[1] < 0xa0;
}

char *text_clean_with(const char *s, char replacement) {
        char *clean = new(char, strlen(s) + 1), *p = clean;

        if (!clean)
                return NULL;

        while (*s) {
                size_t length = utf8_character(s);

                if (length == 0 || is_control(s, length))
                        *p++ = replacement;
                else
                        p = mempcpy(p, s, length);
                s += MAX(length, (size_t) 1);
        }

        *p = '\0';
        return clean;
}

char *text_clean(const char *s) {
        return text_clean_with(s, '?');
}
