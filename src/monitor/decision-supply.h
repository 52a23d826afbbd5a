/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "decision.h"

/* One supply: what has to be remembered of it, and what follows. Only the start of a condition is
 * remembered, at the step that saw it; what time adds to it is computed from there. So it makes no
 * difference how often one steps. */

/* A rule about a value fires only when it was met for so long: devices err for one reading. */
#define RULE_HOLD_USEC (UINT64_C(5) * 1000000)

/* A value is beyond its limit again when it is so much beyond, in parts of the limit, and one unit at least.
 * */
#define RULE_HYSTERESIS_PART 20

/* The shortest silence that is taken for one, whatever the settings and the predicted runtime. */
#define SILENCE_MIN_USEC (UINT64_C(1) * 1000000)

/* How long after we took a forced shutdown back it may still be seen, and be ours. */
#define FORCED_ECHO_USEC (UINT64_C(10) * 1000000)

#define CAUSE_BIT(c) (1u << (c))

typedef struct SupplyMemory {
        SupplyReading last; /* the last that was believed; contact is CONTACT_NEVER if there was none */
        bool known;         /* there was a step */
        bool fresh;         /* the last step believed its reading */
        bool doubted;       /* it did not, but will if it stays like that for a while */

        /* Since when; USEC_INFINITY: it is not. */
        uint64_t unheard_usec;    /* watched, and never heard */
        uint64_t on_battery_usec; /* OB */
        uint64_t outage_usec;     /* OB that began or went on without a test */
        uint64_t low_usec;        /* OB and LB, no test */
        uint64_t off_usec;
        uint64_t forced_usec;     /* FSD is seen, whosever it is */
        uint64_t charge_usec;     /* the value is at its limit, in an outage */
        uint64_t runtime_usec;
        uint64_t predicted_usec;  /* the runtime is what it is; never USEC_INFINITY */
        uint64_t resumed_usec;    /* back from sleep, and no word since */

        /* What was critical when it fell silent stays so. */
        Cause latched;
        uint64_t latched_usec;

        bool leftover;           /* the FSD is one from before the boot */
        bool own;                /* we set FSD, ... */
        bool foreign;            /* ... and somebody else had before */
        uint64_t own_until_usec; /* a FSD that is first seen from then on is not ours */
        unsigned held;           /* causes that an administrator called off, as CAUSE_BIT() */

        SupplyView view;
        uint64_t critical_usec;   /* when it is, or was, critical; USEC_INFINITY: not by time */
        uint64_t uncounted_usec;  /* when it stops, or stopped, to count as good for another reason */
        uint64_t wakeup_usec;
} SupplyMemory;

void supply_memory_init(SupplyMemory *m);

/* Takes in a reading. */
void supply_observe(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, const SupplyReading *r,
                uint64_t now, bool early);

/* The machine slept until now. */
void supply_resume(SupplyMemory *m, uint64_t now);

/* Brings view and the times after it up to date. */
void supply_conclude(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, uint64_t now);

/* Whether there is a FSD that is not our own. */
bool supply_is_forced(const SupplyMemory *m) _pure_;

/* Whether FSD is ours and was not taken back. */
bool supply_is_forced_by_us(const SupplyMemory *m) _pure_;

/* We set FSD; we take it back; an administrator calls off what makes the supply critical now. */
void supply_force(SupplyMemory *m);
void supply_unforce(SupplyMemory *m, uint64_t now);
void supply_hold(SupplyMemory *m, const DecisionPolicy *p, const SupplyPolicy *s, uint64_t now);

/* When its battery is predicted to be empty, by a runtime that counts down from when it was first heard;
 * USEC_INFINITY when that is not known, or it is not on battery as far as one knows. */
uint64_t supply_empty_usec(const SupplyMemory *m) _pure_;

/* Whether there is no doubt about its mains. */
bool supply_is_good(const SupplyMemory *m) _pure_;

/* USEC_INFINITY is never reached. */
static inline bool usec_reached(uint64_t t, uint64_t now) {
        return t != UINT64_MAX && now >= t;
}
