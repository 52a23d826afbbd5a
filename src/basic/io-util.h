/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Reads up to size bytes. Returns how many there are, or a negative errno. */
ssize_t fd_read_all(int fd, char *buf, size_t size);

/* The same for a file. No NUL is added: leave room for it. */
ssize_t path_read(const char *path, char *buf, size_t size);
