/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>

#include "device-name.h"
#include "doctor.h"
#include "string-util.h"

/* Programs that want devices, or the port, for themselves. The kernel keeps 15 characters of a name. */
static const struct {
        const char *process, *words, *fix;
} programs[] = {
        {"upsd", "NUT's server", "systemctl disable --now nut-server"},
        {"apcupsd", "apcupsd", "systemctl disable --now apcupsd"},
        {"pwrstatd", "CyberPower's PowerPanel", "systemctl disable --now pwrstatd"},
        {"ppbed", "CyberPower's PowerPanel", "systemctl disable --now ppbed"},
        {"PBEAgent", "APC's PowerChute", "systemctl disable --now PBEAgent"},
        {"mc2", "Eaton's IPP", "systemctl disable --now eaton-ipp"},
        {"powernut", "another monitor of UPSes", "stop it"},
        {"genmon", "another monitor of UPSes", "stop it"},
};

/* So many of a kind are named. */
#define SHOWN_MAX 5U

/* Drivers of NUT, which ours share the names with; and its monitor. */
static const char *const nut_programs[] = {
        "upsmon",
        "usbhid-ups",
        "blazer_usb",
        "blazer_ser",
        "nutdrv_qx",
        "nutdrv_atcl_usb",
        "tripplite_usb",
        "bcmxcp_usb",
        "bcmxcp",
        "richcomm_usb",
        "riello_usb",
        "riello_ser",
        "snmp-ups",
        "dummy-ups",
        "apcsmart",
        "mge-shut",
        "mge-utalk",
        "netxml-ups",
        "apc_modbus",
        "powercom",
        "genericups",
        "liebert",
        "clone",
        "apcupsd-ups",
};

static void report_process(Doctor *d, const Process *p, const char *words, const char *fix) {
        doctor_find(d, SEVERITY_FAULT, NULL,
                "%s runs beside Busbar: two that drive one device take it "
                "from each "
                "other.",
                words);
        doctor_evidence(
                d, "%s, process %d%s%s", p->name, (int) p->pid, p->unit ? " of " : "", strempty(p->unit));
        doctor_fix(d, "%s", fix);
}

static void check_programs(Doctor *d) {
        for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
                const Process *p = doctor_process(d, programs[i].process);

                if (p && !p->ours)
                        report_process(d, p, programs[i].words, programs[i].fix);
        }
}

static bool is_nut_program(const Process *p) {
        for (size_t i = 0; i < ELEMENTSOF(nut_programs) && !p->ours; i++)
                if (streq(p->name, nut_programs[i]))
                        return true;
        return false;
}

/* One line for all of them: they were started together. */
static void check_nut(Doctor *d) {
        _cleanup_strv_free_ char **shown = NULL, **ways = NULL;
        _cleanup_free_ char *who = NULL, *fix = NULL;
        size_t n = 0;

        for (size_t i = 0; i < d->n_processes; i++) {
                const Process *p = d->processes + i;
                char *words, *way;

                if (!is_nut_program(p) || ++n > SHOWN_MAX)
                        continue;
                words = strprintf("%s, process %d%s%s", p->name, (int) p->pid, p->unit ? " of " : "",
                        strempty(p->unit));
                way = p->unit ? strprintf("systemctl disable --now %s", p->unit)
                              : strprintf("kill %d", (int) p->pid);
                if (!words || !way || strv_consume(&shown, words) < 0 || strv_consume(&ways, way) < 0)
                        d->error = -ENOMEM;
        }
        if (n == 0 || d->error < 0)
                return;

        who = strv_join(shown, "; ");
        fix = strv_join(ways, " && ");
        doctor_find(d, SEVERITY_FAULT, NULL,
                "%zu program%s of NUT run%s beside Busbar, and take%s devices "
                "away from it.",
                n, n == 1 ? "" : "s", n == 1 ? "s" : "", n == 1 ? "s" : "");
        doctor_evidence(d, "%s%s", strempty(who), n > SHOWN_MAX ? "; ..." : "");
        doctor_fix(d, "%s", strempty(fix));
}

static void check_units(Doctor *d) {
        for (size_t i = 0; i < d->n_units; i++) {
                const Unit *u = d->units + i;

                if (!startswith(u->name, "nut") ||
                        !(streq(u->active, "active") || streq(u->active, "activating")))
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL, "NUT's unit %s is up beside Busbar's.", u->name);
                doctor_evidence(d, "%s: %s (%s)", u->name, u->active, u->sub);
                doctor_fix(d, "systemctl disable --now %s", u->name);
        }
}

/*** Who has the port ***/

