/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-units.h"

#include <pwd.h>
#include <stdio.h>

#include "log.h"
#include "notify-files.h"
#include "parse-util.h"
#include "shutdown-unit.h"
#include "string-util.h"
#include "ups-conf-links.h"

#define MONITOR_SERVICE "busbar-monitor.service"
#define NOTIFY_SERVICE "busbar-notify.service"
#define NOTIFY_USER "busbar-notify"
#define SHUTDOWN_COMMAND_SERVICE "busbar-shutdowncmd.service"
#define POWER_DOWN_FLAG_SERVICE "busbar-powerdownflag.service"

/* The network is to stay as long as the link does: what needs the network stops first, then the link, which
 * logs out over there, then the network. Only what is active is stopped and has an order then, and not all
 * networks come with network.target. */
#define LINK_DROP_IN \
        "[Unit]\n" \
        "After=network-pre.target NetworkManager.service systemd-networkd.service networking.service " \
        "connman.service dhcpcd.service iwd.service wpa_supplicant.service systemd-resolved.service\n" \
        "Wants=network.target\n" \
        "Before=network.target\n"

/* The monitor reports what is wrong in upsmon.conf; here it matters that a link may be missing for it. */
static void only_count(void *userdata, int level, const char *file, unsigned line, const char *message) {
        bool *flawed = userdata;

        if (level <= LOG_ERR)
                *flawed = true;
}

static int readers_of(const char *const *files, size_t n, Readers *readers) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = readers_add(readers, files[i]);
        return r;
}

static int let_service_read(const Generator *g, const char *unit, const Readers *readers) {
        _cleanup_free_ char *groups = reader_groups(readers), *text = NULL;

        if (!groups)
                return -ENOMEM;
        if (isempty(groups))
                return 0;

        text = strjoin("[Service]\n", groups);
        return text ? write_drop_in(g, unit, text) : -ENOMEM;
}

static int generate_link(Generator *g, const UpsConf *c, const UpsSection *s, const Readers *readers) {
        _cleanup_free_ char *unit = NULL, *groups = reader_groups(readers), *text = NULL;
        int r;

        r = want_device(g, c, s, &unit);
        if (r < 0 || !unit)
                return r;
        if (!groups)
                return -ENOMEM;

        text = strjoin(LINK_DROP_IN, isempty(groups) ? "" : "\n[Service]\n", groups);
        return text ? write_drop_in(g, unit, text) : -ENOMEM;
}

static int generate_links(Generator *g, const UpsmonConf *m) {
        static const char *const files[] = { "ups.conf", "upsmon.conf" };
        _cleanup_(readers_done) Readers readers = {};
        _cleanup_(ups_conf_freep) UpsConf *links = new0(UpsConf, 1);
        int r;

        r = links ? ups_conf_add_links(links, m) : -ENOMEM;
        if (r >= 0 && links->n_sections > 0)
                r = readers_of(files, ELEMENTSOF(files), &readers);
        for (size_t i = 0; r >= 0 && i < links->n_sections; i++)
                r = readers_add_certificates(&readers, links, links->sections + i);
        for (size_t i = 0; r >= 0 && i < links->n_sections; i++)
                r = generate_link(g, links, links->sections + i, &readers);
        return r;
}

/* Looks into the file, since a name service may not be there yet. False if there is no such user. */
static bool find_user(const Generator *g, const char *name, struct passwd *ret) {
        _cleanup_free_ char *path = strjoin(g->root, "/etc/passwd");
        uint64_t id = 0;
        bool is_number = parse_uint64(name, 0, UINT32_MAX - 1, &id) >= 0, found = false;
        FILE *f = path ? fopen(path, "re") : NULL;

        if (!f)
                return false;

        for (struct passwd *p; !found && (p = fgetpwent(f));)
                if (is_number ? p->pw_uid == id : streq(p->pw_name, name)) {
                        *ret = (struct passwd) { .pw_uid = p->pw_uid, .pw_gid = p->pw_gid };
                        found = true;
                }

        fclose(f);
        return found;
}

