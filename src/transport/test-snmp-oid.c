/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-value.h"
#include "test-util.h"

static SnmpOid parsed(const char *s) {
        SnmpOid oid;

        ASSERT_OK(snmp_oid_parse(s, &oid));
        return oid;
}

static void test_parse(void) {
        static const struct {
                const char *input;
                int result;
                const char *text;
        } cases[] = {
                { "1.3.6.1",      0,       "1.3.6.1"      },
                { ".1.3.6.1",     0,       "1.3.6.1"      },
                { "0",            0,       "0"            },
                { "1.4294967295", 0,       "1.4294967295" },
                { "1.4294967296", -ERANGE, NULL           },
                { "",             -EINVAL, NULL           },
                { ".",            -EINVAL, NULL           },
                { "1.",           -EINVAL, NULL           },
                { "1..3",         -EINVAL, NULL           },
                { "1.3 ",         -EINVAL, NULL           },
                { "1.-3",         -EINVAL, NULL           },
                { "iso.3",        -EINVAL, NULL           },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(snmp_oid_done) SnmpOid oid = {};
                _cleanup_free_ char *text = NULL;

                ASSERT_EQ(snmp_oid_parse(cases[i].input, &oid), cases[i].result);
                if (cases[i].result < 0)
                        continue;
                text = snmp_oid_text(&oid);
                ASSERT_STREQ(text, cases[i].text);
        }
}

static void test_too_long(void) {
        _cleanup_(snmp_oid_done) SnmpOid oid = {}, most = {};
        char s[2 * SNMP_OID_MAX + 2];

        for (size_t i = 0; i <= SNMP_OID_MAX; i++)
                memcpy(s + 2 * i, ".1", 2);
        s[2 * SNMP_OID_MAX] = '\0';
        ASSERT_OK(snmp_oid_parse(s, &most));
        ASSERT_EQ(most.n, SNMP_OID_MAX);
        ASSERT_EQ(snmp_oid_join(&most, &most, &oid), -E2BIG);

        char t[2 * SNMP_OID_MAX + 4];

        (void) snprintf(t, sizeof(t), "%s.1", s);
        ASSERT_EQ(snmp_oid_parse(t, &oid), -EINVAL);
}

static void test_order(void) {
        static const char *const sorted[] = {
                "1", "1.3", "1.3.6", "1.3.6.0", "1.3.6.2", "1.3.6.10", "1.3.7", "2"};

        for (size_t i = 0; i < ELEMENTSOF(sorted); i++)
                for (size_t k = 0; k < ELEMENTSOF(sorted); k++) {
                        _cleanup_(snmp_oid_done) SnmpOid a = parsed(sorted[i]), b = parsed(sorted[k]);
                        int r = snmp_oid_order(&a, &b);

                        ASSERT_EQ(r < 0, i < k);
                        ASSERT_EQ(r > 0, i > k);
                        ASSERT_EQ(snmp_oid_equal(&a, &b), i == k);
                }
}

static void test_prefix(void) {
        _cleanup_(snmp_oid_done) SnmpOid a = parsed("1.3.6"), b = parsed("1.3.6.1"), joined = {};

        ASSERT_TRUE(snmp_oid_has_prefix(&b, &a));
        ASSERT_TRUE(snmp_oid_has_prefix(&a, &a));
        ASSERT_FALSE(snmp_oid_has_prefix(&a, &b));
        ASSERT_OK(snmp_oid_join(&a, &b, &joined));

        _cleanup_free_ char *text = snmp_oid_text(&joined);

        ASSERT_STREQ(text, "1.3.6.1.3.6.1");
}

static void test_number(void) {
        static const struct {
                const char *text;
                size_t n;
                bool is_number;
                double number;
        } cases[] = {
                { "230",       3, true,  230   },
                { " 12.5 ",    6, true,  12.5  },
                { "-3",        2, true,  -3    },
                { "+3",        2, true,  3     },
                { "+-3",       3, false, 0     },
                { "27.1\0\0",  6, true,  27.1  },
                { "",          0, false, 0     },
                { "   ",       3, false, 0     },
                { "12 V",      4, false, 0     },
                { "1\0002",    3, false, 0     },
                { "nan",       3, false, 0     },
                { "0x10",      4, false, 0     },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                SnmpValue v = { .type = SNMP_TYPE_STRING, .bytes = (uint8_t *) cases[i].text,
                                .n_bytes = cases[i].n };
                double x = 0;

                ASSERT_EQ(snmp_value_number(&v, &x), cases[i].is_number);
                ASSERT_TRUE(x == cases[i].number);
        }

        double x;

        ASSERT_TRUE(
                snmp_value_number(&(SnmpValue){.type = SNMP_TYPE_INTEGER, .integer = -7}, &x) && x == -7);
        ASSERT_TRUE(snmp_value_number(&(SnmpValue) { .type = SNMP_TYPE_GAUGE, .count = 7 }, &x) && x == 7);
        ASSERT_FALSE(snmp_value_number(&(SnmpValue){.type = SNMP_TYPE_REAL, .real = __builtin_nan("")}, &x));
        ASSERT_FALSE(snmp_value_number(&(SnmpValue) { .type = SNMP_TYPE_NO_OBJECT }, &x));
}

static void test_types(void) {
        for (SnmpType t = 0; t < _SNMP_TYPE_MAX; t++)
                ASSERT_EQ(snmp_type_from_string(snmp_type_to_string(t)), t);
        ASSERT_EQ(snmp_type_from_string("float"), _SNMP_TYPE_INVALID);
        ASSERT_STREQ(snmp_type_to_string(_SNMP_TYPE_INVALID), NULL);
}

static void test_copy(void) {
        _cleanup_(snmp_value_done) SnmpValue a = { .type = SNMP_TYPE_STRING }, b = {};

        a.oid = parsed("1.3.6");
        a.bytes = (uint8_t *) strdup("ab");
        a.n_bytes = 2;
        ASSERT_OK(snmp_value_copy(&a, &b));
        ASSERT_TRUE(snmp_value_equal(&a, &b));
        ASSERT_TRUE(a.bytes != b.bytes && a.oid.ids != b.oid.ids);
        b.bytes[1] = 'c';
        ASSERT_FALSE(snmp_value_equal(&a, &b));
}

int main(void) {
        test_parse();
        test_too_long();
        test_order();
        test_prefix();
        test_number();
        test_types();
        test_copy();
        return 0;
}
