/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-util.h"
#include "usb-enumerate.h"

static const struct {
        const char *bytes;
        size_t n;
        int result;
        const char *text;
} cases[] = {
        { "\x06\x03" "L\0i\0", 6, 0, "Li" },
        { "\x0a\x03" " \0L\0i\0 \0", 10, 0, "Li" },
        { "\x0a\x03" "L\0i\0\0\0X\0", 10, 0, "Li" },  /* ends at the NUL */
        { "\xff\x03" "L\0i\0", 6, 0, "Li" },          /* longer than what came */
        { "\x06\x03" "L\0i\0X\0", 8, 0, "Li" },       /* shorter than what came */
        { "\x05\x03" "L\0i", 5, 0, "L" },
        { "\x02\x03", 2, 0, NULL },
        { "\x04\x03\xe9\0", 4, 0, "\xc3\xa9" },
        { "\x04\x03\xac\x20", 4, 0, "\xe2\x82\xac" },
        { "\x06\x03\x3d\xd8\x0b\xdd", 6, 0, "\xf0\x9f\x94\x8b" },
        { "\x04\x03\x3d\xd8", 4, 0, "?" },
        { "\x06\x03\x0b\xdd\x3d\xd8", 6, 0, "??" },
        { "\x06\x03\x01\0\x7f\0", 6, 0, "??" },
        { "\x0a\x03" "a\0\x9b\0\x80\0b\0", 10, 0, "a??b" }, /* control characters beyond ASCII */
        { "\x06\x03\xa0\0\x9f\x01", 6, 0, "\xc2\xa0\xc6\x9f" },
        { "\x06\x02" "L\0i\0", 6, -EBADMSG, NULL },
        { "\x01\x03", 2, -EBADMSG, NULL },
        { "\x06", 1, -EBADMSG, NULL },
        { "", 0, -EBADMSG, NULL },
};

static void test_decode(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;

                ASSERT_EQ(usb_string_decode((const uint8_t *) cases[i].bytes, cases[i].n, &text),
                                cases[i].result);
                ASSERT_STREQ(text, cases[i].text);
        }
}

static void test_longest(void) {
        _cleanup_free_ char *text = NULL;
        uint8_t descriptor[255];

        for (size_t i = 2; i + 1 < sizeof(descriptor); i += 2) {
                descriptor[i] = 0xac;
                descriptor[i + 1] = 0x20;
        }
        descriptor[0] = sizeof(descriptor);
        descriptor[1] = 3;
        ASSERT_OK(usb_string_decode(descriptor, sizeof(descriptor), &text));
        /* Cut between two characters. */
        ASSERT_EQ(strlen(text), USB_TEXT_MAX / 3 * 3);
}

/* A device that answers from the second time on. */
typedef struct Shy {
        unsigned n_asked;
        int error;
        const char *languages;
        size_t n;
        uint16_t language;
} Shy;

static int ask_shy(void *userdata, uint8_t index, uint16_t language, uint8_t buffer[static 255]) {
        Shy *s = userdata;

        if (++s->n_asked % 2 == 1 && s->error != 0)
                return s->error;
        s->language = language;
        if (index == 0) {
                memcpy(buffer, s->languages, s->n);
                return (int) s->n;
        }
        memcpy(buffer, "\x04\x03" "A\0", 4);
        return 4;
}

static void check_shy(int error, const char *languages, size_t n, uint16_t expected) {
        Shy s = { .error = error, .languages = languages, .n = n };
        _cleanup_free_ char *text = NULL;
        uint16_t language = 0;
        unsigned asked;

        ASSERT_OK(usb_string_get(ask_shy, &s, &language, 2, &text));
        ASSERT_STREQ(text, "A");
        ASSERT_EQ(s.language, expected);
        ASSERT_EQ(language, expected);

        /* The language is asked for once. */
        asked = s.n_asked;
        free(text);
        ASSERT_OK(usb_string_get(ask_shy, &s, &language, 3, &text));
        ASSERT_EQ(s.n_asked - asked, error == 0 ? 1 : 2);
}

static void test_get(void) {
        Shy gone = { .error = -ENODEV };
        uint16_t language = 0;
        char *text = NULL;

        check_shy(0, "\x04\x03\x07\x04", 4, 0x0407);
        check_shy(-EPIPE, "\x04\x03\x07\x04", 4, 0x0407);
        check_shy(-EIO, "\x02\x03", 2, 0x0409);
        check_shy(0, "\x04\x03\0\0", 4, 0x0409);

        ASSERT_ERROR(usb_string_get(ask_shy, &gone, &language, 2, &text), ENODEV);
        ASSERT_EQ(gone.n_asked, 1);
        ASSERT_TRUE(!text);
}

static const struct {
        const char *bytes;
        size_t n;
        unsigned index;
        int result;
        size_t length;
} extras[] = {
        { "\x09\x21\x10\x01\x00\x01\x22\x85\x02", 9, 0, 0, 0x285 },
        { "\x09\x21\x10\x01\x00\x01\x22\x85\x02", 9, 1, -ENOENT, 0 },
        { "\x0c\x21\x10\x01\x00\x02\x22\x10\x00\x22\x85\x02", 12, 1, 0, 0x285 },
        { "\x0c\x21\x10\x01\x00\x02\x23\x10\x00\x22\x85\x02", 12, 0, 0, 0x285 },
        { "\x03\x24\x00\x09\x21\x10\x01\x00\x01\x22\x85\x02", 12, 0, 0, 0x285 },
        { "\x09\x21\x10\x01\x00\x01\x22\x85", 8, 0, -ENOENT, 0 },
        { "\x08\x21\x10\x01\x00\x01\x22\x85", 8, 0, -ENOENT, 0 },
        { "\x00\x21", 2, 0, -ENOENT, 0 },
        { "\x02", 1, 0, -ENOENT, 0 },
        { "", 0, 0, -ENOENT, 0 },
};

static void test_report_descriptor_length(void) {
        for (size_t i = 0; i < ELEMENTSOF(extras); i++) {
                size_t length = 0;

                ASSERT_EQ(usb_report_descriptor_length((const uint8_t *) extras[i].bytes, extras[i].n,
                                          extras[i].index, &length), extras[i].result);
                ASSERT_EQ(length, extras[i].length);
        }
}

int main(void) {
        test_decode();
        test_longest();
        test_get();
        test_report_descriptor_length();
        return EXIT_SUCCESS;
}
