/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file of names: what was taken must come back as it was written. */

#include "record.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(enroll_records_done) Records r = {}, again = {};
        _cleanup_free_ char *text = NULL, *text_again = NULL;
        bool bad;

        if (records_parse("file", (const char *) data, size, NULL, NULL, &r, &bad) < 0)
                return 0;
        text = records_format(&r);
        ASSERT_TRUE(text);
        ASSERT_OK(records_parse("file", text, strlen(text), NULL, NULL, &again, &bad));
        ASSERT_FALSE(bad);
        ASSERT_EQ(again.n_records, r.n_records);
        text_again = records_format(&again);
        ASSERT_STREQ(text_again, text);
        return 0;
}
