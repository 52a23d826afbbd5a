/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "decision-supply.h"

/* Shared by decision.c (the step) and decision-life.c (the rest). */

/* How a shutdown ends. */
typedef enum Ending {
        ENDING_POWER_OFF,
        ENDING_EXTERNAL, /* somebody else powers off */
        ENDING_STAY,     /* this machine shuts down others, and stays up */
} Ending;

struct Decision {
        size_t n;
        bool early;
        uint64_t now_usec;

        HostState state;
        uint64_t since_usec; /* when it was entered */
        uint64_t external_usec; /* when somebody else began, of ENDING_EXTERNAL */
        Ending ending;
        Cause cause;
        size_t decisive;
        bool by_administrator;
        bool announced;      /* that we wait */
        bool told;           /* somebody was logged in while FSD was set, or it cannot be taken back */
        bool committed;      /* a power-off was asked for */
        bool renewed;        /* a stage had its time again after a sleep */
        unsigned failures;
        uint64_t stable_usec; /* since when all that we forced are good; USEC_INFINITY: they are not */

        unsigned power_value;
        Cancellation cancellation;
        uint64_t deadline_usec, wakeup_usec;
        SupplyMemory *supplies;
};
