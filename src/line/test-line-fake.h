/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-engine.h"

/* A device in memory, for the tests of the engine, and the profile and options for it. */

#define FAKE_ANSWERS_MAX 128U

typedef struct FakeAnswer {
        const char *request; /* with its end */
        const char *answer;  /* with its end; NULL: silence */
        size_t n;
        int error; /* instead */
        bool once; /* then it is gone */
        bool gone;
} FakeAnswer;

typedef struct FakeLine {
        LineLink link;
        FakeAnswer answers[FAKE_ANSWERS_MAX]; /* the first that is not gone counts */
        size_t n_answers;
        char **sent; /* strv, without the end */
} FakeLine;

/* A silent device. */
FakeLine *fake_line_new(void);

/* From now on, until something else is said for the same request. */
void fake_line_answer(FakeLine *f, const char *request, const char *answer);
void fake_line_fail(FakeLine *f, const char *request, int error);
/* Once, before that; several are one after the other. */
void fake_line_answer_once(FakeLine *f, const char *request, const char *answer);

/* What was sent since the last call, with blanks in between; new memory. */
char *fake_line_sent(FakeLine *f);

/* What the options are answered from. */
typedef struct FakeSettings {
        const char *options[16]; /* name, value, name, value */
        char *logged;            /* the last line */
        uint64_t paused_usec;
        bool cancelled, is_known_not_ready;
} FakeSettings;

LineEngineOptions fake_options(FakeSettings *s);

/* Both end the test on failure. */
LineProfile *fake_profile(const char *text);
LineEngine *fake_engine(FakeLine *f, const char *text, FakeSettings *s);
