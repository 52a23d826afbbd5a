/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libusb-util.h"

int libusb_to_errno(int r) {
        switch (r) {
        case LIBUSB_ERROR_NO_DEVICE:
                return -ENODEV;
        case LIBUSB_ERROR_PIPE:
                return -EPIPE;
        case LIBUSB_ERROR_TIMEOUT:
                return -ETIMEDOUT;
        case LIBUSB_ERROR_ACCESS:
                return -EACCES;
        case LIBUSB_ERROR_BUSY:
                return -EBUSY;
        case LIBUSB_ERROR_INTERRUPTED:
                return -EINTR;
        case LIBUSB_ERROR_NO_MEM:
                return -ENOMEM;
        case LIBUSB_ERROR_NOT_SUPPORTED:
                return -EOPNOTSUPP;
        default:
                return r < 0 ? -EIO : r;
        }
}

int libusb_open_node(int fd, libusb_context **ret_context, libusb_device_handle **ret) {
        int r;

        /* The search for devices would want udev and nodes that we may not open. */
        (void) libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
        r = libusb_init(ret_context);
        if (r < 0)
                return libusb_to_errno(r);
        return libusb_to_errno(libusb_wrap_sys_device(*ret_context, fd, ret));
}

int libusb_get_config(
        libusb_device_handle *handle, int number, struct libusb_config_descriptor **ret) {
        libusb_device *d = libusb_get_device(handle);

        return libusb_to_errno(number >= 0 ? libusb_get_config_descriptor(d, (uint8_t) number, ret) :
                               libusb_get_active_config_descriptor(d, ret));
}

const struct libusb_interface_descriptor *libusb_find_interface(
        const struct libusb_config_descriptor *config, unsigned interface, int setting) {
        for (size_t i = 0; i < config->bNumInterfaces; i++)
                for (int k = 0; k < config->interface[i].num_altsetting; k++) {
                        const struct libusb_interface_descriptor *d = &config->interface[i].altsetting[k];

                        if (d->bInterfaceNumber == interface &&
                            (setting < 0 || d->bAlternateSetting == setting))
                                return d;
                }
        return NULL;
}

int libusb_claim(libusb_device_handle *handle, unsigned interface, int setting, bool *ret_claimed) {
        int r;

        (void) libusb_set_auto_detach_kernel_driver(handle, 1);
        r = libusb_claim_interface(handle, (int) interface);
        if (r < 0)
                return libusb_to_errno(r);
        *ret_claimed = true;

        return setting < 0 ? 0 :
                libusb_to_errno(libusb_set_interface_alt_setting(handle, (int) interface, setting));
}
