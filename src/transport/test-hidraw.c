/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "hid-link.h"
#include "test-util.h"

/* A socket stands in for the node: reads are the same, requests are refused as by an old kernel. */

static const uint8_t numbered[] = {
        0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x85, 0x0c, 0x75, 0x08, 0x95, 0x02, 0x15, 0x00, 0x26, 0xff,
        0x00, 0x09, 0x30, 0x81, 0x02, 0xc0,
};
static const uint8_t unnumbered[] = {
        0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x75, 0x08, 0x95, 0x02, 0x15, 0x00, 0x26, 0xff,
        0x00, 0x09, 0x30, 0x81, 0x02, 0xc0,
};

static HidLink *make_link(const uint8_t *descriptor, size_t n, int *ret_device) {
        const UsbHidDevice device = {
                .identity = { .vendor_id = 0x051d,
                                .product_id = 2,
                                .vendor = (char *) "APC",
                                .path = (char *) "1-2" },
                .descriptor = (uint8_t *) descriptor,
                .descriptor_size = n,
        };
        HidLink *l = NULL;
        int fds[2];

        ASSERT_OK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
        /* What has come in before is old. */
        ASSERT_EQ(send(fds[1], "\x0c\x01\x02", 3, 0), 3);
        ASSERT_EQ(send(fds[1], "\x0c\x01\x03", 3, 0), 3);
        ASSERT_OK(hid_link_new_hidraw(&device, fds[0], -1, &l));

        ASSERT_STREQ(l->ops->name, "hidraw");
        ASSERT_STREQ(l->identity.vendor, "APC");
        ASSERT_STREQ(l->identity.path, "1-2");
        ASSERT_EQ(l->descriptor_size, n);
        *ret_device = fds[1];
        return l;
}

static void test_input(const uint8_t *descriptor, size_t n, const uint8_t *sent, size_t n_sent,
                const uint8_t *expected, size_t n_expected) {
        _cleanup_close_ int device = -EBADF;
        _cleanup_(hid_link_freep) HidLink *l = make_link(descriptor, n, &device);
        struct pollfd p = { .fd = hid_link_fd(l), .events = POLLIN };
        uint8_t buffer[16];

        ASSERT_EQ(hid_link_read_input(l, buffer, sizeof(buffer)), 0);
        ASSERT_EQ(send(device, sent, n_sent, 0), n_sent);
        ASSERT_EQ(poll(&p, 1, 0), 1);
        ASSERT_EQ(hid_link_read_input(l, buffer, sizeof(buffer)), n_expected);
        ASSERT_EQ(memcmp(buffer, expected, n_expected), 0);
        ASSERT_EQ(hid_link_read_input(l, buffer, sizeof(buffer)), 0);
        ASSERT_EQ(poll(&p, 1, 0), 0);

        /* More than there is room for. */
        ASSERT_EQ(send(device, sent, n_sent, 0), n_sent);
        ASSERT_EQ(hid_link_read_input(l, buffer, 2), 2);
        ASSERT_EQ(memcmp(buffer, expected, 2), 0);
        ASSERT_EQ(hid_link_read_input(l, buffer, 1), -EINVAL);
}

static void test_requests(void) {
        _cleanup_close_ int device = -EBADF;
        _cleanup_(hid_link_freep) HidLink *l = make_link(numbered, sizeof(numbered), &device);
        uint8_t buffer[HID_REPORT_SIZE_MAX + 1] = { 0x0c };
        char *text = NULL;

        ASSERT_EQ(hid_link_get_report(l, HID_FEATURE, 0x0c, buffer, 3), -EOPNOTSUPP);
        ASSERT_EQ(hid_link_get_report(l, HID_INPUT, 0x0c, buffer, 3), -EOPNOTSUPP);
        ASSERT_EQ(hid_link_get_report(l, HID_FEATURE, 0x0c, buffer, 1), -EINVAL);
        ASSERT_EQ(hid_link_set_report(l, HID_FEATURE, buffer, 3), -EOPNOTSUPP);
        ASSERT_EQ(hid_link_set_report(l, HID_FEATURE, buffer, sizeof(buffer)), -EINVAL);
        /* The way that is left for output reports. */
        ASSERT_OK(hid_link_set_report(l, HID_OUTPUT, (const uint8_t *) "\x0c\x05", 2));
        ASSERT_EQ(recv(device, buffer, sizeof(buffer), 0), 2);
        ASSERT_EQ(buffer[1], 5);

        ASSERT_EQ(hid_link_get_string(l, 1, &text), -EOPNOTSUPP);
        ASSERT_EQ(hid_link_get_string(l, 0, &text), -ENOENT);
}

static void test_refused(void) {
        const UsbHidDevice empty = {}, nonsense = { .descriptor = (uint8_t *) "\xa1", .descriptor_size = 0 };
        _cleanup_close_ int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        HidLink *l = NULL;

        /* The descriptor stays ours. */
        ASSERT_TRUE(hid_link_new_hidraw(&empty, fd, -1, &l) < 0);
        ASSERT_TRUE(hid_link_new_hidraw(&nonsense, fd, -1, &l) < 0);
        ASSERT_TRUE(fcntl(fd, F_GETFD) >= 0);
        ASSERT_TRUE(!l);

        ASSERT_TRUE(hid_link_new_libusb(&empty, fd, NULL, &l) < 0);
        ASSERT_TRUE(fcntl(fd, F_GETFD) >= 0);
        ASSERT_TRUE(!l);
}

int main(void) {
        static const uint8_t sent[] = { 0x0c, 0x64, 0x01 }, bare[] = { 0x64, 0x01 },
                             expected[] = { 0, 0x64, 0x01 };

        test_input(numbered, sizeof(numbered), sent, 3, sent, 3);
        test_input(unnumbered, sizeof(unnumbered), bare, 2, expected, 3);
        test_requests();
        test_refused();
        return EXIT_SUCCESS;
}
