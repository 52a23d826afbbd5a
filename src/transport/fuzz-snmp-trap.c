/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-ber.h"
#include "snmp-trap.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer to a notification has its length, and is none itself. */
static void acknowledge(const uint8_t *data, size_t size) {
        _cleanup_free_ uint8_t *copy = malloc(MAX(size, (size_t) 1));
        size_t n_changed = 0;
        SnmpTrap again;

        ASSERT_TRUE(copy);
        memcpy(copy, data, size);
        ASSERT_OK(snmp_trap_acknowledge(copy, size));
        for (size_t i = 0; i < size; i++)
                n_changed += copy[i] != data[i];
        ASSERT_EQ(n_changed, 1);
        ASSERT_EQ(snmp_trap_parse(copy, size, &again), -EBADMSG);
        ASSERT_EQ(snmp_trap_acknowledge(copy, size), -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(snmp_trap_done) SnmpTrap t = {};
        SnmpV3Head head;

        if (snmp_ber_v3_head(data, size, &head) >= 0) {
                ASSERT_TRUE(head.engine >= data && head.n_engine <= (size_t) (data + size - head.engine));
                ASSERT_TRUE(head.n_user <= (size_t) (data + size - (const uint8_t *) head.user));
                ASSERT_EQ(snmp_trap_parse(data, size, &t), -EBADMSG);
        }
        if (snmp_trap_parse(data, size, &t) < 0)
                return 0;
        ASSERT_TRUE(t.oid.n >= 2 && t.oid.n <= SNMP_OID_MAX);
        if (t.is_inform)
                acknowledge(data, size);
        return 0;
}
