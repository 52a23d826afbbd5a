/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* Results of SET and INSTCMD for clients that asked to follow them. */

#define TRACKING_ID_LENGTH 36U
#define TRACKING_PER_OWNER_MAX 64U
#define TRACKING_MAX 1024U

typedef struct TrackingTable TrackingTable;

TrackingTable *tracking_table_new(void);
TrackingTable *tracking_table_free(TrackingTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(TrackingTable *, tracking_table_free);

/* Starts to follow a write and gives it an id that cannot be guessed. When the owner (or the table) has too
 * many, the oldest goes. now is CLOCK_BOOTTIME. 0 or a negative errno. */
int tracking_add(TrackingTable *t, const char *owner, uint64_t now,
                char ret_id[static TRACKING_ID_LENGTH + 1]);

/* Notes a device's verdict, see bus-error.h; nothing when the id is gone. */
void tracking_finish(TrackingTable *t, const char *id, int r);

/* What GET TRACKING answers: "PENDING", "SUCCESS", or "ERR ..."; an id that is not known is "ERR
 * UNKNOWN". */
const char *tracking_result(TrackingTable *t, const char *id) _pure_;

/* Forgets what began before the time. */
void tracking_expire(TrackingTable *t, uint64_t before);

size_t tracking_count(const TrackingTable *t) _pure_;
