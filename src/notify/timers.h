/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

/* The timers of upssched, without a clock: time comes in. */

/* More than any configuration starts; a flood of events must not fill the memory. */
#define TIMERS_MAX 1024U
#define TIMER_NOTES_MAX 64U

/* What happened, in the words that scripts get. Any of them may be NULL or empty. */
typedef struct TimerEvent {
        const char *type, *system, *message;
} TimerEvent;

typedef struct Timer {
        char *name;
        uint64_t due_usec;
        /* strv: what happened, without repetitions; more than one only for a shared timer. */
        char **types, **systems, **messages;
} Timer;

typedef struct Timers Timers;

Timer *timer_free(Timer *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Timer *, timer_free);

/* NULL without memory. */
Timers *timers_new(void);
Timers *timers_free(Timers *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Timers *, timers_free);

/* Starts a timer. One of that name may run already: then there are two, as with NUT, unless the new one is
 * shared: it joins the first of that name, whose time stays. Of what happens to a shared timer
 * TIMER_NOTES_MAX of each kind are kept. 1: there is a new timer, 0: joined, -E2BIG: too many timers,
 * -ENOMEM; nothing is changed then. */
int timers_start(Timers *t, const char *name, uint64_t due_usec, bool shared, const TimerEvent *event);

/* The same for one that is known with all it has. Takes the timer, on failure too. */
int timers_restore(Timers *t, Timer *timer);

/* Ends all timers of that name, and returns how many there were. */
size_t timers_cancel(Timers *t, const char *name);

/* The same for one UPS: it is taken off the timers of that name, and those end of which it was the last.
 * Without a system this is timers_cancel(). Returns how many timers were about the UPS. */
size_t timers_cancel_matched(Timers *t, const char *name, const char *system);

/* When the next one is due; UINT64_MAX without any. */
uint64_t timers_due(const Timers *t) _pure_;

/* Takes out the one that was due first, if that is not later than now; NULL if none is. */
Timer *timers_take_due(Timers *t, uint64_t now_usec);

/* All of them, in the order in which they were started. */
size_t timers_count(const Timers *t) _pure_;
const Timer *timers_get(const Timers *t, size_t i) _pure_;
