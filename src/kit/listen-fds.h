/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "macro.h"

/* The listening sockets that the service manager passed to the process. They stay open all the time, so a
 * device that is taken away and comes back by a reload finds its own again. */

typedef struct ListenFd {
        char *path;
        int fd;
} ListenFd;

typedef struct ListenFds {
        ListenFd *fds;
        size_t n_fds;
} ListenFds;

/* Takes those of the environment. Descriptors of another kind are left alone. */
int listen_fds_take(ListenFds *ret);

/* Closes them. */
void listen_fds_done(ListenFds *l);

/* The socket bound to a path, or -ENOENT; it stays the list's. l may be NULL. */
int listen_fds_find(const ListenFds *l, const char *path);
