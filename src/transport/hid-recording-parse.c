/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "hid-recording.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define SECONDS_MAX 1e8
#define SPEED_MAX 1e6
#define BLANK " \t"

typedef struct Parser {
        Recording *recording;
        const char *name;
        unsigned line;
        uint64_t at_usec;
        char *rest; /* of the present line */
        char *error;
} Parser;

static void parser_done(Parser *p) {
        recording_free(p->recording);
        free(p->error);
}

_printf_(2, 3) static int parser_fail(Parser *p, const char *fmt, ...) {
        _cleanup_free_ char *message = NULL;
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&message, fmt, ap);
        va_end(ap);
        if (r < 0) {
                message = NULL;
                return -ENOMEM;
        }

        p->error = strprintf("%s:%u: %s", p->name, p->line, message);
        return p->error ? -EBADMSG : -ENOMEM;
}

/* The next word of the line, cut off; NULL at its end. */
static char *parser_word(Parser *p) {
        char *word = p->rest + strspn(p->rest, BLANK);

        if (*word == '\0' || *word == '#')
                return NULL;
        p->rest = word + strcspn(word, BLANK);
        if (*p->rest != '\0')
                *p->rest++ = '\0';
        return word;
}

static int parser_end(Parser *p) {
        const char *word = parser_word(p);

        return word ? parser_fail(p, "\"%.40s\" is too much here", word) : 0;
}

static int hex_digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
               c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int byte_from_hex(const char *s, uint8_t *ret) {
        if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
                return -EINVAL;

        *ret = (uint8_t) (hex_digit(s[0]) << 4 | hex_digit(s[1]));
        return 0;
}

static int parse_byte(Parser *p, const char *what, uint8_t *ret) {
        const char *word = parser_word(p);

        if (!word)
                return parser_fail(p, "%s is missing", what);
        if (strlen(word) != 2 || byte_from_hex(word, ret) < 0)
                return parser_fail(p, "\"%.40s\" is no byte of two hexadecimal digits", word);
        return 0;
}

/* Bytes up to the end of the line. */
static int parse_bytes(Parser *p, uint8_t *buffer, size_t size, size_t *ret) {
        size_t n = 0;
        char *word;

        for (word = parser_word(p); word && !streq(word, "->"); word = parser_word(p)) {
                uint8_t byte;

                if (strlen(word) != 2 || byte_from_hex(word, &byte) < 0)
                        return parser_fail(p, "\"%.40s\" is no byte of two hexadecimal digits", word);
                if (n >= size)
                        return parser_fail(p, "more than %zu bytes", size);
                buffer[n++] = byte;
        }

        *ret = n;
        return word ? 1 : 0;
}

/* A text in quotes, with \", \\ and \xNN. */
static int parse_text(Parser *p, char **ret) {
        const char *s = p->rest + strspn(p->rest, BLANK);
        _cleanup_free_ char *text = malloc(strlen(s) + 1);
        char *t = text;

        if (!text)
                return -ENOMEM;
        if (*s != '"')
                return parser_fail(p, "a text in quotation marks is missing");

        for (s++; *s != '"'; s++) {
                uint8_t byte = (uint8_t) *s;

                if (*s == '\0')
                        return parser_fail(p, "the text has no quotation mark at its end");
                if (*s == '\\' && s[1] == 'x' && byte_from_hex(s + 2, &byte) >= 0 && byte != 0)
                        s += 3;
                else if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
                        byte = (uint8_t) *++s;
                else if (*s == '\\')
                        return parser_fail(p, "a backslash stands before \", \\ or xNN only");
                *t++ = (char) byte;
        }

        *t = '\0';
        p->rest += s + 1 - p->rest;
        *ret = TAKE_PTR(text);
        return 0;
}

