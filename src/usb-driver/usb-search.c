/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "usb-search.h"

#include <sys/stat.h>

#include "conf.h"
#include "string-util.h"
#include "usb-node.h"

#define FOUND_MAX 8U
#define RANKS 2U

struct UsbSearch {
        Device *device;
        const UsbSearchOps *ops;
        void *userdata;
        UsbMatch *match;
        UsbOverrides overrides;
        UsbHidList list;
        char **found; /* what is there and why it is not taken */
        int result;   /* the most telling error so far */
};

static void search_done(UsbSearch *s) {
        usb_hid_list_done(&s->list);
        usb_match_free(s->match);
        strv_free(s->found);
}

static const char *match_option(const void *userdata, const char *name) {
        return device_option(userdata, name);
}

static int complaint_level(const Device *d) {
        return device_is_retry(d) ? LOG_DEBUG : LOG_ERR;
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
        return device_n_handed_over(d) == 0 || usb_node_is_handed_over(d, c->usbfs_number) ||
               (c->hidraw && usb_node_is_handed_over(d, c->hidraw_number));
}

bool usb_search_port_is_node(const Device *d) {
        return startswith(device_port(d), "/dev/hidraw") || startswith(device_port(d), "/dev/bus/usb/");
}

/* A node named by port=, which narrows the search down to it. */
static bool is_at_port(const Device *d, const UsbHidDevice *c) {
        const char *port = device_port(d);
        struct stat st;

        if (!usb_search_port_is_node(d))
                return true;
        if (streq_ptr(c->hidraw, port) || streq(c->usbfs, port))
                return true;
        return stat(port, &st) >= 0 && S_ISCHR(st.st_mode) &&
               ((c->hidraw && st.st_rdev == c->hidraw_number) || st.st_rdev == c->usbfs_number);
}

/* "051d:0002 APC Back-UPS at 1-2: held by ..." */
static int add_found(UsbSearch *s, const UsbHidDevice *c, const char *why) {
        const HidIdentity *i = &c->identity;
        char *text = strprintf("%04x:%04x%s%s%s%s at %s (%s): %s", i->vendor_id, i->product_id,
                i->vendor ? " " : "", strempty(i->vendor), i->product ? " " : "", strempty(i->product),
                strempty(i->path), c->hidraw ?: c->usbfs, why);

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

int usb_search_note(UsbSearch *s, const UsbHidDevice *c, int error, const char *why) {
        if (error < 0 && tells_more(error, s->result))
                s->result = error;
        return add_found(s, c, why ?: strerror(-error));
}

int usb_search_note_busy(UsbSearch *s, const UsbHidDevice *c, int error, const char *why, bool foreign) {
        int r;

        if (error == -ENOMEM || error == -EINTR)
                return error;
        r = usb_search_note(s, c, error, why);
        return r < 0 ? r : foreign && !device_option_boolean(s->device, "allow_duplicates") ? error : 0;
}

int usb_search_set_place(Device *d, const UsbHidDevice *c, const char *hidraw) {
        _cleanup_free_ char *nodes = strjoin(strempty(hidraw), hidraw ? " " : "", c->usbfs);
        _cleanup_free_ char *path = strjoin("/sys/bus/usb/devices/", strempty(c->identity.path));

        return nodes && path ? device_set_place(d, nodes, path) : -ENOMEM;
}

bool usb_search_is_named(const UsbSearch *s) {
        return device_n_handed_over(s->device) > 0 || usb_search_port_is_node(s->device) ||
               usb_match_weight(s->match) > 0;
}

/* Returns as try() does. */
static int try_one(UsbSearch *s, const UsbHidDevice *c, int rank) {
        if (!is_handed_over(s->device, c))
                return 0;
        if (s->overrides.rep_index >= 0 && c->interface != (unsigned) s->overrides.rep_index)
                return 0;
        if (is_at_port(s->device, c) && usb_match_test(s->match, &c->identity))
                return s->ops->try(s, c, s->userdata);
        return rank == 0 ? add_found(s, c, "another one than port and match keys say") : 0;
}

static int try_all(UsbSearch *s) {
        for (int rank = 0; rank < (int) RANKS; rank++)
                for (size_t i = 0; i < s->list.n_devices; i++) {
                        const UsbHidDevice *c = &s->list.devices[i];
                        int r;

                        if (s->ops->rank(s->userdata, c) != rank)
                                continue;
                        r = try_one(s, c, rank);
                        if (r != 0)
                                return r;
                }
        return 0;
}

static int complain(UsbSearch *s) {
        _cleanup_free_ char *found = strv_join(s->found, "; ");
        int level = complaint_level(s->device);

        if (s->found)
                return log_device(s->device, level, s->result, "No device can be used. There are: %s",
                        strempty(found));
        return log_device(s->device, level, s->result,
                device_n_handed_over(s->device) > 0 ? "The device that was handed over is gone."
                                                    : "There is no USB device that could be a UPS.");
}

static int search(UsbSearch *s) {
        Device *d = s->device;
        int r;

        if (device_n_handed_over(d) > 0)
                device_set_handed_over(d);
        r = make_match(d, complaint_level(d), &s->match);
        if (r < 0)
                return r;
        r = usb_node_overrides(d, complaint_level(d), &s->overrides);
        if (r < 0)
                return r;
        r = s->ops->enumerate(&s->list);
        if (r < 0)
                return log_device(d, complaint_level(d), r, "Cannot list USB devices: %m");

        s->result = -ENODEV;
        r = try_all(s);
        if (r > 0)
                return 0;
        return r < 0 && r != s->result ? r : complain(s);
}

int usb_search_run(Device *d, const UsbSearchOps *ops, void *userdata) {
        _cleanup_(search_done) UsbSearch s = { .device = d, .ops = ops, .userdata = userdata };

        return search(&s);
}