/* Whether the process has that socket open: 1, 0, or -EACCES. */
static int has_socket(Doctor *d, const Process *p, const char *socket) {
        _cleanup_free_ char *path = strprintf("%s/proc/%d/fd", d->root, (int) p->pid);
        DIR *list = path ? opendir(path) : NULL;
        char target[64];
        int found = 0;

        if (!list)
                return 0;
        for (struct dirent *e; !found && (e = readdir(list));) {
                ssize_t n = readlinkat(dirfd(list), e->d_name, target, sizeof(target) - 1);

                if (n > 0) {
                        target[n] = '\0';
                        found = streq(target, socket);
                }
        }
        (void) closedir(list);
        return found;
}

static const Process *find_owner(Doctor *d, uint64_t inode) {
        char socket[64];

        (void) snprintf(socket, sizeof(socket), "socket:[%" PRIu64 "]", inode);
        for (size_t i = 0; i < d->n_processes; i++)
                if (has_socket(d, d->processes + i, socket))
                        return d->processes + i;
        return NULL;
}

static bool is_wanted_port(const Doctor *d, uint16_t port) {
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++)
                if (d->conf.upsd->listens[i].port == port)
                        return true;
        return d->conf.upsd->n_listens == 0 && port == NUT_PORT;
}

/* The service manager listens for us. */
static void check_port(Doctor *d) {
        for (size_t i = 0; i < d->n_listeners; i++) {
                const Listener *l = d->listeners + i;
                const Process *p;

                if (!is_wanted_port(d, l->port))
                        continue;
                p = find_owner(d, l->inode);
                if (!p || p->ours || p->pid == 1)
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "Port %u is taken by another program, so that clients "
                        "speak to that "
                        "one.",
                        (unsigned) l->port);
                doctor_evidence(d, "%s on %s, process %d%s%s", p->name, l->address, (int) p->pid,
                        p->unit ? " of " : "", strempty(p->unit));
                if (p->unit)
                        doctor_fix(d,
                                "systemctl disable --now %s && systemctl restart "
                                "busbar-gateway.socket",
                                p->unit);
                else
                        doctor_fix(d, "kill %d && systemctl restart busbar-gateway.socket", (int) p->pid);
        }
}

/*** UPower ***/

#define UPOWER "org.freedesktop.UPower"
#define UPOWER_PATH "/org/freedesktop/UPower"

/* Of the enumeration of UPower. */
#define UPOWER_TYPE_UPS 3U

static bool is_ups(Doctor *d, const char *path) {
        uint32_t type = 0;

        return sd_bus_get_property_trivial(
                       d->ctl->bus, UPOWER, path, UPOWER ".Device", "Type", NULL, 'u', &type) >= 0 &&
               type == UPOWER_TYPE_UPS;
}

/* How many UPSes it sees; *ret is the path of the first, the message's. */
static size_t count_upses(Doctor *d, sd_bus_message *m, const char **ret) {
        const char *path;
        size_t n = 0;

        if (sd_bus_message_enter_container(m, 'a', "o") < 0)
                return 0;
        while (sd_bus_message_read(m, "o", &path) > 0)
                if (doctor_has_time(d, 0) && is_ups(d, path) && n++ == 0)
                        *ret = path;
        return n;
}

static void check_upower(Doctor *d) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *devices = NULL, *answer = NULL;
        const char *path = NULL, *action;

        if (!doctor_has_name(d, UPOWER))
                return;
        if (doctor_call(d, UPOWER, UPOWER_PATH, UPOWER, "EnumerateDevices", &devices) < 0 ||
                doctor_call(d, UPOWER, UPOWER_PATH, UPOWER, "GetCriticalAction", &answer) < 0 ||
                sd_bus_message_read(answer, "s", &action) < 0) {
                doctor_unseen(d, "as UPower does not answer");
                return;
        }
        if (count_upses(d, devices, &path) == 0 || streq(action, "Ignore"))
                return;

        doctor_find(d, SEVERITY_WARNING, NULL,
                "UPower watches a UPS as well and acts on its own (%s) when "
                "it thinks that "
                "it is empty, past the order of Busbar's shutdown.",
                action);
        doctor_evidence(d, "%s, and GetCriticalAction() is %s", path, action);
        doctor_fix(d, "mkdir -p /etc/UPower/UPower.conf.d && printf "
                      "'[UPower]\\nCriticalPowerAction=Ignore\\n"
                      "AllowRiskyCriticalPowerAction=true\\n' > /etc/UPower/UPower.conf.d/zz-busbar.conf && "
                      "systemctl restart upower    # before UPower 1.90.8: edit /etc/UPower/UPower.conf");
}

const DoctorCheck rival_checks[] = {
        {"nut-running", "programs of NUT", 0, check_nut},
        {"nut-unit-active", "units of NUT", NEEDS_SYSTEMD, check_units},
        {"other-program", "other programs for UPSes", 0, check_programs},
        {"port-taken", "who has port 3493", NEEDS_ROOT, check_port},
        {"upower-acts", "UPower", NEEDS_BUS, check_upower},
        {},
};
