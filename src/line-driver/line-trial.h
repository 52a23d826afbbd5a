/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"

/* A link that remembers, for as long as it is being found out what a device speaks: many protocols begin
 * with the same question. An answer is used again, and a silence is not waited for a third time. */

typedef struct LineTrial LineTrial;

/* Takes inner over on success. */
int line_trial_new(LineLink *inner, LineTrial **ret);
/* With its link, unless that was taken away. */
LineTrial *line_trial_free(LineTrial *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineTrial *, line_trial_free);

/* The link to try with; it stays the trial's. */
LineLink *line_trial_link(LineTrial *t);

/* Gives inner back; the trial is good for line_trial_text() and line_trial_free() only. */
LineLink *line_trial_steal(LineTrial *t);

/* The next protocol is tried: each of its questions may be answered from memory once. Who asks again, did
 * not like the answer, and asks the device. */
void line_trial_next(LineTrial *t);

/* Whether anything has come from the device. */
bool line_trial_is_heard(const LineTrial *t) _pure_;

/* How many different questions the device has not answered. */
size_t line_trial_silences(const LineTrial *t) _pure_;

/* What was asked and what came: "Q1: "(NAK"; QS: nothing". NULL without memory. */
char *line_trial_text(const LineTrial *t);
