/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"

/* A TCP socket that listens. */
typedef struct Listener {
        char address[64]; /* as inet_ntop() has it */
        uint16_t port;
        uint64_t inode;
} Listener;

/* What a line of /proc/net/tcp or tcp6 says, if it is of a socket that listens. */
bool listener_parse(const char *line, Listener *ret);
