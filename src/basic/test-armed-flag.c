/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "armed-flag.h"

#include "test-util.h"

#define BOOT "0123456789abcdef0123456789abcdef"
#define HEAD "busbar-armed 1\nboot " BOOT "\ntime 1000\nwait 75\n"
#define DEVICE "device 0 usbhid-ups ups\n"

static void test_boot_id(void) {
        char id[33];

        ASSERT_OK(armed_flag_boot_id("01234567-89ab-cdef-0123-456789abcdef\n", id));
        ASSERT_STREQ(id, BOOT);
        ASSERT_OK(armed_flag_boot_id(BOOT, id));
        ASSERT_STREQ(id, BOOT);
        ASSERT_ERROR(armed_flag_boot_id("", id), EINVAL);
        ASSERT_ERROR(armed_flag_boot_id("0123", id), EINVAL);
        ASSERT_ERROR(armed_flag_boot_id(BOOT "0", id), EINVAL);
        ASSERT_ERROR(armed_flag_boot_id(BOOT "\n\n", id), EINVAL);
        ASSERT_ERROR(armed_flag_boot_id("0123456789ABCDEF0123456789ABCDEF", id), EINVAL);
}

static void test_round_trip(void) {
        char text[ARMED_FLAG_SIZE_MAX + 1], again[ARMED_FLAG_SIZE_MAX + 1];
        size_t length, again_length;
        ArmedFlag f, g;
        ArmedDevice *d;

        ASSERT_OK(armed_flag_init(&f, BOOT, 12345678901, 300));
        ASSERT_ERROR(armed_flag_format(&f, text, sizeof(text), &length), EINVAL);
        ASSERT_OK(armed_flag_add(&f, 0, "usbhid-ups", "ups@host:3493", NULL));
        ASSERT_OK(armed_flag_add(&f, -1, "al175", "a b\\\n\xff/", &d));
        ASSERT_OK(armed_device_add_node(d, "/dev/ttyS0"));
        ASSERT_OK(armed_device_add_node(d, "/dev/bus/usb/001/002"));
        ASSERT_ERROR(armed_device_add_node(d, "/dev/ttyS1"), E2BIG);
        ASSERT_OK(armed_flag_add(&f, 2147483647, "x", "y", NULL));
        ASSERT_OK(armed_flag_format(&f, text, sizeof(text), &length));
        ASSERT_EQ(length, strlen(text));
        ASSERT_STREQ(text,
                     "busbar-armed 1\nboot " BOOT "\ntime 12345678901\nwait 75\n"
                     "device 0 usbhid-ups ups@host:3493\n"
                     "device -1 al175 a\\x20b\\x5c\\x0a\\xff\\x2f\n"
                     "node /dev/ttyS0\n"
                     "node /dev/bus/usb/001/002\n"
                     "device 2147483647 x y\n");

        ASSERT_OK(armed_flag_parse(text, length, &g));
        ASSERT_EQ(g.n_devices, 3);
        ASSERT_EQ(g.wait_sec, 75);
        ASSERT_EQ(g.devices[1].sdorder, -1);
        ASSERT_STREQ(g.devices[1].name, "a b\\\n\xff/");
        ASSERT_STREQ(g.devices[1].nodes[1], "/dev/bus/usb/001/002");
        ASSERT_OK(armed_flag_format(&g, again, sizeof(again), &again_length));
        ASSERT_STREQ(again, text);

        /* What is short by one byte says so, and no text is accepted without its last one. */
        ASSERT_OK(armed_flag_format(&f, again, length + 1, &again_length));
        for (size_t i = 0; i <= length; i++)
                ASSERT_ERROR(armed_flag_format(&f, again, i, &again_length), E2BIG);
        ASSERT_ERROR(armed_flag_parse(text, length - 1, &g), EINVAL);
}

