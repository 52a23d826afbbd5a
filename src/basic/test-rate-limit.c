/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rate-limit.h"
#include "test-util.h"

int main(void) {
        RateLimit l = { .interval_usec = 100, .burst = 2 }, none = {};
        unsigned suppressed;

        ASSERT_TRUE(rate_limit_allow(&l, 1000, &suppressed));
        ASSERT_TRUE(rate_limit_allow(&l, 1001, &suppressed));
        ASSERT_EQ(suppressed, 0);
        for (int i = 0; i < 7; i++)
                ASSERT_FALSE(rate_limit_allow(&l, 1099, &suppressed));

        ASSERT_TRUE(rate_limit_allow(&l, 1100, &suppressed));
        ASSERT_EQ(suppressed, 7);
        ASSERT_TRUE(rate_limit_allow(&l, 1101, &suppressed));
        ASSERT_EQ(suppressed, 0);
        ASSERT_FALSE(rate_limit_allow(&l, 1102, &suppressed));

        ASSERT_EQ(rate_limit_flush(&l, 1199), 0);
        ASSERT_EQ(rate_limit_flush(&l, 1200), 1);
        ASSERT_EQ(rate_limit_flush(&l, 1200), 0);
        ASSERT_TRUE(rate_limit_allow(&l, 1201, &suppressed));
        ASSERT_EQ(suppressed, 0);

        for (int i = 0; i < 100; i++)
                ASSERT_TRUE(rate_limit_allow(&none, 5, &suppressed));
        return 0;
}
