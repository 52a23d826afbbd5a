/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hid-link.h"

void hid_identity_done(HidIdentity *i) {
        free(i->vendor);
        free(i->product);
        free(i->serial);
        free(i->bus);
        free(i->device);
        free(i->busport);
        free(i->path);
        *i = (HidIdentity) {};
}

HidLink *hid_link_free(HidLink *l) {
        if (!l)
                return NULL;

        if (l->ops && l->ops->free)
                l->ops->free(l);
        hid_identity_done(&l->identity);
        free(l->descriptor);
        free(l);
        return NULL;
}

int hid_link_get_report(HidLink *l, HidKind kind, uint8_t id, uint8_t *buffer, size_t size) {
        if (size == 0 || kind < 0 || kind >= _HID_KIND_MAX)
                return -EINVAL;
        return l->ops->get_report(l, kind, id, buffer, size);
}

int hid_link_set_report(HidLink *l, HidKind kind, const uint8_t *report, size_t n) {
        if (n == 0 || kind < 0 || kind >= _HID_KIND_MAX)
                return -EINVAL;
        return l->ops->set_report(l, kind, report, n);
}

int hid_link_read_input(HidLink *l, uint8_t *buffer, size_t size) {
        if (size == 0)
                return -EINVAL;
        return l->ops->read_input ? l->ops->read_input(l, buffer, size) : 0;
}

int hid_link_get_string(HidLink *l, uint8_t index, char **ret) {
        if (!l->ops->get_string)
                return -EOPNOTSUPP;
        return index > 0 ? l->ops->get_string(l, index, ret) : -ENOENT;
}

int hid_link_fd(HidLink *l) {
        return l->ops->fd ? l->ops->fd(l) : -1;
}
