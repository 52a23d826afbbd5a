/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "hid-engine.h"

/* A device in memory, for the tests of the engine. */

typedef struct FakeLink {
        HidLink link;
        uint8_t reports[_HID_KIND_MAX][256][32];
        size_t sizes[_HID_KIND_MAX][256]; /* 0: refused */
        int errors[256];                  /* instead of an answer to GET_REPORT Feature */
        int set_error;
        bool deaf;                        /* takes what is written and forgets it */
        const char *strings[256];
        unsigned n_gets, n_sets, n_strings;
        unsigned gets[256];               /* GET_REPORT by id */
        uint8_t sent[16][32];             /* what was written, in order */
        uint8_t queue[128][32];           /* what it sends by itself */
        size_t queue_sizes[128], n_queue, next;
        int input_error;
        bool has_fd;
        uint8_t short_gets;               /* so many answers for short_id are cut to two bytes */
        uint8_t short_id;
} FakeLink;

/* A device with the descriptor below. Free with hid_link_free(). */
FakeLink *fake_link_new(void);

/* The same with another descriptor, which is copied. */
FakeLink *fake_link_new_with(const uint8_t *descriptor, size_t n);

/* What the device answers, id first. */
void fake_link_put(FakeLink *f, HidKind kind, const uint8_t *report, size_t n);
#define FAKE_FEATURE(f, ...) \
        fake_link_put(f, HID_FEATURE, (const uint8_t[]) { __VA_ARGS__ }, sizeof((uint8_t[]) { __VA_ARGS__ }))

/* What the device sends by itself, once. */
void fake_link_send(FakeLink *f, const uint8_t *report, size_t n);
#define FAKE_SEND(f, ...) \
        fake_link_send(f, (const uint8_t[]) { __VA_ARGS__ }, sizeof((uint8_t[]) { __VA_ARGS__ }))
