/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "duration.h"
#include "test-util.h"
#include "time-util.h"

static void test_parse(void) {
        static const struct {
                const char *text;
                int result;
                uint64_t msec;
        } cases[] = {
                { "0", 0, 0 },
                { "90", 0, 90000 },
                { "0.25", 0, 250 },
                { "300s", 0, 300000 },
                { "300 s", 0, 300000 },
                { "5min", 0, 300000 },
                { "5m", 0, 300000 },
                { "2.5h", 0, 9000000 },
                { "1h30min", 0, 5400000 },
                { "1h 30 min 5 sec", 0, 5405000 },
                { "1 day", 0, 86400000 },
                { "2days 1second", 0, 172801000 },
                { "36500d", 0, UINT64_C(36500) * 86400000 },
                { "36501d", -ERANGE, 0 },
                { "99999999999999999999999", -ERANGE, 0 },
                { "0000000000000000000000000000000000000001", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { " 1", -EINVAL, 0 },
                { "1 ", -EINVAL, 0 },
                { "1s ", -EINVAL, 0 },
                { "1  s", -EINVAL, 0 },
                { "s", -EINVAL, 0 },
                { ".", -EINVAL, 0 },
                { "1.2.3", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { "1e3", -EINVAL, 0 },
                { "1S", -EINVAL, 0 },
                { "1 fortnight", -EINVAL, 0 },
                { "30min1h", -EINVAL, 0 },
                { "1h1h", -EINVAL, 0 },
                { "1h30", -EINVAL, 0 },
                { "10%", -EINVAL, 0 },
                { "inf", -EINVAL, 0 },
                { "nan", -EINVAL, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t usec = 42;

                if (duration_parse(cases[i].text, &usec) != cases[i].result)
                        TEST_FAIL("\"%s\" is %d, expected %d", cases[i].text,
                                  duration_parse(cases[i].text, &usec), cases[i].result);
                ASSERT_EQ(usec, cases[i].result < 0 ? 42 : cases[i].msec * USEC_PER_MSEC);
        }
}

static void test_format(void) {
        static const struct {
                uint64_t usec;
                const char *text;
        } cases[] = {
                { 0, "0 s" },
                { 999, "0 ms" },
                { 250000, "250 ms" },
                { 1999999, "1 s" },
                { 59 * USEC_PER_SEC, "59 s" },
                { 60 * USEC_PER_SEC, "1 min" },
                { 190 * USEC_PER_SEC, "3 min 10 s" },
                { 3600 * USEC_PER_SEC, "1 h" },
                { 3659 * USEC_PER_SEC, "1 h" },
                { 3900 * USEC_PER_SEC, "1 h 5 min" },
                { (2 * 86400 + 3 * 3600) * USEC_PER_SEC, "2 d 3 h" },
                { UINT64_MAX - 1, "213503982 d 8 h" },
                { UINT64_MAX, "never" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buffer[DURATION_TEXT_MAX];

                duration_format(buffer, sizeof(buffer), cases[i].usec);
                ASSERT_STREQ(buffer, cases[i].text);
        }
}

int main(void) {
        test_parse();
        test_format();
        return 0;
}
