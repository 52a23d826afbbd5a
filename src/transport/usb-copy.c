/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-copy.h"

#include "string-util.h"

int usb_identity_copy(const HidIdentity *from, HidIdentity *to) {
        to->vendor_id = from->vendor_id;
        to->product_id = from->product_id;
        to->release = from->release;
        if (free_and_strdup(&to->vendor, from->vendor) < 0 ||
                        free_and_strdup(&to->product, from->product) < 0 ||
                        free_and_strdup(&to->serial, from->serial) < 0 ||
                        free_and_strdup(&to->bus, from->bus) < 0 ||
                        free_and_strdup(&to->device, from->device) < 0 ||
                        free_and_strdup(&to->busport, from->busport) < 0 ||
                        free_and_strdup(&to->path, from->path) < 0)
                return -ENOMEM;
        return 0;
}

int usb_descriptor_copy(HidLink *l, const uint8_t *descriptor, size_t n) {
        uint8_t *copy;

        if (n == 0)
                return -EBADMSG;
        copy = malloc(n);
        if (!copy)
                return -ENOMEM;

        memcpy(copy, descriptor, n);
        l->descriptor = copy;
        l->descriptor_size = n;
        return 0;
}
