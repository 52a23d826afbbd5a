/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* nut.conf. */

#include "nut-conf.h"
#include "test-conf-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(test_report_done) TestReport report = {};
        NutConf c;

        ASSERT_OK(nut_conf_parse("fuzz.conf", (const char *) data, size, NULL, NULL, &c));
        ASSERT_TRUE(c.exists && c.mode >= 0 && c.mode < _NUT_MODE_MAX);
        ASSERT_TRUE(c.poweroff_wait_usec <= UINT64_C(86400000000));

        /* What is said is kept here, so that it must not be too much of it. */
        if (size < 4096)
                ASSERT_OK(nut_conf_parse("x", (const char *) data, size, test_report_collect, &report, &c));
        return 0;
}
