/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-search.h"

#include <sys/stat.h>

#include "conf.h"
#include "string-util.h"
#include "usb-link.h"

#define FOUND_MAX 8U

typedef struct Search {
        Device *device;
        HidProfiles profiles;
        UsbMatch *match;
        UsbLinkOptions options;
        UsbHidList list;
        char **found; /* what is there and why it is not taken */
        int result;   /* the most telling error so far */
        HidDriver *driver;
} Search;

static void search_done(Search *s) {
        usb_hid_list_done(&s->list);
        usb_match_free(s->match);
        strv_free(s->found);
        hid_profiles_done(&s->profiles);
}

static const char *match_option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

static int make_match(const Device *d, int level, UsbMatch **ret) {
        const char *key = NULL;
        int r;

        r = usb_match_new(match_option, d, ret, &key);
        if (r == -EINVAL)
                return log_device(d, level, r, "%s=%s is no extended regular expression.", strempty(key),
                                strempty(device_option(d, key)));
        return r;
}

/* NUT takes any port for "auto". One that names a file is a recording. */
int usb_search_recording(const Device *d, char **ret) {
        const char *port = device_port(d);
        _cleanup_free_ char *path = NULL;
        struct stat st;

        *ret = NULL;
        if (streq(port, "auto") || startswith(port, "/dev/"))
                return 0;

        path = strchr(port, '/') ? strdup(port) : conf_path(port);
        if (!path)
                return -ENOMEM;
        /* A bare word is a file only if there is one; a path is meant to be one. */
        if (strchr(port, '/') || (stat(path, &st) >= 0 && S_ISREG(st.st_mode)))
                *ret = TAKE_PTR(path);
        return 0;
}

static bool is_handed_over(const Device *d, const UsbHidDevice *c) {
        size_t n = device_n_handed_over(d);

        for (size_t i = 0; i < n; i++) {
                dev_t number = device_handed_over(d, i);

                if ((c->hidraw && number == c->hidraw_number) || number == c->usbfs_number)
                        return true;
        }
        return n == 0;
}

static bool port_is_node(const Device *d) {
        return startswith(device_port(d), "/dev/hidraw") || startswith(device_port(d), "/dev/bus/usb/");
}

/* A node named by port=, which narrows the search down to it. */
static bool is_at_port(const Device *d, const UsbHidDevice *c) {
        const char *port = device_port(d);
        struct stat st;

        if (!port_is_node(d))
                return true;
        if (streq_ptr(c->hidraw, port) || streq(c->usbfs, port))
                return true;
        return stat(port, &st) >= 0 && S_ISCHR(st.st_mode) &&
                ((c->hidraw && st.st_rdev == c->hidraw_number) || st.st_rdev == c->usbfs_number);
}

static bool is_meant(const Device *d, const UsbMatch *match, const UsbHidDevice *c) {
        return is_at_port(d, c) && usb_match_test(match, &c->identity);
}

/* "051d:0002 APC Back-UPS at 1-2: held by ..." */
static int add_found(Search *s, const UsbHidDevice *c, const char *why) {
        const HidIdentity *i = &c->identity;
        char *text = strprintf("%04x:%04x%s%s%s%s at %s (%s): %s", i->vendor_id, i->product_id,
                        i->vendor ? " " : "", strempty(i->vendor), i->product ? " " : "",
                        strempty(i->product), strempty(i->path), c->hidraw ?: c->usbfs, why);

        if (!text)
                return -ENOMEM;
        if (strv_length(s->found) >= FOUND_MAX) {
                free(text);
                return 0;
        }
        return strv_consume(&s->found, text);
}

static bool tells_more(int r, int than) {
        static const int order[] = { -ENODEV, -EIO, -ETIMEDOUT, -EACCES, -EBUSY };
        size_t a = 1, b = 0;

        for (size_t i = 0; i < ELEMENTSOF(order); i++) {
                a = order[i] == r ? i : a;
                b = order[i] == than ? i : b;
        }
        return a >= b;
}

static int note_failure(Search *s, const UsbHidDevice *c, int r, const char *why) {
        if (tells_more(r, s->result))
                s->result = r;
        return add_found(s, c, why ?: strerror(-r));
}

/* The profile, by all that is known yet. NULL: not a device for us, as far as can be seen. */
static int choose(Search *s, const HidIdentity *identity, const uint8_t *descriptor, size_t n,
                HidProfile **ret) {
        const Device *d = s->device;
        int r;

        *ret = NULL;
        r = hid_driver_choose(d, &s->profiles, identity, descriptor, n, ret);
        if (r != -ENODEV)
                return r;
        if (!device_option_boolean(d, "explore") || !device_option(d, "vendorid"))
                return 0;

        /* Somebody wants to see what a device has that nobody knows. */
        for (size_t i = 0; !*ret && i < s->profiles.n_profiles; i++)
                if (s->profiles.profiles[i]->generic)
                        *ret = s->profiles.profiles[i];
        return 0;
}

static int set_place(Search *s, const HidLink *l, const UsbHidDevice *c) {
        bool hidraw = streq(l->ops->name, "hidraw");
        _cleanup_free_ char *nodes = strjoin(hidraw ? c->hidraw : "", hidraw ? " " : "", c->usbfs);
        _cleanup_free_ char *path = strjoin("/sys/bus/usb/devices/", strempty(c->identity.path));

        return nodes && path ? device_set_place(s->device, nodes, path) : -ENOMEM;
}

