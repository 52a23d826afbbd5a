/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "monitor.h"

/* What the monitor writes into its history. Nothing here fails: a shutdown does not wait for its record. */

/* Reads the history, and finds out what became of a shutdown that was under way when we ended. */
void record_load(Monitor *m);

/* A shutdown has begun, or what decided is another now. Kept in memory. */
void record_decision(Monitor *m);

/* Something happened in the shutdown that is under way; nothing when there is none. Kept in memory. */
void record_event(Monitor *m, const char *text);

/* The machine is being asked to power off. On the disk at the return. */
void record_request(Monitor *m);

/* The shutdown that is under way is over. On the disk at the return. */
void record_outcome(Monitor *m, Outcome outcome);

/* Puts all on the disk. */
void record_save(Monitor *m);
