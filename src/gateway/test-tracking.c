/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracking.h"

#include <ctype.h>

#include "test-util.h"

static void test_id(void) {
        _cleanup_(tracking_table_freep) TrackingTable *t = tracking_table_new();
        char a[TRACKING_ID_LENGTH + 1], b[TRACKING_ID_LENGTH + 1];

        ASSERT_OK(tracking_add(t, "u", 1, a));
        ASSERT_OK(tracking_add(t, "u", 1, b));
        ASSERT_EQ(strlen(a), TRACKING_ID_LENGTH);
        ASSERT_FALSE(streq(a, b));
        for (size_t i = 0; i < TRACKING_ID_LENGTH; i++)
                if (i == 8 || i == 13 || i == 18 || i == 23)
                        ASSERT_EQ(a[i], '-');
                else
                        ASSERT_TRUE(isdigit((unsigned char) a[i]) || (a[i] >= 'A' && a[i] <= 'F'));
        ASSERT_EQ(a[14], '4');
        ASSERT_TRUE(strchr("89AB", a[19]));
}

static void test_results(void) {
        _cleanup_(tracking_table_freep) TrackingTable *t = tracking_table_new();
        char id[TRACKING_ID_LENGTH + 1];

        ASSERT_STREQ(tracking_result(t, "x"), "ERR UNKNOWN");
        ASSERT_OK(tracking_add(t, "u", 1, id));
        ASSERT_STREQ(tracking_result(t, id), "PENDING");
        tracking_finish(t, "x", 0);
        ASSERT_STREQ(tracking_result(t, id), "PENDING");
        tracking_finish(t, id, -EINVAL);
        ASSERT_STREQ(tracking_result(t, id), "ERR INVALID-ARGUMENT");
        tracking_finish(t, id, 0);
        ASSERT_STREQ(tracking_result(t, id), "SUCCESS");
}

static void test_expiry(void) {
        _cleanup_(tracking_table_freep) TrackingTable *t = tracking_table_new();
        char old[TRACKING_ID_LENGTH + 1], new_id[TRACKING_ID_LENGTH + 1];

        ASSERT_OK(tracking_add(t, "u", 100, old));
        ASSERT_OK(tracking_add(t, "u", 200, new_id));
        tracking_expire(t, 100);
        ASSERT_EQ(tracking_count(t), 2);
        tracking_expire(t, 101);
        ASSERT_EQ(tracking_count(t), 1);
        ASSERT_STREQ(tracking_result(t, old), "ERR UNKNOWN");
        ASSERT_STREQ(tracking_result(t, new_id), "PENDING");
        tracking_expire(t, 1000);
        ASSERT_EQ(tracking_count(t), 0);
}

static void test_bounds(void) {
        _cleanup_(tracking_table_freep) TrackingTable *t = tracking_table_new();
        char first[TRACKING_ID_LENGTH + 1], second[TRACKING_ID_LENGTH + 1], id[TRACKING_ID_LENGTH + 1];

        ASSERT_OK(tracking_add(t, "other", 1, id));
        ASSERT_OK(tracking_add(t, "u", 1, first));
        ASSERT_OK(tracking_add(t, "u", 1, second));
        for (size_t i = 2; i < TRACKING_PER_OWNER_MAX + 1; i++)
                ASSERT_OK(tracking_add(t, "u", 1, id));
        ASSERT_EQ(tracking_count(t), TRACKING_PER_OWNER_MAX + 1);
        ASSERT_STREQ(tracking_result(t, first), "ERR UNKNOWN");
        ASSERT_STREQ(tracking_result(t, second), "PENDING");

        for (size_t i = 0; i < TRACKING_MAX; i++) {
                _cleanup_free_ char *owner = strprintf("owner%zu", i);

                ASSERT_OK(tracking_add(t, owner, 2, id));
        }
        ASSERT_EQ(tracking_count(t), TRACKING_MAX);
        ASSERT_STREQ(tracking_result(t, second), "ERR UNKNOWN");
        ASSERT_STREQ(tracking_result(t, id), "PENDING");
}

int main(void) {
        test_id();
        test_results();
        test_expiry();
        test_bounds();
        return 0;
}
