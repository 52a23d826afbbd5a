/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"

#include <ctype.h>

#include "string-util.h"
#include "time-util.h"

/* Devices that answer when they are asked for a string descriptor: each line that they know is the index of
 * one. What they say there is in UTF-16, as strings of USB are. */

#define FROM_DEVICE 0x80U
#define REQUEST_GET_DESCRIPTOR 0x06U
#define DESCRIPTOR_STRING 0x03U
#define LANGUAGE_ENGLISH_US 0x0409

/* They are known to hang when more than that is asked for; the longest answer of the family fits. */
#define STRING_SIZE 102U
#define STRING_SIZE_MAX 255U

#define STRING_USEC USEC_PER_SEC
#define TRIES_MAX 10U

#define NO_ACK "UPS No Ack"

static int get_string(
        LineUsb *u, uint8_t index, int language, uint8_t *buffer, size_t size, uint64_t timeout_usec) {
        return u->io->control(u->userdata, FROM_DEVICE, REQUEST_GET_DESCRIPTOR,
                (uint16_t) (DESCRIPTOR_STRING << 8 | index), (uint16_t) language, buffer, size,
                timeout_usec);
}

/* The first language of the device, where none was configured. */
static int find_language(LineUsb *u) {
        uint8_t buffer[STRING_SIZE_MAX];
        int r;

        if (u->language >= 0)
                return 0;
        r = get_string(u, 0, 0, buffer, sizeof(buffer), STRING_USEC);
        if (r == -ENODEV || r == -EINTR)
                return r;

        u->language = r >= 4 && buffer[1] == DESCRIPTOR_STRING ? buffer[2] | buffer[3] << 8 : 0;
        if (u->language == 0)
                u->language = LANGUAGE_ENGLISH_US;
        return 0;
}

/* The characters of a string, as many as there are; -EBADMSG when it is none, or not all of it came. */
static int ask(LineUsb *u, uint8_t index, uint8_t text[static STRING_SIZE_MAX]) {
        uint8_t buffer[STRING_SIZE_MAX];
        size_t n = 0;
        int r;

        r = get_string(u, index, u->language, buffer, STRING_SIZE, STRING_USEC);
        if (r == (int) STRING_SIZE && buffer[0] > STRING_SIZE)
                r = get_string(u, index, u->language, buffer, sizeof(buffer), STRING_USEC);
        if (r <= 0)
                return r;
        if (r < 2 || buffer[1] != DESCRIPTOR_STRING || buffer[0] < 2 || buffer[0] > r)
                return -EBADMSG;

        for (size_t i = 2; i + 1 < buffer[0]; i += 2)
                text[n++] = buffer[i + 1] != 0 || buffer[i] >= 0x80 ? '?' : buffer[i];
        return (int) n;
}

static bool is_no_ack(const uint8_t *text, size_t n) {
        size_t length = strlen(NO_ACK);

        return n >= length && strncasecmp((const char *) text, NO_ACK, length) == 0 &&
                (n == length || text[length] == '\r' || text[length] == '\0');
}

/* "5" and ".5" in tenths; *s is behind it afterwards. */
static bool parse_tenths(const char **s, const char *end, unsigned *ret) {
        const char *from = *s;
        unsigned n = 0;

        for (; *s < end && isdigit((unsigned char) **s) && n < 10000; (*s)++)
                n = n * 10 + (unsigned) (**s - '0');
        n *= 10;
        if (*s < end && **s == '.') {
                (*s)++;
                if (*s < end && isdigit((unsigned char) **s))
                        n += (unsigned) (*(*s)++ - '0');
                while (*s < end && isdigit((unsigned char) **s))
                        (*s)++;
        }

        *ret = n;
        return *s > from;
}

/* "S.5R0003", "S02": off after so many minutes, half a minute to ten of them, and on again unless it is R0.
 * The steps are tenths of a minute below one minute, else minutes, in the upper half of the index; bit 3
 * says that it goes on again. 0: it is no such line. */
static uint8_t delay_index(const char *line, size_t n) {
        const char *s = line + 1, *end = line + n;
        bool stays_off = false;
        unsigned tenths, index;

        if (n < 2 || line[0] != 'S' || !parse_tenths(&s, end, &tenths))
                return 0;
        if (s < end) {
                if (*s++ != 'R' || s == end)
                        return 0;
                stays_off = true;
                for (; s < end && isdigit((unsigned char) *s); s++)
                        stays_off = stays_off && *s == '0';
                if (s < end)
                        return 0;
        }

        tenths = CLAMP(tenths, 5U, 100U);
        index = tenths < 10 ? 0x10 + (tenths - 5) * 0x10 : 0x60 + (tenths - 10) * 0x10 / 10;
        return (uint8_t) (index + (stays_off ? 0 : 8));
}

/* How a line is asked for. false: not at all. */
static bool find_string(const LineUsbWay *way, const char *line, size_t n, LineUsbString *ret) {
        uint8_t index;

        for (const LineUsbString *s = way->strings; s->line; s++)
                if (strlen(s->line) == n && memcmp(s->line, line, n) == 0) {
                        *ret = *s;
                        return true;
                }

        index = way->has_delays ? delay_index(line, n) : 0;
        *ret = (LineUsbString) { .index = index, .acts = true };
        return index > 0;
}

