/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((__cleanup__(f)))
#define _printf_(fmt, first) __attribute__((__format__(__printf__, fmt, first)))
#define _unused_ __attribute__((__unused__))
#define _warn_unused_ __attribute__((__warn_unused_result__))
#define _pure_ __attribute__((__pure__))
#define _const_ __attribute__((__const__))
#define _sentinel_ __attribute__((__sentinel__))
#define _fallthrough_ __attribute__((__fallthrough__))

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CLAMP(x, low, high) MIN(MAX((x), (low)), (high))

/* Hands a pointer on: evaluates to its value and leaves NULL behind, so that a _cleanup_ does nothing. */
#define TAKE_PTR(p)                                     \
        ({                                              \
                __typeof__(p) *_pp = &(p);              \
                __typeof__(p) _p = *_pp;                \
                *_pp = NULL;                            \
                _p;                                     \
        })

/* The same for a file descriptor; -EBADF stays behind. */
#define TAKE_FD(fd)                                     \
        ({                                              \
                int *_fdp = &(fd);                      \
                int _fd = *_fdp;                        \
                *_fdp = -EBADF;                         \
                _fd;                                    \
        })

/* Generates the function that _cleanup_() needs from a destructor that takes NULL. */
#define DEFINE_TRIVIAL_CLEANUP_FUNC(type, func)         \
        static inline void func##p(type *p) {           \
                if (*p)                                 \
                        *p = func(*p);                  \
        }

static inline void freep(void *p) {
        free(*(void **) p);
}

#define _cleanup_free_ _cleanup_(freep)

/* Closes a descriptor, keeping errno; negative values are ignored. Returns -EBADF, to assign back. */
static inline int safe_close(int fd) {
        if (fd >= 0) {
                int saved_errno = errno;
                (void) close(fd);
                errno = saved_errno;
        }

        return -EBADF;
}

static inline void closep(int *fd) {
        *fd = safe_close(*fd);
}

#define _cleanup_close_ _cleanup_(closep)

/* Allocates an array of n objects; NULL on overflow or lack of memory. new0() zeroes them. */
#define new(t, n) ((t *) reallocarray(NULL, (n), sizeof(t)))
#define new0(t, n) ((t *) calloc((n) ?: 1, sizeof(t)))

/* Grows an array to hold at least n elements, amortised; evaluates to false without memory. */
#define GREEDY_REALLOC(array, allocated, n)                                                     \
        ({                                                                                      \
                size_t _need = (n);                                                             \
                bool _ok = true;                                                                \
                if (_need > (allocated)) {                                                      \
                        size_t _new = MAX(_need, (allocated) * 2);                              \
                        void *_q = reallocarray((array), MAX(_new, (size_t) 8), sizeof(*(array))); \
                        if (_q) {                                                               \
                                (array) = _q;                                                   \
                                (allocated) = MAX(_new, (size_t) 8);                            \
                        } else                                                                  \
                                _ok = false;                                                    \
                }                                                                               \
                _ok;                                                                            \
        })
