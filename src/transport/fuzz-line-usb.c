/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "line-usb.h"
#include "test-util.h"
#include "time-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a device says: a length, or from 0xf8 on an error, and then as many bytes; of packets and of answers
 * to control requests alike. Time does not pass. */
typedef struct Device {
        const uint8_t *data;
        size_t size;
} Device;

static int say(Device *d, uint8_t *data, size_t size) {
        static const int errors[] = { -ETIMEDOUT, -EPIPE, -EIO, -ENODEV, -EINTR, -EIO, -EIO, -ETIMEDOUT };
        size_t n;

        if (d->size == 0)
                return -ENODEV;
        n = d->data[0];
        d->data++;
        d->size--;
        if (n >= 0xf8)
                return errors[n - 0xf8];

        n = MIN(MIN(n, d->size), size);
        memcpy(data, d->data, n);
        d->data += n;
        d->size -= n;
        return (int) n;
}

static int device_control(void *userdata, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
        uint8_t *data, size_t size, uint64_t timeout_usec) {
        uint8_t ignored[8];
        int r;

        ASSERT_TRUE(size > 0 && size <= 4096 && timeout_usec > 0);
        if (type & 0x80)
                return say(userdata, data, size);
        r = say(userdata, ignored, 1);
        return r < 0 ? r : (int) size;
}

static int device_transfer(
        void *userdata, uint8_t endpoint, uint8_t *data, size_t size, uint64_t timeout_usec) {
        ASSERT_TRUE(size > 0 && size <= LINE_USB_PACKET_MAX && timeout_usec > 0);
        return device_control(userdata, endpoint & 0x80, 0, 0, 0, data, size, timeout_usec);
}

static void device_clear_halt(void *userdata, uint8_t endpoint) {
        (void) userdata;
        (void) endpoint;
}

static int device_wait(void *userdata, uint64_t usec) {
        (void) userdata;
        ASSERT_TRUE(usec <= USEC_PER_SEC);
        return 0;
}

static void device_close(void *userdata) {
        *(Device *) userdata = (Device) {};
}

static void ask(LineLink *l, const char *line, size_t binary) {
        static const LineFraming text = { .end = "\r", .n_end = 1, .timeout_usec = USEC_PER_SEC };
        LineFraming framing = text;
        uint8_t answer[LINE_SIZE_MAX];
        int r;

        framing.binary = binary;
        r = line_link_exchange(l, (const uint8_t *) line, strlen(line), &framing, answer, sizeof(answer));
        ASSERT_TRUE(r <= (int) sizeof(answer));
        if (r > 0) {
                ASSERT_EQ(answer[r - 1], '\r');
                ASSERT_TRUE((size_t) r > binary);
        }
}

/* The first byte says which way, and whether an answer has bytes of any kind; the next what packets and
 * endpoints there are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const lines[] = { "Q1\r", "F\r", "S.5R0003\r", "Q\r", "QPI\r", "S02\r", "I\r" };
        static const LineUsbIo io = {
                .control = device_control,
                .transfer = device_transfer,
                .clear_halt = device_clear_halt,
                .wait = device_wait,
                .close = device_close,
        };
        Device device;
        LineUsb setup;
        _cleanup_(line_link_freep) LineLink *l = NULL;

        if (size < 2)
                return 0;
        device = (Device) { data + 2, size - 2 };
        setup = (LineUsb) {
                .io = &io,
                .userdata = &device,
                .in = { .address = data[1] & 1 ? 0x82 : 0x81, .is_interrupt = true, .packet = 8 },
                .out = { .address = 0x02, .is_interrupt = true },
                .language = data[1] & 2 ? 0x409 : -1,
                .no_vendor = data[1] & 4,
        };
        if (data[1] & 1)
                setup.in.packet = 64;
        ASSERT_OK(line_usb_new(line_usb_names()[(data[0] & 0x0f) % 14], &setup, &(HidIdentity) {}, &l));
        for (size_t i = 0; device.size > 0 && i < 64; i++)
                ask(l, lines[i % ELEMENTSOF(lines)], data[0] & 0x10 ? 5 : 0);
        return 0;
}
