/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-hid-fake.h"

#include "string-util.h"
#include "test-util.h"

/* UPS.PowerSummary with, by report:
 * 01 RemainingCapacity, 8 bits, Feature and Input
 * 02 PresentStatus: ACPresent, Charging, Discharging, BelowRemainingCapacityLimit, NeedReplacement, 3 bits
 *    of padding; Feature and, in another order (Discharging, ACPresent), Input
 * 03 Voltage (16 bits, 10 mV), Current (signed 8 bits, A)
 * 04 RemainingCapacityLimit 0..100 and WarningCapacityLimit
 * 05 DelayBeforeShutdown, 06 DelayBeforeStartup: 16 bits, -1..32767, seconds
 * 07 AudibleAlarmControl 1..3
 * 08 iDeviceChemistry, iProduct
 * 09 ManufacturerDate
 * 0a RunTimeToEmpty, 16 bits, Input only
 * 0b Test, Output only
 * 0c Temperature, K */
static const uint8_t standard[] = {
        0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x09, 0x24, 0xa1, 0x02, 0x75, 0x08, 0x95, 0x01, 0x15, 0x00,
        0x26, 0xff, 0x00,
        /* 01 */
        0x85, 0x01, 0x05, 0x85, 0x09, 0x66, 0x25, 0x64, 0xb1, 0x82, 0x09, 0x66, 0x81, 0x82,
        /* 02 */
        0x85, 0x02, 0x05, 0x84, 0x09, 0x02, 0xa1, 0x02, 0x05, 0x85, 0x75, 0x01, 0x25, 0x01,
        0x09, 0xd0, 0xb1, 0x82, 0x09, 0x44, 0xb1, 0x82, 0x09, 0x45, 0xb1, 0x82, 0x09, 0x42, 0xb1, 0x82,
        0x09, 0x4b, 0xb1, 0x82, 0x75, 0x03, 0xb1, 0x03, 0x75, 0x01,
        0x09, 0x45, 0x81, 0x82, 0x09, 0xd0, 0x81, 0x82, 0x75, 0x06, 0x81, 0x03, 0xc0,
        /* 03 */
        0x85, 0x03, 0x05, 0x84, 0x75, 0x10, 0x27, 0xff, 0xff, 0x00, 0x00, 0x67, 0x21, 0xd1, 0xf0, 0x00,
        0x55, 0x05, 0x09, 0x30, 0xb1, 0x82, 0x75, 0x08, 0x15, 0x81, 0x25, 0x7f, 0x67, 0x01, 0x00, 0x10, 0x00,
        0x55, 0x00, 0x09, 0x31, 0xb1, 0x82, 0x65, 0x00, 0x15, 0x00,
        /* 04 */
        0x85, 0x04, 0x05, 0x85, 0x25, 0x64, 0x09, 0x29, 0xb1, 0x82, 0x09, 0x8c, 0xb1, 0x82,
        /* 05, 06 */
        0x05, 0x84, 0x75, 0x10, 0x15, 0xff, 0x26, 0xff, 0x7f,
        0x85, 0x05, 0x09, 0x57, 0xb1, 0x82, 0x85, 0x06, 0x09, 0x56, 0xb1, 0x82,
        /* 07 */
        0x85, 0x07, 0x75, 0x08, 0x15, 0x01, 0x25, 0x03, 0x09, 0x5a, 0xb1, 0x82,
        /* 08 */
        0x85, 0x08, 0x15, 0x00, 0x26, 0xff, 0x00, 0x05, 0x85, 0x09, 0x89, 0xb1, 0x82,
        0x05, 0x84, 0x09, 0xfe, 0xb1, 0x82,
        /* 09 */
        0x85, 0x09, 0x05, 0x85, 0x75, 0x10, 0x27, 0xff, 0xff, 0x00, 0x00, 0x09, 0x85, 0xb1, 0x82,
        /* 0a */
        0x85, 0x0a, 0x09, 0x68, 0x81, 0x82,
        /* 0b */
        0x85, 0x0b, 0x05, 0x84, 0x75, 0x08, 0x25, 0x03, 0x09, 0x58, 0x91, 0x82,
        /* 0c */
        0x85, 0x0c, 0x75, 0x10, 0x27, 0xff, 0xff, 0x00, 0x00, 0x09, 0x36, 0xb1, 0x82,
        0xc0, 0xc0,
};