/* Whether somebody says of a device that it is the one, and not only that there is one somewhere. */
static bool is_named(const Search *s) {
        return device_n_handed_over(s->device) > 0 || port_is_node(s->device) ||
                usb_match_weight(s->match) > 0;
}

/* Tries one. Returns 1 when it is ours, 0 when the search goes on. */
static int try_device(Search *s, const UsbHidDevice *c) {
        _cleanup_free_ char *why = NULL;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        HidProfile *profile = NULL;
        bool foreign;
        int r;

        r = choose(s, &c->identity, c->descriptor, c->descriptor_size, &profile);
        if (r < 0)
                return r;
        /* Without the kernel's driver, as also after a crash of ours past it, the device has to be asked
         * what it is; it is not, unless it was named. Nor does a profile that is demanded make one of a
         * keyboard. */
        if (!is_named(s) && (!profile || device_option(s->device, "subdriver")) &&
            hid_use(c->descriptor, c->descriptor_size) != HID_USE_POWER)
                return add_found(s, c, "no power device that a profile knows");
        if (!profile && c->descriptor)
                return add_found(s, c, "no power device that a profile knows");

        r = usb_link_open(s->device, &s->options, c, &l, &why, &foreign);
        if (r == -ENOMEM || r == -EINTR)
                return r;
        if (r < 0) {
                int k = note_failure(s, c, r, why);

                return k < 0 ? k : foreign && !device_option_boolean(s->device, "allow_duplicates") ? r : 0;
        }

        r = choose(s, &l->identity, l->descriptor, l->descriptor_size, &profile);
        if (r < 0)
                return r;
        if (!profile)
                return add_found(s, c, "no power device that a profile knows");

        r = set_place(s, l, c);
        if (r < 0)
                return r;
        r = hid_driver_new(s->device, TAKE_PTR(l), profile, &s->driver);
        if (r == -ENODEV)
                return add_found(s, c, "nothing that the profile knows is in it");
        return r < 0 ? r : 1;
}

/* Interfaces that say that they are power devices come first: a device may have others, for keys say. */
static int try_all(Search *s) {
        for (unsigned round = 0; round < 2; round++)
                for (size_t i = 0; i < s->list.n_devices; i++) {
                        const UsbHidDevice *c = &s->list.devices[i];
                        bool power = hid_use(c->descriptor, c->descriptor_size) == HID_USE_POWER;
                        int r;

                        if (power != (round == 0))
                                continue;
                        if (!is_handed_over(s->device, c))
                                continue;
                        if (s->options.overrides.rep_index >= 0 &&
                            c->interface != (unsigned) s->options.overrides.rep_index)
                                continue;
                        r = is_meant(s->device, s->match, c) ? try_device(s, c) :
                                power ? add_found(s, c, "another one than port and match keys say") : 0;
                        if (r != 0)
                                return r;
                }

        return 0;
}

static int complain(Search *s) {
        _cleanup_free_ char *found = strv_join(s->found, "; ");
        int level = hid_driver_complaint_level(s->device);

        if (s->found)
                return log_device(s->device, level, s->result, "No device can be used. There are: %s",
                                strempty(found));
        return log_device(s->device, level, s->result,
                        device_n_handed_over(s->device) > 0 ? "The device that was handed over is gone." :
                        "There is no USB device that could be a UPS.");
}

static int search_usb(Search *s) {
        Device *d = s->device;
        int r;

        if (device_n_handed_over(d) > 0)
                device_set_handed_over(d);
        r = make_match(d, hid_driver_complaint_level(d), &s->match);
        if (r < 0)
                return r;
        r = usb_link_options(d, &s->options);
        if (r < 0)
                return r;
        r = usb_hid_enumerate(&s->list);
        if (r < 0)
                return log_device(d, hid_driver_complaint_level(d), r, "Cannot list USB devices: %m");

        s->result = -ENODEV;
        r = try_all(s);
        if (r > 0)
                return 0;
        return r < 0 && r != s->result ? r : complain(s);
}

static int open_recording(Search *s, const char *path) {
        Device *d = s->device;
        _cleanup_(hid_link_freep) HidLink *l = NULL;
        _cleanup_free_ char *error = NULL;
        HidProfile *profile;
        int r;

        r = hid_link_new_recording(path, &l, &error);
        if (r < 0 && error)
                return log_device(d, hid_driver_complaint_level(d), r, "%s", error);
        if (r < 0)
                return log_device(d, hid_driver_complaint_level(d), r, "Cannot read the recording %s: %m",
                                path);
        r = choose(s, &l->identity, l->descriptor, l->descriptor_size, &profile);
        if (r < 0)
                return r;
        if (!profile)
                return log_device(d, hid_driver_complaint_level(d), ENODEV,
                                "%s is of no power device that a profile knows.", path);

        r = device_set_place(d, "", path);
        return r < 0 ? r : hid_driver_new(d, TAKE_PTR(l), profile, &s->driver);
}

int usb_search_open(Device *d, HidDriver **ret) {
        _cleanup_free_ char *recording = NULL;
        _cleanup_(search_done) Search s = { .device = d };
        int r;

        r = usb_search_recording(d, &recording);
        if (r < 0)
                return r;
        r = hid_driver_load_profiles(d, &s.profiles);
        if (r < 0)
                return r;
        r = recording ? open_recording(&s, recording) : search_usb(&s);
        if (r < 0)
                return r;

        *ret = s.driver;
        return 0;
}
