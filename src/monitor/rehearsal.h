/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* A walk through a shutdown that does nothing. */
typedef struct Rehearsal Rehearsal;

typedef struct RehearsalStep {
        const char *name;
        bool ok;
        uint64_t time_usec; /* it took, or would take */
        char *text;
} RehearsalStep;

/* Called once when the walk is over; it may free the rehearsal. */
typedef void (*RehearsalDone)(void *userdata, const RehearsalStep *steps, size_t n_steps);

/* done() is called from the event loop. */
int rehearsal_new(Monitor *m, RehearsalDone done, void *userdata, Rehearsal **ret);
Rehearsal *rehearsal_free(Rehearsal *r);
DEFINE_TRIVIAL_CLEANUP_FUNC(Rehearsal *, rehearsal_free);
