/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-link.h"

/* What recordings of all kinds of links (docs/RECORDINGS.md) have in common. */

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

typedef enum RecordingClock {
        RECORDING_CLOCK_ORDER, /* each request gets the next answer */
        RECORDING_CLOCK_TIME,  /* each request gets the answer of its time */
        _RECORDING_CLOCK_MAX,
} RecordingClock;

typedef struct RecordingHead {
        HidIdentity identity;
        bool has_vendor_id, has_product_id, has_release;
        RecordingClock clock;
        double speed;
        uint64_t gone_usec; /* when the device is taken away and not given back, or USEC_INFINITY */
        uint64_t last_usec; /* the time of the last statement */
        size_t n_events;
} RecordingHead;

/* One in which nothing has been said yet. */
void recording_head_init(RecordingHead *h);
void recording_head_done(RecordingHead *h);

/* Makes an answer with a copy of the bytes. */
int recorded_answer_fill(RecordedAnswer *a, uint64_t at_usec, int error, const uint8_t *data, size_t n);

/* Appends a copy of an answer. */
int recorded_answers_add(RecordedAnswers *l, uint64_t at_usec, int error, const uint8_t *data, size_t n);
void recorded_answers_done(RecordedAnswers *l);

/* The answer for a request that comes at a time of the recording; NULL for none. */
const RecordedAnswer *recorded_answers_choose(RecordedAnswers *l, RecordingClock clock, uint64_t now_usec);

/* "stall", "timeout", "gone", "error" for what can go wrong, and back; 0 for what is none of them. */
const char *recording_error_to_string(int error) _const_;
int recording_error_from_string(const char *s) _pure_;

/* The contents of a file that may be a recording, in new memory. -EBADF when it is no file, -EFBIG. */
int recording_read_file(const char *path, char **ret, size_t *ret_size);

/*** Time ***/

/* It begins with the first thing that is asked. */
typedef struct RecordingTime {
        bool started;
        uint64_t start_usec;
} RecordingTime;

/* Time in the recording. */
uint64_t recording_now(RecordingTime *t, const RecordingHead *h);
bool recording_is_gone(RecordingTime *t, const RecordingHead *h);
