/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-enumerate.h"

#define DESCRIPTOR_STRING 0x03U
#define DESCRIPTOR_HID 0x21U
#define DESCRIPTOR_REPORT 0x22U
#define LANGUAGE_ENGLISH_US 0x0409U

/* Some devices stumble over a question for a string; NUT asks three times as well. */
#define ATTEMPTS 3U

static bool is_blank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_continuation(char c) {
        return ((unsigned char) c & 0xc0U) == 0x80U;
}

/* A control character beyond ASCII, U+0080 to U+009F, which terminals heed like the others. */
static bool is_c1(const char *s) {
        return (unsigned char) s[0] == 0xc2 && (unsigned char) s[1] >= 0x80 && (unsigned char) s[1] < 0xa0;
}

int usb_text_clean(const char *text, size_t n, char **ret) {
        char *copy, *to;

        n = strnlen(text, n);
        while (n > 0 && is_blank(text[0])) {
                text++;
                n--;
        }
        if (n > USB_TEXT_MAX)
                for (n = USB_TEXT_MAX; n > 0 && is_continuation(text[n]); n--)
                        ;
        while (n > 0 && is_blank(text[n - 1]))
                n--;

        if (n == 0) {
                *ret = NULL;
                return 0;
        }
        copy = strndup(text, n);
        if (!copy)
                return -ENOMEM;
        to = copy;
        for (const char *c = copy; *c; c++) {
                bool c1 = is_c1(c);

                c += c1 ? 1 : 0;
                *to++ = c1 || (unsigned char) *c < 0x20 || *c == 0x7f ? '?' : *c;
        }
        *to = '\0';
        *ret = copy;
        return 0;
}

/* One code point behind those that are there; returns the bytes it took. */
static size_t put_utf8(char *to, uint32_t c) {
        if (c < 0x80) {
                to[0] = (char) c;
                return 1;
        }
        if (c < 0x800) {
                to[0] = (char) (0xc0 | (c >> 6));
                to[1] = (char) (0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                to[0] = (char) (0xe0 | (c >> 12));
                to[1] = (char) (0x80 | ((c >> 6) & 0x3f));
                to[2] = (char) (0x80 | (c & 0x3f));
                return 3;
        }

        to[0] = (char) (0xf0 | (c >> 18));
        to[1] = (char) (0x80 | ((c >> 12) & 0x3f));
        to[2] = (char) (0x80 | ((c >> 6) & 0x3f));
        to[3] = (char) (0x80 | (c & 0x3f));
        return 4;
}

static uint32_t unit_at(const uint8_t *d, size_t i) {
        return (uint32_t) d[i] | (uint32_t) d[i + 1] << 8;
}

static bool is_surrogate(uint32_t c) {
        return c >= 0xd800 && c < 0xe000;
}

int usb_string_decode(const uint8_t *descriptor, size_t n, char **ret) {
        char text[(255 / 2) * 3 + 4];
        size_t length = 0;

        if (n < 2 || descriptor[0] < 2 || descriptor[1] != DESCRIPTOR_STRING)
                return -EBADMSG;

        /* The answer may be shorter than it says, and an odd byte at the end says nothing. */
        n = MIN(n, (size_t) descriptor[0]);
        for (size_t i = 2; i + 1 < n; i += 2) {
                uint32_t c = unit_at(descriptor, i);

                if (c == 0)
                        break;
                if (c < 0xdc00 && is_surrogate(c) && i + 3 < n) {
                        uint32_t low = unit_at(descriptor, i + 2);

                        if (low >= 0xdc00 && is_surrogate(low)) {
                                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                                i += 2;
                        }
                }
                length += put_utf8(text + length, is_surrogate(c) ? (uint32_t) '?' : c);
        }

        return usb_text_clean(text, length, ret);
}

static int ask_patiently(UsbAskString ask, void *userdata, uint8_t index, uint16_t language,
                uint8_t buffer[static 255]) {
        int n = -EIO;

        for (unsigned i = 0; i < ATTEMPTS && (n == -EIO || n == -EPIPE); i++)
                n = ask(userdata, index, language, buffer);
        return n;
}

int usb_string_get(UsbAskString ask, void *userdata, uint16_t *language, uint8_t index, char **ret) {
        uint8_t buffer[255];
        char *text = NULL;
        int n;

        if (*language == 0) {
                n = ask_patiently(ask, userdata, 0, 0, buffer);
                if (n < 0 && n != -EIO && n != -EPIPE)
                        return n;
                if (n >= 4 && buffer[1] == DESCRIPTOR_STRING)
                        *language = (uint16_t) (buffer[2] | buffer[3] << 8);
                if (*language == 0)
                        *language = LANGUAGE_ENGLISH_US;
        }

        n = ask_patiently(ask, userdata, index, *language, buffer);
        if (n < 0)
                return n;
        n = usb_string_decode(buffer, (size_t) n, &text);
        if (n < 0)
                return n;
        if (!text)
                text = strdup("");
        if (!text)
                return -ENOMEM;

        *ret = text;
        return 0;
}

int usb_report_descriptor_length(const uint8_t *descriptors, size_t n, unsigned index, size_t *ret) {
        while (n >= 2 && descriptors[0] >= 2 && descriptors[0] <= n) {
                const uint8_t *d = descriptors;
                size_t length = d[0];

                descriptors += length;
                n -= length;
                if (d[1] != DESCRIPTOR_HID)
                        continue;

                /* bLength, type, version (2), country, count, and then a type and a length (2) for each. */
                for (size_t at = 6; at + 3 <= length; at += 3)
                        if (d[at] == DESCRIPTOR_REPORT && index-- == 0) {
                                *ret = (size_t) (d[at + 1] | d[at + 2] << 8);
                                return 0;
                        }
        }

        return -ENOENT;
}
