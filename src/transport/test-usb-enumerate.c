/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/sysmacros.h>

#include "hid-link.h"
#include "test-file.h"
#include "usb-enumerate.h"

/* A sysfs of our own, as far as USB is concerned, in the current directory. */

static void make_directories(const char *path) {
        _cleanup_free_ char *copy = strdup(path);

        for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                ASSERT_TRUE(mkdir(copy, 0755) == 0 || errno == EEXIST);
                *slash = '/';
        }
        ASSERT_TRUE(mkdir(copy, 0755) == 0 || errno == EEXIST);
}

static void put(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = strjoin("bus/usb/devices/", directory, "/", name);
        _cleanup_free_ char *parent = strndup(path, (size_t) (strrchr(path, '/') - path));

        make_directories(parent);
        test_write_file(path, text);
}

static void put_bytes(const char *directory, const char *name, const char *bytes, size_t n) {
        _cleanup_free_ char *path = strjoin("bus/usb/devices/", directory, "/", name);
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f && fwrite(bytes, 1, n, f) == n);
        ASSERT_EQ(fclose(f), 0);
}

static void put_device(const char *place, const char *ids[2], const char *bus, const char *number,
                const char *dev) {
        put(place, "idVendor", ids[0]);
        put(place, "idProduct", ids[1]);
        put(place, "bcdDevice", "0106\n");
        put(place, "busnum", bus);
        put(place, "devnum", number);
        put(place, "dev", dev);
}

static void put_interface(const char *name, const char *class, const char *number) {
        put(name, "bInterfaceClass", class);
        put(name, "bInterfaceNumber", number);
}

static void make_apc(void) {
        put_device("1-2", (const char *[]) { "051d\n", "0002\n" }, "1\n", "4\n", "189:3\n");
        put("1-2", "manufacturer", " American Power Conversion \n");
        put("1-2", "product", "Back-UPS\tES 700G FW:871.O3 .I USB FW:O3\n");
        put("1-2", "serial", "5B1234X56789  \n");
        put_interface("1-2:1.0", "03\n", "00\n");
        put("1-2:1.0", "0003:051D:0002.0001/hidraw/hidraw3/dev", "243:3\n");
        put_bytes("1-2:1.0", "0003:051D:0002.0001/report_descriptor", "\x05\x84\x09\x04\xa1\x01\x00\xc0", 8);
        /* Not the one. */
        put("1-2:1.0", "ep_81/bEndpointAddress", "81\n");
        put("1-2:1.0", "0003:051D:0002.0001/hidraw/other/dev", "243:9\n");
}

/* Behind a hub, with a keyboard on its first interface, and without texts. */
static void make_composite(void) {
        put_device("1-2.10.3", (const char *[]) { "0764\n", "0501\n" }, "1\n", "12\n", "189:11\n");
        put_interface("1-2.10.3:1.1", "03\n", "01\n");
        put("1-2.10.3:1.1", "0003:0764:0501.0007/hidraw/hidraw11/dev", "243:11\n");
        put_bytes("1-2.10.3:1.1", "0003:0764:0501.0007/report_descriptor", "\x05\x84", 2);
        put_interface("1-2.10.3:1.0", "03\n", "00\n");
        put("1-2.10.3:1.0", "0003:0764:0501.0006/hidraw/hidraw10/dev", "243:10\n");
        put_bytes("1-2.10.3:1.0", "0003:0764:0501.0006/report_descriptor", "\x05\x01", 2);
}

/* In the hands of somebody else, so the kernel's driver knows nothing of it. */
static void make_detached(void) {
        put_device("1-2.9", (const char *[]) { "0463\n", "ffff\n" }, "1\n", "11\n", "189:10\n");
        put("1-2.9", "product", "a\001b\177c\n");
        put("1-2.9", "serial", " \n");
        put_interface("1-2.9:1.0", "03\n", "00\n");
}

static void make_oddities(void) {
        /* A disk, a hub, and one that is half gone. */
        put_device("2-1", (const char *[]) { "0951\n", "1666\n" }, "2\n", "2\n", "189:129\n");
        put_interface("2-1:1.0", "08\n", "00\n");
        put_device("usb1", (const char *[]) { "1d6b\n", "0002\n" }, "1\n", "1\n", "189:0\n");
        put_interface("1-0:1.0", "09\n", "00\n");
        put("3-1", "idVendor", "051d\n");
        put_interface("3-1:1.0", "03\n", "00\n");
        /* Numbers that are none. */
        put_device("3-2", (const char *[]) { "xyz\n", "0002\n" }, "3\n", "2\n", "189:257\n");
        put_interface("3-2:1.0", "03\n", "00\n");
        put_device("3-3", (const char *[]) { "051d\n", "10002\n" }, "3\n", "3\n", "189:258\n");
        put_interface("3-3:1.0", "03\n", "00\n");
        put_device("3-4", (const char *[]) { "051d\n", "0002\n" }, "-3\n", "3\n", "189:258\n");
        put_interface("3-4:1.0", "03\n", "00\n");
        put_device("3-5", (const char *[]) { "051d\n", "0002\n" }, "3\n", "3\n", "there\n");
        put_interface("3-5:1.0", "03\n", "00\n");
        put_device("3-6", (const char *[]) { "051d\n", "0002\n" }, "3\n", "3\n", "189:258\n");
        put_interface("3-6:1.0", "\n", "00\n");
        /* An interface of a device that is not there, and one of which nothing is left. */
        put_interface("4-1:1.0", "03\n", "00\n");
        put("4-2:1.0", "uevent", "");
}

