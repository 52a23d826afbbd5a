/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "macro.h"

/* One line of a definition file. */

#define DUMMY_LINE_LENGTH_MAX 8192U

typedef enum DummyLineType {
        DUMMY_LINE_EMPTY,    /* blank, or a comment alone */
        DUMMY_LINE_VARIABLE, /* name: value */
        DUMMY_LINE_TIMER,    /* TIMER seconds */
        DUMMY_LINE_ALARM,    /* ALARM [text] */
} DummyLineType;

typedef struct DummyLine {
        DummyLineType type;
        char *name;          /* VARIABLE */
        char *value;         /* VARIABLE; ALARM, where "" clears */
        uint64_t delay_usec; /* TIMER */
} DummyLine;

/* Parses n bytes without a line end. On failure (-EINVAL) *ret_problem is one sentence for the user; or
 * -ENOMEM. */
int dummy_line_parse(const char *data, size_t n, DummyLine *ret, const char **ret_problem);

/* Frees and clears the members. */
void dummy_line_done(DummyLine *l);
