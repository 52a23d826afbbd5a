/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [profile], [line], [probe], [start] and [lookup:NAME]. */

#include <stdio.h>

#include "line-link.h"
#include "line-profile-internal.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define USB_IDS_MAX 1024U
#define TEXTS_MAX 64U
#define ORDER_MAX 100000

int line_loader_once(Loader *l, const ConfLine *line, const char *section, const char *key) {
        LineLoader *loader = line_loader(l);
        _cleanup_free_ char *name = strjoin(section, " ", key);
        int r;

        if (!name)
                return -ENOMEM;
        if (strv_contains(loader->given, name))
                return loader_error(l, line, "%s stands here twice", key);

        r = strv_extend(&loader->given, name);
        return r < 0 ? r : 1;
}

static int add_text(Loader *l, const ConfLine *line, const char *value, char ***texts) {
        int r;

        if (isempty(value))
                return loader_error(l, line, "\"%s\" is empty", line->words[0]);
        if (strv_find_nocase(*texts, value) >= 0)
                return loader_error(l, line, "\"%s\" stands here twice", value);
        if (strv_length(*texts) >= TEXTS_MAX)
                return loader_error(
                        l, line, "There are at most %u lines %s = ...", TEXTS_MAX, line->words[0]);

        r = strv_extend(texts, value);
        return r < 0 ? r : 1;
}

int line_loader_read_profile(Loader *l, const ConfLine *line) {
        static const char *const keys[] = {
                "engine", "title", "version", "vendor", "protocol", "order", NULL
        };
        LineProfile *p = line_loader_profile(l);
        const char *key = line->words[0], *value;
        int64_t order;
        int r = loader_value(l, line, &value);

        if (r <= 0)
                return r;

        if (streq(key, "title"))
                return loader_text(l, line, value, &p->title);
        if (streq(key, "version"))
                return loader_text(l, line, value, &p->version);
        if (streq(key, "vendor"))
                return loader_text(l, line, value, &p->vendor);
        if (streq(key, "protocol"))
                return add_text(l, line, value, &p->protocols);
        if (streq(key, "engine"))
                return streq(value, "line")
                               ? 0
                               : loader_error(l, line,
                                         "There is no engine \"%s\" for this: write engine = line", value);
        if (!streq(key, "order"))
                return loader_error_unknown(l, line, "key", key, keys);
        if (p->order >= 0)
                return loader_error(l, line, "order stands here twice");

        r = loader_integer(l, line, key, value, 0, ORDER_MAX, &order);
        if (r > 0)
                p->order = (int) order;
        return r;
}

void line_format_default(LineFormat *f) {
        *f = (LineFormat) {
                .speed = 2400,
                .data_bits = 8,
                .parity = 'n',
                .stop_bits = 1,
                .end_request = { '\r' },
                .n_end_request = 1,
                .end_answer = { '\r' },
                .n_end_answer = 1,
                .timeout_usec = USEC_PER_SEC,
                .tries = 3,
        };
}

/* "9600", "9600 7e1" */
static int read_speed(Loader *l, const ConfLine *line, LineFormat *f) {
        const char *mode = line->n_words > 3 ? line->words[3] : "8n1";
        int64_t speed;
        int r;

        if (!line->assignment || line->n_words < 3 || line->n_words > 4)
                return loader_error(
                        l, line, "speed wants bits per second, and perhaps how bytes look as 8n1");
        r = loader_integer(l, line, "speed", line->words[2], 50, 4000000, &speed);
        if (r <= 0)
                return r;
        if (strlen(mode) != 3 || !strchr("78", mode[0]) || !strchr("neo", mode[1]) || !strchr("12", mode[2]))
                return loader_error(l, line, "\"%s\" is no way that bytes look: write 8n1, 7e1 or so", mode);

        f->speed = (unsigned) speed;
        f->data_bits = (unsigned) (mode[0] - '0');
        f->parity = mode[1];
        f->stop_bits = (unsigned) (mode[2] - '0');
        return 1;
}

static int parse_end(Loader *l, const ConfLine *line, const char *s, uint8_t ret[static 4], size_t *ret_n) {
        static const struct {
                const char *name, *bytes;
        } names[] = { { "cr", "\r" }, { "lf", "\n" }, { "crlf", "\r\n" } };
        size_t n = strlen(s);

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(names[i].name, s)) {
                        *ret_n = strlen(names[i].bytes);
                        memcpy(ret, names[i].bytes, *ret_n);
                        return 1;
                }
        if (n == 0 || n % 2 != 0 || n > 8 || s[strspn(s, "0123456789abcdefABCDEF")])
                return loader_error(l, line, "%s is cr, lf, crlf or up to four bytes in hexadecimal digits, "
                                "not \"%s\"", line->words[0], s);

        for (size_t i = 0; i < n / 2; i++) {
                unsigned byte = 0;

                (void) sscanf(s + 2 * i, "%2x", &byte);
                ret[i] = (uint8_t) byte;
        }
        *ret_n = n / 2;
        return 1;
}

static int parse_check(Loader *l, const ConfLine *line, const char *s, LineCheck *ret) {
        static const char *const names[_LINE_CHECK_MAX + 1] = {
                [LINE_CHECK_NONE] = "none",
                [LINE_CHECK_CRC16_XMODEM] = "crc16-xmodem",
                [LINE_CHECK_CRC16_XMODEM_PLAIN] = "crc16-xmodem-plain",
                [LINE_CHECK_SUM8] = "sum8",
                [LINE_CHECK_SUM8_HEX] = "sum8-hex",
        };

        for (LineCheck c = 0; c < _LINE_CHECK_MAX; c++)
                if (streq(names[c], s)) {
                        *ret = c;
                        return 1;
                }

        return loader_error_unknown(l, line, "check", s, names);
}

