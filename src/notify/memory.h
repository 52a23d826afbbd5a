/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "notice-feed.h"
#include "schedule.h"

/* What is kept over a restart of the service, in a file of its runtime directory: how far notices were told,
 * and the timers. */

typedef struct Memory {
        NoticeMark wall, exec;
} Memory;

/* Reads the file, and gives the timers that it has to sched. A file that is not there is empty. What makes
 * no sense is reported and left out. */
int memory_load(const char *path, Memory *ret, Sched *sched);

/* Replaces the file. */
int memory_save(const char *path, const Memory *m, const Timers *timers);
