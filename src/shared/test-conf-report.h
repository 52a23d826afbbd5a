/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a reader of configuration files says, for tests: how often, and the last of it. */

#include <syslog.h>

#include "test-util.h"

typedef struct TestReport {
        size_t n_errors, n_warnings;
        unsigned last_line;
        char *last;
        char *all; /* every message, a line each */
} TestReport;

static inline void test_report_collect(
                void *userdata, int level, const char *file, unsigned line, const char *message) {
        TestReport *r = userdata;
        char *all = strjoin(strempty(r->all), message, "\n");

        ASSERT_TRUE(all && !isempty(file) && !isempty(message));
        if (level <= LOG_ERR)
                r->n_errors++;
        else
                r->n_warnings++;
        r->last_line = line;
        ASSERT_OK(free_and_strdup(&r->last, message));
        free(r->all);
        r->all = all;
}

static inline void test_report_done(TestReport *r) {
        free(r->last);
        free(r->all);
        *r = (TestReport) {};
}

/* Fails unless exactly so much was said, and the last of it has that text in it (NULL: nothing was said). */
static inline void test_report_check(
                const TestReport *r, size_t n_errors, size_t n_warnings, const char *text) {
        if (r->n_errors != n_errors || r->n_warnings != n_warnings)
                TEST_FAIL("%zu errors and %zu warnings, expected %zu and %zu:\n%s", r->n_errors,
                                r->n_warnings, n_errors, n_warnings, strempty(r->all));
        if (text && !strstr(strempty(r->last), text))
                TEST_FAIL("\"%s\" lacks \"%s\"", strempty(r->last), text);
}
