/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording.h"
#include "test-util.h"
#include "tool.h"

static const struct {
        const char *before, *after, *changes; /* lines separated by | */
} cases[] = {
        { "",               "",                    ""             },
        { "",               "a.b: 1|c.d: x y",     "a.b: 1\nc.d: x y\n" },
        { "a.b: 1|c.d: x",  "a.b: 1|c.d: x",       ""             },
        { "a.b: 1|c.d: x",  "a.b: 2|c.d: x",       "a.b: 2\n"     },
        { "a.b: 1|a.bc: x", "a.bc: x",             "a.b:\n"       },
        { "a.b: 1|c.d: x",  "a.b: |c.d: x|e.f: 9", "a.b: \ne.f: 9\n" },
        { "a.b: 1",         "",                    "a.b:\n"       },
};

static void test_next(void) {
        static const struct {
                uint64_t due, interval, now, next;
        } times[] = {
                { 100, 10, 100, 110 },
                { 100, 10, 103, 110 },
                { 100, 10, 95,  100 }, /* a signal asked for it */
                { 100, 10, 110, 120 },
                { 100, 10, 995, 1005 },
                { 100, UINT64_MAX, 100, UINT64_MAX },
        };

        for (size_t i = 0; i < ELEMENTSOF(times); i++)
                ASSERT_EQ(tool_next_usec(times[i].due, times[i].interval, times[i].now), times[i].next);
}

int main(void) {
        test_next();
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_strv_free_ char **before = NULL, **after = NULL;
                _cleanup_free_ char *changes = NULL;

                ASSERT_OK(strv_split(cases[i].before, "|", &before));
                ASSERT_OK(strv_split(cases[i].after, "|", &after));
                ASSERT_OK(recording_changes(before, after, &changes));
                ASSERT_STREQ(changes, cases[i].changes);
        }
        return 0;
}
