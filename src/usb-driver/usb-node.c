/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-node.h"

#include "string-util.h"

int usb_node_open(const Device *d, const char *node, UsbLock lock, char **ret_why) {
        _cleanup_free_ char *holder = NULL;
        int fd, r;

        *ret_why = NULL;
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

void usb_node_close(int fd) {
        usb_node_unlock(fd);
        (void) safe_close(fd);
}

int usb_node_make_link(const Device *d,
        const UsbHidDevice *device,
        int (*make)(const UsbHidDevice *device, int fd, void *userdata),
        void *userdata,
        char **ret_why,
        bool *ret_foreign) {
        int fd, r;

        *ret_foreign = false;
        fd = usb_node_open(d, device->usbfs, USB_LOCK_EXCLUSIVE, ret_why);
        if (fd < 0)
                return fd;
        r = make(device, fd, userdata);
        if (r >= 0)
                return 0;

        usb_node_close(fd);
        if (r == -EBUSY) {
                _cleanup_free_ char *users = usb_node_users(device->usbfs);

                *ret_foreign = true;
                *ret_why = strprintf("used by %s, which has to be stopped first",
                        users ?: "another program (another UPS driver, or one of its vendor)");
        }
        return r;
}

bool usb_node_is_handed_over(const Device *d, dev_t number) {
        size_t n = device_n_handed_over(d);

        for (size_t i = 0; i < n; i++)
                if (device_handed_over(d, i) == number)
                        return true;
        return false;
}

/* NUT takes all but the last in hexadecimal. */
static int override_parse(const Device *d, int level, const char *name, int base, int *ret) {
        const char *value = device_option(d, name);
        unsigned long n;
        char *end;

        if (!value)
                return 0;

        errno = 0;
        n = strtoul(value, &end, base);
        if (errno != 0 || end == value || *end || !strchr("0123456789abcdefABCDEF", value[0]) ||
                n > UINT8_MAX)
                return log_device(d, level, EINVAL, "%s=%s is no %s number of one byte.", name, value,
                        base == 16 ? "hexadecimal" : "decimal");

        *ret = (int) n;
        return 0;
}

int usb_node_overrides(const Device *d, int level, UsbOverrides *ret) {
        UsbOverrides o = { -1, -1, -1, -1, -1, -1 };
        const struct {
                const char *name;
                int base, *value;
        } numbers[] = {
                { "usb_config_index", 16, &o.config_index },
                { "usb_hid_rep_index", 16, &o.rep_index },
                { "usb_hid_desc_index", 16, &o.desc_index },
                { "usb_hid_ep_in", 16, &o.ep_in },
                { "usb_set_altinterface", 10, &o.altinterface },
        };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                r = override_parse(d, level, numbers[i].name, numbers[i].base, numbers[i].value);
                if (r < 0)
                        return r;
        }
        if (device_option(d, "interruptsize"))
                o.interrupt_size = (int) device_option_integer(d, "interruptsize");

        *ret = o;
        return 0;
}
