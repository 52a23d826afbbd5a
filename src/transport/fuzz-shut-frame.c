/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shut-frame.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes are what a device says. Each step uses some, and what was a frame can be built again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        while (size > 0) {
                uint8_t bytes[SHUT_FRAME_MAX];
                ShutFrame frame;
                ShutToken token;
                ShutScan scan;
                size_t used;

                scan = shut_scan(data, size, &frame, &token, &used);
                if (scan == SHUT_SCAN_MORE) {
                        ASSERT_TRUE(size < SHUT_FRAME_MAX);
                        return 0;
                }

                ASSERT_TRUE(used > 0 && used <= size);
                if (scan == SHUT_SCAN_FRAME) {
                        ASSERT_EQ(shut_frame_build(&frame, bytes), used);
                        ASSERT_TRUE(memcmp(bytes, data, used) == 0);
                }
                data += used;
                size -= used;
        }

        return 0;
}
