/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"
#include "test-conf-report.h"
#include "test-file.h"

static const char table[] =
        "# Comment\n"
        "[krauler]\n"
        "usb = 0001:0000 shared\n"
        "[Fabula]\n"
        "usb = 0001:0000 vendor=\"MEC\" product=\"MEC0003\"\n"
        "[snr]\n"
        "usb = 0001:0000 product=MEC0003 shared\n"
        "[hunnox]\n"
        "usb = 0001:0000 product = \"MEC0003\"\n"
        "[cypress]\n"
        "usb = 06da:* # all that is not named\n"
        "usb = 06da:0002\n"
        "[phoenixtec]\n"
        "usb = 06da:0002 vendor=\"Phoenixtec Power\" product=\"USB Cable (V2.00)\"\n";

static void check(const LineUsbIds *ids, uint16_t vendor_id, uint16_t product_id, const char *vendor,
        const char *product, const char *expected) {
        HidIdentity i = {
                .vendor_id = vendor_id,
                .product_id = product_id,
                .vendor = (char *) vendor,
                .product = (char *) product,
        };
        _cleanup_free_ char *found = NULL;
        const char *way;
        bool certain = false;

        for (size_t n = 0; (way = line_usb_ids_find(ids, &i, n, &certain)); n++) {
                char *more = strjoin(strempty(found), n > 0 ? " " : "", way, certain ? "" : "?");

                ASSERT_TRUE(more != NULL);
                free(found);
                found = more;
        }
        ASSERT_STREQ(found, expected);
}

static void test_find(void) {
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;
        LineUsbId id;
        size_t n = 0;

        ASSERT_OK(line_usb_ids_parse("usb.ids", table, strlen(table), NULL, NULL, &ids));
        check(ids, 1, 0, NULL, NULL, "krauler?");
        check(ids, 1, 0, "MEC", "MEC0003", "fabula snr? hunnox krauler?");
        check(ids, 1, 0, "other", "mec0003", "snr? hunnox krauler?");
        check(ids, 1, 1, "MEC", "MEC0003", NULL);
        check(ids, 0x6da, 2, NULL, NULL, "cypress cypress");
        check(ids, 0x6da, 2, "PHOENIXTEC Power", "USB cable (v2.00)", "phoenixtec cypress cypress");
        check(ids, 0x6da, 0xffff, NULL, NULL, "cypress");
        check(ids, 0x51d, 2, NULL, NULL, NULL);

        while (line_usb_ids_get(ids, n, &id))
                n++;
        ASSERT_EQ(n, 7);
        ASSERT_TRUE(line_usb_ids_get(ids, 6, &id));
        ASSERT_EQ(id.product_id, -1);
        ASSERT_STREQ(id.way, "cypress");
        ASSERT_TRUE(line_usb_ids_get(ids, 0, &id));
        ASSERT_STREQ(id.vendor, "MEC");
        ASSERT_TRUE(id.certain);
}

