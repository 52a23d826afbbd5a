/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Armed flags of any bytes: what is taken comes out of the writer the same. */

#include "armed-flag.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        char text[ARMED_FLAG_SIZE_MAX + 1];
        size_t length;
        ArmedFlag f;

        if (armed_flag_parse((const char *) data, size, &f) < 0)
                return 0;

        ASSERT_OK(armed_flag_format(&f, text, sizeof(text), &length));
        ASSERT_EQ(length, size);
        ASSERT_EQ(memcmp(text, data, size), 0);
        return 0;
}
