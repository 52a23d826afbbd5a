/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gateway.h"

/* Forced shutdown: the flag with which a primary tells everybody on a device to go down. Here it has an
 * owner, a reason and a time, and it ends: by an administrator, or when mains have been stable long
 * enough and nobody is logged in any more. */

struct ForcedShutdown {
        char *owner;              /* user@address, or who it was on the bus */
        char *reason;
        uint64_t since_usec;      /* CLOCK_REALTIME */
        uint64_t stable_since_usec; /* CLOCK_BOOTTIME since when the clear rule is met; 0: it is not */
        uint32_t slot;            /* see state.h */
};

/* Sets the flag and logs it; one that is set keeps its owner. 0 or -ENOMEM. */
int fsd_set(Gateway *g, Device *d, const char *owner, const char *reason);

/* Sets the flag as an earlier process left it, without a word. */
int fsd_restore(Gateway *g, Device *d, const char *owner, const char *reason, uint64_t since_usec,
                uint32_t slot);

/* Ends it and logs why; nothing when it is not set. */
void fsd_clear(Gateway *g, Device *d, const char *why);

/* Forgets the flag of a device that goes, or of all when the process ends: without a word, and without
 * touching the state that outlives us. */
void fsd_free(Device *d);

/* Applies the clear rule to all devices. now is CLOCK_BOOTTIME. */
void fsd_tick(Gateway *g, uint64_t now);