static void test_mistakes(void) {
        static const struct {
                const char *text, *error;
                unsigned line;
        } cases[] = {
                { "usb = 0001:0000\n", "not inside the section", 1 },
                { "[serial]\n", "no such link", 1 },
                { "[cypress]\nusb 0001:0000\n", "has to be usb", 2 },
                { "[cypress]\nusb =\n", "has to be usb", 2 },
                { "[cypress]\nubs = 0001:0000\n", "usb", 2 },
                { "[cypress]\nusb = 001:0000\n", "has to be usb", 2 },
                { "[cypress]\nusb = 0001:00000\n", "has to be usb", 2 },
                { "[cypress]\nusb = 0001:000G\n", "has to be usb", 2 },
                { "[cypress]\nusb = 0001:ABCD\n", "has to be usb", 2 },
                { "[cypress]\nusb = *:0000\n", "has to be usb", 2 },
                { "[cypress]\nusb = 0001:0000 vendor\n", "vendor", 2 },
                { "[cypress]\nusb = 0001:0000 vendor=\n", "vendor", 2 },
                { "[cypress]\nusb = 0001:0000 vendor=\"\"\n", "nothing behind it", 2 },
                { "[cypress]\nusb = 0001:0000 vendor=a vendor=b\n", "said twice", 2 },
                { "[cypress]\nusb = 0001:0000 shared=yes\n", "shared", 2 },
                { "[cypress]\nusb = 0001:0000 serial=1\n", "serial", 2 },
                { "[cypress]\nusb = 0001:0000\n\nusb = 0001:0000\n", "already", 4 },
                { "[cypress]\nusb = 0001:0000 vendor=\"A\xc4\"\n", NULL, 2 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(test_report_done) TestReport report = {};
                LineUsbIds *ids = NULL;

                ASSERT_ERROR(line_usb_ids_parse("usb.ids", cases[i].text, strlen(cases[i].text),
                                     test_report_collect, &report, &ids),
                        EBADMSG);
                ASSERT_TRUE(!ids);
                test_report_check(&report, 1, 0, cases[i].error);
                ASSERT_EQ(report.last_line, cases[i].line);
        }
}

/* A table of one's own stands before the other, and a mistake in it takes nothing else away. */
static void test_load(void) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL, *again = NULL, *none = NULL;

        ASSERT_TRUE(mkdir("own", 0755) == 0 && mkdir("own/qx", 0755) == 0);
        ASSERT_TRUE(mkdir("theirs", 0755) == 0 && mkdir("theirs/qx", 0755) == 0);
        test_write_file("own/qx/usb.ids", "[sgs]\nusb = 0001:0000\n");
        test_write_file("theirs/qx/usb.ids", "[krauler]\nusb = 0001:0000 shared\n");

        ASSERT_EQ(setenv("BUSBAR_PROFILES", "own:nowhere:theirs", 1), 0);
        ASSERT_OK(line_usb_ids_load(test_report_collect, &report, &ids));
        check(ids, 1, 0, NULL, NULL, "sgs krauler?");
        test_report_check(&report, 0, 0, NULL);

        test_write_file("own/qx/usb.ids", "[sgs]\nusb = 0001:0000\nusb = here\n");
        ASSERT_OK(line_usb_ids_load(test_report_collect, &report, &again));
        check(again, 1, 0, NULL, NULL, "krauler?");
        test_report_check(&report, 1, 0, "has to be usb");

        ASSERT_EQ(setenv("BUSBAR_PROFILES", "nowhere", 1), 0);
        ASSERT_OK(line_usb_ids_load(NULL, NULL, &none));
        check(none, 1, 0, NULL, NULL, NULL);
}

/* The one that is installed. */
static void test_own(const char *profiles) {
        _cleanup_(test_report_done) TestReport report = {};
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;

        ASSERT_EQ(setenv("BUSBAR_PROFILES", profiles, 1), 0);
        ASSERT_OK(line_usb_ids_load(test_report_collect, &report, &ids));
        test_report_check(&report, 0, 0, NULL);
        check(ids, 0x665, 0x5161, "INNO TECH", "USB to Serial", "cypress?");
        check(ids, 1, 0, "MEC", "MEC0003", "fabula hunnox snr krauler?");
        check(ids, 1, 0, "ATCL FOR UPS", "ATCL FOR UPS", "fuji krauler?");
        check(ids, 1, 0, "Krauler", "UP-M500VA", "krauler?");
        check(ids, 0xffff, 0, NULL, NULL, "ablerex? krauler?");
        check(ids, 0x6da, 2, "Phoenixtec Power", "USB Cable (V2.00)", "phoenixtec cypress");
        check(ids, 0x6da, 3, NULL, NULL, "ippon");
        check(ids, 0x6da, 0x601, NULL, NULL, "phoenix");
        check(ids, 0x590, 0xb7, NULL, NULL, "omron");
        check(ids, 0x925, 0x1234, NULL, NULL, "armac?");
        check(ids, 0x483, 0x35, NULL, NULL, "sgs?");
        check(ids, 0x1cb0, 0x35, NULL, NULL, "krauler");
        /* A chip that is in all kinds of things. */
        check(ids, 0x1a86, 0x7523, NULL, NULL, NULL);
}

