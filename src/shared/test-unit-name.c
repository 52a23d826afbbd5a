/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-name.h"

#include "test-util.h"

static void test_escape(void) {
        static const struct {
                const char *name, *escaped;
        } table[] = {
                { "ups", "ups" },
                { "APC_1", "APC_1" },
                { "rack-1", "rack\\x2d1" },
                { "a.b.c", "a.b.c" },
                { ".hidden", "\\x2ehidden" },
                { "a/b", "a-b" },
                { "$HOME", "\\x24HOME" },
                { "%n", "\\x25n" },
                { "x'y;z|&*?", "x\\x27y\\x3bz\\x7c\\x26\\x2a\\x3f" },
                { "\xc3\xbc", "\\xc3\\xbc" },
                { "", "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *escaped = unit_name_escape(table[i].name);

                ASSERT_STREQ(escaped, table[i].escaped);
        }
}

static void test_for_device(void) {
        _cleanup_free_ char *name = NULL, *longest = NULL;
        char device[64] = {};

        ASSERT_OK(unit_name_for_device("dummy-ups", "rack-1", &name));
        ASSERT_STREQ(name, "busbar-dummy-ups@rack\\x2d1.service");

        static const char *const bad[] = { "", "..", "a/b", "a@b", "a b", "snmp.ups", "x\n" };
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_ERROR(unit_name_for_device(bad[i], "ups", &longest), EINVAL);

        memset(device, 'x', 63);
        ASSERT_OK(unit_name_for_device("nutdrv_qx", device, &longest));

        memset(device, '-', 63);
        char *untouched = longest;
        ASSERT_ERROR(unit_name_for_device("nutdrv_qx", device, &longest), ENAMETOOLONG);
        ASSERT_TRUE(longest == untouched);
}

static void test_valid(void) {
        static const char *const bad[] = { "", "a", "a.", ".service", "..service", "a b.service",
                                           "a;b.service",
                                           "a$b.service", "a/b.service", "a\n.service", "\xc3\xa4.service" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_FALSE(unit_name_is_valid(bad[i]));
        ASSERT_TRUE(unit_name_is_valid("nut-driver@a\\x2db:c_d.service"));
        ASSERT_TRUE(unit_name_is_valid("nut.target"));
}

int main(void) {
        test_escape();
        test_valid();
        test_for_device();
        return EXIT_SUCCESS;
}
