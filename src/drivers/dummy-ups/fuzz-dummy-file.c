/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/mman.h>

#include "dummy-file.h"
#include "test-util.h"
#include "time-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
}

/* Goes through a file of these bytes for some rounds, as a device that is polled each ten seconds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(dummy_file_freep) DummyFile *f = NULL;
        _cleanup_(model_freep) Model *m = model_new();
        _cleanup_close_ int fd = memfd_create("fuzz", MFD_CLOEXEC);
        char path[64];

        ASSERT_TRUE(m);
        ASSERT_OK(fd);
        ASSERT_EQ(write(fd, data, size), (ssize_t) size);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        ASSERT_OK(dummy_file_new(path, true, &f));

        for (unsigned i = 0; i < 5; i++) {
                _cleanup_(update_freep) Update *u = update_new();

                ASSERT_TRUE(u);
                ASSERT_OK(dummy_file_poll(f, i * 10 * USEC_PER_SEC, u, ignore_report, NULL));
                ASSERT_OK(model_apply(m, u, NULL));
        }

        return 0;
}
