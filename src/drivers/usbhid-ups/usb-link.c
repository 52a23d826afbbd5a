/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-link.h"

#include "hid-driver.h"
#include "string-util.h"
#include "usb-lock.h"

/* NUT takes all but the last in hexadecimal. */
static int override_parse(const Device *d, const char *name, int base, int *ret) {
        const char *value = device_option(d, name);
        unsigned long n;
        char *end;

        if (!value)
                return 0;
        errno = 0;
        n = strtoul(value, &end, base);
        if (errno != 0 || end == value || *end || !strchr("0123456789abcdefABCDEF", value[0]) ||
                        n > UINT8_MAX)
                return log_device(d, hid_driver_complaint_level(d), EINVAL,
                                "%s=%s is no %s number of one byte.", name, value,
                                base == 16 ? "hexadecimal" : "decimal");

        *ret = (int) n;
        return 0;
}

static const char *way_option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

int usb_link_options(const Device *d, UsbLinkOptions *ret) {
        UsbLinkOptions o = { .overrides = { -1, -1, -1, -1, -1, -1 } };
        const struct {
                const char *name;
                int base, *value;
        } numbers[] = {
                { "usb_config_index", 16, &o.overrides.config_index },
                { "usb_hid_rep_index", 16, &o.overrides.rep_index },
                { "usb_hid_desc_index", 16, &o.overrides.desc_index },
                { "usb_hid_ep_in", 16, &o.overrides.ep_in },
                { "usb_set_altinterface", 10, &o.overrides.altinterface },
        };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                r = override_parse(d, numbers[i].name, numbers[i].base, numbers[i].value);
                if (r < 0)
                        return r;
        }

        if (device_option(d, "interruptsize"))
                o.overrides.interrupt_size = (int) device_option_integer(d, "interruptsize");
        o.way = usb_way_configured(way_option, d);
        *ret = o;
        return 0;
}

/* Opens a node and locks it. */
static int open_node(const Device *d, const char *node, UsbLock lock, char **ret_why) {
        _cleanup_free_ char *holder = NULL;
        int fd, r;

        fd = device_open_node(d, node);
        if (fd == -EACCES || fd == -EPERM)
                *ret_why = usb_node_explain_access(node);
        if (fd < 0)
                return fd;

        r = usb_node_lock(fd, lock, &holder);
        if (r == -EBUSY)
                *ret_why = strprintf("held by %s", strempty(holder));
        if (r < 0) {
                (void) safe_close(fd);
                return r;
        }
        return fd;
}

static void close_node(int fd) {
        usb_node_unlock(fd);
        (void) safe_close(fd);
}

static int open_hidraw(const Device *d, const UsbHidDevice *device, HidLink **ret, char **ret_why) {
        _cleanup_free_ char *ignored = NULL;
        int fd, usbfs_fd, r;

        fd = open_node(d, device->hidraw, USB_LOCK_EXCLUSIVE, ret_why);
        if (fd < 0)
                return fd;

        /* This one is for strings, which most devices can do without; but who has locked it is about to take
         * the other one from us. */
        usbfs_fd = open_node(d, device->usbfs, USB_LOCK_SHARED, &ignored);
        if (usbfs_fd == -EBUSY) {
                *ret_why = TAKE_PTR(ignored);
                close_node(fd);
                return -EBUSY;
        }
        if (usbfs_fd < 0)
                (void) log_device(d, LOG_DEBUG, usbfs_fd, "%s cannot be opened, so there are no strings: %m",
                                device->usbfs);

        r = hid_link_new_hidraw(device, fd, usbfs_fd, ret);
        if (r < 0) {
                close_node(fd);
                close_node(usbfs_fd);
        }
        return r;
}

static int open_libusb(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device, HidLink **ret,
                char **ret_why, bool *ret_foreign) {
        int fd, r;

        fd = open_node(d, device->usbfs, USB_LOCK_EXCLUSIVE, ret_why);
        if (fd < 0)
                return fd;

        r = hid_link_new_libusb(device, fd, &o->overrides, ret);
        if (r >= 0)
                return 0;
        close_node(fd);
        if (r == -EBUSY) {
                _cleanup_free_ char *users = usb_node_users(device->usbfs);

                *ret_foreign = true;
                *ret_why = strprintf("used by %s, which has to be stopped first",
                                users ?: "another program (another UPS driver, or one of its vendor)");
        }
        return r;
}

static bool is_handed_over(const Device *d, dev_t number) {
        for (size_t i = 0; i < device_n_handed_over(d); i++)
                if (device_handed_over(d, i) == number)
                        return true;
        return false;
}

/* Who was given the one node only cannot open the other, whatever the options say. */
static bool use_libusb(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device) {
        if (device->hidraw && is_handed_over(d, device->usbfs_number) &&
            !is_handed_over(d, device->hidraw_number))
                return true;
        return usb_way_is_libusb(o->way, device);
}

int usb_link_open(const Device *d, const UsbLinkOptions *o, const UsbHidDevice *device, HidLink **ret,
                char **ret_why, bool *ret_foreign) {
        *ret_why = NULL;
        *ret_foreign = false;
        return use_libusb(d, o, device) ? open_libusb(d, o, device, ret, ret_why, ret_foreign) :
                open_hidraw(d, device, ret, ret_why);
}
