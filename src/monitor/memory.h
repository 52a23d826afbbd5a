/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"
#include "notice.h"

typedef struct Monitor Monitor;

/* What the next process of this boot has to know so that a restart neither says nor does anything again:
 * what was said of each device, and which forced shutdown is left over from before the boot and ignored.
 * It is a file in the runtime directory, in the format of NUT's lexer:
 *
 *         boot <boot id>
 *         device <name> "<tokens said>" "<ignored silent>" <REPLBATT> <NOCOMM> "<alarms>" "<others>"
 *
 * with times of CLOCK_BOOTTIME at which these were said. */

/* More devices than that are not remembered. */
#define MEMORY_ENTRIES_MAX 2048U

typedef struct MemoryEntry {
        char *device;
        bool ignored, silent;
        StatusBits said;
        uint64_t replace_usec, no_comm_usec;
        char *alarms, *others; /* NULL: none */
} MemoryEntry;

typedef struct Memory {
        MemoryEntry *entries;
        size_t n_entries, n_allocated;
        char *written; /* what is in the file */
} Memory;

Memory *memory_new(void);
Memory *memory_free(Memory *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(Memory *, memory_free);

/* Of lines of this boot, all others are of no use. Lines that are amiss are left out. 0 or -ENOMEM. */
int memory_from_lines(const Conf *c, const char *boot_id, Memory **ret);

/* The file, in new memory. 0 or -ENOMEM. */
int memory_format(const Memory *t, const char *boot_id, char **ret);

/* What is remembered of a device, ignoring case, or NULL. */
const MemoryEntry *memory_find(const Memory *t, const char *device) _pure_;

/* The file of an earlier process; none is as good as an empty one. 0 or -ENOMEM. */
int memory_load(Monitor *m);

/* Supply i is new here: what is remembered of it holds. */
void memory_recall(Monitor *m, size_t i);

/* Writes down what has changed since, if anything has. */
void memory_save(Monitor *m);
