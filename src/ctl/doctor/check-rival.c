/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "device-name.h"
#include "doctor.h"
#include "shell-text.h"
#include "string-util.h"

/* Programs that want devices, or the port, for themselves. The kernel keeps 15 characters of a name; below:
 * what the path of the program has in it, for a name that others may have as well. */
static const struct {
        const char *process, *words, *below;
} programs[] = {
        {"upsd", "NUT's server", NULL},
        {"apcupsd", "apcupsd", NULL},
        {"pwrstatd", "CyberPower's PowerPanel", NULL},
        {"ppbed", "CyberPower's PowerPanel", NULL},
        {"PBEAgent", "APC's PowerChute", NULL},
        {"mc2", "Eaton's IPP", "eaton"},
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
        "apcupsd-ups",
};

/* NUT's units; without a suffix, how their names begin. */
static const char *const nut_units[] = {
        "nut-server.service",
        "nut-monitor.service",
        "nut-client.service",
        "nut-driver.service",
        "nut-driver@",
        "nut-driver-enumerator.",
        "nut-driver-enumerator-",
        "nut-driver-enumerator@",
        "nut.target",
        "nut-driver.target",
};

/*** Whose program it is ***/

typedef enum Origin {
        ORIGIN_UNKNOWN, /* only root may see */
        ORIGIN_OURS,
        ORIGIN_OTHERS,
} Origin;

static bool is_below(const char *path, const char *directory) {
        const char *rest = isempty(directory) ? NULL : startswith(path, directory);

        return rest && (*rest == '/' || endswith(directory, "/"));
}

/* Of a link of the kernel's, in new memory. */
static char *read_program(const char *path) {
        char target[PATH_MAX];
        ssize_t n = readlink(path, target, sizeof(target) - 1);

        if (n <= 0)
                return NULL;
        target[n] = '\0';
        return strdup(target);
}

/* The build that this program is run from, in new memory; NULL when it is installed. */
static char *build_tree(void) {
        _cleanup_free_ char *self = read_program("/proc/self/exe");
        const char *rest = self ? endswith(self, "/src/ctl/busbarctl") : NULL;

        return rest ? strndup(self, strlen(self) - strlen("/src/ctl/busbarctl")) : NULL;
}

static bool is_below_real(const char *path, const char *directory) {
        _cleanup_free_ char *real = realpath(directory, NULL);

        return is_below(path, directory) || (real && is_below(path, real));
}

/* Started by hand or by a launcher it is in no slice of ours. *ret is the path of its program. */
static Origin find_origin(Doctor *d, const Process *p, char **ret) {
        _cleanup_free_ char *link = strprintf("%s/proc/%d/exe", d->root, (int) p->pid);
        _cleanup_free_ char *program = link ? read_program(link) : NULL, *build = NULL;
        bool ours = p->ours;

        if (program && !ours) {
                build = build_tree();
                ours = is_below_real(program, LIBEXECDIR) || is_below_real(program, conf_driver_path()) ||
                       (build && is_below(program, build));
        }
        if (ours)
                return ORIGIN_OURS;
        if (!program)
                return ORIGIN_UNKNOWN;
        if (ret)
                *ret = TAKE_PTR(program);
        return ORIGIN_OTHERS;
}

/* NUT's commands that Busbar has as well, where they replace NUT's. */
static bool is_our_command(const char *program) {
        const char *name = program ? strrchr(program, '/') : NULL;

        return name && (streq(name, "/upsd") || streq(name, "/upsmon")) &&
               is_below_real(program, NUT_SBINDIR);
}

static char *describe(const Process *p) {
        return strprintf("%s, process %d%s%s", p->name, (int) p->pid, p->unit ? " of " : "",
                strempty(p->unit));
}

/*** What runs ***/

/* Nobody is told to kill what may be ours. */
static void fix_process(Doctor *d, const Process *p, Origin origin) {
        if (p->unit)
                doctor_fix(d, "systemctl disable --now %s", p->unit);
        else if (origin == ORIGIN_OTHERS)
                doctor_fix(d, "kill %d    # and stop what starts it", (int) p->pid);
        else
                doctor_fix_text(d, "busbarctl doctor    # as root, who sees which program it is");
}

static void check_program(Doctor *d, const Process *p, const char *words, const char *below) {
        _cleanup_free_ char *program = NULL, *who = NULL;
        Origin origin = find_origin(d, p, &program);

        if (origin == ORIGIN_OURS || is_our_command(program) ||
                (below && !strcasestr(strempty(program), below)))
                return;
        who = describe(p);
        doctor_find(d, origin == ORIGIN_UNKNOWN && !p->unit ? SEVERITY_WARNING : SEVERITY_FAULT, NULL,
                "%s runs beside Busbar: two that drive one device take it from each other.", words);
        doctor_evidence(d, "%s", strempty(who));
        fix_process(d, p, origin);
}

