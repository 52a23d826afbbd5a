/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-link.h"

#include "hid-driver.h"
#include "string-util.h"
#include "usb-node.h"

static const char *way_option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

int usb_link_options(const Device *d, UsbLinkOptions *ret) {
        UsbLinkOptions o;
        int r;

        r = usb_node_overrides(d, hid_driver_complaint_level(d), &o.overrides);
        if (r < 0)
                return r;
        o.way = usb_way_configured(way_option, d);

        *ret = o;
        return 0;
}

static int open_hidraw(const Device *d, const UsbHidDevice *device, HidLink **ret, char **ret_why) {
        _cleanup_free_ char *ignored = NULL;
        int fd, usbfs_fd, r;

        fd = usb_node_open(d, device->hidraw, USB_LOCK_EXCLUSIVE, ret_why);
        if (fd < 0)
                return fd;
        /* This one is for strings, which most devices can do without; but who has locked it is about to take
         * the other one from us. */
        usbfs_fd = usb_node_open(d, device->usbfs, USB_LOCK_SHARED, &ignored);
        if (usbfs_fd == -EBUSY) {
                *ret_why = TAKE_PTR(ignored);
                usb_node_close(fd);
                return -EBUSY;
        }
        if (usbfs_fd < 0)
                (void) log_device(d, LOG_DEBUG, usbfs_fd, "%s cannot be opened, so there are no strings: %m",
                                device->usbfs);

        r = hid_link_new_hidraw(device, fd, usbfs_fd, ret);
        if (r < 0) {
                usb_node_close(fd);
                usb_node_close(usbfs_fd);
        }
        return r;
}

typedef struct Libusb {
        const UsbOverrides *overrides;
        HidLink *link;
} Libusb;

static int make_libusb(const UsbHidDevice *device, int fd, void *userdata) {
        Libusb *l = userdata;

        return hid_link_new_libusb(device, fd, l->overrides, &l->link);
}

/* Who was given the one node only cannot open the other, whatever the options say. */
static bool use_libusb(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device) {
        if (device->hidraw && usb_node_is_handed_over(d, device->usbfs_number) &&
            !usb_node_is_handed_over(d, device->hidraw_number))
                return true;
        return usb_way_is_libusb(o->way, device);
}

int usb_link_open(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device, HidLink **ret,
                char **ret_why, bool *ret_foreign) {
        Libusb l = { .overrides = &o->overrides };
        int r;

        *ret_why = NULL;
        *ret_foreign = false;
        if (!use_libusb(d, o, device))
                return open_hidraw(d, device, ret, ret_why);
        r = usb_node_make_link(d, device, make_libusb, &l, ret_why, ret_foreign);
        if (r >= 0)
                *ret = l.link;
        return r;
}