static void check_apc(const UsbHidDevice *d) {
        ASSERT_EQ(d->identity.vendor_id, 0x051d);
        ASSERT_EQ(d->identity.product_id, 2);
        ASSERT_EQ(d->identity.release, 0x0106);
        ASSERT_STREQ(d->identity.vendor, "American Power Conversion");
        ASSERT_STREQ(d->identity.product, "Back-UPS?ES 700G FW:871.O3 .I USB FW:O3");
        ASSERT_STREQ(d->identity.serial, "5B1234X56789");
        ASSERT_STREQ(d->identity.bus, "001");
        ASSERT_STREQ(d->identity.device, "004");
        ASSERT_STREQ(d->identity.busport, "2");
        ASSERT_STREQ(d->identity.path, "1-2");
        ASSERT_STREQ(d->usbfs, "/dev/bus/usb/001/004");
        ASSERT_STREQ(d->hidraw, "/dev/hidraw3");
        ASSERT_TRUE(d->usbfs_number == makedev(189, 3));
        ASSERT_TRUE(d->hidraw_number == makedev(243, 3));
        ASSERT_EQ(d->interface, 0);
        ASSERT_EQ(d->descriptor_size, 8);
        ASSERT_EQ(d->descriptor[6], 0);
}

static void test_tree(void) {
        UsbHidList l = {};

        make_oddities();
        make_composite();
        make_detached();
        make_apc();
        ASSERT_OK(usb_hid_enumerate_at(".", &l));
        ASSERT_EQ(l.n_devices, 4);

        check_apc(&l.devices[0]);

        ASSERT_STREQ(l.devices[1].identity.path, "1-2.9");
        ASSERT_STREQ(l.devices[1].identity.busport, "2.9");
        ASSERT_STREQ(l.devices[1].identity.product, "a?b?c");
        ASSERT_STREQ(l.devices[1].identity.serial, NULL);
        ASSERT_STREQ(l.devices[1].identity.vendor, NULL);
        ASSERT_STREQ(l.devices[1].hidraw, NULL);
        ASSERT_TRUE(!l.devices[1].descriptor);

        ASSERT_STREQ(l.devices[2].identity.path, "1-2.10.3");
        ASSERT_EQ(l.devices[2].interface, 0);
        ASSERT_STREQ(l.devices[2].hidraw, "/dev/hidraw10");
        ASSERT_EQ(l.devices[3].interface, 1);
        ASSERT_STREQ(l.devices[3].hidraw, "/dev/hidraw11");
        ASSERT_STREQ(l.devices[3].usbfs, "/dev/bus/usb/001/012");

        usb_hid_list_done(&l);
        ASSERT_EQ(l.n_devices, 0);
}

/* Where others than HID devices are wanted, too. */
static void test_all_classes(void) {
        UsbHidList l = {};
        const UsbHidDevice *found = NULL;

        put_device("1-4", (const char *[]) { "06da\n", "0002\n" }, "1\n", "9\n", "189:8\n");
        put_interface("1-4:1.0", "ff\n", "00\n");
        put_interface("1-4:1.1", "03\n", "01\n");
        put("1-4:1.1", "bInterfaceProtocol", "01\n");

        ASSERT_OK(usb_enumerate_at(".", &l));
        for (size_t i = 0; i < l.n_devices; i++)
                if (streq(l.devices[i].identity.path, "1-4") && !found)
                        found = &l.devices[i];
        ASSERT_TRUE(found != NULL);
        ASSERT_EQ(found[0].class, 0xff);
        ASSERT_EQ(found[0].interface, 0);
        ASSERT_EQ(found[0].identity.vendor_id, 0x06da);
        ASSERT_EQ(found[1].class, 3);
        ASSERT_EQ(found[1].protocol, 1);
        usb_hid_list_done(&l);

        ASSERT_OK(usb_hid_enumerate_at(".", &l));
        for (size_t i = 0; i < l.n_devices; i++)
                ASSERT_EQ(l.devices[i].class, 3);
        usb_hid_list_done(&l);
}

static void test_nothing(void) {
        UsbHidList l = {};

        ASSERT_OK(usb_hid_enumerate_at("nowhere", &l));
        ASSERT_EQ(l.n_devices, 0);
        usb_hid_list_done(&l);

        /* Whatever this machine has, these are no devices. */
        UsbHidDevice *d = NULL;
        ASSERT_ERROR(usb_hid_find_node("/nowhere/hidraw77777", &d), ENOENT);
        ASSERT_ERROR(usb_hid_find_node("/dev/null", &d), ENODEV);
        ASSERT_ERROR(usb_hid_find_node(".", &d), ENODEV);
        ASSERT_ERROR(usb_hid_find_number(makedev(1, 3), &d), ENODEV);
        ASSERT_ERROR(usb_find_number(makedev(1, 3), &d), ENODEV);
        ASSERT_ERROR(usb_find_node("/dev/null", &d), ENODEV);
        ASSERT_TRUE(!d);
}

int main(void) {
        _cleanup_(test_directory_freep) char *directory = test_directory_new();

        ASSERT_TRUE(directory != NULL);
        test_nothing();
        test_tree();
        test_all_classes();
        return EXIT_SUCCESS;
}
