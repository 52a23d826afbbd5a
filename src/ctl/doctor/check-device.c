/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <unistd.h>

#include "doctor.h"
#include "driver-check.h"
#include "duration.h"
#include "string-util.h"
#include "time-util.h"

/* What its unit says of a device, as the evidence of the last finding. */
static void say_unit(Doctor *d, const UpsSection *s, const char *what) {
        _cleanup_free_ char *name = s ? doctor_device_unit(s) : NULL, *text = NULL;
        const Unit *u = name ? doctor_unit(d, name) : NULL;

        text = u ? doctor_last_log(d, u) : NULL;
        if (u && text)
                doctor_evidence(
                        d, "%s; %s is %s (%s) and said last: %s", what, name, u->active, u->sub, text);
        else if (u)
                doctor_evidence(d, "%s; %s is %s (%s)", what, name, u->active, u->sub);
        else if (s)
                doctor_evidence(d, "%s; section at %s:%u", what, s->file, s->line);
        else
                doctor_evidence(d, "%s", what);
}

static const MirrorDevice *find(Doctor *d, const char *name) {
        return mirror_find(d->ctl->mirror, name);
}

static bool is_masked(Doctor *d, const char *unit) {
        _cleanup_free_ char *state = doctor_unit_file_state(d, unit);

        return startswith(strempty(state), "masked");
}

/* From a build the drivers may be elsewhere. */
static bool is_not_of_busbar(const UpsSection *s) {
        return access(conf_driver_path(), F_OK) >= 0 && !driver_exists(s->driver);
}

/* No restart helps. */
static void report_driver(Doctor *d, const UpsSection *s) {
        doctor_find(d, SEVERITY_FAULT, s->name, "Busbar has no driver %s.", s->driver);
        doctor_evidence(d, "%s:%u: %s is not in %s", s->file, s->line, s->driver, conf_driver_path());
        doctor_fix(d,
                "keep NUT for this one, with its upsd on another port, and relay it: driver = dummy-ups, "
                "port = %s@localhost:PORT; or, if the name is misspelt: busbarctl scan",
                s->name);
}

static void check_missing(Doctor *d) {
        /* Which devices are those of the driver that hangs cannot be told, and that it does was said. */
        if (d->hangs) {
                doctor_unseen(d, "as a driver hangs");
                return;
        }
        for (size_t i = 0; i < d->conf.ups->n_sections; i++) {
                const UpsSection *s = d->conf.ups->sections + i;
                _cleanup_free_ char *unit = NULL;

                if (find(d, s->name) || s->enrolled ||
                        (d->conf.nut.mode == NUT_MODE_NETCLIENT && !device_name_is_link(s->name)))
                        continue;
                if (is_not_of_busbar(s)) {
                        report_driver(d, s);
                        continue;
                }
                if (ups_section_is_plugged(s))
                        continue;
                doctor_find(d, SEVERITY_FAULT, s->name,
                        "No driver serves it: %s does not run, or does not "
                        "answer.",
                        s->driver);
                say_unit(d, s, "not on the bus");
                unit = doctor_device_unit(s);
                if (unit && is_masked(d, unit))
                        doctor_fix(d, "systemctl unmask %s && systemctl start %s", unit, unit);
                else
                        doctor_fix(d, "systemctl reload-or-restart busbar; then: systemctl status %s",
                                strempty(unit));
        }
}

/* One on USB has no driver as long as it is not plugged in. */
static void check_unplugged(Doctor *d) {
        for (size_t i = 0; i < d->conf.ups->n_sections; i++) {
                const UpsSection *s = d->conf.ups->sections + i;

                if (find(d, s->name) || !ups_section_is_plugged(s) || s->enrolled ||
                        d->conf.nut.mode == NUT_MODE_NETCLIENT || is_not_of_busbar(s))
                        continue;
                doctor_find(d, SEVERITY_FAULT, s->name,
                        "It is not plugged in, or not taken for the device "
                        "of this section.");
                say_unit(d, s, "no device on USB was given to it");
                doctor_fix_text(d,
                        "plug it in; what is there: busbarctl scan usb; what the section asks for: "
                        "vendorid, productid, serial in ups.conf(5)");
        }
}