static void test_limits(void) {
        char name[257], driver[65], text[ARMED_FLAG_SIZE_MAX + 2];
        size_t length;
        ArmedFlag f, g;

        ASSERT_OK(armed_flag_init(&f, BOOT, 0, 0));
        memset(name, 'n', sizeof(name));
        memset(driver, 'd', sizeof(driver));
        name[256] = driver[64] = '\0';
        ASSERT_ERROR(armed_flag_add(&f, 0, "d", name, NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, driver, "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, -2, "d", "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, "", "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, "d", "", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, "../d", "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, "a/d", "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, "-d", "n", NULL), EINVAL);
        ASSERT_ERROR(armed_flag_add(&f, 0, ".d", "n", NULL), EINVAL);
        ASSERT_EQ(f.n_devices, 0);

        /* The longest of everything, but not so many that the text becomes larger than a flag may be. */
        memset(name, ' ', 255);
        name[255] = driver[63] = '\0';
        while (f.n_devices < 50)
                ASSERT_OK(armed_flag_add(&f, INT32_MAX, driver, name, NULL));
        ASSERT_OK(armed_flag_format(&f, text, sizeof(text), &length));
        ASSERT_OK(armed_flag_parse(text, length, &g));
        ASSERT_EQ(g.n_devices, 50);
        while (f.n_devices < ARMED_FLAG_DEVICES_MAX)
                ASSERT_OK(armed_flag_add(&f, INT32_MAX, driver, name, NULL));
        ASSERT_ERROR(armed_flag_add(&f, 0, "d", "n", NULL), E2BIG);
        ASSERT_ERROR(armed_flag_format(&f, text, sizeof(text), &length), E2BIG);

        memset(text, '\n', sizeof(text));
        ASSERT_ERROR(armed_flag_parse(text, ARMED_FLAG_SIZE_MAX + 1, &g), E2BIG);
        ASSERT_ERROR(armed_flag_parse(text, ARMED_FLAG_SIZE_MAX, &g), EINVAL);
}

static void test_nodes(void) {
        static const struct {
                const char *path;
                int result;
        } cases[] = {
                { "/dev/ttyS0",               0       },
                { "/dev/serial/by-id/usb-a+b:1.0-port0", 0 },
                { "/dev/a..b",                0       },
                { "",                         -EINVAL },
                { "/dev",                     -EINVAL },
                { "/dev/",                    -EINVAL },
                { "/dev/a/",                  -EINVAL },
                { "/dev//a",                  -EINVAL },
                { "/dev/../etc/shadow",       -EINVAL },
                { "/dev/a/../../etc/shadow",  -EINVAL },
                { "/dev/a/./b",               -EINVAL },
                { "/dev/a b",                 -EINVAL },
                { "/etc/passwd",              -EINVAL },
                { "dev/ttyS0",                -EINVAL },
        };
        ArmedDevice d = {};

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                d.n_nodes = 0;
                ASSERT_EQ(armed_device_add_node(&d, cases[i].path), cases[i].result);
        }
}

static const char *const good_texts[] = {
        HEAD DEVICE,
        HEAD DEVICE "node /dev/ttyS0\n",
        HEAD DEVICE DEVICE,
        HEAD "device 0 usbhid-ups a\\x2fb\n",
        "busbar-armed 1\nboot " BOOT "\ntime 18446744073709551615\nwait 0\n" DEVICE,
};

static const char *const bad_texts[] = {
        "",
        "\n",
        HEAD,
        HEAD "device 0 usbhid-ups ups",
        HEAD DEVICE "\n",
        HEAD DEVICE "x\n",
        "\n" HEAD DEVICE,
        HEAD "node /dev/ttyS0\n" DEVICE,
        HEAD DEVICE "node /etc/shadow\n",
        HEAD DEVICE "device\n",
        HEAD "device 0 usbhid-ups\n",
        HEAD "device 0 usbhid-ups \n",
        HEAD "device 0  ups\n",
        HEAD "device  usbhid-ups ups\n",
        HEAD "device 0 usbhid-ups ups more\n",
        HEAD "device 0 usbhid-ups ups \n",
        HEAD "device 0 usbhid-ups ups\r\n",
        HEAD "device 0\tusbhid-ups ups\n",
        HEAD "device -2 usbhid-ups ups\n",
        HEAD "device -0 usbhid-ups ups\n",
        HEAD "device +0 usbhid-ups ups\n",
        HEAD "device 00 usbhid-ups ups\n",
        HEAD "device 2147483648 usbhid-ups ups\n",
        HEAD "device 0 ../../bin/sh ups\n",
        HEAD "device 0 usbhid-ups a/b\n",
        HEAD "device 0 usbhid-ups a\\x2Fb\n",
        HEAD "device 0 usbhid-ups a\\x00b\n",
        HEAD "device 0 usbhid-ups \\x61\n",
        HEAD "device 0 usbhid-ups a\\\n",
        HEAD "device 0 usbhid-ups a\\x\n",
        HEAD "device 0 usbhid-ups a\\x2\n",
        "busbar-armed 2\nboot " BOOT "\ntime 1\nwait 0\n" DEVICE,
        "busbar-armed 1 \nboot " BOOT "\ntime 1\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\nwait 0\ntime 1\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime 1\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "0\ntime 1\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot \ntime 1\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime x\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime -1\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime 18446744073709551616\nwait 0\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime 1\nwait 76\n" DEVICE,
        "busbar-armed 1\nboot " BOOT "\ntime 1\nwait \n" DEVICE,
        "busbar-armed 1\nboot 01234567-89ab-cdef-0123-456789abcdef\n"
        "time 1\nwait 0\n" DEVICE,
};

static void test_parse(void) {
        static const char with_nul[] = HEAD DEVICE "\0";
        static const char with_nul_inside[] = HEAD "device 0 usbhid-ups u\0s\n";
        ArmedFlag f;

        for (size_t i = 0; i < ELEMENTSOF(good_texts); i++)
                if (armed_flag_parse(good_texts[i], strlen(good_texts[i]), &f) < 0)
                        TEST_FAIL("refused: %s", good_texts[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad_texts); i++)
                if (armed_flag_parse(bad_texts[i], strlen(bad_texts[i]), &f) != -EINVAL)
                        TEST_FAIL("taken: %s", bad_texts[i]);

        ASSERT_ERROR(armed_flag_parse(with_nul, sizeof(with_nul) - 1, &f), EINVAL);
        ASSERT_ERROR(armed_flag_parse(with_nul_inside, sizeof(with_nul_inside) - 1, &f), EINVAL);
}

static void test_is_current(void) {
        ArmedFlag f;

        ASSERT_OK(armed_flag_init(&f, BOOT, 1000, 0));
        ASSERT_TRUE(armed_flag_is_current(&f, BOOT, 1000));
        ASSERT_TRUE(armed_flag_is_current(&f, BOOT, 1000 + ARMED_FLAG_AGE_MAX_USEC));
        ASSERT_FALSE(armed_flag_is_current(&f, BOOT, 1001 + ARMED_FLAG_AGE_MAX_USEC));
        ASSERT_FALSE(armed_flag_is_current(&f, BOOT, 999));
        ASSERT_FALSE(armed_flag_is_current(&f, "0123456789abcdef0123456789abcdee", 1000));
}

int main(void) {
        test_boot_id();
        test_round_trip();
        test_limits();
        test_nodes();
        test_parse();
        test_is_current();
        return EXIT_SUCCESS;
}
