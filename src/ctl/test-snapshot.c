/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "snapshot.h"

#include "test-util.h"

/* Makes a snapshot of "name=value name=value". */
static Snapshot *snapshot_of(const char *variables) {
        _cleanup_(update_freep) Update *u = update_new();
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_strv_free_ char **words = NULL;
        Snapshot *s;

        ASSERT_TRUE(u && m);
        ASSERT_OK(strv_split(variables, " ", &words));
        STRV_FOREACH(w, words) {
                char *equals = strchr(*w, '=');

                *equals = '\0';
                ASSERT_OK(update_set(u, *w, equals + 1));
        }
        ASSERT_OK(update_freshness(u, FRESHNESS_FRESH));
        ASSERT_OK(model_apply(m, u, NULL));

        s = snapshot_new(m);
        ASSERT_TRUE(s);
        ASSERT_EQ(s->freshness, FRESHNESS_FRESH);
        return s;
}

/* The difference as "name:before>after", with nothing for what is not there. */
static char *describe(const Difference *d) {
        char *text = strdup("");

        for (; d->name; d++) {
                char *longer = strprintf("%s%s%s:%s>%s", text, text[0] ? " " : "", d->name,
                                         strempty(d->before), strempty(d->after));

                free(text);
                text = longer;
        }

        return text;
}

static void test_compare(void) {
        static const struct {
                const char *before, *after, *difference;
        } cases[] = {
                { "", "", "" },
                { "a.b=1", "a.b=1", "" },
                { "a.b=1", "a.b=2", "a.b:1>2" },
                { "a.b=1", "", "a.b:1>" },
                { "", "a.b=1", "a.b:>1" },
                { "a.b=1 c.d=2", "c.d=2 e.f=3", "a.b:1> e.f:>3" },
                { "A.b=1", "a.B=2", "a.B:1>2" },
                { "b.b=1 b.c=1 b.d=1", "b.a=1 b.c=2 b.e=1", "b.a:>1 b.b:1> b.c:1>2 b.d:1> b.e:>1" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snapshot_freep) Snapshot *before = snapshot_of(cases[i].before);
                _cleanup_(snapshot_freep) Snapshot *after = snapshot_of(cases[i].after);
                _cleanup_free_ Difference *difference = snapshot_compare(before, after);
                _cleanup_free_ char *text = NULL;

                ASSERT_TRUE(difference);
                text = describe(difference);
                ASSERT_STREQ(text, cases[i].difference);
        }
}

int main(void) {
        test_compare();
        return 0;
}
