/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "line-link.h"
#include "line-profile.h"

/* A link that remembers, for as long as it is being found out what a device speaks: many protocols begin
 * with the same question. An answer is used again, and a silence is not waited for a third time, unless
 * there is more time for the answer now, or the line has another speed. What was answered twice in a row
 * with the same is not asked again. */

typedef struct LineTrial LineTrial;

typedef enum LineTrialPace {
        LINE_TRIAL_PATIENT,
        LINE_TRIAL_BRISK,   /* As long as nothing has come from the device, it gets little time for each
                             * answer. The first one that comes after a silence is asked for anew, with all
                             * its time, as it may be a late one to another question. */
        LINE_TRIAL_HURRIED, /* Likewise, and then it gets little more time than its slowest answer took, and
                             * everything is asked once. */
} LineTrialPace;

/* Takes inner over on success. */
int line_trial_new(LineLink *inner, LineTrialPace pace, LineTrial **ret);
/* With its link, unless that was taken away. */
LineTrial *line_trial_free(LineTrial *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(LineTrial *, line_trial_free);

/* The link to try with; it stays the trial's. */
LineLink *line_trial_link(LineTrial *t);

/* Gives inner back; the trial is good for line_trial_text() and line_trial_free() only. */
LineLink *line_trial_steal(LineTrial *t);

/* The next protocol is tried: each of its questions may be answered from memory once. Who asks again, did
 * not like the answer, and asks the device. */
void line_trial_next(LineTrial *t, const LineProfile *profile);

/* What has come so far is not used again: noise may have been in it. */
void line_trial_forget(LineTrial *t);

/* From now on. What was asked in a hurry and not answered is asked once more without. */
void line_trial_set_pace(LineTrial *t, LineTrialPace pace);

/* Whether anything has come from the device. */
bool line_trial_is_heard(const LineTrial *t) _pure_;

/* Once after each time that the device was first heard behind a question for which it had little time: what
 * it seemed not to answer has to be asked again, and nothing that was found out counts. */
bool line_trial_take_hasty(LineTrial *t);

/* The profile that was the first to ask what was asked most; NULL: nothing was. */
const LineProfile *line_trial_most_asked(const LineTrial *t) _pure_;

/* If all was silent so far, and had little time: asks what was asked most, at the speed of the profile that
 * is tried now, with all the time that it may take. Errors as line_link_exchange(); 1 when something came.
 */
int line_trial_knock(LineTrial *t);

/* How many different questions the device has not answered. */
size_t line_trial_silences(const LineTrial *t) _pure_;

/* What was asked and what came: "Q1: "(NAK"; QS: nothing". NULL without memory. */
char *line_trial_text(const LineTrial *t);
