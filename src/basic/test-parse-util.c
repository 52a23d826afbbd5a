/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parse-util.h"
#include "test-util.h"

static void test_integers(void) {
        static const struct {
                const char *text;
                int result;
                int64_t value;
        } cases[] = {
                { "0", 0, 0 },
                { "-1", 0, -1 },
                { "100", 0, 100 },
                { "0017", 0, 17 },
                { "101", -ERANGE, 0 },
                { "-11", -ERANGE, 0 },
                { "9223372036854775808", -ERANGE, 0 },
                { "99999999999999999999999", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "-", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { " 1", -EINVAL, 0 },
                { "1 ", -EINVAL, 0 },
                { "1.0", -EINVAL, 0 },
                { "0x10", -EINVAL, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t v = 42;

                ASSERT_EQ(parse_int64(cases[i].text, -10, 100, &v), cases[i].result);
                ASSERT_EQ(v, cases[i].result < 0 ? 42 : cases[i].value);
        }

        int64_t v;
        ASSERT_OK(parse_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
        ASSERT_TRUE(v == INT64_MIN);

        uint64_t u;
        ASSERT_OK(parse_uint64("18446744073709551615", 0, UINT64_MAX, &u));
        ASSERT_TRUE(u == UINT64_MAX);
        ASSERT_ERROR(parse_uint64("-1", 0, UINT64_MAX, &u), EINVAL);
        ASSERT_ERROR(parse_uint64("18446744073709551616", 0, UINT64_MAX, &u), ERANGE);
}

static void test_fractions(void) {
        static const char *const bad[] = {
                "", " 1", "1 ", "0x1p3", "nan", "inf", "1,5", "1.5V", ".", "--1",
        };
        double d;
        uint64_t usec;

        ASSERT_OK(parse_double("-6437.05", &d));
        ASSERT_TRUE(d == -6437.05);
        ASSERT_OK(parse_double("1e3", &d));
        ASSERT_TRUE(d == 1000);
        ASSERT_ERROR(parse_double("1e999", &d), ERANGE);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_ERROR(parse_double(bad[i], &d), EINVAL);

        ASSERT_OK(parse_seconds("2.5", &usec));
        ASSERT_EQ(usec, 2500000);
        ASSERT_ERROR(parse_seconds("-1", &usec), ERANGE);
        ASSERT_ERROR(parse_seconds("1e300", &usec), ERANGE);
}

static void test_booleans(void) {
        bool b;

        ASSERT_OK(parse_boolean("YES", &b));
        ASSERT_TRUE(b);
        ASSERT_OK(parse_boolean("off", &b));
        ASSERT_FALSE(b);
        ASSERT_ERROR(parse_boolean("", &b), EINVAL);
        ASSERT_ERROR(parse_boolean("2", &b), EINVAL);
        ASSERT_ERROR(parse_boolean(NULL, &b), EINVAL);
}

int main(void) {
        test_integers();
        test_fractions();
        test_booleans();
        return 0;
}
