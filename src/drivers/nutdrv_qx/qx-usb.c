/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qx-usb.h"

#include "string-util.h"
#include "usb-node.h"
#include "usb-search.h"

typedef struct Find {
        Device *device;
        const LineProfiles *profiles;
        const LineDriverSetup *setup;
        LineUsbOptions options;
        LineUsbIds *ids;
        LineDriver *driver;
} Find;

static bool is_language(const char *value, int *ret) {
        unsigned long n;
        char *end;

        errno = 0;
        n = strtoul(value, &end, 16);
        if (errno != 0 || end == value || *end || !strchr("0123456789abcdefABCDEF", value[0]) ||
                n > UINT16_MAX)
                return false;
        *ret = (int) n;
        return true;
}

static int read_options(Find *f) {
        const Device *d = f->device;
        const char *language = device_option(d, "langid_fix"), *way = device_option(d, "subdriver");
        _cleanup_free_ char *names = NULL;
        int r, level = line_driver_complaint_level(d);

        f->options = (LineUsbOptions){
                .subdriver = way,
                .language_id = -1,
                .no_scan_language = device_option_boolean(d, "noscanlangid"),
                .no_vendor = device_option_boolean(d, "novendor"),
        };
        r = usb_node_overrides(d, level, &f->options.overrides);
        if (r < 0)
                return r;
        if (language && !is_language(language, &f->options.language_id))
                return log_device(
                        d, level, EINVAL, "langid_fix=%s is no hexadecimal number of two bytes.", language);

        for (const char *const *name = line_usb_names(); way && *name; name++)
                if (strcaseeq(*name, way)) {
                        f->options.subdriver = *name;
                        return 0;
                }
        if (!way)
                return 0;
        names = strv_join((char *const *) line_usb_names(), ", ");
        return log_device(
                d, level, EINVAL, "There is no subdriver %s; these there are: %s.", way, strempty(names));
}

static void report_ids(void *userdata, int level, const char *file, unsigned line, const char *message) {
        const Device *d = userdata;

        (void) log_device(d, device_is_retry(d) || device_is_restart(d) ? LOG_DEBUG : level, 0, "%s:%u: %s",
                file, line, message);
}

/* Those whose ids no other kind of device has come first. What the kernel takes for a keyboard, or for a
 * power device that usbhid-ups knows, comes last, and only if it is named. */
static int rank(void *userdata, const UsbHidDevice *c) {
        const Find *f = userdata;
        bool certain = false;

        if (line_usb_ids_find(f->ids, &c->identity, 0, &certain))
                return certain ? 0 : 1;
        return f->options.subdriver ? 1 : -1;
}

typedef struct Way {
        const char *name;
        const LineUsbOptions *options;
        LineLink *link;
} Way;

static int make_link(const UsbHidDevice *device, int fd, void *userdata) {
        Way *w = userdata;

        return line_link_new_usb(device, fd, w->name, w->options, &w->link);
}

/* -EAGAIN: another way may do. */
static int note_way(UsbSearch *s, const UsbHidDevice *c, int error, const char *name, const char *why) {
        _cleanup_free_ char *text = strprintf("over %s, %s", name, why);
        int r = text ? usb_search_note(s, c, error, text) : -ENOMEM;

        return r < 0 ? r : -EAGAIN;
}

/* Returns as try_device(), but as note_way() as well. */
static int try_way(Find *f, UsbSearch *s, const UsbHidDevice *c, const char *name) {
        _cleanup_free_ char *why = NULL;
        Way w = { .name = name, .options = &f->options };
        bool foreign;
        int r;

        r = usb_node_make_link(f->device, c, make_link, &w, &why, &foreign);
        /* An endpoint that this way needs is not there. */
        if (r == -ENXIO)
                return note_way(s, c, 0, name, "the device is made otherwise");
        if (r < 0)
                return usb_search_note_busy(s, c, r, why, foreign);
        r = line_driver_new(f->device, w.link, f->profiles, f->setup, &f->driver, &why);
        if (r >= 0) {
                r = usb_search_set_place(f->device, c, NULL);
                return r < 0 ? r : 1;
        }
        if (r == -EPROTO || r == -ENODEV || r == -ETIMEDOUT || r == -EIO)
                return note_way(s, c, r == -EPROTO || r == -ENODEV ? 0 : r, name, why ?: strerror(-r));
        if (why)
                return log_device(f->device, line_driver_complaint_level(f->device), r,
                        "The device at %s cannot be used over %s: %s.", strempty(c->identity.path), name,
                        why);
        return r;
}

/* The one that was right the last time comes first. Returns as try_device(). */
static int try_ways(Find *f, UsbSearch *s, const UsbHidDevice *c) {
        _cleanup_free_ char *known = NULL;
        const char *way;
        int r;

        r = line_driver_known_way(f->device, &known);
        if (r < 0)
                return r;
        for (int pass = 0; pass < 2; pass++)
                for (size_t n = 0; (way = line_usb_ids_find(f->ids, &c->identity, n, NULL)); n++) {
                        if (streq_ptr(way, known) != (pass == 0))
                                continue;
                        r = try_way(f, s, c, way);
                        if (r != -EAGAIN)
                                return r;
                }
        return 0;
}

static int try_device(UsbSearch *s, const UsbHidDevice *c, void *userdata) {
        Find *f = userdata;

        if (!usb_search_is_named(s) && f->options.subdriver)
                return usb_search_note(s, c, 0,
                        "subdriver= is only for a device that is named, by vendorid= and productid= say");
        if (!usb_search_is_named(s) && !line_usb_ids_allow(f->ids, c))
                return usb_search_note(s, c, 0,
                        "it is something else, or one for usbhid-ups, or may be, as far as can be seen; "
                        "vendorid= and productid= would have it asked all the same");
        if (f->options.subdriver) {
                int r = try_way(f, s, c, f->options.subdriver);

                return r == -EAGAIN ? 0 : r;
        }

        return try_ways(f, s, c);
}

int qx_usb_open(Device *d, const LineProfiles *profiles, const LineDriverSetup *setup, LineDriver **ret) {
        static const UsbSearchOps ops = { usb_enumerate, rank, try_device };
        Find f = { .device = d, .profiles = profiles, .setup = setup };
        int r;

        r = read_options(&f);
        if (r < 0)
                return r;
        r = line_usb_ids_load(report_ids, d, &f.ids);
        if (r >= 0)
                r = usb_search_run(d, &ops, &f);
        line_usb_ids_free(f.ids);
        if (r < 0) {
                line_driver_free(f.driver);
                return r;
        }
        *ret = f.driver;
        return 0;
}
