/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

/* What a device was like at a moment, to tell later what changed, also while nobody listened. */

typedef struct Snapshot {
        Freshness freshness;
        char **pairs; /* strv: name, value, ... in the model's order */
} Snapshot;

/* NULL without memory. */
Snapshot *snapshot_new(const Model *m);
Snapshot *snapshot_free(Snapshot *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Snapshot *, snapshot_free);

/* One variable that differs; the strings are those of the snapshots. */
typedef struct Difference {
        const char *name, *before, *after; /* before is NULL for a new one, after for one that went */
} Difference;

/* Variables that differ, ended by a NULL name, as one block of memory; NULL without memory. */
Difference *snapshot_compare(const Snapshot *before, const Snapshot *after);
