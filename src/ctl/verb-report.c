/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl.h"
#include "report.h"
#include "string-util.h"

static bool is_file(const char *path) {
        struct stat st;

        return stat(path, &st) >= 0 && S_ISREG(st.st_mode);
}

static int open_recording(const char *path, HidLink **ret) {
        _cleanup_free_ char *error = NULL;
        int r = hid_link_new_recording(path, ret, &error);

        if (r >= 0)
                return 0;
        return ctl_error(r, "%s.", error ?: strerror(-r));
}

/* Opens the nodes besides the driver that may have them: the kernel puts the requests of both in a row. */
static int open_node(const char *node, HidLink **ret) {
        _cleanup_(usb_hid_device_freep) UsbHidDevice *device = NULL;
        _cleanup_close_ int hidraw = -EBADF, usbfs = -EBADF;
        int r;

        r = usb_hid_find_node(node, &device);
        if (r < 0)
                return ctl_error(r, "%s is no HID device on USB: %s.", node, strerror(-r));
        if (!device->hidraw)
                return ctl_error(-ENOTSUP,
                                "The device at %s is in use without the kernel's HID driver. Stop its "
                                 "driver, or let it make the recording: see usbhid-ups(8), record.",
                                                 device->usbfs);

        hidraw = open(device->hidraw, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        if (hidraw < 0)
                return ctl_error(-errno, "Cannot open %s: %s.%s", device->hidraw, strerror(errno),
                                 errno == EACCES || errno == EPERM ? " Try again as root." : "");

        usbfs = open(device->usbfs, O_RDWR | O_CLOEXEC);
        if (usbfs < 0)
                ctl_error(0, "Cannot open %s, so that texts of the device will be missing: %s.",
                                device->usbfs,
                          strerror(errno));

        r = hid_link_new_hidraw(device, hidraw, usbfs, ret);
        if (r < 0)
                return ctl_error(r, "Cannot speak to %s: %s.", device->hidraw, strerror(-r));

        TAKE_FD(hidraw);
        TAKE_FD(usbfs);
        return 0;
}

static int open_path(const char *path, HidLink **ret) {
        return is_file(path) ? open_recording(path, ret) : open_node(path, ret);
}

/* A device on the bus: by the nodes that its driver names, or the recording that it replays. */
static int open_device(const MirrorDevice *d, HidLink **ret) {
        const Variable *port = model_find(mirror_device_model(d), "driver.parameter.port");

        STRV_FOREACH(node, mirror_device_nodes(d))
                if (startswith(*node, "/dev/hidraw") || startswith(*node, "/dev/bus/usb/"))
                        return open_node(*node, ret);

        if (port && port->value[0] == '/' && is_file(port->value))
                return open_recording(port->value, ret);

        return ctl_error(-ENOTSUP,
                         "%s is served by %s, which does not speak HID over USB. A driver with the option "
                         "record, see %s(8), can make the recording itself; \"busbarctl show %s\" has the "
                         "variables.",
                         mirror_device_name(d), mirror_device_driver(d), mirror_device_driver(d),
                         mirror_device_name(d));
}

static void ignore_problem(void *userdata, int level, const char *file, unsigned line, const char *message) {
        /* "busbarctl profile check" tells them. */
}

static int choose_profile(const HidProfiles *profiles, const HidLink *link, const Model *model,
                HidProfile **ret) {
        _cleanup_(hid_descriptor_freep) HidDescriptor *descriptor = NULL;
        const Variable *subdriver = model ? model_find(model, "driver.parameter.subdriver") : NULL;
        int r;

        r = hid_descriptor_parse(link->descriptor, link->descriptor_size, &descriptor);
        if (r < 0)
                return ctl_error(r, "The report descriptor of the device has no meaning: %s.", strerror(-r));

        return hid_profiles_choose(profiles, &link->identity, descriptor, subdriver ? subdriver->value
                        : NULL, ret);
}

/* The name of the file when none was given. NULL without memory. */
static char *default_path(const char *device) {
        const char *name = strrchr(device, '/');

        return strjoin("busbar-report-", name ? name + 1 : device, ".txt");
}

static int explain(int r, const Report *report, size_t n) {
        if (r >= 0) {
                fprintf(stderr, "Wrote %s: %zu reports.%s\n", report->path, n,
                        report->redact ? " Serial numbers are left out; look through it before you give it "
                                        "away." : "");
                return 0;
        }
        if (n > 0)
                return ctl_error(r, "Wrote %s, but the device stopped answering after %zu reports: %s.",
                                report->path,
                                 n, strerror(-r));
        if (r == -EEXIST)
                return ctl_error(r, "%s is there already. Name another file.", report->path);
        if (r == -ENODATA)
                return ctl_error(r, "The device answered nothing.");
        return ctl_error(r, "Cannot write %s: %s.", report->path, strerror(-r));
}

int verb_report(Ctl *c, char **args) {
        _cleanup_(hid_profiles_done) HidProfiles profiles = {};
        _cleanup_(hid_link_freep) HidLink *link = NULL;
        _cleanup_free_ char *path = args[1] ? strdup(args[1]) : default_path(args[0]);
        HidProfile *profile = NULL;
        MirrorDevice *d = NULL;
        size_t n = 0;
        int r;

        if (!path)
                return ctl_error(-ENOMEM, "Out of memory.");

        if (!strchr(args[0], '/')) {
                r = ctl_connect(c);
                if (r < 0)
                        return r;
                d = ctl_find_device(c, args[0]);
                if (!d)
                        return -ENODEV;
        }

        r = d ? open_device(d, &link) : open_path(args[0], &link);
        if (r >= 0)
                r = hid_profiles_load(ignore_problem, NULL, &profiles);
        if (r >= 0)
                r = choose_profile(&profiles, link, d ? mirror_device_model(d) : NULL, &profile);
        if (r < 0)
                return r;

        const Report report = {
                .path = path,
                .device = d ? mirror_device_name(d) : args[0],
                .driver = d ? mirror_device_driver(d) : NULL,
                .model = d ? mirror_device_model(d) : NULL,
                .profile = profile,
                .redact = !(c->given & CTL_OPTION_NO_REDACT),
                .listen = !streq(link->ops->name, "recording"),
        };

        r = report_record(&report, TAKE_PTR(link), &n);
        return explain(r, &report, n);
}