/* Who runs scripts: the user of RUN_AS_USER, else the service's own. False if there is none yet. */
static bool find_notify_user(const Generator *g, const UpsmonConf *m, struct passwd *ret, bool *ret_other) {
        const char *problem = NULL;

        *ret_other = false;
        if (m->run_as_user && !find_user(g, m->run_as_user, ret))
                problem = "there is no such user in /etc/passwd";
        else if (m->run_as_user && ret->pw_uid == 0)
                problem = "nothing runs as root for it";
        else if (m->run_as_user)
                *ret_other = true;

        if (problem)
                log_warning("RUN_AS_USER is %s, but %s: busbar-notify runs as its own user.", m->run_as_user,
                                problem);
        return *ret_other || find_user(g, NOTIFY_USER, ret);
}

/* Nothing that it runs may come by a password: it is in no group of the configuration files. */
static int generate_notify(const Generator *g, const UpsmonConf *m) {
        _cleanup_free_ char *directory = NULL, *files = NULL, *user = NULL, *text = NULL;
        struct passwd p = {};
        bool found, other;
        int r;

        found = find_notify_user(g, m, &p, &other);
        if (!found && m->exists)
                log_warning("There is no user " NOTIFY_USER " in /etc/passwd: nobody is told anything until "
                            "there is one, and the service manager is reloaded.");
        r = write_notify_files(g, m, found ? p.pw_gid : 0, &directory);
        if (r < 0 || !directory)
                return r;

        files = strjoin("Environment=NUT_CONFPATH=", directory, "\n");
        user = other ? strprintf("User=%u\nGroup=%u\n", (unsigned) p.pw_uid, (unsigned) p.pw_gid)
                     : strdup("");
        text = files && user ? strjoin("[Service]\n", files, user) : NULL;
        return text ? write_drop_in(g, NOTIFY_SERVICE, text) : -ENOMEM;
}

static int generate_services(const Generator *g, const UpsmonConf *m) {
        static const char *const units[] = {
                MONITOR_SERVICE, NOTIFY_SERVICE, "busbar-guard.service", "busbar-poweroff-now.path",
        };
        static const char *const monitor_files[] = { "upsmon.conf", "ups.conf", "nut.conf" };
        _cleanup_(readers_done) Readers readers = {};
        int r = 0, notify;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(units); i++)
                r = want_unit(g, units[i], units[i]);
        if (r >= 0)
                r = readers_of(monitor_files, ELEMENTSOF(monitor_files), &readers);
        if (r >= 0)
                r = let_service_read(g, MONITOR_SERVICE, &readers);
        notify = generate_notify(g, m);
        return r < 0 ? r : notify;
}

/* The monitor starts it: a command instead of asking for an ordinary power-off, the flag alone before. */
static int generate_shutdown(const Generator *g, const UpsmonConf *m) {
        _cleanup_free_ char *command = NULL, *flag = NULL;
        int r;

        if (!m->shutdown_command && !m->power_down_flag)
                return 0;

        command = shutdown_command_unit(m->shutdown_command, m->power_down_flag);
        r = command ? write_unit(g, SHUTDOWN_COMMAND_SERVICE, command) : -ENOMEM;
        if (r < 0 || !m->power_down_flag)
                return r;

        flag = power_down_flag_unit(m->power_down_flag);
        r = flag ? write_unit(g, POWER_DOWN_FLAG_SERVICE, flag) : -ENOMEM;
        return r < 0 ? r : want_unit(g, POWER_DOWN_FLAG_SERVICE, NULL);
}

int generate_monitor(Generator *g) {
        _cleanup_(upsmon_conf_freep) UpsmonConf *m = NULL;
        int links, services, shutdown;

        links = upsmon_conf_load(only_count, &g->flawed, &m);
        if (links == -ENOMEM)
                return links;
        if (links < 0) {
                /* The monitor says so, and protects this machine against the devices that it has. */
                g->flawed = true;
                m = new0(UpsmonConf, 1);
                if (!m)
                        return -ENOMEM;
        }

        links = generate_links(g, m);
        services = generate_services(g, m);
        shutdown = generate_shutdown(g, m);
        return links < 0 ? links : services < 0 ? services : shutdown;
}