static int parse_kind(Parser *p, HidKind *ret) {
        const char *word = parser_word(p);

        for (HidKind kind = 0; word && kind < _HID_KIND_MAX; kind++)
                if (streq(word, hid_kind_to_string(kind))) {
                        *ret = kind;
                        return 0;
                }

        return parser_fail(p, "\"%.40s\" is none of feature, input, output", strempty(word));
}

/* What comes after "->" in place of bytes. */
static int parse_error(Parser *p, int *ret) {
        const char *word = parser_word(p);
        int error = word ? recording_error_from_string(word) : 0;

        if (error == 0)
                return parser_fail(p, "\"%.40s\" is none of stall, timeout, gone, error", strempty(word));
        *ret = error;
        return parser_end(p);
}

static int add_answer(Parser *p, RecordedAnswers *l, int error, const uint8_t *data, size_t n) {
        if (++p->recording->n_events > RECORDING_EVENTS_MAX)
                return parser_fail(p, "more than %u events", RECORDING_EVENTS_MAX);
        /* It is there again. */
        if (error == 0)
                p->recording->gone_usec = USEC_INFINITY;
        return recorded_answers_add(l, p->at_usec, error, data, n);
}

static int parse_get(Parser *p) {
        uint8_t id, buffer[HID_REPORT_SIZE_MAX];
        RecordedReport *report;
        const char *arrow;
        HidKind kind;
        int error = 0, r;
        size_t n = 0;

        r = parse_kind(p, &kind);
        if (r < 0)
                return r;
        r = parse_byte(p, "the number of the report", &id);
        if (r < 0)
                return r;
        arrow = parser_word(p);
        if (!arrow || !streq(arrow, "->"))
                return parser_fail(p, "-> and the answer are missing");

        p->rest += strspn(p->rest, BLANK);
        if (hex_digit(p->rest[0]) >= 0 && hex_digit(p->rest[1]) >= 0) {
                r = parse_bytes(p, buffer, sizeof(buffer), &n);
                if (r > 0)
                        return parser_fail(p, "-> stands here twice");
                if (r == 0 && buffer[0] != id)
                        return parser_fail(
                                p, "the answer begins with %02x, not with the number of the report",
                                buffer[0]);
        } else
                r = parse_error(p, &error);
        if (r < 0)
                return r;

        report = recording_report(p->recording, kind, id);
        return report ? add_answer(p, &report->gets, error, buffer, n) : -ENOMEM;
}

static int parse_set(Parser *p) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        RecordedReport *report;
        HidKind kind;
        int error = 0, r;
        size_t n;

        r = parse_kind(p, &kind);
        if (r < 0)
                return r;
        r = parse_bytes(p, buffer, sizeof(buffer), &n);
        if (r > 0)
                r = parse_error(p, &error);
        if (r < 0)
                return r;
        if (n == 0)
                return parser_fail(p, "the bytes of the report are missing");

        report = recording_report(p->recording, kind, buffer[0]);
        return report ? add_answer(p, &report->sets, error, buffer, n) : -ENOMEM;
}

static int parse_input(Parser *p) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        size_t n;
        int r;

        r = parse_bytes(p, buffer, sizeof(buffer), &n);
        if (r < 0)
                return r;
        if (r > 0 || n == 0)
                return parser_fail(p, "the bytes of a report are expected, and no more");
        return add_answer(p, &p->recording->inputs, 0, buffer, n);
}

static int parse_string(Parser *p) {
        _cleanup_free_ char *text = NULL;
        const char *word = parser_word(p), *arrow;
        RecordedString *string;
        uint64_t index;
        int error = 0, r;

        if (!word || parse_uint64(word, 1, UINT8_MAX, &index) < 0)
                return parser_fail(p, "the number of the string is missing");

        arrow = p->rest + strspn(p->rest, BLANK);
        if (startswith(arrow, "->")) {
                (void) parser_word(p);
                r = parse_error(p, &error);
        } else {
                r = parse_text(p, &text);
                if (r >= 0)
                        r = parser_end(p);
        }
        if (r < 0)
                return r;

        string = p->recording->strings + index;
        free(string->text);
        *string = (RecordedString) { .text = TAKE_PTR(text), .error = error };
        return 0;
}