static void look_at(Doctor *d, const MirrorDevice *device, const UpsSection *s) {
        const Model *m = mirror_device_model(device);
        const char *name = mirror_device_name(device), *state = model_get(m, "driver.state");
        bool relay = strchr(name, '@') || (s && strchr(s->port, '@'));
        _cleanup_free_ char *what = NULL;
        char age[DURATION_TEXT_MAX];

        if (model_freshness(m) == FRESHNESS_FRESH)
                return;

        duration_format(age, sizeof(age), mirror_device_age_usec(device));
        what = strprintf("driver.state is %s", state ?: "not known");
        if (relay)
                doctor_find(d, SEVERITY_FAULT, name,
                        "The server at the other end does not give its "
                        "values.");
        else if (model_freshness(m) == FRESHNESS_ABSENT)
                doctor_find(d, SEVERITY_FAULT, name, "The driver %s runs, but finds no device.",
                        mirror_device_driver(device));
        else
                doctor_find(d, SEVERITY_FAULT, name,
                        "The device does not answer any more: its values are "
                        "too old.");
        say_unit(d, s, strempty(what));
        if (relay)
                doctor_fix(d, "upsc %s", s ? s->port : name);
        else if (streq(mirror_device_driver(device), "snmp-ups"))
                doctor_fix(d,
                        "snmpget -v1 -c COMMUNITY %s sysDescr.0    # no answer: address, firewall, "
                        "community or "
                        "snmp_version= are wrong",
                        s ? s->port : "HOST");
        else if (streq(mirror_device_driver(device), "dummy-ups"))
                doctor_fix(d,
                        "it is a simulation: is its file there, and can the driver read it? port = %s; "
                        "then: journalctl -b -u 'busbar-dummy-ups*'",
                        s ? s->port : "FILE");
        else {
                _cleanup_free_ char *units = strjoin("busbar-", mirror_device_driver(device), "*");

                doctor_fix(d, "check the cable and that the device is on; then: journalctl -b -u %s",
                        strempty(units));
        }
}

static void check_fresh(Doctor *d) {
        for (size_t i = 0; i < mirror_n_devices(d->ctl->mirror); i++) {
                const MirrorDevice *device = mirror_device(d->ctl->mirror, i);

                look_at(d, device, ups_conf_find(d->conf.ups, mirror_device_name(device)));
        }
}

static const char *serial_of(const MirrorDevice *device) {
        const Model *m = mirror_device_model(device);
        const char *serial = model_get(m, "device.serial") ?: model_get(m, "ups.serial");

        return serial && strspn(serial, "0 ") < strlen(serial) ? serial : NULL;
}

static bool is_relay(Doctor *d, const MirrorDevice *device) {
        return streq(mirror_device_transport(device), "network");
}

static void check_serials(Doctor *d) {
        for (size_t i = 0; i < mirror_n_devices(d->ctl->mirror); i++)
                for (size_t j = i + 1; j < mirror_n_devices(d->ctl->mirror); j++) {
                        const MirrorDevice *a = mirror_device(d->ctl->mirror, i);
                        const MirrorDevice *b = mirror_device(d->ctl->mirror, j);
                        const char *serial = serial_of(a);

                        if (!streq_ptr(serial, serial_of(b)) || !serial || is_relay(d, a) || is_relay(d, b))
                                continue;
                        doctor_find(d, SEVERITY_WARNING, mirror_device_name(b),
                                "It has the serial number of %s: one device under two names, or two "
                                "that "
                                "cannot be told by it.",
                                mirror_device_name(a));
                        doctor_evidence(d, "device.serial is %s at both", serial);
                        doctor_fix_text(d,
                                "remove one of the sections from ups.conf, or tell them by busport= "
                                "instead of serial=");
                }
}

const DoctorCheck device_checks[] = {
        {"driver-missing", "drivers of configured devices", NEEDS_DEVICES, check_missing},
        {"device-unplugged", "configured devices on USB", NEEDS_DEVICES | NEEDS_HOST, check_unplugged},
        {"device-silent", "whether devices answer", NEEDS_DEVICES, check_fresh},
        {"duplicate-serial", "serial numbers", NEEDS_DEVICES, check_serials},
        {},
};
