/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "bus-names.h"
#include "doctor.h"
#include "string-util.h"

#define POLICY "/usr/share/dbus-1/system.d/org.busbar.conf"
#define POLICY_LOCAL "/etc/dbus-1/system.d/org.busbar.conf"

static void check_bus(Doctor *d) {
        if (d->bus_error >= 0)
                return;

        doctor_find(d, SEVERITY_FAULT, NULL,
                "The system bus cannot be reached, and nothing works without: "
                "%s.",
                strerror(-d->bus_error));
        if (getenv("DBUS_SYSTEM_BUS_ADDRESS"))
                doctor_evidence(d, "DBUS_SYSTEM_BUS_ADDRESS=%s", getenv("DBUS_SYSTEM_BUS_ADDRESS"));
        else
                doctor_evidence(d, "/run/dbus/system_bus_socket");
        doctor_fix_text(d, d->bus_error == -ETIMEDOUT ? "systemctl restart dbus" : "systemctl start dbus");
}

static void check_policy(Doctor *d) {
        bool there = doctor_exists(d, POLICY) || doctor_exists(d, POLICY_LOCAL);

        /* Where our services have their names, they may have them. */
        if (there || doctor_has_name(d, BUS_NAME_DRIVER) || doctor_has_name(d, BUS_NAME_MONITOR) ||
                doctor_has_name(d, BUS_NAME_GATEWAY))
                return;

        doctor_find(d, SEVERITY_FAULT, NULL,
                "The bus does not let Busbar's services have their names: its "
                "policy "
                "file is not installed.");
        doctor_evidence(d, "%s is not there", POLICY);
        doctor_fix_text(d, "install Busbar anew, then: systemctl reload dbus");
}

/* The policy is there, a service runs, and is not on the bus. */
static void check_policy_loaded(Doctor *d) {
        static const struct {
                const char *unit, *name;
        } services[] = {
                {"busbar-monitor.service", BUS_NAME_MONITOR},
                {"busbar-gateway.service", BUS_NAME_GATEWAY},
        };

        for (size_t i = 0; i < ELEMENTSOF(services); i++) {
                const Unit *u = doctor_unit(d, services[i].unit);

                if (!u || !streq(u->active, "activating") || !streq(u->sub, "start") ||
                        doctor_has_name(d, services[i].name))
                        continue;
                doctor_find(d, SEVERITY_WARNING, NULL, "%s runs, but does not get its name on the bus, %s.",
                        services[i].unit, services[i].name);
                doctor_evidence(d, "%s: %s (%s)", u->name, u->active, u->sub);
                doctor_fix(d, "systemctl reload dbus && systemctl restart %s", services[i].unit);
        }
}

static void check_driver_hangs(Doctor *d) {
        if (!d->hangs)
                return;

        doctor_find(d, SEVERITY_FAULT, NULL,
                "A driver on the bus does not answer; its devices cannot be "
                "told here.");
        doctor_evidence(d, "no answer within 4 s; \"busctl list | grep org.busbar\" shows which there are");
        doctor_fix_text(d, "systemctl restart busbar");
}

const DoctorCheck bus_checks[] = {
        {"bus", "the system bus", 0, check_bus},
        {"bus-policy", "the policy of the bus", NEEDS_BUS, check_policy},
        {"bus-policy-not-loaded", "the policy of the bus", NEEDS_SYSTEMD, check_policy_loaded},
        {"driver-hangs", "drivers that hang", NEEDS_DEVICES, check_driver_hangs},
        {},
};
