/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* FNV-1a of 64 bits: tells texts apart that nobody has made alike on purpose. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* Goes on with a hash; the first begins with HASH_BEGIN. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n) {
        const uint8_t *b = bytes;

        for (size_t i = 0; i < n; i++)
                hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
        return hash;
}

/* A text, or part of a whole, with its length: two texts in a row are not what they are as one. */
static inline uint64_t hash_part(uint64_t hash, const void *bytes, size_t n) {
        uint64_t length = n;

        return hash_bytes(hash_bytes(hash, &length, sizeof(length)), bytes, n);
}
