/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor-units.h"

#include <pwd.h>
#include <stdio.h>

#include "log.h"
#include "parse-util.h"
#include "shutdown-unit.h"
#include "string-util.h"
#include "ups-conf-links.h"

#define MONITOR_SERVICE "busbar-monitor.service"
#define NOTIFY_SERVICE "busbar-notify.service"
#define SHUTDOWN_COMMAND_SERVICE "busbar-shutdowncmd.service"
#define POWER_DOWN_FLAG_SERVICE "busbar-powerdownflag.service"

/* The network is to stay as long as the link does: what needs the network stops first, then the link, which
 * logs out over there, then the network. */
#define LINK_DROP_IN \
        "[Unit]\n" \
        "After=network-pre.target NetworkManager.service systemd-networkd.service networking.service " \
        "connman.service dhcpcd.service iwd.service wpa_supplicant.service systemd-resolved.service\n" \
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

/* Lets a service read files, with more lines for its section. */
static int let_service_read(const Generator *g, const char *unit, const char *more, const Readers *readers) {
        _cleanup_free_ char *groups = reader_groups(readers), *text = NULL;

        if (!groups)
                return -ENOMEM;
        if (isempty(groups) && isempty(more))
                return 0;

        text = strjoin("[Service]\n", groups, strempty(more));
        return text ? write_drop_in(g, unit, text) : -ENOMEM;
}

static int generate_link(Generator *g, const UpsSection *s, const Readers *readers) {
        _cleanup_free_ char *unit = NULL, *groups = reader_groups(readers), *text = NULL;
        int r;

        r = want_device(g, s, &unit);
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
                r = generate_link(g, links->sections + i, &readers);
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

/* The lines that have scripts run as RUN_AS_USER says, in new memory; empty without it. */
static int notify_user(const Generator *g, const UpsmonConf *m, char **ret) {
        struct passwd user = {};
        const char *problem = NULL;

        if (m->run_as_user && !find_user(g, m->run_as_user, &user))
                problem = "there is no such user in /etc/passwd";
        else if (m->run_as_user && user.pw_uid == 0)
                problem = "nothing runs as root for it";

        if (problem)
                log_warning("RUN_AS_USER is %s, but %s: busbar-notify runs as its own user.", m->run_as_user,
                                problem);
        if (problem || !m->run_as_user)
                *ret = strdup("");
        else
                *ret = strprintf("User=%u\nGroup=%u\n", (unsigned) user.pw_uid, (unsigned) user.pw_gid);
        return *ret ? 0 : -ENOMEM;
}

static int generate_services(const Generator *g, const UpsmonConf *m) {
        static const char *const units[] = {
                MONITOR_SERVICE, NOTIFY_SERVICE, "busbar-guard.service", "busbar-poweroff-now.path",
        };
        static const char *const monitor_files[] = { "upsmon.conf", "ups.conf", "nut.conf" };
        static const char *const notify_files[] = { "upsmon.conf", "upssched.conf" };
        _cleanup_(readers_done) Readers monitor_readers = {}, notify_readers = {};
        _cleanup_free_ char *user = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(units); i++)
                r = want_unit(g, units[i], units[i]);
        if (r >= 0)
                r = readers_of(monitor_files, ELEMENTSOF(monitor_files), &monitor_readers);
        if (r >= 0)
                r = let_service_read(g, MONITOR_SERVICE, NULL, &monitor_readers);
        if (r >= 0)
                r = readers_of(notify_files, ELEMENTSOF(notify_files), &notify_readers);
        if (r >= 0)
                r = notify_user(g, m, &user);
        return r < 0 ? r : let_service_read(g, NOTIFY_SERVICE, user, &notify_readers);
}

/* The monitor starts it instead of asking for an ordinary power-off when one of the two is given. */
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
