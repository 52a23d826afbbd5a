/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "value-function.h"
#include "macro.h"
#include "test-util.h"

static const struct {
        const char *name, *argument, *text;
        const char *expected; /* NULL: error */
        int error;
} cases[] = {
        { "tenths-or-minutes", NULL, "0",    ".0"                },
        { "tenths-or-minutes", NULL, "12",   ".2"                },
        { "tenths-or-minutes", NULL, "17",   ".2"                },
        { "tenths-or-minutes", NULL, "59",   ".9"                },
        { "tenths-or-minutes", NULL, "60",   "01"                },
        { "tenths-or-minutes", NULL, "5999", "99"                },
        { "tenths-or-minutes", NULL, "6000", NULL,       -EINVAL },
        { "tenths-or-minutes", NULL, "-6",   NULL,       -EINVAL },
        { "tenths-or-minutes", NULL, "soon", NULL,       -EINVAL },
        { "seconds-of-tenths", NULL, ".2",   "12"                },
        { "seconds-of-tenths", NULL, "01",   "60"                },
        { "seconds-of-tenths", NULL, "0010", "600"               },
        { "seconds-of-tenths", NULL, ".22",  NULL,       -EINVAL },
        { "seconds-of-tenths", NULL, ".",    NULL,       -EINVAL },
        { "date", NULL, "20240531",          "2024/05/31"        },
        { "date", NULL, "240531",            "2024/05/31"        },
        { "date", NULL, "2024-05-31",        "2024/05/31"        },
        { "date", NULL, "20241331",          NULL,       -EINVAL },
        { "date", NULL, "2024053",           NULL,       -EINVAL },
        { "date", NULL, "202405311",         NULL,       -EINVAL },
        { "short-date", NULL, "2024/05/31",  "240531"            },
        { "short-date", NULL, "2024/05/32",  NULL,       -EINVAL },
        { "short-date", NULL, "2024/05/31x", NULL,       -EINVAL },
        { "from-us-date", NULL, "05/31/2024", "2024-05-31"       },
        { "from-us-date", NULL, "5/1/2024",  "2024-05-01"        },
        { "from-us-date", NULL, "31/05/2024", NULL,      -EINVAL },
        { "from-us-date", NULL, "05/31/24",  NULL,       -EINVAL },
        { "from-us-date", NULL, "05/31/2024 ", NULL,     -EINVAL },
        { "us-date", NULL, "2024-05-31",     "05/31/2024"        },
        { "us-date", NULL, "2024-31-05",     NULL,       -EINVAL },
        { "us-date", NULL, "today",          NULL,       -EINVAL },
        { "time", NULL, "2359",              "23:59"             },
        { "time", NULL, "23:59:01",          "23:59:01"          },
        { "time", NULL, "2459",              NULL,       -EINVAL },
        { "time", NULL, "23x59",             NULL,       -EINVAL },
        { "time", NULL, "",                  NULL,       -EINVAL },
        { "elapsed", "seconds", "1:02:03",   "3723"              },
        { "elapsed", "seconds", "1:1:1:1",   "90061"             },
        { "elapsed", "minutes", "10:30",     "37800"             },
        { "elapsed", "hours", "7",           "25200"             },
        { "elapsed", "seconds", "1:1:1:1:1", NULL,       -EINVAL },
        { "elapsed", "seconds", "1::1",      NULL,       -EINVAL },
        { "elapsed", "seconds", "1:",        NULL,       -EINVAL },
        { "elapsed", "weeks", "1",           NULL,       -EINVAL },
        { "to-elapsed", NULL, "0",           "0000:00:00:00"     },
        { "to-elapsed", NULL, "90061",       "0001:01:01:01"     },
        { "to-elapsed", NULL, "864000000",   NULL,       -EINVAL },
        { "to-elapsed", NULL, "-1",          NULL,       -EINVAL },
        { "letter-list", "p", "EpashcjDbroegfl", "enabled"       },
        { "letter-list", "b", "EpashcjDbroegfl", "disabled"      },
        { "letter-list", "z", "EpashcjDbroegfl", NULL,  -ENODATA },
        { "letter-list", "a", "DaEb",        "disabled"          },
        { "letter-list", "a", "EaDa",        NULL,       -EINVAL },
        { "letter-list", "a", "aEb",         NULL,       -EINVAL },
        { "letter-list", "a", "Ea b",        NULL,       -EINVAL },
        { "upper", NULL, "aB1",              "AB1"               },
        { "lower", NULL, "aB1",              "ab1"               },
        { "digits", NULL, "a1-2 3",          "123"               },
        { "without", "#-", "#a-b#",          "ab"                },
        { "bits", NULL, "9e",                "10011110"          },
        { "bits", NULL, "9g",                NULL,       -EINVAL },
        { "hex-text", NULL, "41420043",      "AB"                },
        { "hex-text", NULL, "4",             NULL,       -EINVAL },
        { "hex-text", NULL, "4101",          NULL,       -EINVAL },
        { "bcd", NULL, "0120",               "120"               },
        { "bcd", NULL, "0000",               "0"                 },
        { "bcd", NULL, "1a",                 NULL,       -EINVAL },
        { "hex-words", NULL, "6c0120352028021220d0", "6c01 35 1312 d0" },
        { "hex-words", NULL, "280028052828", "0d280528" "28"     },
        { "hex-words", NULL, "28",           "28"                },
        { "hex-words", NULL, "2",            NULL,       -EINVAL },
        { "mixed", NULL, "23538084",         "#S8084"            },
        { "mixed", NULL, "2353808",          NULL,       -EINVAL },
        { "mixed", NULL, "23x3",             NULL,       -EINVAL },
        { "sum", NULL, "1 2.5 -1",           "2.5"               },
        { "sum", NULL, "1 x",                NULL,       -EINVAL },
        { "sum", NULL, "",                   NULL,       -EINVAL },
        { "mean", NULL, "1,2",               "1.5"               },
        { "least", NULL, "3 1 2",            "1"                 },
        { "greatest", NULL, "3 1 2",         "3"                 },
        { "product", NULL, "3 2 -2",         "-12"               },
        { "product", NULL, "3 x",            NULL,       -EINVAL },
        { "difference", NULL, "01 1",        "0"                 },
        { "difference", NULL, "3 1 0.5",     "1.5"               },
        { "quotient", NULL, "3 2",           "1.5"               },
        { "quotient", NULL, "3 0",           NULL,       -EINVAL },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const ValueFunction *f = value_function_find(cases[i].name);
                _cleanup_free_ char *result = NULL;
                int r;

                ASSERT_TRUE(f);
                ASSERT_EQ(f->takes_argument, cases[i].argument != NULL);
                r = f->run(cases[i].text, cases[i].argument, &result);
                if (r != cases[i].error || !streq_ptr(result, cases[i].expected))
                        TEST_FAIL("%s of \"%s\" is %s (%d)", f->name, cases[i].text, result ?: "none", r);
        }
}

