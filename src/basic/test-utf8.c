/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "utf8.h"

#include "test-util.h"

static void test_utf8(void) {
        static const struct {
                const char *s;
                size_t length;
        } cases[] = {
                { "", 0 },
                { "a", 1 },
                { "\x1b", 1 },
                { "\xc3\xa9", 2 },
                { "\xe2\x82\xac", 3 },
                { "\xf0\x9f\x94\x8c", 4 },
                { "\xf4\x8f\xbf\xbf", 4 },
                { "\x80", 0 },             /* continues nothing */
                { "\xc0\xaf", 0 },         /* overlong */
                { "\xe0\x80\xaf", 0 },
                { "\xf0\x80\x80\xaf", 0 },
                { "\xed\xa0\x80", 0 },     /* a surrogate */
                { "\xf4\x90\x80\x80", 0 }, /* behind the last plane */
                { "\xc3", 0 },             /* cut off */
                { "\xe2\x82", 0 },
                { "\xff", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                ASSERT_EQ(utf8_character(cases[i].s), cases[i].length);
}

static void test_clean(void) {
        static const struct {
                const char *s, *clean;
        } cases[] = {
                { "", "" },
                { "Smart-UPS 1500", "Smart-UPS 1500" },
                { "\x1b[31mred\n\x7f", "?[31mred??" },
                { "\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac" },
                { "\xc2\x9b" "2J", "?2J" },
                { "\x9b" "2J\xff", "?2J?" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *clean = text_clean(cases[i].s);
                _cleanup_free_ char *blank = text_clean_with(cases[i].s, ' ');

                ASSERT_STREQ(clean, cases[i].clean);
                ASSERT_EQ(strlen(blank), strlen(clean));
                ASSERT_STREQ(strpbrk(blank, "?\x1b\x7f"), NULL);
        }
}

int main(void) {
        test_utf8();
        test_clean();
        return 0;
}
