/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-link.h"
#include "string-util.h"

#define VENDOR_MGE 0x0463U
#define RELEASE_TWO_DESCRIPTORS 0x0202U

UsbWay usb_way_configured(const char *(*option)(const void *userdata, const char *name),
                const void *userdata) {
        static const char *const overrides[] = {
                "usb_config_index", "usb_hid_rep_index", "usb_hid_desc_index", "usb_hid_ep_in",
                "usb_set_altinterface",
        };
        const char *link = option(userdata, "link");

        if (link && strcaseeq(link, "hidraw"))
                return USB_WAY_HIDRAW;
        if (link && strcaseeq(link, "libusb"))
                return USB_WAY_LIBUSB;
        for (size_t i = 0; i < ELEMENTSOF(overrides); i++)
                if (option(userdata, overrides[i]))
                        return USB_WAY_LIBUSB;
        return USB_WAY_ANY;
}

unsigned usb_report_descriptor_index(const HidIdentity *identity) {
        return identity->vendor_id == VENDOR_MGE && identity->release == RELEASE_TWO_DESCRIPTORS ? 1 : 0;
}

bool usb_way_is_libusb(UsbWay way, const UsbHidDevice *device) {
        if (!device->hidraw || way == USB_WAY_LIBUSB)
                return true;
        return way == USB_WAY_ANY && usb_report_descriptor_index(&device->identity) > 0;
}