/* Whatever the device says, and whatever a profile gives as argument. */
static void test_anything(void) {
        static const char *const texts[] = { "", " ", "\x80", "E", "D", "28", "0", ":", "-", ".", "/",
                "1e308",
                "99999999999999999999", "99999999999999999999:1", "-1/-1/-1", "EE", "2800" };
        size_t n;
        const ValueFunction *functions = value_functions(&n);

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < ELEMENTSOF(texts); k++) {
                        _cleanup_free_ char *result = NULL;
                        int r = functions[i].run(
                                texts[k], functions[i].takes_argument ? "a" : NULL, &result);

                        ASSERT_TRUE(r == 0 || r == -EINVAL || r == -ENODATA);
                        ASSERT_EQ(r == 0, result != NULL);
                }
}

static void test_all_are_tried(void) {
        size_t n;
        const ValueFunction *functions = value_functions(&n);

        for (size_t i = 0; i < n; i++) {
                bool tried = false;

                ASSERT_FALSE(isempty(functions[i].help));
                ASSERT_TRUE(value_function_find(functions[i].name) == &functions[i]);
                for (size_t k = 0; k < ELEMENTSOF(cases); k++)
                        tried = tried || streq(cases[k].name, functions[i].name);
                if (!tried)
                        TEST_FAIL("nothing tries %s", functions[i].name);
        }
        ASSERT_TRUE(value_function_find("no-such") == NULL);
}

int main(void) {
        test_cases();
        test_anything();
        test_all_are_tried();
        return 0;
}
