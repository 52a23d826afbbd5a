/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "lexer.h"
#include "schedule.h"

/* What the program upssched and the process that has the timers say to each other, a line for each, in the
 * words of NUT's lexer:
 *
 *      EVENT type system message                       a notice: what the rules say about it is done
 *      START name seconds type system message          START-SHARED likewise
 *      CANCEL name command type system message         CANCEL-MATCHED likewise
 *      LIST-TIMERS
 *
 * The answer is OK, or ERR and a text, after the lines of a list if one was asked for. */

typedef enum SchedVerb {
        SCHED_EVENT,
        SCHED_START,
        SCHED_START_SHARED,
        SCHED_CANCEL,
        SCHED_CANCEL_MATCHED,
        SCHED_LIST_TIMERS,
        _SCHED_VERB_MAX,
} SchedVerb;

typedef struct SchedRequest {
        SchedVerb verb;
        const char *name, *command;
        uint64_t delay_usec;
        NotifyType type; /* of EVENT */
        TimerEvent event;
} SchedRequest;

/* Takes a complete line. The strings are the lexer's. On -EINVAL *ret_why says what is wrong. */
int sched_request_parse(const Lexer *l, SchedRequest *ret, const char **ret_why);

/* The line of a request, with its newline, in new memory; NULL without memory. What does not fit into a word
 * of the lexer is cut. */
char *sched_request_format(const SchedRequest *r);

/* Does what is asked, and writes the answer. */
void sched_request_run(Sched *s, const SchedRequest *r, FILE *answer);

/* Writes the timers as "upssched -l" has them. now_usec is of CLOCK_BOOTTIME, real_usec of CLOCK_REALTIME,
 * both at the same moment. */
void timers_print(const Timers *t, uint64_t now_usec, uint64_t real_usec, FILE *f);
