/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* True for errors after which the same call may simply be made again later. Takes either sign. */
static inline bool errno_is_transient(int r) {
        r = abs(r);
        return r == EAGAIN || r == EINTR || r == EINPROGRESS;
}

/* True when a local device is not there (any more). Takes either sign. */
static inline bool errno_is_device_gone(int r) {
        r = abs(r);
        return r == ENODEV || r == ENXIO || r == ENOENT || r == ESHUTDOWN;
}
