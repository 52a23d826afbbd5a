/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-walk.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written is read as the same. */
static void write_and_read(const SnmpWalk *walk) {
        _cleanup_(snmp_walk_done) SnmpWalk again = {};
        _cleanup_free_ char *text = NULL;
        size_t n, k = 0;
        FILE *f = open_memstream(&text, &n);

        ASSERT_TRUE(f);
        ASSERT_OK(snmp_walk_write(walk, f));
        ASSERT_EQ(fclose(f), 0);
        ASSERT_OK(snmp_walk_parse(text, n, NULL, NULL, &again));
        ASSERT_EQ(again.n_values, walk->n_values);
        for (size_t i = 0; i < walk->n_values; i++)
                k += snmp_value_equal(walk->values + i, again.values + i);
        ASSERT_EQ(k, walk->n_values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(snmp_walk_done) SnmpWalk walk = {};
        int r = snmp_walk_parse((const char *) data, size, NULL, NULL, &walk);

        if (r < 0) {
                ASSERT_EQ(r, -EBADMSG);
                return 0;
        }
        ASSERT_TRUE(walk.n_values > 0);
        for (size_t i = 0; i < walk.n_values; i++) {
                const SnmpValue *v = walk.values + i;
                double x;

                ASSERT_TRUE(v->type <= SNMP_TYPE_NULL);
                ASSERT_TRUE(v->type != SNMP_TYPE_ADDRESS || v->n_bytes == 4);
                ASSERT_TRUE(snmp_walk_find(&walk, &v->oid) == v);
                ASSERT_TRUE(snmp_walk_next(&walk, &v->oid) == (i + 1 < walk.n_values ? v + 1 : NULL));
                (void) snmp_value_number(v, &x);
                ASSERT_TRUE(v->type != SNMP_TYPE_REAL || __builtin_isfinite(v->real) ||
                            !snmp_value_number(v, &x));
        }
        write_and_read(&walk);
        return 0;
}
