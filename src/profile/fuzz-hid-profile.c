/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Profiles, and the questions that are asked of them. */

#include "hid-profile.h"
#include "test-conf-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const ProfilePath *path) {
        static const HidStep steps[] = { { 0x00840004, 0 }, { 0x00840024, 0 }, { 0x00840030, 1 } };

        ASSERT_TRUE(path->n_steps <= PROFILE_STEPS_MAX);
        for (size_t n = 0; n <= ELEMENTSOF(steps); n++)
                (void) profile_path_matches(path, &(HidField) { .path = steps, .n_path = n });
}

static void check_profile(HidProfile *p) {
        const HidIdentity identity = {
                .vendor_id = 0x1234, .product_id = 0x5678, .vendor = (char *) "Example",
                .product = (char *) "Example Tower 1000 RT",
        };
        const HidProfiles profiles = { &p, 1 };
        HidProfile *chosen;
        size_t n = 0;

        for (int t = 0; t < _PROFILE_ROW_TYPE_MAX; t++)
                for (size_t i = 0; i < p->n_rows[t]; i++, n++) {
                        const ProfileRow *row = &p->rows[t][i];

                        ASSERT_TRUE(row->type == (ProfileRowType) t && row->line > 0 && row->file);
                        ASSERT_TRUE(row->function >= 0 && row->function < _PROFILE_FUNCTION_MAX);
                        ASSERT_TRUE(row->path.n_steps > 0 || row->held || row->value || row->source);
                        check_path(&row->path);
                        (void) profile_when_holds(row->when, row->when_not, &identity, NULL, "1.0");
                }
        ASSERT_TRUE(n <= PROFILE_ROWS_MAX);

        for (size_t i = 0; i < p->n_commands; i++)
                ASSERT_TRUE(p->commands[i].n_steps > 0 && p->commands[i].name);

        ASSERT_OK(hid_profiles_choose(&profiles, &identity, NULL, NULL, &chosen));
        ASSERT_TRUE(p->generic != (p->n_matches > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(test_report_done) TestReport report = {};
        HidProfile *p = NULL;
        int r;

        /* What is said is kept here, so that it must not be too much of it. */
        r = hid_profile_parse("fuzz.profile", (const char *) data, size,
                        size < 4096 ? test_report_collect : NULL,
                        &report, &p);
        ASSERT_TRUE(r == 0 || r == -EBADMSG);
        ASSERT_EQ(r == 0, p != NULL);
        if (size < 4096)
                ASSERT_EQ(r < 0, report.n_errors > 0);
        if (p)
                check_profile(p);
        hid_profile_unref(p);
        return 0;
}