static FakeLink *fake(HidLink *l) {
        return (FakeLink *) l;
}

static int fake_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        FakeLink *f = fake(l);

        f->n_gets++;
        f->gets[id]++;
        if (kind == HID_FEATURE && f->errors[id] != 0)
                return f->errors[id];
        if (f->sizes[kind][id] == 0)
                return -EPIPE;
        size = MIN(size, f->sizes[kind][id]);
        memcpy(buffer, f->reports[kind][id], size);
        if (id == f->short_id && f->short_gets > 0) {
                f->short_gets--;
                return (int) MIN(size, (size_t) 2);
        }
        return (int) size;
}

static int fake_fd(HidLink *l) {
        return fake(l)->has_fd ? 0 : -1;
}

static int fake_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n) {
        FakeLink *f = fake(l);

        if (f->set_error != 0)
                return f->set_error;
        if (f->n_sets < ELEMENTSOF(f->sent))
                memcpy(f->sent[f->n_sets], report, MIN(n, sizeof(f->sent[0])));
        f->n_sets++;
        if (!f->deaf)
                fake_link_put(f, kind, report, MIN(n, sizeof(f->reports[0][0])));
        return 0;
}

static int fake_read_input(HidLink *l, uint8_t *buffer, size_t size) {
        FakeLink *f = fake(l);

        if (f->next >= f->n_queue)
                return f->input_error;
        size = MIN(size, f->queue_sizes[f->next]);
        memcpy(buffer, f->queue[f->next++], size);
        return (int) size;
}

static int fake_get_string(HidLink *l, uint8_t index, char **ret) {
        FakeLink *f = fake(l);

        f->n_strings++;
        if (!f->strings[index])
                return -EPIPE;
        *ret = strdup(f->strings[index]);
        return *ret ? 0 : -ENOMEM;
}

FakeLink *fake_link_new_with(const uint8_t *descriptor, size_t n) {
        static const HidLinkOps ops = {
                .name = "fake",
                .get_report = fake_get_report,
                .set_report = fake_set_report,
                .read_input = fake_read_input,
                .get_string = fake_get_string,
                .fd = fake_fd,
        };
        FakeLink *f = new0(FakeLink, 1);

        ASSERT_TRUE(f);
        f->link.ops = &ops;
        f->link.descriptor = new0(uint8_t, n);
        ASSERT_TRUE(f->link.descriptor);
        memcpy(f->link.descriptor, descriptor, n);
        f->link.descriptor_size = n;
        f->link.identity.vendor_id = 0x1234;
        f->link.identity.product_id = 0x5678;
        f->link.identity.product = strdup("Example 700 FW:12.3 USB FW:4");
        return f;
}

FakeLink *fake_link_new(void) {
        FakeLink *f = fake_link_new_with(standard, sizeof(standard));

        FAKE_FEATURE(f, 0x01, 98);
        FAKE_FEATURE(f, 0x02, 0x03);
        FAKE_FEATURE(f, 0x03, 0x54, 0x05, 0xfe);
        FAKE_FEATURE(f, 0x04, 10, 20);
        FAKE_FEATURE(f, 0x05, 0xff, 0xff);
        FAKE_FEATURE(f, 0x06, 0xff, 0xff);
        FAKE_FEATURE(f, 0x07, 2);
        FAKE_FEATURE(f, 0x08, 4, 5);
        FAKE_FEATURE(f, 0x09, 0xb8, 0x58);
        FAKE_FEATURE(f, 0x0c, 0x2a, 0x01);
        f->strings[4] = " PbAc ";
        f->strings[5] = "Example";
        return f;
}

void fake_link_put(FakeLink *f, HidKind kind, const uint8_t *report, size_t n) {
        memcpy(f->reports[kind][report[0]], report, n);
        f->sizes[kind][report[0]] = n;
}

void fake_link_send(FakeLink *f, const uint8_t *report, size_t n) {
        ASSERT_TRUE(f->n_queue < ELEMENTSOF(f->queue) && n <= sizeof(f->queue[0]));
        memcpy(f->queue[f->n_queue], report, n);
        f->queue_sizes[f->n_queue++] = n;
}
