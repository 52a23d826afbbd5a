/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announced.h"

#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names that come out are each there once, and can be asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_strv_free_ char **devices = NULL;
        _cleanup_free_ char *instance = NULL;

        ASSERT_OK(announced_devices((const char *) data, size, &devices));
        STRV_FOREACH(name, devices) {
                ASSERT_FALSE(isempty(*name));
                ASSERT_EQ(strv_find(devices, *name), name - devices);
                ASSERT_TRUE(strlen(*name) < size);
        }
        if (announced_instance(data, size, &instance) >= 0)
                ASSERT_TRUE(strlen(instance) > 0 && strlen(instance) <= 63);
        return 0;
}
