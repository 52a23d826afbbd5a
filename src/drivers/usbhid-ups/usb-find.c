/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-find.h"

#include "string-util.h"
#include "usb-link.h"
#include "usb-search.h"

typedef struct Find {
        Device *device;
        HidProfiles profiles;
        UsbLinkOptions options;
        HidDriver *driver;
} Find;

/* The profile, by all that is known yet. NULL: not a device for us, as far as can be seen. */
static int choose(
        Find *f, const HidIdentity *identity, const uint8_t *descriptor, size_t n, HidProfile **ret) {
        const Device *d = f->device;
        int r;

        *ret = NULL;
        r = hid_driver_choose(d, &f->profiles, identity, descriptor, n, ret);
        if (r != -ENODEV)
                return r;
        if (!device_option_boolean(d, "explore") || !device_option(d, "vendorid"))
                return 0;

        /* Somebody wants to see what a device has that nobody knows. */
        for (size_t i = 0; !*ret && i < f->profiles.n_profiles; i++)
                if (f->profiles.profiles[i]->generic)
                        *ret = f->profiles.profiles[i];
        return 0;
}

/* Interfaces that say that they are power devices come first: a device may have others, for keys say. */
static int rank(void *userdata, const UsbHidDevice *c) {
        return hid_use(c->descriptor, c->descriptor_size) == HID_USE_POWER ? 0 : 1;
}

static int try_device(UsbSearch *s, const UsbHidDevice *c, void *userdata) {
        Find *f = userdata;
        _cleanup_free_ char *why = NULL;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        HidProfile *profile = NULL;
        bool foreign;
        int r;

        r = choose(f, &c->identity, c->descriptor, c->descriptor_size, &profile);
        if (r < 0)
                return r;
        /* Without the kernel's driver, as also after a crash of ours past it, the device has to be asked
         * what it is; it is not, unless it was named. Nor does a profile that is demanded make one of a
         * keyboard. */
        if (!usb_search_is_named(s) && (!profile || device_option(f->device, "subdriver")) &&
                rank(f, c) != 0)
                return usb_search_note(s, c, 0, "no power device that a profile knows");
        if (!profile && c->descriptor)
                return usb_search_note(s, c, 0, "no power device that a profile knows");

        r = usb_link_open(f->device, &f->options, c, &l, &why, &foreign);
        if (r < 0)
                return usb_search_note_busy(s, c, r, why, foreign);

        r = choose(f, &l->identity, l->descriptor, l->descriptor_size, &profile);
        if (r < 0)
                return r;
        if (!profile)
                return usb_search_note(s, c, 0, "no power device that a profile knows");
        r = usb_search_set_place(f->device, c, streq(l->ops->name, "hidraw") ? c->hidraw : NULL);
        if (r < 0)
                return r;

        r = hid_driver_new(f->device, TAKE_PTR(l), profile, &f->driver);
        if (r == -ENODEV)
                return usb_search_note(s, c, 0, "nothing that the profile knows is in it");
        return r < 0 ? r : 1;
}

static int open_recording(Find *f, const char *path) {
        Device *d = f->device;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        _cleanup_free_ char *error = NULL;
        HidProfile *profile;
        int r;

        r = hid_link_new_recording(path, &l, &error);
        if (r < 0 && error)
                return log_device(d, hid_driver_complaint_level(d), r, "%s", error);
        if (r < 0)
                return log_device(
                        d, hid_driver_complaint_level(d), r, "Cannot read the recording %s: %m", path);

        r = choose(f, &l->identity, l->descriptor, l->descriptor_size, &profile);
        if (r < 0)
                return r;
        if (!profile)
                return log_device(d, hid_driver_complaint_level(d), ENODEV,
                        "%s is of no power device that a profile knows.", path);
        r = device_set_place(d, "", path);
        return r < 0 ? r : hid_driver_new(d, TAKE_PTR(l), profile, &f->driver);
}

static int find(Find *f) {
        static const UsbSearchOps ops = { usb_hid_enumerate, rank, try_device };
        _cleanup_free_ char *recording = NULL;
        int r;

        r = usb_search_recording(f->device, &recording);
        if (r < 0)
                return r;
        r = hid_driver_load_profiles(f->device, &f->profiles);
        if (r < 0)
                return r;
        if (recording)
                return open_recording(f, recording);
        r = usb_link_options(f->device, &f->options);
        return r < 0 ? r : usb_search_run(f->device, &ops, f);
}

int usb_find_open(Device *d, HidDriver **ret) {
        Find f = { .device = d };
        int r = find(&f);

        hid_profiles_done(&f.profiles);
        if (r >= 0)
                *ret = f.driver;
        return r;
}
