/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a device or a person wrote, as it goes to a terminal and into JSON. */

#include "json.h"
#include "test-util.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing but whole characters, none of which a terminal obeys. */
static void check_clean(const char *s) {
        while (*s) {
                size_t length = utf8_character(s);

                ASSERT_TRUE(length > 0);
                ASSERT_TRUE(length > 1 || ((unsigned char) *s >= ' ' && *s != 0x7f));
                ASSERT_FALSE(length == 2 && (unsigned char) s[0] == 0xc2 && (unsigned char) s[1] < 0xa0);
                s += length;
        }
}

/* One string: between its quotes, each quote and each backslash is escaped, and no byte is a control. */
static void check_json(const char *s, size_t length) {
        ASSERT_TRUE(length >= 3 && s[0] == '"' && s[length - 2] == '"' && s[length - 1] == '\n');

        for (const char *p = s + 1; p < s + length - 2;) {
                size_t n = utf8_character(p);

                ASSERT_TRUE(n > 0);
                ASSERT_TRUE(n > 1 || (*p >= ' ' && *p != '"'));
                if (*p == '\\') {
                        ASSERT_TRUE(strchr("\"\\u", p[1]));
                        n = p[1] == 'u' ? 6 : 2;
                }
                p += n;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *clean = NULL, *written = NULL;
        size_t length;
        Json j = {};

        ASSERT_TRUE(text);
        clean = text_clean(text);
        ASSERT_TRUE(clean);
        ASSERT_TRUE(strlen(clean) <= strlen(text));
        ASSERT_TRUE(text_width(clean) <= strlen(clean));
        check_clean(clean);

        j.f = open_memstream(&written, &length);
        ASSERT_TRUE(j.f);
        json_string(&j, NULL, text);
        ASSERT_OK(json_finish(&j));
        fclose(j.f);
        check_json(written, length);
        return 0;
}