static int parse_choice(
                Loader *l, const ConfLine *line, const char *s, const char *no, const char *yes, bool *ret) {
        if (!streq(s, no) && !streq(s, yes))
                return loader_error(l, line, "%s is %s or %s, not \"%s\"", line->words[0], no, yes, s);

        *ret = streq(s, yes);
        return 1;
}

/* Keys that stand for two may be followed by the one that says otherwise. */
static int read_pair(Loader *l, const ConfLine *line, const char *value, LineFormat *f) {
        const char *key = line->words[0];
        bool request = !endswith(key, "-answer"), answer = !endswith(key, "-request");
        LineCheck check = LINE_CHECK_NONE;
        uint8_t end[4];
        size_t n = 0;
        int r;

        if (startswith(key, "end")) {
                r = parse_end(l, line, value, end, &n);
                if (r > 0 && request) {
                        memcpy(f->end_request, end, n);
                        f->n_end_request = n;
                }
                if (r > 0 && answer) {
                        memcpy(f->end_answer, end, n);
                        f->n_end_answer = n;
                }
                return r;
        }

        r = parse_check(l, line, value, &check);
        if (r > 0 && request)
                f->check_request = check;
        if (r > 0 && answer)
                f->check_answer = check;
        return r;
}

static bool is_listed(const char *key, const char *const *keys, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (streq(key, keys[i]))
                        return true;

        return false;
}

int line_loader_read_format(Loader *l, const ConfLine *line) {
        static const char *const keys[] = {
                "end", "end-request", "end-answer", "check", "check-request", "check-answer",
                "speed", "accepted", "refused", "silence", "echo", "timeout", "pause", "tries", NULL
        };
        LineFormat *f = &line_loader_profile(l)->format;
        const char *key = line->words[0], *value;
        int64_t tries;
        int r;

        if (!is_listed(key, keys, ELEMENTSOF(keys) - 1))
                return loader_error_unknown(l, line, "key", key, keys);
        if (!streq(key, "accepted") && !streq(key, "refused")) {
                r = line_loader_once(l, line, "line", key);
                if (r <= 0)
                        return r;
        }
        if (streq(key, "speed"))
                return read_speed(l, line, f);
        r = loader_value(l, line, &value);
        if (r <= 0)
                return r;

        if (is_listed(key, keys, 6))
                return read_pair(l, line, value, f);
        if (streq(key, "accepted"))
                return add_text(l, line, value, &f->accepted);
        if (streq(key, "refused"))
                return add_text(l, line, value, &f->refused);
        if (streq(key, "silence"))
                return parse_choice(l, line, value, "failed", "done", &f->silence_is_done);
        if (streq(key, "echo"))
                return parse_choice(l, line, value, "refused", "skip", &f->echo_is_skipped);
        if (streq(key, "timeout"))
                return loader_seconds(l, line, key, value, 60, &f->timeout_usec);
        if (streq(key, "pause"))
                return loader_seconds(l, line, key, value, 10, &f->pause_usec);

        r = loader_integer(l, line, key, value, 1, 20, &tries);
        if (r > 0)
                f->tries = (unsigned) tries;
        return r;
}

static int add_probe_usb(Loader *l, const ConfLine *line, const char *value) {
        LineProfile *p = line_loader_profile(l);
        ProfileUsb *grown;
        int r;

        if (p->n_probe_usb >= USB_IDS_MAX)
                return loader_error(l, line, "There are at most %u lines usb = ...", USB_IDS_MAX);
        grown = reallocarray(p->probe_usb, p->n_probe_usb + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;

        p->probe_usb = grown;
        r = loader_usb(l, line, value, &grown[p->n_probe_usb]);
        p->n_probe_usb += r > 0;
        return r;
}

int line_loader_read_probe(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "need", "ready", "usb", "link", NULL };
        const char *key = line->words[0], *value;
        int r;

        if (streq(key, "need"))
                return line_loader_read_row(l, line, LINE_ROW_NEED);
        if (streq(key, "ready"))
                return line_loader_read_row(l, line, LINE_ROW_READY);
        if (!streq(key, "usb") && !streq(key, "link"))
                return loader_error_unknown(l, line, "key", key, keys);

        r = loader_value(l, line, &value);
        if (r <= 0)
                return r;
        return streq(key, "usb") ? add_probe_usb(l, line, value)
                : add_text(l, line, value, &line_loader_profile(l)->probe_links);
}

int line_loader_read_start(Loader *l, const ConfLine *line) {
        static const char *const keys[] = { "run", NULL };
        LineStart start = { .line = line->line };
        const ValueTarget target = { .whens = &start.whens };
        LineProfile *p = line_loader_profile(l);
        int r;

        if (!streq(line->words[0], "run"))
                return loader_error_unknown(l, line, "key", line->words[0], keys);
        if (!line->assignment || line->n_words < 3)
                return loader_error(l, line, "A line of [start] is run = COMMAND");
        r = loader_value_attributes(l, line, 3, &target);
        if (r <= 0)
                return r;

        if (!GREEDY_REALLOC(p->starts, line_loader(l)->starts_allocated, p->n_starts + 1))
                return -ENOMEM;
        start.command = strdup(line->words[2]);
        if (!start.command)
                return -ENOMEM;
        p->starts[p->n_starts++] = start;
        return 0;
}
