/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording-parser.h"

#include <stdarg.h>
#include <stdio.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define SECONDS_MAX 1e8
#define SPEED_MAX 1e6
#define BLANK " \t"

void recording_parser_done(RecordingParser *p) {
        free(p->error);
        p->error = NULL;
}

int recording_parser_fail(RecordingParser *p, const char *fmt, ...) {
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

        free(p->error);
        p->error = strprintf("%s:%u: %s", p->name, p->line, message);
        return p->error ? -EBADMSG : -ENOMEM;
}

/*** Words ***/

char *recording_parser_word(RecordingParser *p) {
        char *word = p->rest + strspn(p->rest, BLANK);

        if (*word == '\0' || *word == '#')
                return NULL;
        p->rest = word + strcspn(word, BLANK);
        if (*p->rest != '\0')
                *p->rest++ = '\0';
        return word;
}

int recording_parser_end(RecordingParser *p) {
        const char *word = recording_parser_word(p);

        return word ? recording_parser_fail(p, "\"%.40s\" is too much here", word) : 0;
}

bool recording_parser_at_text(const RecordingParser *p) {
        return p->rest[strspn(p->rest, BLANK)] == '"';
}

static int hex_digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
               c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int recording_byte(const char *s, uint8_t *ret) {
        if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
                return -EINVAL;

        *ret = (uint8_t) (hex_digit(s[0]) << 4 | hex_digit(s[1]));
        return 0;
}

/* What a backslash and what is behind it stand for; returns how long that is, 0 for nothing. */
static size_t unescape(const char *s, uint8_t *ret) {
        static const char names[] = "\"\\rn", bytes[] = "\"\\\r\n";
        const char *name;

        if (s[1] == 'x')
                return recording_byte(s + 2, ret) < 0 ? 0 : 4;
        name = s[1] != '\0' ? strchr(names, s[1]) : NULL;
        if (!name)
                return 0;
        *ret = (uint8_t) bytes[name - names];
        return 2;
}

int recording_parser_text(RecordingParser *p, char **ret, size_t *ret_n) {
        const char *s = p->rest + strspn(p->rest, BLANK);
        _cleanup_free_ char *text = malloc(strlen(s) + 1);
        char *t = text;

        if (!text)
                return -ENOMEM;
        if (*s != '"')
                return recording_parser_fail(p, "a text in quotation marks is missing");

        for (s++; *s != '"'; t++) {
                uint8_t byte = (uint8_t) *s;
                size_t n = *s == '\\' ? unescape(s, &byte) : 1;

                if (*s == '\0')
                        return recording_parser_fail(p, "the text has no quotation mark at its end");
                if (n == 0)
                        return recording_parser_fail(
                                p, "a backslash stands before \", \\, r, n or xNN only");
                if (byte == 0 && !ret_n)
                        return recording_parser_fail(p, "this text cannot hold the byte 00");
                *t = (char) byte;
                s += n;
        }

        *t = '\0';
        p->rest += s + 1 - p->rest;
        if (ret_n)
                *ret_n = (size_t) (t - text);
        *ret = TAKE_PTR(text);
        return 0;
}

int recording_parser_answer(
        RecordingParser *p, RecordedAnswers *l, int error, const uint8_t *data, size_t n) {
        if (++p->head->n_events > RECORDING_EVENTS_MAX)
                return recording_parser_fail(p, "more than %u events", RECORDING_EVENTS_MAX);
        /* It is there again. */
        if (error == 0)
                p->head->gone_usec = USEC_INFINITY;
        return recorded_answers_add(l, p->at_usec, error, data, n);
}

/*** Statements of all kinds ***/

static int parse_clock(RecordingParser *p) {
        static const char *const names[_RECORDING_CLOCK_MAX] = {
                [RECORDING_CLOCK_ORDER] = "order",
                [RECORDING_CLOCK_TIME] = "time",
        };
        const char *word = recording_parser_word(p);

        for (RecordingClock c = 0; word && c < _RECORDING_CLOCK_MAX; c++)
                if (streq(word, names[c])) {
                        p->head->clock = c;
                        return recording_parser_end(p);
                }

        return recording_parser_fail(p, "\"%.40s\" is neither order nor time", strempty(word));
}

static int parse_speed(RecordingParser *p) {
        const char *word = recording_parser_word(p);
        double speed;

        if (!word || parse_double(word, &speed) < 0 || speed < 1 / SPEED_MAX || speed > SPEED_MAX)
                return recording_parser_fail(p, "\"%.40s\" is no speed", strempty(word));
        p->head->speed = speed;
        return recording_parser_end(p);
}

static int parse_gone(RecordingParser *p) {
        if (p->head->gone_usec == USEC_INFINITY)
                p->head->gone_usec = p->at_usec;
        return recording_parser_end(p);
}

static const struct {
        const char *word;
        int (*parse)(RecordingParser *p);
} statements[] = {
        { "gone",  parse_gone  },
        { "clock", parse_clock },
        { "speed", parse_speed },
};

