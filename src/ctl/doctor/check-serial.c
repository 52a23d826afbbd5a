/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "bus-names.h"
#include "doctor.h"
#include "serial-lock.h"
#include "string-util.h"

/* The group of serial ports, which drivers are in. */
#define PORT_GROUP "dialout"

typedef void (*OnPort)(Doctor *d, const UpsSection *s, const char *name);

/* Sections with a serial port; name is that of the node, links followed: ttyS0. */
static void for_each_port(Doctor *d, OnPort on_port) {
        for (size_t i = 0; i < d->conf.ups->n_sections; i++) {
                const UpsSection *s = d->conf.ups->sections + i;
                _cleanup_free_ char *path = NULL, *real = NULL;

                if (!startswith(s->port, "/dev/"))
                        continue;
                path = doctor_path(d, s->port);
                real = path ? realpath(path, NULL) : NULL;
                on_port(d, s, real ? strrchr(real, '/') + 1 : strrchr(s->port, '/') + 1);
        }
}

static void look_node(Doctor *d, const UpsSection *s, const char *name) {
        _cleanup_free_ char *path = doctor_path(d, s->port);
        const struct group *group = getgrnam(PORT_GROUP);
        const struct passwd *user = getpwnam(USER_DRIVER);
        struct stat st;

        if (!path)
                return;
        if (stat(path, &st) < 0) {
                doctor_find(d, SEVERITY_FAULT, s->name, "Its port does not exist: %s.", s->port);
                doctor_evidence(d, "%s:%u: port = %s", s->file, s->line, s->port);
                doctor_fix_text(d, "what ports there are: ls -l /dev/serial/by-id /dev/ttyS* /dev/ttyUSB*");
                return;
        }
        if ((st.st_mode & 0006) == 0006 ||
                (group && st.st_gid == group->gr_gid && (st.st_mode & 0060) == 0060) ||
                (user && st.st_uid == user->pw_uid && (st.st_mode & 0600) == 0600))
                return;
        doctor_find(d, SEVERITY_FAULT, s->name,
                "Its driver, which runs as " USER_DRIVER " in the group "
                "" PORT_GROUP ", may not open %s.",
                s->port);
        doctor_evidence(d, "%s: mode %04o, owner %u, group %u", s->port, (unsigned) st.st_mode & 07777U,
                (unsigned) st.st_uid, (unsigned) st.st_gid);
        doctor_fix(d,
                "chgrp " PORT_GROUP " %s && chmod 0660 %s; for ever: a rule in /etc/udev/rules.d "
                "with GROUP=\"" PORT_GROUP "\", KERNEL==\"NAME\" and this NAME: %s",
                s->port, s->port, name);
}

static void check_node(Doctor *d) {
        for_each_port(d, look_node);
}

static void look_getty(Doctor *d, const UpsSection *s, const char *name) {
        _cleanup_free_ char *unit = strprintf("serial-getty@%s.service", name);
        const Unit *u = unit ? doctor_unit(d, unit) : NULL;

        if (!u || (!streq(u->active, "active") && !streq(u->active, "activating")))
                return;
        doctor_find(d, SEVERITY_FAULT, s->name, "A login prompt has its port, %s.", s->port);
        doctor_evidence(d, "%s: %s (%s)", u->name, u->active, u->sub);
        doctor_fix(d, "systemctl mask --now %s    # and remove console=%s from the kernel's command line",
                u->name, name);
}

static void check_getty(Doctor *d) {
        for_each_port(d, look_getty);
}

/* Programs that try out ports of these kinds. */
static void look_prober(Doctor *d, const UpsSection *s, const char *name) {
        static const struct {
                const char *process, *words, *fix;
        } probers[] = {
                {"ModemManager", "ModemManager looks for modems",
                        "systemctl disable --now ModemManager   "
                        " # or a "
                        "rule of udev that sets ENV{ID_MM_DEVICE_IGNORE}=\"1\" for the port"},
                {"brltty", "brltty looks for Braille displays",
                        "systemctl mask --now brltty brltty-udev  "
                        "  # or "
                        "remove the package brltty"},
        };

        for (size_t i = 0; i < ELEMENTSOF(probers); i++) {
                const Process *p = doctor_process(d, probers[i].process);

                if (!p || !(startswith(name, "ttyUSB") || startswith(name, "ttyACM")))
                        continue;
                doctor_find(d, SEVERITY_WARNING, s->name, "%s on its port, %s, and disturbs the UPS there.",
                        probers[i].words, s->port);
                doctor_evidence(d, "%s, process %d%s%s", p->name, (int) p->pid, p->unit ? " of " : "",
                        strempty(p->unit));
                doctor_fix_text(d, probers[i].fix);
        }
}

static void check_prober(Doctor *d) {
        for_each_port(d, look_prober);
}

static void look_lock(Doctor *d, const UpsSection *s, const char *name) {
        _cleanup_free_ char *directory = doctor_path(d, "/var/lock"), *path = doctor_path(d, s->port);
        pid_t pid;

        if (!directory || !path || !serial_lock_file_find(directory, path, &pid))
                return;
        for (size_t i = 0; i < d->n_processes; i++)
                if (d->processes[i].pid == pid && d->processes[i].ours)
                        return;
        doctor_find(d, SEVERITY_FAULT, s->name, "Another program has its port, %s.", s->port);
        doctor_evidence(d, "/var/lock/LCK..%s names process %d", name, (int) pid);
        doctor_fix(d, "ps -fp %d    # and stop it", (int) pid);
}

static void check_lock(Doctor *d) {
        for_each_port(d, look_lock);
}

const DoctorCheck serial_checks[] = {
        {"port-node", "serial ports", NEEDS_CONFIGURATION, check_node},
        {"port-locked", "who has serial ports", NEEDS_CONFIGURATION, check_lock},
        {"port-getty", "login prompts on serial ports", NEEDS_CONFIGURATION | NEEDS_SYSTEMD, check_getty},
        {"port-probed", "ModemManager and brltty", NEEDS_CONFIGURATION, check_prober},
        {},
};
