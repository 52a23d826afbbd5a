/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-link.h"
#include "test-util.h"

static const HidIdentity apc = {
        .vendor_id = 0x051d,
        .product_id = 0x0002,
        .vendor = (char *) "American Power Conversion",
        .product = (char *) "Back-UPS ES 700G",
        .serial = (char *) "5B1234X56789",
        .bus = (char *) "002",
        .device = (char *) "014",
        .busport = (char *) "1.4",
        .path = (char *) "2-1.4",
};

static const HidIdentity nameless = { .vendor_id = 0x0764, .product_id = 0x0501 };

/* One key and its value. */
typedef struct Given {
        const char *key, *value;
} Given;

static const char *one_option(const void *userdata, const char *name) {
        const Given *g = userdata;

        return streq(name, g->key) ? g->value : NULL;
}

static bool fits(const char *key, const char *value, const HidIdentity *i) {
        _cleanup_(usb_match_freep) UsbMatch *m = NULL;
        const Given g = { key, value };
        const char *bad;

        ASSERT_OK(usb_match_new(one_option, &g, &m, &bad));
        ASSERT_EQ(usb_match_weight(m), value ? 1 : 0);
        return usb_match_test(m, i);
}

static const struct {
        const char *key, *value;
        bool apc, nameless;
} cases[] = {
        { "vendorid", "051d", true, false },
        { "vendorid", "051D", true, false },
        { "vendorid", "051d*", true, false },
        { "vendorid", "51d", false, false },
        { "vendorid", "0x051d", false, false },
        { "vendorid", "05.*|07.*", true, true },
        { "vendorid", "", false, false },
        { "productid", "0002", true, false },
        { "productid", "000[0-9]", true, false },
        { "productid", "2", false, false },
        { "vendor", "American Power Conversion", true, false },
        { "vendor", "american.*", true, false },
        { "vendor", "American", false, false },
        { "vendor", ".*", true, true },
        { "vendor", "", false, true },
        { "product", ".*(Smart|Back)-?UPS.*", true, false },
        { "product", "Back-UPS|Back-UPS ES 700G", true, false },
        { "serial", "5B1234X56789", true, false },
        { "serial", "5b1234x56789", true, false },
        { "serial", "5B1234X5678", false, false },
        { "serial", ".+", true, false },
        { "bus", "002", true, false },
        { "bus", "2", true, false },
        { "bus", "00[2-3]", true, false },
        { "bus", "02", false, false },
        { "device", "014", true, false },
        { "device", "14", true, false },
        { "device", "4", false, false },
        { "busport", "1.4", true, false },
        { "busport", "1\\.4", true, false },
        { "busport", "004", true, false },
        { "busport", "2-1.4", true, false },
        { "busport", "1", false, false },
        { "busport", "005", false, false },
        { "vendor", NULL, true, true },
};

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                if (fits(cases[i].key, cases[i].value, &apc) != cases[i].apc)
                        TEST_FAIL("%s=%s and the APC", cases[i].key, cases[i].value);
                if (fits(cases[i].key, cases[i].value, &nameless) != cases[i].nameless)
                        TEST_FAIL("%s=%s and the nameless one", cases[i].key, cases[i].value);
        }
}

static const char *way_option(const void *userdata, const char *name) {
        const char *const *given = userdata;

        return streq_ptr(given[0], name) ? given[1] : NULL;
}

static void test_way(void) {
        UsbHidDevice plain = { .hidraw = (char *) "/dev/hidraw0" }, bare = {};
        UsbHidDevice mge = { .hidraw = plain.hidraw, .identity = { .vendor_id = 0x463, .release = 0x202 } };
        static const struct {
                const char *given[2];
                UsbWay way;
                bool plain, mge;
        } ways[] = {
                { { NULL, NULL },                  USB_WAY_ANY,    false, true  },
                { { "link", "hidraw" },            USB_WAY_HIDRAW, false, false },
                { { "link", "libusb" },            USB_WAY_LIBUSB, true,  true  },
                { { "link", "serial" },            USB_WAY_ANY,    false, true  },
                { { "usb_hid_desc_index", "0" },   USB_WAY_LIBUSB, true,  true  },
                { { "usb_set_altinterface", "0" }, USB_WAY_LIBUSB, true,  true  },
                { { "usb_hid_ep_out", "1" },       USB_WAY_ANY,    false, true  }, /* of no effect */
        };

        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                UsbWay way = usb_way_configured(way_option, ways[i].given);

                ASSERT_EQ(way, ways[i].way);
                ASSERT_EQ(usb_way_is_libusb(way, &plain), ways[i].plain);
                ASSERT_EQ(usb_way_is_libusb(way, &mge), ways[i].mge);
                ASSERT_TRUE(usb_way_is_libusb(way, &bare));
        }
}

static void test_bad(void) {
        static const Given bad[] = {
                { "vendorid", "05[1" },
                { "productid", "(" },
                { "vendor", "*(" },
                { "product", "a{2,1}" },
                { "serial", "\\" },
                { "bus", "[[:x:]]" },
                { "device", "(1" },
                { "busport", "[" },
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                const char *key = NULL;
                UsbMatch *m = NULL;

                ASSERT_ERROR(usb_match_new(one_option, &bad[i], &m, &key), EINVAL);
                ASSERT_STREQ(key, bad[i].key);
                ASSERT_TRUE(!m);
        }
}

static const char *three_options(const void *userdata, const char *name) {
        return streq(name, "vendorid")          ? "051d"
                        : streq(name, "serial") ? "5B.*"
                        : streq(name, "bus")    ? userdata
                                                : NULL;
}

static void test_several(void) {
        _cleanup_(usb_match_freep) UsbMatch *here = NULL, *elsewhere = NULL;
        const char *bad;

        ASSERT_OK(usb_match_new(three_options, "002", &here, &bad));
        ASSERT_OK(usb_match_new(three_options, "003", &elsewhere, &bad));
        ASSERT_EQ(usb_match_weight(here), 3);
        ASSERT_TRUE(usb_match_test(here, &apc));
        ASSERT_FALSE(usb_match_test(elsewhere, &apc));
        ASSERT_FALSE(usb_match_test(here, &nameless));
}

int main(void) {
        test_cases();
        test_way();
        test_bad();
        test_several();
        return EXIT_SUCCESS;
}
