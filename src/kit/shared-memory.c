/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shared-memory.h"

#include <stdlib.h>

struct SharedMemory {
        const Driver *driver;
        unsigned n_ref;
        max_align_t bytes[];
};

int shared_memory_new(const Driver *driver, SharedMemory **ret) {
        SharedMemory *m = calloc(1, sizeof(SharedMemory) + driver->shared_size);

        if (!m)
                return -ENOMEM;

        m->driver = driver;
        m->n_ref = 1;
        *ret = m;
        return 0;
}

SharedMemory *shared_memory_ref(SharedMemory *m) {
        m->n_ref++;
        return m;
}

SharedMemory *shared_memory_unref(SharedMemory *m) {
        if (!m || --m->n_ref > 0)
                return NULL;

        if (m->driver->shared_done)
                m->driver->shared_done(m->bytes);
        free(m);
        return NULL;
}

void *shared_memory_get(SharedMemory *m) {
        return m->bytes;
}
