/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugged.h"

#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "io-util.h"
#include "string-util.h"
#include "usb-enumerate.h"

/* Bytes of what udev knows of a device that are looked at. */
#define UDEV_DATA_MAX 65536U

/* bInterfaceClass */
#define CLASS_HID 0x03U

/*** Where it is ***/

/* In something like ../../../devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.3. */
static char *find_root_hub(char *path) {
        for (char *s = strstr(path, "/usb"); s; s = strstr(s + 1, "/usb")) {
                size_t n = strspn(s + strlen("/usb"), "0123456789");

                if (n > 0 && s[strlen("/usb") + n] == '/')
                        return s;
        }
        return NULL;
}

/* Numbers of buses are given in the order of the moment: the controller they are of names the port better.
 * */
static char *find_place(const char *root, const HidIdentity *identity) {
        _cleanup_free_ char *link = strjoin(root, "/sys/bus/usb/devices/", identity->path);
        char target[PATH_MAX + 1], *bus, *controller;
        ssize_t n = link ? readlink(link, target, PATH_MAX) : -1;

        if (n > 0) {
                target[n] = '\0';
                bus = find_root_hub(target);
                if (bus) {
                        *bus = '\0';
                        controller = strrchr(target, '/');
                        if (controller && controller[1] != '\0')
                                return strjoin(controller + 1, "-", identity->busport);
                }
        }

        return strjoin("usb", identity->bus, "-", identity->busport);
}

/*** What others say about it ***/

static bool udev_says_ignore(const char *root, dev_t number) {
        static const char property[] = "\nE:BUSBAR_IGNORE=1\n";
        _cleanup_free_ char *path = NULL, *data = malloc(UDEV_DATA_MAX + 2);
        ssize_t n;

        path = strprintf("%s/run/udev/data/c%u:%u", root, major(number), minor(number));
        if (!path || !data)
                return false;
        n = path_read(path, data + 1, UDEV_DATA_MAX);
        if (n <= 0)
                return false;

        data[0] = '\n';
        data[n + 1] = '\0';
        return strstr(data, property);
}

/* Programs that take the device away from the kernel do so by the driver usbfs. */
static bool is_claimed(const char *root, const UsbHidDevice *d) {
        _cleanup_free_ char *link = NULL;
        char target[PATH_MAX + 1], *name;
        ssize_t n;

        /* Devices of more than one configuration are none of ours. */
        link = strprintf("%s/sys/bus/usb/devices/%s:1.%u/driver", root, d->identity.path, d->interface);
        n = link ? readlink(link, target, PATH_MAX) : -1;
        if (n <= 0)
                return false;

        target[n] = '\0';
        name = strrchr(target, '/');
        return name && streq(name, "/usbfs");
}

/* A profile names the very product, without any further condition. */
static bool profiles_know(const HidProfiles *p, const HidIdentity *identity) {
        for (size_t i = 0; p && i < p->n_profiles; i++)
                for (size_t j = 0; j < p->profiles[i]->n_matches; j++) {
                        const ProfileMatch *m = p->profiles[i]->matches + j;

                        if (m->usb.vendor_id == identity->vendor_id &&
                            m->usb.product_id == identity->product_id && !m->vendor.text && !m->product.text)
                                return true;
                }

        return false;
}

/*** The list ***/

static char *describe(const HidIdentity *i) {
        _cleanup_free_ char *text = NULL;

        if (!i->product)
                text = strprintf("%s%s%04x:%04x", strempty(i->vendor), i->vendor ? " " : "", i->vendor_id,
                                i->product_id);
        else if (!i->vendor || startswith_nocase(i->product, i->vendor))
                text = strdup(i->product);
        else
                text = strjoin(i->vendor, " ", i->product);
        return text ? record_text(text) : NULL;
}

static void plugged_done(Plugged *p) {
        device_key_done(&p->naming.key);
        free(p->naming.description);
        *p = (Plugged) {};
}

