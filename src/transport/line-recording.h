/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"
#include "recording.h"

/* Recordings of what goes over a link of lines: read, kept, and played. */

#define LINE_RECORDING_MAGIC "busbar-recording 1 line"

/* More different requests than any device is sent. */
#define LINE_RECORDING_REQUESTS_MAX 4096U

typedef struct RecordedRequest {
        uint8_t *bytes;
        size_t n;
        RecordedAnswers answers; /* an error 0 without bytes: silence */
} RecordedRequest;

/* What is said to what was never asked. */
typedef enum RecordedUnknown {
        RECORDED_UNKNOWN_REFUSED, /* in the way of the link */
        RECORDED_UNKNOWN_SILENCE,
        RECORDED_UNKNOWN_ECHO,
        RECORDED_UNKNOWN_TEXT,
} RecordedUnknown;

typedef struct LineRecording {
        RecordingHead head;
        char *link;                /* the kind of link it was, or NULL */
        RecordedRequest *requests; /* sorted by their bytes */
        size_t n_requests, n_allocated;
        RecordedUnknown unknown;
        RecordedAnswer unknown_answer;
} LineRecording;

/* Parses a recording. On -EBADMSG *ret_error is a message with name and line, in new memory. */
int line_recording_parse(
        const char *name, const char *data, size_t n, LineRecording **ret, char **ret_error);
LineRecording *line_recording_free(LineRecording *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineRecording *, line_recording_free);

/* What is recorded of a request; NULL for nothing. */
RecordedRequest *line_recording_find(const LineRecording *r, const uint8_t *bytes, size_t n);

/* A link that plays a recording, which it takes over on success. */
int line_link_new_replay(LineRecording *recording, const char *path, LineLink **ret);

/* "silence" (0), "refused", "damaged", "gone", "error" for what may stand in place of an answer, and back:
 * false for what is none of them. */
const char *line_recording_result_to_string(int error) _const_;
bool line_recording_result_from_string(const char *s, int *ret);
