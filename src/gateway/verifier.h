/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* Compares passwords with hashes on a thread of its own: that takes a tenth of a second by design, in which
 * thousands of other requests can be answered.
 *
 * Questions stand in lanes, one for each host that asks. The lanes take turns, so that a host which asks
 * much waits for itself only, and within a lane the first comes first. A question that is withdrawn costs
 * nothing any more unless it is the one being worked on. So there are never more questions than askers who
 * wait, and nobody need be turned away. Equal questions share one answer. */

typedef struct Verifier Verifier;
typedef struct Verification Verification;

/* The open questions of one host, all zero at first. It must stay where it is while there are any. */
typedef struct VerifierLane {
        Verification *first, *last;
        struct VerifierLane *next, *previous; /* those with questions, in the order of their turns */
} VerifierLane;

/* Called once, from the event loop. */
typedef void (*VerifierDone)(void *userdata, bool match);

/* The thread starts with the first question. */
int verifier_new(sd_event *event, Verifier **ret);

/* Waits for the comparison that is being made; open questions end without a word. Takes NULL, returns
 * NULL. */
Verifier *verifier_free(Verifier *v);
DEFINE_TRIVIAL_CLEANUP_FUNC(Verifier *, verifier_free);

/* Asks whether the hash is one of the password; both are copied. *ret is the open question, which ends
 * with the call of done(). 0 or a negative errno, and done() will not be called. */
int verifier_ask(Verifier *v, VerifierLane *lane, const char *hash, const char *password, VerifierDone done,
                void *userdata, Verification **ret);

/* Withdraws a question: done() will not be called. Takes NULL, returns NULL. */
Verification *verification_cancel(Verification *q);
