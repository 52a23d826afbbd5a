/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A gateway that is killed: from one moment on nothing that it does has an effect any more. In this process
 * it goes on to the end of its turn and is freed, but its sockets lead nowhere, and what is in the state is
 * what was there at that moment.
 *
 * The moments are before and after each call by which the server reads, writes, or saves something. */

typedef struct Stage Stage;

typedef struct Crash {
        unsigned moments; /* how many of them are left until it comes; 0: none is to come */
        bool happened;
        int state_fd;     /* what the state was then */
        uint64_t in_hand; /* cookie of the client whose request was being answered, or 0 */
} Crash;

/* From now until crash_disarm() the moments are counted. */
void crash_arm(Stage *g);
void crash_disarm(void);

/* Now. */
void crash_happen(Stage *g);
