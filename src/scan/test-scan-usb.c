/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-print.h"
#include "scan.h"
#include "test-file.h"

/* A sysfs of our own, as far as USB is concerned, in the current directory. */

static void make_directories(const char *path) {
        _cleanup_free_ char *copy = strdup(path);

        for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
                *slash = '\0';
                ASSERT_TRUE(mkdir(copy, 0755) == 0 || errno == EEXIST);
                *slash = '/';
        }
}

static void put(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = strjoin("bus/usb/devices/", directory, "/", name);

        make_directories(path);
        test_write_file(path, text);
}

/* A report descriptor with the power page at its top, as UPSes have them, and one of a keyboard. */
#define POWER "\x05\x84\x09\x04\xa1\x01\x85\x01\x09\x30\x75\x08\x95\x01\xb1\x02\xc0"
#define KEYBOARD "\x05\x01\x09\x06\xa1\x01\x05\x07\x75\x08\x95\x01\x81\x02\xc0"

static void put_unit(const char *place, const char *vendor, const char *product, const char *number,
                const char *descriptor) {
        _cleanup_free_ char *interface = strjoin(place, ":1.0");

        put(place, "idVendor", vendor);
        put(place, "idProduct", product);
        put(place, "bcdDevice", "0106\n");
        put(place, "busnum", "1\n");
        put(place, "devnum", number);
        put(place, "dev", "189:3\n");
        put(interface, "bInterfaceClass", "03\n");
        put(interface, "bInterfaceNumber", "00\n");
        if (descriptor) {
                put(interface, "0003:051D:0002.0001/hidraw/hidraw3/dev", "243:3\n");
                put(interface, "0003:051D:0002.0001/report_descriptor", descriptor);
        }
}

static char *scan(ScanPlace place, bool parsable) {
        const ScanSettings settings = { .kinds = SCAN_KIND(SCAN_USB), .sysfs = ".", .place = place };
        _cleanup_(scan_devices_done) ScanDevices found = {};
        ScanNumbers numbers = {};
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ASSERT_TRUE(f);
        ASSERT_OK(scan_run(&settings, &found, NULL));
        if (parsable)
                scan_print_parsable(f, &found);
        else {
                scan_print_sections(f, &found, &numbers);
                scan_print_remarks(f, &found, 1, NULL);
        }
        ASSERT_EQ(fclose(f), 0);
        return text;
}

static void test_sections(void) {
        _cleanup_free_ char *plain = scan(SCAN_PLACE_NONE, false), *lines = scan(SCAN_PLACE_NONE, true),
                            *all = scan(SCAN_PLACE_ALL, false);

        ASSERT_STREQ(plain,
                "[nutdev-usb1]\n\tdriver = \"usbhid-ups\"\n\tport = \"auto\"\n\tvendorid = \"051D\"\n"
                "\tproductid = \"0002\"\n\tproduct = \"Back-UPS 'ES' 700G\"\n\tserial = \"5B1234\"\n"
                "\tvendor = \"American Power Conversion\"\n\t# bus = \"001\"\n\t# device = \"004\"\n"
                "\t# busport = \"2\"\n");
        ASSERT_STREQ(lines,
                "USB:driver=\"usbhid-ups\",port=\"auto\",vendorid=\"051D\",productid=\"0002\","
                "product=\"Back-UPS 'ES' 700G\",serial=\"5B1234\",vendor=\"American Power Conversion\"\n");
        ASSERT_TRUE(strstr(all, "\tbus = \"001\"\n\tdevice = \"004\"\n\tbusport = \"2\"\n"
                                "\t###NOTMATCHED-YET### bcdDevice = \"0106\"\n"));
}

/* Two of a kind without serial numbers. */
static void test_twins(void) {
        _cleanup_free_ char *plain = NULL, *ports = NULL;

        put_unit("1-3", "0764\n", "0501\n", "5\n", POWER);
        put_unit("1-4", "0764\n", "0501\n", "6\n", POWER);
        plain = scan(SCAN_PLACE_NONE, false);
        ports = scan(SCAN_PLACE_PORT, false);
        ASSERT_TRUE(strstr(plain, "# WARNING: nutdev-usb2 and nutdev-usb3 cannot be told apart"));
        ASSERT_FALSE(strstr(ports, "# WARNING"));
}

int main(void) {
        _cleanup_(test_directory_freep) _unused_ char *directory = test_directory_new();

        put_unit("1-2", "051d\n", "0002\n", "4\n", POWER);
        put("1-2", "manufacturer", " American Power Conversion \n");
        put("1-2", "product", "Back-UPS \"ES\" 700G\n");
        put("1-2", "serial", "5B1234  \n");
        put_unit("1-1", "046d\n", "c31c\n", "2\n", KEYBOARD);

        test_sections();
        test_twins();
        return 0;
}