static void check_programs(Doctor *d) {
        for (size_t i = 0; i < ELEMENTSOF(programs); i++)
                for (size_t j = 0; j < d->n_processes; j++)
                        if (streq(d->processes[j].name, programs[i].process))
                                check_program(d, d->processes + j, programs[i].words, programs[i].below);
}

static bool has_name_of_nut(const Process *p) {
        for (size_t i = 0; i < ELEMENTSOF(nut_programs); i++)
                if (streq(p->name, nut_programs[i]))
                        return true;
        return false;
}

/* They were started together: one line for all of them, and one for those that cannot be told from ours. */
typedef struct Rivals {
        char **shown, **units, **pids; /* strvs; units as words for a shell */
        size_t n;
} Rivals;

static void rivals_done(Rivals *l) {
        strv_free(l->shown);
        strv_free(l->units);
        strv_free(l->pids);
}

static int add_rival(Rivals *l, const Process *p) {
        char *words, *word;

        if (l->n++ < SHOWN_MAX) {
                words = describe(p);
                if (!words || strv_consume(&l->shown, words) < 0)
                        return -ENOMEM;
        }
        word = p->unit ? shell_word(p->unit) : strprintf("%d", (int) p->pid);
        if (!word)
                return -ENOMEM;
        /* Several processes of one service. */
        if (p->unit && strv_contains(l->units, word)) {
                free(word);
                return 0;
        }
        return strv_consume(p->unit ? &l->units : &l->pids, word);
}

static void report_rivals(Doctor *d, const Rivals *l, bool sure) {
        _cleanup_free_ char *who = strv_join(l->shown, "; "), *fix = NULL;
        _cleanup_free_ char *units = strv_join(l->units, " "), *pids = strv_join(l->pids, " ");
        const char *s = l->n == 1 ? "" : "s", *verb = l->n == 1 ? "s" : "";

        if (l->n == 0)
                return;
        if (sure) {
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "%zu program%s of NUT run%s beside Busbar, and take%s devices away from it.", l->n,
                        s, verb, verb);
                fix = strjoin(l->units ? "systemctl disable --now " : "", strempty(units),
                        l->units && l->pids ? " && " : "", l->pids ? "kill " : "", strempty(pids));
        } else {
                doctor_find(d, SEVERITY_WARNING, NULL,
                        "%zu program%s run%s that may be of NUT: which, only root can see.", l->n, s, verb);
                fix = strdup("busbarctl doctor    # as root");
        }
        doctor_evidence(d, "%s%s", strempty(who), l->n > SHOWN_MAX ? "; ..." : "");
        doctor_fix_text(d, strempty(fix));
}

static void check_nut(Doctor *d) {
        _cleanup_(rivals_done) Rivals sure = {}, unsure = {};

        for (size_t i = 0; i < d->n_processes; i++) {
                const Process *p = d->processes + i;
                _cleanup_free_ char *program = NULL;
                Origin origin;

                if (!has_name_of_nut(p))
                        continue;
                origin = find_origin(d, p, &program);
                if (origin == ORIGIN_OURS || is_our_command(program))
                        continue;
                if (add_rival(origin == ORIGIN_UNKNOWN && !p->unit ? &unsure : &sure, p) < 0) {
                        d->error = -ENOMEM;
                        return;
                }
        }
        report_rivals(d, &sure, true);
        report_rivals(d, &unsure, false);
}

static bool is_unit_of_nut(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(nut_units); i++) {
                const char *rest = startswith(name, nut_units[i]);

                if (rest && (!*rest || strchr("@.-", nut_units[i][strlen(nut_units[i]) - 1])))
                        return true;
        }
        return false;
}

static void check_units(Doctor *d) {
        for (size_t i = 0; i < d->n_units; i++) {
                const Unit *u = d->units + i;

                if (!is_unit_of_nut(u->name) ||
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

/* Who has it open; NULL when we have it as well, or the service manager: it was passed on. */
static const Process *find_owner(Doctor *d, uint64_t inode) {
        const Process *owner = NULL;
        char socket[64];

        (void) snprintf(socket, sizeof(socket), "socket:[%" PRIu64 "]", inode);
        for (size_t i = 0; i < d->n_processes; i++) {
                const Process *p = d->processes + i;

                if (!has_socket(d, p, socket))
                        continue;
                if (p->pid == 1 || find_origin(d, p, NULL) == ORIGIN_OURS)
                        return NULL;
                owner = owner ?: p;
        }
        return owner;
}

static bool is_wanted_port(const Doctor *d, uint16_t port) {
        for (size_t i = 0; i < d->conf.upsd->n_listens; i++)
                if (d->conf.upsd->listens[i].port == port)
                        return true;
        return d->conf.upsd->n_listens == 0 && port == NUT_PORT;
}

static void check_port(Doctor *d) {
        for (size_t i = 0; i < d->n_listeners; i++) {
                const Listener *l = d->listeners + i;
                const Process *p;

                if (!is_wanted_port(d, l->port))
                        continue;
                p = find_owner(d, l->inode);
                if (!p)
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
        doctor_fix_text(d, "mkdir -p /etc/UPower/UPower.conf.d && printf "
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
