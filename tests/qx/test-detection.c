/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which profile claims which device: reads lines "PROFILE RECORDING" and fails unless the first profile, in
 * their order, that takes the device is that one; "none" for none. */

#include <stdio.h>

#include "line-engine.h"
#include "string-util.h"
#include "test-conf-report.h"

static const char *on_option(const void *userdata, const char *name) {
        return NULL;
}

static void on_pause(const void *userdata, uint64_t usec) {
}

static const char *claimed_by(const LineProfiles *profiles, LineLink *link) {
        const LineEngineOptions options = { .option = on_option, .pause = on_pause };

        for (size_t i = 0; i < profiles->n_profiles; i++) {
                int r;

                if (profiles->profiles[i]->order < 0)
                        continue;
                r = line_engine_probe(link, profiles->profiles[i], &options);
                if (r >= 0)
                        return profiles->profiles[i]->id;
                ASSERT_TRUE(r == -ENODEV || r == -ETIMEDOUT);
        }
        return "none";
}

static bool test_device(const LineProfiles *profiles, const char *wanted, const char *path) {
        _cleanup_(line_link_freep) LineLink *link = NULL;
        _cleanup_free_ char *error = NULL;
        const char *found;

        if (line_link_new_recording(path, &link, &error) < 0)
                TEST_FAIL("%s: %s", path, strempty(error));
        found = claimed_by(profiles, link);
        if (!streq(found, wanted))
                fprintf(stderr, "%s: %s in place of %s\n", path, strempty(found), wanted);
        return streq(found, wanted);
}

int main(void) {
        _cleanup_(test_report_done) TestReport report = {};
        LineProfiles profiles = {};
        char wanted[128], path[1024];
        bool fine = true;
        unsigned n = 0;

        ASSERT_OK(line_profiles_load("qx", test_report_collect, &report, &profiles));
        if (report.n_errors + report.n_warnings > 0)
                TEST_FAIL("%s", strempty(report.all));
        for (; scanf("%127s %1023[^\n]", wanted, path) == 2; n++)
                fine = test_device(&profiles, wanted, path) && fine;
        line_profiles_done(&profiles);
        ASSERT_TRUE(n > 0);
        return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
