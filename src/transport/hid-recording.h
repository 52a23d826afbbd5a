/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"

/* Recordings of what goes over a link, as docs/RECORDINGS.md describes them: read, kept, and written. */

#define RECORDING_MAGIC "busbar-recording 1 hid"

/* Bounds of a file, which none that is of use reaches. */
#define RECORDING_SIZE_MAX (64U << 20)
#define RECORDING_EVENTS_MAX (1U << 20)

/* What came of a transfer: bytes, or a negative errno. */
typedef struct RecordedAnswer {
        uint64_t at_usec;
        int error;
        uint8_t *data;
        size_t n;
} RecordedAnswer;

typedef struct RecordedAnswers {
        RecordedAnswer *answers;
        size_t n, n_allocated;
        size_t next;
} RecordedAnswers;

/* All about one report. */
typedef struct RecordedReport {
        RecordedAnswers gets, sets;
        RecordedAnswer written; /* what was last sent to the replay; no data for nothing */
} RecordedReport;

typedef struct RecordedString {
        char *text;
        int error;
} RecordedString;

typedef enum RecordingClock {
        RECORDING_CLOCK_ORDER, /* each request gets the next answer */
        RECORDING_CLOCK_TIME,  /* each request gets the answer of its time */
        _RECORDING_CLOCK_MAX,
} RecordingClock;

typedef struct Recording {
        HidIdentity identity;
        bool has_vendor_id, has_product_id, has_release;
        uint8_t *descriptor;
        size_t descriptor_size, descriptor_allocated;
        RecordingClock clock;
        double speed;
        RecordedReport *reports[_HID_KIND_MAX][256];
        RecordedAnswers inputs;
        RecordedString strings[256];
        uint64_t gone_usec; /* when the device is taken away and not given back, or USEC_INFINITY */
        uint64_t last_usec; /* the time of the last statement */
        size_t n_events;
} Recording;

/* Parses a recording. On -EBADMSG *ret_error is a message with name and line, in new memory. */
int recording_parse(const char *name, const char *data, size_t n, Recording **ret, char **ret_error);
Recording *recording_free(Recording *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Recording *, recording_free);

/* The place for a report, made when there is none yet; NULL without memory. */
RecordedReport *recording_report(Recording *r, HidKind kind, uint8_t id);

/* Appends a copy of an answer. */
int recorded_answers_add(RecordedAnswers *l, uint64_t at_usec, int error, const uint8_t *data, size_t n);

/* A link that replays a recording, which it takes over on success. */
int hid_link_new_replay(Recording *recording, const char *path, HidLink **ret);

/* "stall", "timeout", "gone", "error" for what can go wrong, and back; 0 for what is none of them. */
const char *recording_error_to_string(int error) _const_;
int recording_error_from_string(const char *s) _pure_;
