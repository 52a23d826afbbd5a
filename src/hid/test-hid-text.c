/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-text.h"

#include <math.h>

#include "test-util.h"

static const struct {
        const char *format;
        double value;
        const char *text;
} numbers[] = {
        { NULL,   100,               "100"   },
        { NULL,   99.5,              "100"   },
        { NULL,   -0.2,              "0"     },
        { "%.0f", 230.5,             "231"   },
        { "%.1f", 13.5,              "13.5"  },
        { "%.1f", 107.35,            "107.4" },
        { "%.1f", -107.35,           "-107.4" },
        { "%.1f", 230.04999,         "230.0" },
        { "%.2f", -0.001,            "0.00"  },
        { "%.3f", 1e-9,              "0.000" },
        { "%d",   2.5,               "3"     },
        { "%d",   -7,                "-7"    },
        { "%x",   255,               "ff"    },
        { "%s",   12,                "12"    },
        { NULL,   NAN,               ""      },
        { NULL,   INFINITY,          ""      },
        { "%d",   -INFINITY,         ""      },
        { "%x",   1e300,             ""      },
        { "%.9f", 1.25,              "1.250000000" },
};

static void test_numbers(void) {
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                _cleanup_free_ char *text = number_to_text(numbers[i].format, numbers[i].value);

                ASSERT_STREQ(text, numbers[i].text);
        }
}

static const struct {
        ProfileFunction function;
        int64_t raw;
        unsigned size_bits;
        const char *text;
} functions[] = {
        { PROFILE_FUNCTION_DATE,     (2024 - 1980) << 9 | 5 << 5 | 31, 16, "2024/05/31" },
        { PROFILE_FUNCTION_DATE,     0,          16, "not set"    },
        { PROFILE_FUNCTION_BCD_DATE, 0x102202,   24, "2002/10/22" },
        { PROFILE_FUNCTION_BCD_DATE, 0x010199,   24, "1999/01/01" },
        { PROFILE_FUNCTION_BCD_DATE, 0,          24, "not set"    },
        { PROFILE_FUNCTION_HEX,      0xbeef,     16, "0000beef"   },
        { PROFILE_FUNCTION_HEX,      -1,         16, "0000ffff"   },
        { PROFILE_FUNCTION_ASCII,    0x333231,   32, "123"        },
        { PROFILE_FUNCTION_ASCII,    0x07333231, 16, "12"         },
        { PROFILE_FUNCTION_ASCII,    0,          32, ""           },
        { PROFILE_FUNCTION_VERSION,  0x0102,     16, "1.2"        },
        { PROFILE_FUNCTION_VERSION,  7,          8,  "7"          },
        { PROFILE_FUNCTION_VERSION,  -1,         32, "255.255.255.255" },
        { PROFILE_FUNCTION_UNIX_DATE, 86400 * 365, 32, "1971/01/01" },
        { PROFILE_FUNCTION_UNIX_TIME, 3661,      32, "01:01:01"   },
        { PROFILE_FUNCTION_UNIX_TIME, 0,         32, ""           },
        { PROFILE_FUNCTION_NONE,      1,         8,  ""           },
};

static void test_functions(void) {
        for (size_t i = 0; i < ELEMENTSOF(functions); i++) {
                _cleanup_free_ char *text = function_text(functions[i].function, functions[i].raw,
                                functions[i].size_bits);

                ASSERT_STREQ(text, functions[i].text);
                ASSERT_EQ(function_makes_text(functions[i].function),
                                functions[i].function != PROFILE_FUNCTION_NONE);
        }
        ASSERT_FALSE(function_makes_text(PROFILE_FUNCTION_STRING));
}