static int parse_identity_number(RecordingParser *p, const char *key, uint16_t *ret, bool *has) {
        const char *word = recording_parser_word(p);

        if (*has)
                return recording_parser_fail(p, "%s is given twice", key);
        if (!word || strlen(word) != 4 || strspn(word, "0123456789abcdefABCDEF") != 4)
                return recording_parser_fail(
                        p, "\"%.40s\" is no number of four hexadecimal digits", strempty(word));
        *ret = (uint16_t) strtoul(word, NULL, 16);
        *has = true;
        return recording_parser_end(p);
}

static int parse_identity_text(RecordingParser *p, const char *key, char **ret) {
        int r;

        if (*ret)
                return recording_parser_fail(p, "%s is given twice", key);
        r = recording_parser_text(p, ret, NULL);
        return r < 0 ? r : recording_parser_end(p);
}

/* Returns 0 if the word is one of the identity, after parsing it; 1 if not. */
static int parse_identity(RecordingParser *p, const char *word) {
        RecordingHead *h = p->head;
        HidIdentity *i = &h->identity;
        const struct {
                const char *word;
                uint16_t *number;
                bool *has;
                char **text;
        } keys[] = {
                { "vendor-id",  &i->vendor_id,  &h->has_vendor_id,  NULL        },
                { "product-id", &i->product_id, &h->has_product_id, NULL        },
                { "release",    &i->release,    &h->has_release,    NULL        },
                { "vendor",     NULL,           NULL,               &i->vendor  },
                { "product",    NULL,           NULL,               &i->product },
                { "serial",     NULL,           NULL,               &i->serial  },
                { "bus",        NULL,           NULL,               &i->bus     },
                { "device",     NULL,           NULL,               &i->device  },
                { "busport",    NULL,           NULL,               &i->busport },
        };

        for (size_t k = 0; k < ELEMENTSOF(keys); k++)
                if (streq(word, keys[k].word))
                        return keys[k].text ? parse_identity_text(p, word, keys[k].text) :
                                              parse_identity_number(p, word, keys[k].number, keys[k].has);
        return 1;
}

static int parse_common(RecordingParser *p, const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(statements); i++)
                if (streq(word, statements[i].word))
                        return statements[i].parse(p);
        return parse_identity(p, word);
}

/*** Lines ***/

/* "+1.234" in front of an event: when it was, in seconds from the beginning. */
static int parse_time(RecordingParser *p, const char *word) {
        double seconds;
        uint64_t usec;

        if (parse_double(word + 1, &seconds) < 0 || seconds < 0 || seconds > SECONDS_MAX)
                return recording_parser_fail(p, "\"%.40s\" is no time", word);
        usec = (uint64_t) (seconds * (double) USEC_PER_SEC + 0.5);
        if (usec < p->at_usec)
                return recording_parser_fail(p, "\"%.40s\" is earlier than the time before", word);

        p->at_usec = p->head->last_usec = usec;
        return 0;
}

static int parse_line(RecordingParser *p, RecordingStatement statement) {
        const char *word = recording_parser_word(p);
        int r;

        if (word && *word == '+') {
                r = parse_time(p, word);
                if (r < 0)
                        return r;
                word = recording_parser_word(p);
                if (!word)
                        return recording_parser_fail(p, "there is nothing after the time");
        }
        if (!word)
                return 0;

        r = statement(p, word);
        if (r > 0)
                r = parse_common(p, word);
        return r > 0 ? recording_parser_fail(p, "\"%.40s\" is not known here", word) : r;
}

/* line is a piece of data, without its end, that may be cut up. */
static int parse_first_or_line(
        RecordingParser *p, const char *magic, RecordingStatement statement, char *line, size_t n) {
        p->line++;
        if (n > 0 && line[n - 1] == '\r')
                line[--n] = '\0';
        if (strlen(line) != n)
                return recording_parser_fail(p, "there is a NUL");

        p->rest = line;
        if (p->line > 1)
                return parse_line(p, statement);
        if (!streq(line, magic))
                return recording_parser_fail(p, "the first line is not \"%s\"", magic);
        return 0;
}

static int parse_lines(
        RecordingParser *p, const char *magic, RecordingStatement statement, char *text, size_t n) {
        char *line = text, *end = text + n;
        bool is_event;
        int r;

        while (line < end) {
                char *newline = memchr(line, '\n', (size_t) (end - line));
                size_t length = (size_t) ((newline ?: end) - line);

                line[length] = '\0';
                is_event = line[0] == '+';
                r = parse_first_or_line(p, magic, statement, line, length);
                /* What a recorder wrote when the disk was full, or it was killed, is not all of it. */
                if (r == -EBADMSG && !newline && is_event)
                        recording_parser_done(p);
                else if (r < 0)
                        return r;
                line += length + 1;
        }

        return p->line == 0 ? recording_parser_fail(p, "the file is empty") : 0;
}

int recording_parser_run(
        RecordingParser *p, const char *magic, RecordingStatement statement, const char *data, size_t n) {
        _cleanup_free_ char *text = NULL;

        if (n > RECORDING_SIZE_MAX)
                return recording_parser_fail(p, "the file is too large");
        text = malloc(n + 1);
        if (!text)
                return -ENOMEM;

        memcpy(text, data, n);
        text[n] = '\0';
        return parse_lines(p, magic, statement, text, n);
}
