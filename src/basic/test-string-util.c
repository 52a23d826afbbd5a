/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-util.h"

static void test_prefixes(void) {
        ASSERT_STREQ(startswith("override.battery", "override."), "battery");
        ASSERT_STREQ(startswith("Override.battery", "override."), NULL);
        ASSERT_STREQ(startswith_nocase("Override.battery", "override."), "battery");
        ASSERT_STREQ(endswith("a.seq", ".seq"), ".seq");
        ASSERT_STREQ(endswith("seq", ".seq"), NULL);
}

static void test_strv(void) {
        _cleanup_strv_free_ char **l = NULL, **copy = NULL;
        _cleanup_free_ char *joined = NULL, *empty = NULL;

        ASSERT_OK(strv_split("  OL\tCHRG  OL ", " \t", &l));
        ASSERT_EQ(strv_length(l), 3);
        ASSERT_OK(strv_copy(l, &copy));
        ASSERT_TRUE(strv_equal(l, copy));

        ASSERT_TRUE(strv_remove(l, "OL"));
        ASSERT_FALSE(strv_remove(l, "OL"));
        ASSERT_FALSE(strv_equal(l, copy));
        ASSERT_OK(strv_extend(&l, "LB"));
        joined = strv_join(l, " ");
        ASSERT_STREQ(joined, "CHRG LB");
        ASSERT_EQ(strv_find(l, "lb"), -1);
        ASSERT_EQ(strv_find_nocase(l, "lb"), 1);

        empty = strv_join(NULL, ", ");
        ASSERT_STREQ(empty, "");
        ASSERT_TRUE(strv_equal(NULL, NULL));
}

static void test_join(void) {
        _cleanup_free_ char *s = strjoin("a", "", "bc"), *p = strprintf("%s-%d", "x", 7);

        ASSERT_STREQ(s, "abc");
        ASSERT_STREQ(p, "x-7");
        ASSERT_OK(free_and_strdup(&s, NULL));
        ASSERT_STREQ(s, NULL);
}

static void test_distance(void) {
        ASSERT_EQ(string_distance("MAXAGE", "maxage"), 0);
        ASSERT_EQ(string_distance("MAXAEG", "MAXAGE"), 2);
        ASSERT_EQ(string_distance("", "abc"), 3);
        ASSERT_EQ(string_distance("pollinterval", "pollintervall"), 1);
}

int main(void) {
        test_prefixes();
        test_strv();
        test_join();
        test_distance();
        return 0;
}
