/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Assertions for the unit tests: they print both values and the place, and end the program with a
 * failure. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "string-util.h"

#define TEST_FAIL(...)                                                          \
        do {                                                                    \
                fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                 \
                fprintf(stderr, __VA_ARGS__);                                   \
                fputc('\n', stderr);                                            \
                abort();                                                        \
        } while (0)

#define ASSERT_TRUE(e)                                                          \
        do {                                                                    \
                if (!(e))                                                       \
                        TEST_FAIL("expected to hold: %s", #e);                  \
        } while (0)

#define ASSERT_FALSE(e) ASSERT_TRUE(!(e))

#define ASSERT_EQ(a, b)                                                         \
        do {                                                                    \
                intmax_t _a = (intmax_t) (a), _b = (intmax_t) (b);              \
                if (_a != _b)                                                   \
                        TEST_FAIL("%s is %jd, expected %s = %jd", #a, _a, #b, _b); \
        } while (0)

#define ASSERT_OK(e)                                                            \
        ({                                                                      \
                int _r = (e);                                                   \
                if (_r < 0)                                                     \
                        TEST_FAIL("%s failed: %s", #e, strerror(-_r));          \
                _r;                                                             \
        })

#define ASSERT_ERROR(e, err) ASSERT_EQ(e, -(err))

#define ASSERT_STREQ(a, b)                                                      \
        do {                                                                    \
                const char *_a = (a), *_b = (b);                                \
                if (!streq_ptr(_a, _b))                                         \
                        TEST_FAIL("%s is \"%s\", expected \"%s\"", #a, _a ?: "(null)", _b ?: "(null)"); \
        } while (0)
