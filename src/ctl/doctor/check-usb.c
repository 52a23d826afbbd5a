/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "doctor.h"
#include "plugged.h"
#include "rival.h"
#include "string-util.h"

typedef void (*OnPlugged)(Doctor *d, const Plugged *p);

static void hid_profiles_cleanup(HidProfiles *p) {
        hid_profiles_done(p);
}

/* Power devices on USB, but those that a rule of udev says are nobody's. */
static void for_each_plugged(Doctor *d, OnPlugged on_plugged) {
        _cleanup_(plugged_list_done) PluggedList l = {};
        int r;

        r = plugged_list(d->root, &l);
        if (r < 0) {
                doctor_unseen(d, "as the kernel does not tell (%s)", strerror(-r));
                return;
        }
        if (plugged_is_unclear(&l)) {
                _cleanup_(hid_profiles_cleanup) HidProfiles profiles = {};
                _cleanup_(line_usb_ids_freep) LineUsbIds *ids = NULL;

                (void) hid_profiles_load(NULL, NULL, &profiles);
                (void) line_usb_ids_load(NULL, NULL, &ids);
                plugged_ask_profiles(&l, &profiles, ids);
        }

        for (size_t i = 0; i < l.n_devices; i++)
                if (l.devices[i].naming.driver && !l.devices[i].ignored)
                        on_plugged(d, l.devices + i);
}

static const MirrorDevice *find_server(const Doctor *d, const Plugged *p) {
        for (size_t i = 0; d->ctl->mirror && i < mirror_n_devices(d->ctl->mirror); i++) {
                const MirrorDevice *device = mirror_device(d->ctl->mirror, i);
                char *const *nodes = mirror_device_nodes(device);

                if ((p->usb->hidraw && strv_contains(nodes, p->usb->hidraw)) ||
                        (p->usb->usbfs && strv_contains(nodes, p->usb->usbfs)))
                        return device;
        }
        return NULL;
}

static const char *node_of(const Plugged *p) {
        return p->usb->hidraw ?: strempty(p->usb->usbfs);
}

static void look_served(Doctor *d, const Plugged *p) {
        _cleanup_free_ char *rival = NULL, *units = strjoin("busbar-", p->naming.driver, "@*");

        if (find_server(d, p))
                return;
        if (rival_find(d->root, p, &rival) < 0)
                d->error = -ENOMEM;
        if (rival)
                return;

        doctor_find(d, SEVERITY_FAULT, NULL, "A UPS is plugged in, and no driver serves it: %s (%04x:%04x).",
                p->naming.description, p->naming.key.vendor_id, p->naming.key.product_id);
        doctor_evidence(d, "%s at %s, for the driver %s", node_of(p), p->naming.key.place, p->naming.driver);
        doctor_fix(d,
                "systemctl start busbar busbar-enroll; then: journalctl -b -u busbar-enroll -u %s",
                strempty(units));
}

static void check_served(Doctor *d) {
        for_each_plugged(d, look_served);
}

static void look_rival(Doctor *d, const Plugged *p) {
        _cleanup_free_ char *rival = NULL;

        if (find_server(d, p) && !p->claimed)
                return;
        if (find_server(d, p) || rival_find(d->root, p, &rival) < 0 || !rival)
                return;
        doctor_find(d, SEVERITY_FAULT, NULL,
                "Another program has the UPS %s (%04x:%04x), so it is left to "
                "that.",
                p->naming.description, p->naming.key.vendor_id, p->naming.key.product_id);
        doctor_evidence(d, "%s, at %s", rival, node_of(p));
        doctor_fix_text(d,
                "stop that program and keep it from starting, then: systemctl start busbar-enroll");
}

static void check_rival(Doctor *d) {
        for_each_plugged(d, look_rival);
}

static bool exists_in(Doctor *d, const char *const *places) {
        for (; *places; places++)
                if (doctor_exists(d, *places))
                        return true;
        return false;
}

static void look_rule(Doctor *d, const Plugged *p) {
        static const char *const rules[] = {"/etc/udev/rules.d/62-busbar.rules",
                "/usr/lib/udev/rules.d/62-busbar.rules", "/lib/udev/rules.d/62-busbar.rules", NULL};
        static const char *const ids[] = {"/etc/udev/hwdb.d/61-busbar.hwdb",
                "/usr/lib/udev/hwdb.d/61-busbar.hwdb", "/lib/udev/hwdb.d/61-busbar.hwdb", NULL};
        const char *missing = !exists_in(d, rules) ? rules[1] : !exists_in(d, ids) ? ids[1] : NULL;

        if (!missing)
                return;
        doctor_find(d, SEVERITY_FAULT, NULL,
                "udev does not know what to do with UPSes: %s (%04x:%04x) "
                "gets no driver when "
                "it is plugged in.",
                p->naming.description, p->naming.key.vendor_id, p->naming.key.product_id);
        doctor_evidence(d, "%s is not there", missing);
        doctor_fix_text(d, "install Busbar anew, then: systemd-hwdb update && udevadm control --reload && "
                      "udevadm "
                      "trigger --subsystem-match=hidraw --subsystem-match=usb");
}

static void check_rule(Doctor *d) {
        for_each_plugged(d, look_rule);
}

/* The kernel may let it sleep, and many do not wake up well. */
static void look_power(Doctor *d, const Plugged *p) {
        _cleanup_free_ char *path =
                strjoin("/sys/bus/usb/devices/", p->usb->identity.path, "/power/control");
        _cleanup_free_ char *control = path ? doctor_read(d, path) : NULL;

        if (!control || !streq(control, "auto"))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "The kernel may suspend the USB port of %s (%04x:%04x), and "
                "then it falls "
                "silent.",
                p->naming.description, p->naming.key.vendor_id, p->naming.key.product_id);
        doctor_evidence(d, "%s: %s", path, control);
        doctor_fix(d,
                "echo on > %s; for ever: printf 'SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", "
                "ATTR{power/control}=\"on\"\\n' > /etc/udev/rules.d/90-ups-power.rules",
                path, p->naming.key.vendor_id);
}

static void check_power(Doctor *d) {
        for_each_plugged(d, look_power);
}

const DoctorCheck usb_checks[] = {
        {"usb-held", "who holds UPSes on USB", NEEDS_DEVICES | NEEDS_HOST, check_rival},
        {"usb-not-served", "UPSes on USB", NEEDS_DEVICES | NEEDS_HOST, check_served},
        {"udev-rule-missing", "rules of udev", NEEDS_HOST, check_rule},
        {"usb-autosuspend", "power saving on USB", NEEDS_HOST, check_power},
        {},
};