/* One attempt: the length of the answer, 0 for none, -EAGAIN when it is worth another. */
static int attempt(LineUsb *u, const LineUsbString *s, LineAnswer *a) {
        uint8_t text[STRING_SIZE_MAX];
        int n = ask(u, s->index, text);

        if (n == -EBADMSG)
                return s->acts ? -EBADMSG : -EAGAIN;
        /* For a command, to be asked is to be told. */
        if (n == -ETIMEDOUT && !s->acts)
                return 0;
        if (n <= 0)
                return n;
        /* For a command this is what they always say. */
        if (is_no_ack(text, (size_t) n))
                return s->acts ? 0 : -EAGAIN;
        /* What it says there has no meaning. */
        if (s->begin == '\r')
                return 0;

        if (s->begin != '\0')
                text[0] = (uint8_t) s->begin;
        return line_usb_add(a, text, (size_t) n) ?: line_usb_end(a);
}

static int exchange_known(LineUsb *u, const LineUsbString *s, LineAnswer *a) {
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), a->framing->timeout_usec);
        int r = -EAGAIN;

        for (unsigned i = 0; i < TRIES_MAX && r == -EAGAIN; i++) {
                if (i > 0 && now_usec(CLOCK_MONOTONIC) >= end)
                        break;
                r = attempt(u, s, a);
        }
        /* It does not have it now. */
        return r == -EAGAIN ? 0 : r;
}

int line_usb_exchange_string(LineUsb *u, LineAnswer *a, size_t n_line) {
        LineUsbString s;
        int r;

        /* No index stands for it. */
        if (!find_string(u->way, (const char *) a->request, n_line, &s))
                return -EPIPE;
        r = find_language(u);
        return r < 0 ? r : exchange_known(u, &s, a);
}

static const LineUsbString krauler_strings[] = {
        { "Q1", 0x03, '(', false },
        { "F", 0x0d, '#', false },
        { "I", 0x0c, '#', false },
        { "T", 0x04, '\r', true },
        { "TL", 0x05, '\r', true },
        { "Q", 0x07, '\r', true },
        { "C", 0x0b, '\r', true },
        { "CT", 0x0b, '\r', true },
        {},
};

const LineUsbWay line_usb_krauler = {
        .name = "krauler",
        .exchange = line_usb_exchange_string,
        .strings = krauler_strings,
};

static const LineUsbString fabula_strings[] = {
        { "Q1", 0x03, '\0', false },
        { "F", 0x0d, '\0', false },
        { "I", 0x0c, '\0', false },
        { "Q", 0x07, '\0', true },
        { "C", 0x0a, '\0', true },
        {},
};

const LineUsbWay line_usb_fabula = {
        .name = "fabula",
        .exchange = line_usb_exchange_string,
        .strings = fabula_strings,
        .has_delays = true,
};

/* They answer as long as the order is kept in which the program of their maker asks: some strings when it
 * begins, then with each question one of three others. */
static void keep_order(LineUsb *u, uint8_t index) {
        static const uint8_t others[] = { 0x0d, 0x03, 0x0c };
        int language = u->language >= 0 ? u->language : LANGUAGE_ENGLISH_US;
        uint8_t buffer[1026];

        if (u->step == 0) {
                for (unsigned i = 0; i < 3; i++)
                        (void) get_string(u, i == 2 ? 1 : 0, language, buffer, sizeof(buffer), STRING_USEC);
                (void) u->io->wait(u->userdata, 10 * USEC_PER_MSEC);
        } else {
                uint8_t other = others[u->step - 1];

                if (other != index && !(other == 0x0c && u->no_vendor))
                        (void) get_string(u, other, language, buffer, STRING_SIZE, STRING_USEC);
        }
        u->step = u->step % ELEMENTSOF(others) + 1;
}

static int hunnox_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        LineUsbString s;

        if (!find_string(u->way, (const char *) a->request, n_line, &s))
                return -EPIPE;
        keep_order(u, s.index);
        return line_usb_exchange_string(u, a, n_line);
}

static const LineUsbString hunnox_strings[] = {
        { "Q1", 0x03, '\0', false },
        { "F", 0x0d, '\0', false },
        { "I", 0x0c, '\0', false },
        { "BL", 0xf3, '\0', false },
        { "Q", 0x07, '\0', true },
        { "C", 0x0a, '\0', true },
        {},
};

const LineUsbWay line_usb_hunnox = {
        .name = "hunnox",
        .exchange = hunnox_exchange,
        .strings = hunnox_strings,
        .has_delays = true,
};

/* Until somebody has read from their endpoint, they answer zeros for a while. */
static int snr_exchange(LineUsb *u, LineAnswer *a, size_t n_line) {
        uint8_t packet[LINE_USB_PACKET_MAX];
        LineUsbString s;
        int r;

        if (!find_string(u->way, (const char *) a->request, n_line, &s))
                return -EPIPE;
        r = u->in.address != 0 ? line_usb_read(u, packet, USEC_PER_SEC) : 0;
        if (r < 0 && r != -EIO)
                return r;
        return line_usb_exchange_string(u, a, n_line);
}

static const LineUsbString snr_strings[] = {
        { "Q1", 0x03, '(', false },
        { "F", 0x0d, '#', false },
        { "I", 0x0c, '#', false },
        {},
};

const LineUsbWay line_usb_snr = {
        .name = "snr",
        .exchange = snr_exchange,
        .in = 1,
        .strings = snr_strings,
};
