/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "macro.h"

/* Compares passwords with hashes on a thread of its own: that takes a tenth of a second by design, in which
 * thousands of other requests can be answered.
 *
 * Questions stand in lanes, which take turns, so that who asks much waits for itself only; within a lane the
 * first comes first. There is one for each network, and one for each address to be used by those who were
 * right there before: these go first, but not for ever. A question that is withdrawn costs nothing any more
 * unless it is the one being worked on. So there are never more questions than askers who wait, and nobody
 * need be turned away. Equal questions share one answer. */

typedef struct Verifier Verifier;
typedef struct Verification Verification;

/* Open questions, all zero at first but for the flag. It must stay where it is while there are any. */
typedef struct VerifierLane {
        bool known; /* of those who were right before */
        Verification *first, *last;
        struct VerifierLane *next, *previous; /* others of its kind with questions, the next turn first */
} VerifierLane;

/* Called once, from the event loop. */
typedef void (*VerifierDone)(void *userdata, bool match);

/* Starts the thread, so that later nothing but memory can be missing. */
int verifier_new(sd_event *event, Verifier **ret);

/* Waits for the comparison that is being made; open questions end without a word. Takes NULL, returns
 * NULL. */
Verifier *verifier_free(Verifier *v);
DEFINE_TRIVIAL_CLEANUP_FUNC(Verifier *, verifier_free);

/* Asks whether the hash is one of the password; both are copied. *ret is the open question, which ends
 * with the call of done(). 0 or -ENOMEM, and done() will not be called. */
int verifier_ask(Verifier *v, VerifierLane *lane, const char *hash, const char *password, VerifierDone done,
                void *userdata, Verification **ret);

/* Withdraws a question: done() will not be called. Takes NULL, returns NULL. */
Verification *verification_cancel(Verification *q);
