/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-recording.h"
#include "parse-util.h"
#include "recording-parser.h"
#include "string-util.h"

#define BLANK " \t"

static int parse_byte(RecordingParser *p, const char *what, uint8_t *ret) {
        const char *word = recording_parser_word(p);

        if (!word)
                return recording_parser_fail(p, "%s is missing", what);
        if (strlen(word) != 2 || recording_byte(word, ret) < 0)
                return recording_parser_fail(p, "\"%.40s\" is no byte of two hexadecimal digits", word);
        return 0;
}

/* Bytes up to the end of the line. */
static int parse_bytes(RecordingParser *p, uint8_t *buffer, size_t size, size_t *ret) {
        size_t n = 0;
        char *word;

        for (word = recording_parser_word(p); word && !streq(word, "->"); word = recording_parser_word(p)) {
                uint8_t byte;

                if (strlen(word) != 2 || recording_byte(word, &byte) < 0)
                        return recording_parser_fail(
                                p, "\"%.40s\" is no byte of two hexadecimal digits", word);
                if (n >= size)
                        return recording_parser_fail(p, "more than %zu bytes", size);
                buffer[n++] = byte;
        }

        *ret = n;
        return word ? 1 : 0;
}

static int parse_kind(RecordingParser *p, HidKind *ret) {
        const char *word = recording_parser_word(p);

        for (HidKind kind = 0; word && kind < _HID_KIND_MAX; kind++)
                if (streq(word, hid_kind_to_string(kind))) {
                        *ret = kind;
                        return 0;
                }

        return recording_parser_fail(p, "\"%.40s\" is none of feature, input, output", strempty(word));
}

/* What comes after "->" in place of bytes. */
static int parse_error(RecordingParser *p, int *ret) {
        const char *word = recording_parser_word(p);
        int error = word ? recording_error_from_string(word) : 0;

        if (error == 0)
                return recording_parser_fail(
                        p, "\"%.40s\" is none of stall, timeout, gone, error", strempty(word));
        *ret = error;
        return recording_parser_end(p);
}

static int parse_get(RecordingParser *p) {
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
        arrow = recording_parser_word(p);
        if (!arrow || !streq(arrow, "->"))
                return recording_parser_fail(p, "-> and the answer are missing");

        p->rest += strspn(p->rest, BLANK);
        if (recording_byte(p->rest, buffer) >= 0) {
                r = parse_bytes(p, buffer, sizeof(buffer), &n);
                if (r > 0)
                        return recording_parser_fail(p, "-> stands here twice");
                if (r == 0 && buffer[0] != id)
                        return recording_parser_fail(
                                p, "the answer begins with %02x, not with the number of the report",
                                buffer[0]);
        } else
                r = parse_error(p, &error);
        if (r < 0)
                return r;

        report = hid_recording_report(p->recording, kind, id);
        return report ? recording_parser_answer(p, &report->gets, error, buffer, n) : -ENOMEM;
}

static int parse_set(RecordingParser *p) {
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
                return recording_parser_fail(p, "the bytes of the report are missing");

        report = hid_recording_report(p->recording, kind, buffer[0]);
        return report ? recording_parser_answer(p, &report->sets, error, buffer, n) : -ENOMEM;
}

static int parse_input(RecordingParser *p) {
        uint8_t buffer[HID_REPORT_SIZE_MAX];
        size_t n;
        int r;

        r = parse_bytes(p, buffer, sizeof(buffer), &n);
        if (r < 0)
                return r;
        if (r > 0 || n == 0)
                return recording_parser_fail(p, "the bytes of a report are expected, and no more");
        return recording_parser_answer(p, &((HidRecording *) p->recording)->inputs, 0, buffer, n);
}

static int parse_string(RecordingParser *p) {
        _cleanup_free_ char *text = NULL;
        const char *word = recording_parser_word(p), *arrow;
        RecordedString *string;
        uint64_t index;
        int error = 0, r;

        if (!word || parse_uint64(word, 1, UINT8_MAX, &index) < 0)
                return recording_parser_fail(p, "the number of the string is missing");

        arrow = p->rest + strspn(p->rest, BLANK);
        if (startswith(arrow, "->")) {
                (void) recording_parser_word(p);
                r = parse_error(p, &error);
        } else {
                r = recording_parser_text(p, &text, NULL);
                if (r >= 0)
                        r = recording_parser_end(p);
        }
        if (r < 0)
                return r;

        string = ((HidRecording *) p->recording)->strings + index;
        free(string->text);
        *string = (RecordedString) { .text = TAKE_PTR(text), .error = error };
        return 0;
}

static int parse_descriptor(RecordingParser *p) {
        HidRecording *rec = p->recording;
        uint8_t buffer[4096];
        size_t n;
        int r;

        r = parse_bytes(p, buffer, sizeof(buffer), &n);
        if (r < 0)
                return r;
        if (r > 0 || rec->descriptor_size + n > HID_DESCRIPTOR_SIZE_MAX)
                return recording_parser_fail(
                        p, "bytes are expected, %u at most in all", HID_DESCRIPTOR_SIZE_MAX);
        if (!GREEDY_REALLOC(rec->descriptor, rec->descriptor_allocated, rec->descriptor_size + n + 1))
                return -ENOMEM;

        memcpy(rec->descriptor + rec->descriptor_size, buffer, n);
        rec->descriptor_size += n;
        return 0;
}

static const struct {
        const char *word;
        int (*parse)(RecordingParser *p);
} statements[] = {
        { "get",        parse_get        },
        { "set",        parse_set        },
        { "input",      parse_input      },
        { "string",     parse_string     },
        { "descriptor", parse_descriptor },
};

static int parse_statement(RecordingParser *p, const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(statements); i++)
                if (streq(word, statements[i].word))
                        return statements[i].parse(p);
        return 1;
}

int hid_recording_parse(const char *name, const char *data, size_t n, HidRecording **ret, char **ret_error) {
        _cleanup_(hid_recording_freep) HidRecording *recording = new0(HidRecording, 1);
        _cleanup_(recording_parser_done) RecordingParser p = { .name = name, .recording = recording };
        int r;

        if (!recording)
                return -ENOMEM;
        p.head = &recording->head;
        recording_head_init(p.head);

        r = recording_parser_run(&p, HID_RECORDING_MAGIC, parse_statement, data, n);
        if (r >= 0 && recording->descriptor_size == 0)
                r = recording_parser_fail(&p, "there is no descriptor");
        if (r < 0) {
                *ret_error = TAKE_PTR(p.error);
                return r;
        }

        *ret = TAKE_PTR(recording);
        return 0;
}
