/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-recording.h"

#include "recording-parser.h"
#include "string-util.h"

static const struct {
        const char *name;
        int error;
} results[] = {
        { "silence", 0        },
        { "refused", -EPIPE   },
        { "damaged", -EBADMSG },
        { "gone",    -ENODEV  },
        { "error",   -EIO     },
};

const char *line_recording_result_to_string(int error) {
        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (results[i].error == error)
                        return results[i].name;
        return "error";
}

bool line_recording_result_from_string(const char *s, int *ret) {
        for (size_t i = 0; i < ELEMENTSOF(results); i++)
                if (streq(results[i].name, s)) {
                        *ret = results[i].error;
                        return true;
                }
        return false;
}

LineRecording *line_recording_free(LineRecording *r) {
        if (!r)
                return NULL;

        for (size_t i = 0; i < r->n_requests; i++) {
                recorded_answers_done(&r->requests[i].answers);
                free(r->requests[i].bytes);
        }
        free(r->requests);
        free(r->link);
        free(r->unknown_answer.data);
        recording_head_done(&r->head);
        free(r);
        return NULL;
}

/*** Requests ***/

static int bytes_compare(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b) {
        int r = memcmp(a, b, MIN(n_a, n_b));

        return r != 0 ? r : n_a < n_b ? -1 : n_a > n_b;
}

/* Where a request is, or would be. */
static size_t requests_search(const LineRecording *r, const uint8_t *bytes, size_t n, bool *ret_found) {
        size_t low = 0, high = r->n_requests;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = bytes_compare(bytes, n, r->requests[middle].bytes, r->requests[middle].n);

                if (c == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }

        *ret_found = false;
        return low;
}

RecordedRequest *line_recording_find(const LineRecording *r, const uint8_t *bytes, size_t n) {
        bool found;
        size_t i = requests_search(r, bytes, n, &found);

        return found ? r->requests + i : NULL;
}

/* The place for a request, made when there is none yet. */
static int requests_get(RecordingParser *p, const uint8_t *bytes, size_t n, RecordedRequest **ret) {
        LineRecording *r = p->recording;
        uint8_t *copy;
        bool found;
        size_t i = requests_search(r, bytes, n, &found);

        if (!found) {
                if (r->n_requests == LINE_RECORDING_REQUESTS_MAX)
                        return recording_parser_fail(
                                p, "more than %u different requests", LINE_RECORDING_REQUESTS_MAX);
                if (!GREEDY_REALLOC(r->requests, r->n_allocated, r->n_requests + 1))
                        return -ENOMEM;
                copy = malloc(n);
                if (!copy)
                        return -ENOMEM;
                memcpy(copy, bytes, n);
                memmove(r->requests + i + 1, r->requests + i, (r->n_requests - i) * sizeof(RecordedRequest));
                r->requests[i] = (RecordedRequest) { .bytes = copy, .n = n };
                r->n_requests++;
        }

        *ret = r->requests + i;
        return 0;
}

/*** Statements ***/

/* Bytes in quotation marks, within what a link can take. */
static int parse_line_bytes(RecordingParser *p, char **ret, size_t *ret_n) {
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        int r;

        r = recording_parser_text(p, &text, &n);
        if (r < 0)
                return r;
        if (n > LINE_SIZE_MAX)
                return recording_parser_fail(p, "more than %u bytes", LINE_SIZE_MAX);

        *ret = TAKE_PTR(text);
        *ret_n = n;
        return 0;
}

static int parse_result(RecordingParser *p, int *ret) {
        const char *word = recording_parser_word(p);

        if (!word || !line_recording_result_from_string(word, ret))
                return recording_parser_fail(p,
                                "\"%.40s\" is no text in quotation marks, and none of silence, refused, "
                                "damaged, gone, error", strempty(word));
        return 0;
}

static int parse_ask(RecordingParser *p) {
        _cleanup_free_ char *request = NULL, *answer = NULL;
        size_t n_request = 0, n_answer = 0;
        RecordedRequest *recorded = NULL;
        const char *arrow;
        int error = 0, r;

        r = parse_line_bytes(p, &request, &n_request);
        if (r < 0)
                return r;
        arrow = recording_parser_word(p);
        if (n_request == 0 || !arrow || !streq(arrow, "->"))
                return recording_parser_fail(p, "ask is followed by a request, -> and the answer");
        if (recording_parser_at_text(p))
                r = parse_line_bytes(p, &answer, &n_answer);
        else
                r = parse_result(p, &error);
        if (r >= 0)
                r = recording_parser_end(p);
        if (r < 0)
                return r;

        r = requests_get(p, (uint8_t *) request, n_request, &recorded);
        if (r < 0)
                return r;
        return recording_parser_answer(p, &recorded->answers, error, (uint8_t *) answer, n_answer);
}

static int parse_unknown(RecordingParser *p) {
        LineRecording *rec = p->recording;
        _cleanup_free_ char *text = NULL;
        const char *word;
        size_t n = 0;
        int r;

        if (recording_parser_at_text(p)) {
                r = parse_line_bytes(p, &text, &n);
                if (r < 0)
                        return r;
                free(rec->unknown_answer.data);
                rec->unknown_answer = (RecordedAnswer) { .data = (uint8_t *) TAKE_PTR(text), .n = n };
                rec->unknown = RECORDED_UNKNOWN_TEXT;
                return recording_parser_end(p);
        }

        word = strempty(recording_parser_word(p));
        if (streq(word, "echo"))
                rec->unknown = RECORDED_UNKNOWN_ECHO;
        else if (streq(word, "silence"))
                rec->unknown = RECORDED_UNKNOWN_SILENCE;
        else if (streq(word, "refused"))
                rec->unknown = RECORDED_UNKNOWN_REFUSED;
        else
                return recording_parser_fail(
                        p, "\"%.40s\" is no text in quotation marks, and none of silence, refused, echo",
                        word);
        return recording_parser_end(p);
}

static int parse_link(RecordingParser *p) {
        LineRecording *rec = p->recording;
        int r;

        if (rec->link)
                return recording_parser_fail(p, "link is given twice");
        r = recording_parser_text(p, &rec->link, NULL);
        return r < 0 ? r : recording_parser_end(p);
}

static int parse_statement(RecordingParser *p, const char *word) {
        return streq(word, "ask") ? parse_ask(p) : streq(word, "unknown") ? parse_unknown(p) :
               streq(word, "link") ? parse_link(p) : 1;
}

int line_recording_parse(
        const char *name, const char *data, size_t n, LineRecording **ret, char **ret_error) {
        _cleanup_(line_recording_freep) LineRecording *recording = new0(LineRecording, 1);
        _cleanup_(recording_parser_done) RecordingParser p = { .name = name, .recording = recording };
        int r;

        if (!recording)
                return -ENOMEM;
        p.head = &recording->head;
        recording_head_init(p.head);

        r = recording_parser_run(&p, LINE_RECORDING_MAGIC, parse_statement, data, n);
        if (r < 0) {
                *ret_error = TAKE_PTR(p.error);
                return r;
        }

        *ret = TAKE_PTR(recording);
        return 0;
}
