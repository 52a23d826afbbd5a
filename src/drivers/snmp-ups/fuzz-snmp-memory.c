/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-memory.h"

#include "string-util.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read at all is the same after it was written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *again = NULL;
        SnmpMemory m;

        ASSERT_TRUE(text);
        if (snmp_memory_parse(text, &m) < 0)
                return 0;
        ASSERT_OK(snmp_memory_format(&m, &again));
        ASSERT_STREQ(again, text);
        snmp_memory_done(&m);
        return 0;
}