static int parse_descriptor(Parser *p) {
        Recording *rec = p->recording;
        uint8_t buffer[4096];
        size_t n;
        int r;

        r = parse_bytes(p, buffer, sizeof(buffer), &n);
        if (r < 0)
                return r;
        if (r > 0 || rec->descriptor_size + n > HID_DESCRIPTOR_SIZE_MAX)
                return parser_fail(p, "bytes are expected, %u at most in all", HID_DESCRIPTOR_SIZE_MAX);
        if (!GREEDY_REALLOC(rec->descriptor, rec->descriptor_allocated, rec->descriptor_size + n + 1))
                return -ENOMEM;

        memcpy(rec->descriptor + rec->descriptor_size, buffer, n);
        rec->descriptor_size += n;
        return 0;
}

static int parse_clock(Parser *p) {
        static const char *const names[_RECORDING_CLOCK_MAX] = {
                [RECORDING_CLOCK_ORDER] = "order",
                [RECORDING_CLOCK_TIME] = "time",
        };
        const char *word = parser_word(p);

        for (RecordingClock c = 0; word && c < _RECORDING_CLOCK_MAX; c++)
                if (streq(word, names[c])) {
                        p->recording->clock = c;
                        return parser_end(p);
                }

        return parser_fail(p, "\"%.40s\" is neither order nor time", strempty(word));
}

static int parse_speed(Parser *p) {
        const char *word = parser_word(p);
        double speed;

        if (!word || parse_double(word, &speed) < 0 || speed < 1 / SPEED_MAX || speed > SPEED_MAX)
                return parser_fail(p, "\"%.40s\" is no speed", strempty(word));
        p->recording->speed = speed;
        return parser_end(p);
}

static int parse_gone(Parser *p) {
        if (p->recording->gone_usec == USEC_INFINITY)
                p->recording->gone_usec = p->at_usec;
        return parser_end(p);
}

static const struct {
        const char *word;
        int (*parse)(Parser *p);
} statements[] = {
        { "get",        parse_get        },
        { "set",        parse_set        },
        { "input",      parse_input      },
        { "string",     parse_string     },
        { "gone",       parse_gone       },
        { "descriptor", parse_descriptor },
        { "clock",      parse_clock      },
        { "speed",      parse_speed      },
};

static int parse_identity_number(Parser *p, const char *key, uint16_t *ret, bool *has) {
        const char *word = parser_word(p);

        if (*has)
                return parser_fail(p, "%s is given twice", key);
        if (!word || strlen(word) != 4 || strspn(word, "0123456789abcdefABCDEF") != 4)
                return parser_fail(p, "\"%.40s\" is no number of four hexadecimal digits", strempty(word));
        *ret = (uint16_t) strtoul(word, NULL, 16);
        *has = true;
        return parser_end(p);
}

static int parse_identity_text(Parser *p, const char *key, char **ret) {
        int r;

        if (*ret)
                return parser_fail(p, "%s is given twice", key);
        r = parse_text(p, ret);
        return r < 0 ? r : parser_end(p);
}

/* Returns 0 if the word is one of the identity, after parsing it; 1 if not. */
static int parse_identity(Parser *p, const char *word) {
        Recording *rec = p->recording;
        HidIdentity *i = &rec->identity;
        const struct {
                const char *word;
                uint16_t *number;
                bool *has;
                char **text;
        } keys[] = {
                { "vendor-id",  &i->vendor_id,  &rec->has_vendor_id,  NULL        },
                { "product-id", &i->product_id, &rec->has_product_id, NULL        },
                { "release",    &i->release,    &rec->has_release,    NULL        },
                { "vendor",     NULL,           NULL,                 &i->vendor  },
                { "product",    NULL,           NULL,                 &i->product },
                { "serial",     NULL,           NULL,                 &i->serial  },
                { "bus",        NULL,           NULL,                 &i->bus     },
                { "device",     NULL,           NULL,                 &i->device  },
                { "busport",    NULL,           NULL,                 &i->busport },
        };

        for (size_t k = 0; k < ELEMENTSOF(keys); k++)
                if (streq(word, keys[k].word))
                        return keys[k].text ? parse_identity_text(p, word, keys[k].text) :
                                              parse_identity_number(p, word, keys[k].number, keys[k].has);
        return 1;
}

