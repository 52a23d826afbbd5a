/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* The memory that the devices of a process share: Driver.shared_size bytes. On the loop thread only. */

typedef struct SharedMemory SharedMemory;

/* Zeroed memory. 0 or -ENOMEM. */
int shared_memory_new(const Driver *driver, SharedMemory **ret);

/* Another reference, and one less: the last one calls Driver.shared_done(). unref takes NULL and returns
 * NULL. */
SharedMemory *shared_memory_ref(SharedMemory *m);
SharedMemory *shared_memory_unref(SharedMemory *m);
DEFINE_TRIVIAL_CLEANUP_FUNC(SharedMemory *, shared_memory_unref);

/* The bytes. */
void *shared_memory_get(SharedMemory *m);
