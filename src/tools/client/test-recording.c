/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recording.h"
#include "test-util.h"

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

int main(void) {
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
