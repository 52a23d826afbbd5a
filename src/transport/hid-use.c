/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-descriptor.h"

#define PAGE(usage) ((usage) >> 16)
#define PAGE_GENERIC_DESKTOP 0x01U
#define PAGE_KEYBOARD 0x07U
#define PAGE_CONSUMER 0x0cU
#define PAGE_DIGITIZER 0x0dU
#define PAGE_POWER_DEVICE 0x84U
#define PAGE_BATTERY_SYSTEM 0x85U

static bool is_power(uint32_t usage) {
        return PAGE(usage) == PAGE_POWER_DEVICE || PAGE(usage) == PAGE_BATTERY_SYSTEM;
}

static bool is_for_people(uint32_t usage) {
        return PAGE(usage) == PAGE_GENERIC_DESKTOP || PAGE(usage) == PAGE_KEYBOARD ||
                PAGE(usage) == PAGE_CONSUMER || PAGE(usage) == PAGE_DIGITIZER;
}

HidUse hid_descriptor_use(HidDescriptor *d) {
        bool for_people = false;

        for (size_t i = 0; i < hid_descriptor_n_applications(d); i++) {
                uint32_t usage = hid_descriptor_application(d, i);

                if (is_power(usage))
                        return HID_USE_POWER;
                for_people = for_people || is_for_people(usage);
        }
        if (for_people)
                return HID_USE_OTHER;

        for (size_t i = 0; i < hid_descriptor_n_fields(d); i++)
                if (hid_descriptor_field(d, i)->kind == HID_FEATURE)
                        return HID_USE_UNCLEAR;
        return HID_USE_OTHER;
}

HidUse hid_use(const uint8_t *descriptor, size_t n) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = NULL;

        if (!descriptor || hid_descriptor_parse(descriptor, n, &d) < 0)
                return HID_USE_OTHER;
        return hid_descriptor_use(d);
}

bool hid_is_for_people(const uint8_t *descriptor, size_t n) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *d = NULL;

        if (!descriptor || hid_descriptor_parse(descriptor, n, &d) < 0)
                return true;
        for (size_t i = 0; i < hid_descriptor_n_applications(d); i++)
                if (is_for_people(hid_descriptor_application(d, i)))
                        return true;
        return false;
}