/* "+1.234" in front of an event: when it was, in seconds from the beginning. */
static int parse_time(Parser *p, const char *word) {
        double seconds;
        uint64_t usec;

        if (parse_double(word + 1, &seconds) < 0 || seconds < 0 || seconds > SECONDS_MAX)
                return parser_fail(p, "\"%.40s\" is no time", word);
        usec = (uint64_t) (seconds * (double) USEC_PER_SEC + 0.5);
        if (usec < p->at_usec)
                return parser_fail(p, "\"%.40s\" is earlier than the time before", word);

        p->at_usec = p->recording->last_usec = usec;
        return 0;
}

static int parse_line(Parser *p) {
        const char *word = parser_word(p);
        int r;

        if (word && *word == '+') {
                r = parse_time(p, word);
                if (r < 0)
                        return r;
                word = parser_word(p);
                if (!word)
                        return parser_fail(p, "there is nothing after the time");
        }
        if (!word)
                return 0;

        for (size_t i = 0; i < ELEMENTSOF(statements); i++)
                if (streq(word, statements[i].word))
                        return statements[i].parse(p);

        r = parse_identity(p, word);
        return r > 0 ? parser_fail(p, "\"%.40s\" is not known here", word) : r;
}

/* line is a piece of data, without its end, that may be cut up. */
static int parse_first_or_line(Parser *p, char *line, size_t n) {
        p->line++;
        if (n > 0 && line[n - 1] == '\r')
                line[--n] = '\0';
        if (strlen(line) != n)
                return parser_fail(p, "there is a NUL");

        p->rest = line;
        if (p->line > 1)
                return parse_line(p);
        if (!streq(line, RECORDING_MAGIC))
                return parser_fail(p, "the first line is not \"%s\"", RECORDING_MAGIC);
        return 0;
}

static int parse_lines(Parser *p, char *text, size_t n) {
        char *line = text, *end = text + n;
        bool is_event;
        int r;

        while (line < end) {
                char *newline = memchr(line, '\n', (size_t) (end - line));
                size_t length = (size_t) ((newline ?: end) - line);

                line[length] = '\0';
                is_event = line[0] == '+';
                r = parse_first_or_line(p, line, length);
                /* What a recorder wrote when the disk was full, or it was killed, is not all of it. */
                if (r == -EBADMSG && !newline && is_event) {
                        free(p->error);
                        p->error = NULL;
                } else if (r < 0)
                        return r;
                line += length + 1;
        }

        if (p->line == 0)
                return parser_fail(p, "the file is empty");
        return p->recording->descriptor_size > 0 ? 0 : parser_fail(p, "there is no descriptor");
}

int recording_parse(const char *name, const char *data, size_t n, Recording **ret, char **ret_error) {
        _cleanup_(parser_done) Parser p = { .name = name };
        _cleanup_free_ char *text = NULL;
        int r;

        p.recording = new0(Recording, 1);
        text = malloc(n + 1);
        if (!p.recording || !text)
                return -ENOMEM;
        p.recording->gone_usec = USEC_INFINITY;
        p.recording->speed = 1;
        memcpy(text, data, n);
        text[n] = '\0';

        r = n > RECORDING_SIZE_MAX ? parser_fail(&p, "the file is too large") : parse_lines(&p, text, n);
        if (r < 0) {
                *ret_error = TAKE_PTR(p.error);
                return r;
        }

        *ret = TAKE_PTR(p.recording);
        return 0;
}
