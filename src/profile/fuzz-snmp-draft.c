/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A MIB file, and behind a line of five % a walk: what is drafted of them is a profile. */

#include "snmp-draft.h"
#include "snmp-profile.h"
#include "test-conf-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void test_draft(const SnmpMib *mib, const char *data, size_t size) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(snmp_profile_unrefp) SnmpProfile *p = NULL;
        _cleanup_(snmp_walk_done) SnmpWalk w = {};
        _cleanup_free_ char *text = NULL;
        size_t n = 0;
        FILE *f;
        int r;

        if (snmp_walk_parse(data, size, NULL, NULL, &w) < 0)
                return;
        f = open_memstream(&text, &n);
        ASSERT_TRUE(f);
        r = snmp_draft_write(&w, mib, &(SnmpDraftOptions) { .source = "fuzz" }, f);
        ASSERT_EQ(fclose(f), 0);
        ASSERT_TRUE(r == 0 || r == -ENOENT);
        if (r < 0)
                return;

        r = snmp_profile_parse("fuzz.profile", text, n, test_report_collect, &report, &p);
        if (r < 0)
                TEST_FAIL("%s\n%s", strempty(report.all), text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char separator[] = "\n%%%%%\n";
        const char *text = (const char *) data, *found = size > 0
                ? memmem(text, size, separator, strlen(separator)) : NULL;
        size_t n = found ? (size_t) (found - text) : size;
        _cleanup_(snmp_mib_done) SnmpMib mib = {};

        ASSERT_OK(snmp_mib_read(&mib, text, n));
        ASSERT_TRUE(snmp_mib_resolve(&mib) >= 0);
        if (found)
                test_draft(&mib, found + strlen(separator), size - n - strlen(separator));
        return 0;
}
