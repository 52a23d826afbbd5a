/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scan-internal.h"

#include "hid-profile.h"
#include "line-link.h"
#include "string-util.h"
#include "usb-enumerate.h"

#define DRIVER_HID "usbhid-ups"
#define DRIVER_LINE "nutdrv_qx"
#define CLASS_HID 0x03U

/* What is plugged in, by what the kernel knows of it: no device is touched, so that none is disturbed whose
 * driver runs. */

typedef struct Known {
        HidProfiles hid;
        LineUsbIds *lines;
} Known;

static bool is_of_profile(const Known *k, const HidIdentity *identity) {
        for (size_t i = 0; i < k->hid.n_profiles; i++)
                for (size_t j = 0; j < k->hid.profiles[i]->n_matches; j++) {
                        const ProfileMatch *m = k->hid.profiles[i]->matches + j;

                        if (m->usb.vendor_id == identity->vendor_id &&
                            m->usb.product_id == identity->product_id &&
                            profile_match_weight(m, identity) > 0)
                                return true;
                }
        return false;
}

/* Drivers for an interface, the better one first: how many. */
static unsigned choose_drivers(const Known *k, const UsbHidDevice *d, const char *ret[static 2]) {
        HidUse use = d->descriptor ? hid_use(d->descriptor, d->descriptor_size) : HID_USE_UNCLEAR;
        bool hid = d->class == CLASS_HID && (use == HID_USE_POWER ||
                        (use == HID_USE_UNCLEAR && is_of_profile(k, &d->identity)));
        bool line = line_usb_ids_allow(k->lines, d);
        unsigned n = 0;

        if (use == HID_USE_POWER && hid)
                ret[n++] = DRIVER_HID;
        if (line)
                ret[n++] = DRIVER_LINE;
        if (hid && use != HID_USE_POWER)
                ret[n++] = DRIVER_HID;
        return n;
}

static int add_place(ScanDevice *d, const HidIdentity *i, ScanPlace place) {
        char release[5];
        int r;

        r = scan_device_add(d, "bus", i->bus, place >= SCAN_PLACE_PORT ? NULL : "");
        if (r >= 0)
                r = scan_device_add(d, "device", i->device, place >= SCAN_PLACE_DEVICE ? NULL : "");
        if (r >= 0)
                r = scan_device_add(d, "busport", i->busport, place >= SCAN_PLACE_PORT ? NULL : "");
        if (r >= 0 && place >= SCAN_PLACE_ALL) {
                (void) snprintf(release, sizeof(release), "%04X", i->release);
                r = scan_device_add(d, "bcdDevice", release, "NOTMATCHED-YET");
        }
        return r;
}

static int describe(ScanDevice *d, const HidIdentity *i, ScanPlace place) {
        char id[5];
        int r;

        (void) snprintf(id, sizeof(id), "%04X", i->vendor_id);
        r = scan_device_add(d, "vendorid", id, NULL);
        (void) snprintf(id, sizeof(id), "%04X", i->product_id);
        if (r >= 0)
                r = scan_device_add(d, "productid", id, NULL);
        if (r >= 0)
                r = scan_device_add(d, "product", i->product, NULL);
        if (r >= 0)
                r = scan_device_add(d, "serial", i->serial, NULL);
        if (r >= 0)
                r = scan_device_add(d, "vendor", i->vendor, NULL);
        return r < 0 ? r : add_place(d, i, place);
}

static int add(Scan *s, const UsbHidDevice *usb, size_t order, const char *const drivers[static 2],
                unsigned n) {
        _cleanup_(scan_device_freep) ScanDevice *d = NULL;
        int r = scan_device_new(SCAN_USB, drivers[0], "auto", &d);

        if (r < 0)
                return r;
        d->order = order;
        if (n > 1) {
                d->alternatives = strdup(drivers[1]);
                if (!d->alternatives)
                        return -ENOMEM;
        }
        r = describe(d, &usb->identity, s->settings->place);
        return r < 0 ? r : scan_devices_add(&s->devices, TAKE_PTR(d));
}

/* Of several interfaces of a device the first counts that is one. */
static bool is_added(const UsbHidList *l, const bool *added, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (added[k] && streq(l->devices[k].identity.path, l->devices[i].identity.path))
                        return true;
        return false;
}

static int add_all(Scan *s, const Known *k, const UsbHidList *l) {
        _cleanup_free_ bool *added = new0(bool, l->n_devices);
        const char *drivers[2];
        int r = 0;

        if (!added)
                return -ENOMEM;
        for (size_t i = 0; i < l->n_devices && r >= 0; i++) {
                unsigned n = choose_drivers(k, l->devices + i, drivers);

                if (n == 0 || is_added(l, added, i))
                        continue;
                added[i] = true;
                r = add(s, l->devices + i, i, drivers, n);
        }
        return r;
}

static void report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        scan_say(userdata, level, SCAN_USB, "%s:%u: %s", file, line, message);
}

static int begin(Scan *s, ScanSearch **ret _unused_) {
        UsbHidList list = {};
        Known known = {};
        int r;

        r = hid_profiles_load(report, s, &known.hid);
        if (r >= 0)
                r = line_usb_ids_load(report, s, &known.lines);
        if (r >= 0)
                r = usb_enumerate_at(s->settings->sysfs ?: "/sys", &list);
        if (r >= 0)
                r = add_all(s, &known, &list);
        usb_hid_list_done(&list);
        line_usb_ids_free(known.lines);
        hid_profiles_done(&known.hid);
        return r < 0 ? r : 0;
}

const ScanSearchOps scan_usb_ops = { .kind = SCAN_USB, .begin = begin };
