/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-id.h"

#define PAGE(usage) ((usage) >> 16)
#define PAGE_GENERIC_DESKTOP 0x01U
#define PAGE_KEYBOARD 0x07U
#define PAGE_CONSUMER 0x0cU
#define PAGE_DIGITIZER 0x0dU
#define PAGE_POWER_DEVICE 0x84U
#define PAGE_BATTERY_SYSTEM 0x85U

/* Collections that nobody has; a descriptor may claim any number. */
#define APPLICATIONS_MAX 1024U

static bool has_feature(HidDescriptor *d) {
        for (size_t i = 0; i < hid_descriptor_n_fields(d); i++)
                if (hid_descriptor_field(d, i)->kind == HID_FEATURE)
                        return true;
        return false;
}

bool hid_is_power_device(const uint8_t *descriptor, size_t n, bool known) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = NULL;
        bool for_people = false;

        if (hid_descriptor_parse(descriptor, n, &d) < 0)
                return false;

        for (size_t i = 0; i < APPLICATIONS_MAX && hid_descriptor_application(d, i) != 0; i++)
                switch (PAGE(hid_descriptor_application(d, i))) {
                case PAGE_POWER_DEVICE:
                case PAGE_BATTERY_SYSTEM:
                        return true;
                case PAGE_GENERIC_DESKTOP:
                case PAGE_KEYBOARD:
                case PAGE_CONSUMER:
                case PAGE_DIGITIZER:
                        for_people = true;
                        break;
                default:
                        break;
                }

        return known && !for_people && has_feature(d);
}