static void test_dates(void) {
        static const struct {
                ProfileFunction function;
                const char *text;
                int64_t raw; /* -1: refused */
        } cases[] = {
                { PROFILE_FUNCTION_DATE,     "2024/05/31",  (2024 - 1980) << 9 | 5 << 5 | 31 },
                { PROFILE_FUNCTION_DATE,     "1979/05/31",  -1 },
                { PROFILE_FUNCTION_DATE,     "2108/01/01",  -1 },
                { PROFILE_FUNCTION_BCD_DATE, "2002/10/22",  0x102202 },
                { PROFILE_FUNCTION_BCD_DATE, "1999/01/01",  0x010199 },
                { PROFILE_FUNCTION_BCD_DATE, "2070/01/01",  -1 },
                { PROFILE_FUNCTION_DATE,     "2024/13/01",  -1 },
                { PROFILE_FUNCTION_DATE,     "2024/00/01",  -1 },
                { PROFILE_FUNCTION_DATE,     "2024/01/32",  -1 },
                { PROFILE_FUNCTION_DATE,     "2024/01/01x", -1 },
                { PROFILE_FUNCTION_DATE,     "2024-01-01",  -1 },
                { PROFILE_FUNCTION_DATE,     "",            -1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t raw = -1;
                int r = date_parse(cases[i].function, cases[i].text, &raw);

                ASSERT_EQ(r, cases[i].raw < 0 ? -EINVAL : 0);
                ASSERT_EQ(raw, cases[i].raw);
        }
}

static void test_delays(void) {
        static const struct {
                ProfileFunction function;
                double seconds;
                int64_t raw;
        } cases[] = {
                { PROFILE_FUNCTION_MINUTES_SECONDS, 90,   0x011e },
                { PROFILE_FUNCTION_SECONDS_MINUTES, 90,   0x1e01 },
                { PROFILE_FUNCTION_SWAPPED_MINUTES, 120,  0x0200 },
                { PROFILE_FUNCTION_SWAPPED_MINUTES, 60 * 258, 0x0201 },
                { PROFILE_FUNCTION_MINUTES_SECONDS, 0,    0      },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ASSERT_EQ(delay_pack(cases[i].function, cases[i].seconds), cases[i].raw);
                ASSERT_TRUE(delay_unpack(cases[i].function, cases[i].raw) == cases[i].seconds);
        }

        /* What does not fit is the longest, and never negative. */
        ASSERT_EQ(delay_pack(PROFILE_FUNCTION_MINUTES_SECONDS, 1e12) >> 8, 255);
        ASSERT_EQ(delay_pack(PROFILE_FUNCTION_MINUTES_SECONDS, -5), 0);
        ASSERT_EQ(delay_pack(PROFILE_FUNCTION_SWAPPED_MINUTES, 1e12), 0xffff);
}

static void test_lookup(void) {
        ProfileLookupEntry entries[] = {
                { .raw = 1, .text = (char *) "one" }, { .any = true, .text = (char *) "other" },
                { .raw = 2, .text = (char *) "ONE" }, { .raw = -1, .text = (char *) "none" },
        };
        ProfileLookup l = { .entries = entries, .n_entries = ELEMENTSOF(entries) };
        double raw;

        ASSERT_STREQ(lookup_text(&l, 1, 1), "one");
        ASSERT_STREQ(lookup_text(&l, 2, 1), "ONE");
        ASSERT_STREQ(lookup_text(&l, 9, 9), "other");
        l.n_entries = 1;
        ASSERT_STREQ(lookup_text(&l, 10, 1), "one");
        ASSERT_STREQ(lookup_text(&l, 9, 9), NULL);
        l.n_entries = ELEMENTSOF(entries);

        ASSERT_TRUE(lookup_raw(&l, "ONE", &raw) && raw == 2);
        ASSERT_TRUE(lookup_raw(&l, "one", &raw) && raw == 1);
        ASSERT_TRUE(lookup_raw(&l, "None", &raw) && raw == -1);
        ASSERT_FALSE(lookup_raw(&l, "other", &raw));
        ASSERT_FALSE(lookup_raw(&l, "", &raw));
}

static void test_curve(void) {
        struct ProfilePoint points[] = { { 0, 100 }, { 10, 50 }, { 10, 40 }, { 20, 0 } };
        ProfileCurve c = { .points = points, .n_points = ELEMENTSOF(points) };

        ASSERT_TRUE(curve_at(&c, -5) == 100);
        ASSERT_TRUE(curve_at(&c, 5) == 75);
        ASSERT_TRUE(curve_at(&c, 10) == 50);
        ASSERT_TRUE(curve_at(&c, 15) == 20);
        ASSERT_TRUE(curve_at(&c, 99) == 0);
        c.n_points = 0;
        ASSERT_TRUE(curve_at(&c, 5) == 5);
}

static void test_text_names(void) {
        char *pairs[] = { (char *) "PbAc", (char *) "PbAcid", (char *) "x", (char *) "", NULL };
        ProfileNames n = { .pairs = pairs };

        ASSERT_STREQ(names_text(&n, "PbAc"), "PbAcid");
        ASSERT_STREQ(names_text(&n, "PbAcid"), "PbAcid");
        ASSERT_STREQ(names_text(&n, "x"), "");
}

int main(void) {
        ASSERT_OK(setenv("TZ", "UTC", 1));
        test_numbers();
        test_functions();
        test_dates();
        test_delays();
        test_lookup();
        test_curve();
        test_text_names();
        return 0;
}