static void test_names(void) {
        const char *const *names = line_usb_names();
        size_t n = 0;

        for (; names[n]; n++) {
                ASSERT_TRUE(line_usb_ways[n] != NULL);
                ASSERT_STREQ(names[n], line_usb_ways[n]->name);
                ASSERT_TRUE(line_usb_way_find(names[n]) == line_usb_ways[n]);
        }
        ASSERT_EQ(n, 14);
        ASSERT_TRUE(!line_usb_ways[n]);
        ASSERT_TRUE(line_usb_way_find("Cypress") == line_usb_way_find("cypress"));
        ASSERT_TRUE(!line_usb_way_find("serial"));
}

static void test_may_ask(void) {
        static const struct {
                uint8_t class, protocol;
                const char *descriptor;
                size_t n;
                bool may;
        } cases[] = {
                { 0x03, 0, "\x06\x00\xff\x09\x01\xa1\x01\x09\x01\x75\x08\x95\x08\x91\x02\xc0", 16, true },
                { 0x03, 1, "\x05\x01\x09\x06\xa1\x01\x05\x07\x75\x08\x95\x08\x81\x02\xc0", 15, false },
                { 0x03, 0, "\x05\x84\x09\x04\xa1\x01\x09\x30\x75\x08\x95\x01\xb1\x02\xc0", 15, false },
                { 0x03, 0, "\x05\x86\x09\x04\xa1\x01\x05\x84\x09\x30\x75\x08\x95\x01\xb1\x02\xc0", 17,
                        true },
                { 0x03, 0, "\x01", 1, false },
                { 0x03, 0, NULL, 0, true },
                { 0x03, 1, NULL, 0, false },
                { 0xff, 0, NULL, 0, true },
                { 0x00, 0, NULL, 0, true },
                { 0x08, 0, NULL, 0, false },
                { 0x02, 1, NULL, 0, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                UsbHidDevice d = {
                        .class = cases[i].class,
                        .protocol = cases[i].protocol,
                        .descriptor = (uint8_t *) cases[i].descriptor,
                        .descriptor_size = cases[i].n,
                };

                if (line_usb_may_ask(&d) != cases[i].may)
                        TEST_FAIL("case %zu", i);
        }
}

/* Ids that others have as well need a descriptor that says nothing. */
static void test_allow(void) {
        static const char rows[] = "[cypress]\nusb = 0665:5161\n[krauler]\nusb = 0001:0000 shared\n";
        static const char private[] = "\x06\x00\xff\x09\x01\xa1\x01\x09\x01\x75\x08\x95\x08\x91\x02\xc0";
        static const struct {
                uint16_t vendor_id, product_id;
                uint8_t class;
                bool described, allowed;
        } cases[] = {
                { 0x0665, 0x5161, 0x03, true, true },
                { 0x0665, 0x5161, 0x03, false, true },
                { 0x0665, 0x5161, 0xff, false, true },
                { 0x0665, 0x5161, 0x07, false, false },
                { 0x0001, 0x0000, 0x03, true, true },
                { 0x0001, 0x0000, 0x03, false, false },
                { 0x0001, 0x0000, 0xff, false, false },
                { 0x0665, 0x5162, 0x03, true, false },
        };
        _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;

        ASSERT_OK(line_usb_ids_parse("usb.ids", rows, strlen(rows), NULL, NULL, &ids));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                UsbHidDevice d = {
                        .identity = { .vendor_id = cases[i].vendor_id, .product_id = cases[i].product_id },
                        .class = cases[i].class,
                        .descriptor = cases[i].described ? (uint8_t *) private : NULL,
                        .descriptor_size = cases[i].described ? sizeof(private) - 1 : 0,
                };

                if (line_usb_ids_allow(ids, &d) != cases[i].allowed)
                        TEST_FAIL("case %zu", i);
        }
}

int main(int argc, char *argv[]) {
        _cleanup_free_ char *profiles = realpath(argc > 1 ? argv[1] : ".", NULL);
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        ASSERT_TRUE(profiles && directory);
        test_find();
        test_mistakes();
        test_load();
        test_own(profiles);
        test_names();
        test_may_ask();
        test_allow();
        return EXIT_SUCCESS;
}
