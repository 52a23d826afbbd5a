/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"
#include "test-util.h"

static void test_serial(void) {
        static const struct {
                const char *serial;
                bool usable;
        } cases[] = {
                { "3B1519X19994",  true  },
                { "00000001",      true  },
                { "G0123",         true  },
                { "10",            true  },
                { NULL,            false },
                { "",              false },
                { "0",             false },
                { "000000000000",  false },
                { "0000-0000",     false },
                { "   ",           false },
                { "FFFFFFFF",      false },
                { "XXXX  XXXX",    false },
                { "Blank",         false },
                { "0123456789",    false },
                { "To be filled by O.E.M.", false },
                { "????",          false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                ASSERT_EQ(serial_is_usable(cases[i].serial), cases[i].usable);
}

static bool parse(const char *text, Records *ret) {
        bool bad;

        ASSERT_OK(records_parse("file", text, strlen(text), NULL, NULL, ret, &bad));
        return bad;
}

static void test_round_trip(void) {
        static const char text[] =
                "device ups 051d:0002 serial \"AS \\\"1\\\" \\\\ \\#\" port \"0000:00:14.0-2.3\" "
                "description \"APC Back-UPS\"\n"
                "device ups2 0764:0501 port \"0000:00:14.0-4\" twin section\n";
        _cleanup_(enroll_records_done) Records r = {}, copy = {}, again = {};
        _cleanup_free_ char *written = NULL;

        ASSERT_FALSE(parse(text, &r));
        ASSERT_EQ(r.n_records, 2);
        ASSERT_STREQ(r.records[0].name, "ups");
        ASSERT_STREQ(r.records[0].key.serial, "AS \"1\" \\ #");
        ASSERT_STREQ(r.records[0].key.place, "0000:00:14.0-2.3");
        ASSERT_STREQ(r.records[0].description, "APC Back-UPS");
        ASSERT_EQ(r.records[0].key.vendor_id, 0x051d);
        ASSERT_EQ(r.records[0].key.product_id, 0x0002);
        ASSERT_FALSE(r.records[0].twin || r.records[0].section);
        ASSERT_STREQ(r.records[1].key.serial, NULL);
        ASSERT_TRUE(r.records[1].twin && r.records[1].section);

        ASSERT_OK(records_copy(&r, &copy));
        written = records_format(&copy);
        ASSERT_TRUE(written);
        ASSERT_TRUE(strstr(written, text));
        ASSERT_FALSE(parse(written, &again));
        ASSERT_EQ(again.n_records, 2);
}

/* One bad line costs no other its name. */
static void test_bad(void) {
        static const char *const lines[] = {
                "device",
                "device ups 051d:0002",
                "devices ups 051d:0002 port a",
                "device u@s 051d:0002 port a",
                "device ups 051d port a",
                "device ups 51d:2 port a",
                "device ups 051d:000g port a",
                "device ups 051d:0002 port",
                "device ups 051d:0002 port \"\"",
                "device ups 051d:0002 port a port b",
                "device good 051d:0002 port a",
                "device ups 1234:0001 port z",
                "\x01\x02\xff",
                "[section]\ndevice ups 051d:0002 port a",
        };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                _cleanup_free_ char *text = strjoin("device good 1234:0001 port z\n", lines[i], "\n");
                _cleanup_(enroll_records_done) Records r = {};

                ASSERT_TRUE(parse(text, &r));
                ASSERT_EQ(r.n_records, 1);
                ASSERT_STREQ(r.records[0].name, "good");
        }
}

/* What a later version may write. */
static void test_unknown(void) {
        _cleanup_(enroll_records_done) Records r = {};

        ASSERT_FALSE(parse("device ups 051d:0002 colour green port a serial 0000\n", &r));
        ASSERT_EQ(r.n_records, 1);
        ASSERT_STREQ(r.records[0].key.serial, NULL);
        ASSERT_STREQ(r.records[0].key.place, "a");
}

static void test_merge(void) {
        _cleanup_(enroll_records_done) Records r = {}, other = {};

        ASSERT_FALSE(parse("device ups 051d:0002 serial s1 port a\n", &r));
        ASSERT_FALSE(parse("device ups 051d:0002 serial s2 port b\ndevice ups2 051d:0002 serial s1 port c\n"
                           "device ups3 051d:0002 serial s3 port d\n", &other));
        ASSERT_OK(records_merge(&r, &other));
        ASSERT_EQ(r.n_records, 2);
        ASSERT_STREQ(r.records[0].key.serial, "s1");
        ASSERT_STREQ(r.records[1].name, "ups3");
        ASSERT_EQ(records_find_name(&r, "UPS3"), 1);
        records_move_to_front(&r, 1);
        ASSERT_EQ(records_find_name(&r, "ups3"), 0);
        records_remove(&r, 0);
        ASSERT_EQ(records_find_name(&r, "ups3"), -1);
}

int main(void) {
        test_serial();
        test_round_trip();
        test_bad();
        test_unknown();
        test_merge();
        return EXIT_SUCCESS;
}