static int plugged_init(const char *root, UsbHidDevice *usb, Plugged *ret) {
        const HidIdentity *i = &usb->identity;
        Plugged p = {
                .usb = usb,
                .naming.key = { .vendor_id = i->vendor_id, .product_id = i->product_id },
                .claimed = is_claimed(root, usb),
        };
        HidUse use;

        use = hid_use(usb->descriptor, usb->descriptor_size);
        if (use == HID_USE_POWER)
                p.naming.driver = RECORD_DRIVER;
        p.hid = usb->class == CLASS_HID;
        p.unclear = p.hid && (!usb->descriptor || use == HID_USE_UNCLEAR);
        p.opaque = line_usb_may_ask(usb);

        p.naming.key.place = find_place(root, i);
        p.naming.description = describe(i);
        if (serial_is_usable(i->serial))
                p.naming.key.serial = record_text(i->serial);
        if (!p.naming.key.place || !p.naming.description ||
            (serial_is_usable(i->serial) && !p.naming.key.serial)) {
                plugged_done(&p);
                return -ENOMEM;
        }

        p.ignored = udev_says_ignore(root, usb->usbfs_number) ||
                (usb->hidraw && udev_says_ignore(root, usb->hidraw_number));
        *ret = p;
        return 0;
}

static unsigned promise(const Plugged *p) {
        return p->naming.driver ? 3 : p->unclear ? 2 : p->opaque;
}

/* Of several interfaces of a device the first counts that is a power device, or may be one, else the first.
 * */
static void add(PluggedList *l, Plugged *p) {
        for (size_t i = 0; i < l->n_devices; i++) {
                Plugged *other = l->devices + i;

                if (!streq(other->usb->identity.path, p->usb->identity.path))
                        continue;
                if (promise(p) > promise(other)) {
                        plugged_done(other);
                        *other = *p;
                } else
                        plugged_done(p);
                return;
        }

        l->devices[l->n_devices++] = *p;
}

/* Not a hub, a printer, a disk. */
static bool can_be_one(const UsbHidDevice *usb) {
        return usb->class == CLASS_HID || line_usb_may_ask(usb);
}

int plugged_list(const char *root, PluggedList *ret) {
        _cleanup_free_ char *sysfs = strjoin(root, "/sys");
        PluggedList l = {};
        int r;

        r = sysfs ? usb_enumerate_at(sysfs, &l.all) : -ENOMEM;
        if (r < 0)
                return r;

        l.devices = new0(Plugged, l.all.n_devices);
        if (!l.devices)
                r = -ENOMEM;
        for (size_t i = 0; i < l.all.n_devices && r >= 0; i++) {
                Plugged p = {};

                if (!can_be_one(l.all.devices + i))
                        continue;
                r = plugged_init(root, l.all.devices + i, &p);
                if (r >= 0)
                        add(&l, &p);
        }
        if (r < 0) {
                plugged_list_done(&l);
                return r;
        }

        *ret = l;
        return 0;
}

bool plugged_is_unclear(const PluggedList *l) {
        for (size_t i = 0; i < l->n_devices; i++)
                if (!l->devices[i].naming.driver && (l->devices[i].unclear || l->devices[i].opaque))
                        return true;
        return false;
}

void plugged_ask_profiles(PluggedList *l, const HidProfiles *profiles, const LineUsbIds *ids) {
        for (size_t i = 0; i < l->n_devices; i++) {
                Plugged *p = l->devices + i;

                if (p->naming.driver)
                        continue;
                if (ids && line_usb_ids_allow(ids, p->usb))
                        p->naming.driver = PLUGGED_LINE_DRIVER;
                else if (p->unclear && profiles_know(profiles, &p->usb->identity))
                        p->naming.driver = RECORD_DRIVER;
        }
}

void plugged_remove(PluggedList *l, size_t i) {
        plugged_done(l->devices + i);
        memmove(l->devices + i, l->devices + i + 1, (l->n_devices - i - 1) * sizeof(Plugged));
        l->n_devices--;
}

void plugged_list_done(PluggedList *l) {
        for (size_t i = 0; i < l->n_devices; i++)
                plugged_done(l->devices + i);
        free(l->devices);
        usb_hid_list_done(&l->all);
        *l = (PluggedList) {};
}

/* "1-2.3:1.0" is of "1-2.3". */
static bool is_interface_of(const char *name, const char *device) {
        const char *rest = startswith(name, device);

        return rest && rest[0] == ':';
}

Plugged *plugged_find_node(const PluggedList *l, const char *node) {
        _cleanup_free_ char *path = node[0] == '/' ? strdup(node) : strjoin("/dev/", node);

        for (size_t i = 0; path && i < l->all.n_devices; i++) {
                const UsbHidDevice *d = l->all.devices + i;

                if (!streq_ptr(d->hidraw, path) && !streq_ptr(d->usbfs, path) &&
                    !is_interface_of(node, d->identity.path))
                        continue;
                for (size_t j = 0; j < l->n_devices; j++)
                        if (streq(l->devices[j].usb->identity.path, d->identity.path))
                                return l->devices + j;
        }

        return NULL;
}
