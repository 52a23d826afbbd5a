/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* TCP_LISTEN of the kernel. */
#define STATE_LISTEN 0x0AU

/* The kernel writes addresses as 32-bit numbers of the machine. */
static bool parse_address(const char *hex, size_t n, char *ret, size_t size) {
        uint32_t words[4];
        size_t count = n / 8;

        if (n != 8 && n != 32)
                return false;
        for (size_t i = 0; i < count; i++) {
                char word[9] = {};

                memcpy(word, hex + i * 8, 8);
                for (size_t j = 0; j < 8; j++)
                        if (!isxdigit((unsigned char) word[j]))
                                return false;
                words[i] = (uint32_t) strtoul(word, NULL, 16);
        }
        return inet_ntop(count == 1 ? AF_INET : AF_INET6, words, ret, (socklen_t) size);
}

bool listener_parse(const char *line, Listener *ret) {
        unsigned port, state;
        char local[65];
        uint64_t inode;

        if (sscanf(line, " %*u: %64[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*4x %2x %*s %*s %*s %*u %*u %" SCNu64,
                    local, &port, &state, &inode) != 4 ||
                state != STATE_LISTEN)
                return false;
        *ret = (Listener){.port = (uint16_t) port, .inode = inode};
        return parse_address(local, strlen(local), ret->address, sizeof(ret->address));
}
