/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glob.h>
#include <stdio.h>

#include "io-util.h"
#include "migrate.h"
#include "string-util.h"

/* Files of the machine by their names. The message is for each that is there. */
static const struct {
        const char *pattern;
        FindingKind kind;
        const char *message;
} files[] = {
        { "/etc/systemd/system/*.wants/nut-*.service", FINDING_OTHER,
          "Busbar takes the place of this unit, and masks it while it is enabled" },
        { "/etc/systemd/system/nut-driver@*.service.d/nut-driver-enumerator-generated*", FINDING_OTHER,
          "NUT's enumerator made it for its own units; it does no harm" },
        { "/etc/systemd/system/nut-server.service.d/*.conf", FINDING_CHANGE,
          "A change to a unit of NUT: what is still needed goes to busbar-gateway.service" },
        { "/etc/systemd/system/nut-monitor.service.d/*.conf", FINDING_CHANGE,
          "A change to a unit of NUT: what is still needed goes to busbar-monitor.service" },
        { "/etc/systemd/system/nut-*.service", FINDING_CHANGE,
          "A unit of NUT that was changed here: what is still needed goes to Busbar's units" },
        { "/lib/udev/rules.d/*-nut-usbups.rules", FINDING_OTHER,
          "NUT's rules and Busbar's can be there together: each gives devices to its own drivers" },
        { "/etc/udev/rules.d/*nut*.rules", FINDING_CHANGE,
          "Rules of this machine for NUT: Busbar's own know the devices of its drivers, so take them out "
          "unless "
          "they are for something else" },
        { "/lib/systemd/system-shutdown/nutshutdown", FINDING_OTHER,
          "busbar-poweroff does this. The hook goes with NUT's package: while that stays, it tells the UPS "
          "a second "
          "time if upsmon.conf has a POWERDOWNFLAG" },
};

/* Files that may call programs of NUT. */
static const char *const scripts[] = {
        "/etc/crontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*", "/etc/cron.weekly/*",
        "/etc/cron.monthly/*", "/var/spool/cron/crontabs/*", "/etc/rc.local",
                "/etc/systemd/system/*.service",
        "/etc/systemd/system-shutdown/*", "/lib/systemd/system-shutdown/*", "/etc/sudoers.d/*",
        "/etc/network/if-up.d/*", "/etc/zabbix/zabbix_agentd.d/*",
};

static void for_each(Migration *m, const char *pattern,
                void (*callback)(Migration *m, const char *path, size_t i), size_t i) {
        _cleanup_free_ char *whole = strjoin(m->root, pattern);
        glob_t found = {};

        if (!whole) {
                m->oom = true;
                return;
        }
        if (glob(whole, 0, NULL, &found) == 0)
                for (size_t k = 0; k < found.gl_pathc; k++)
                        callback(m, found.gl_pathv[k], i);
        globfree(&found);
}

static void report_file(Migration *m, const char *path, size_t i) {
        migration_report(m, files[i].kind, path, 0, "%s", files[i].message);
}

static void take_script(Migration *m, const char *path, size_t i) {
        const char *slash = strrchr(path, '/');

        if (!startswith(slash ? slash + 1 : path, "busbar") && !startswith(slash ? slash + 1 : path, "nut"))
                migrate_script(m, path);
}

/* Lines of hosts.allow and hosts.deny that are about upsd. */
static void take_hosts(Migration *m, const char *name) {
        enum { SIZE = 64 << 10 };
        _cleanup_free_ char *path = strjoin(m->root, name), *text = new(char, SIZE + 1);
        unsigned number = 1;
        char *rest = text, *line;

        if (!path || !text) {
                m->oom = true;
                return;
        }

        ssize_t n = path_read(path, text, SIZE);
        text[MAX(n, 0)] = '\0';
        while ((line = strsep(&rest, "\n"))) {
                char *colon = strchr(line, ':');

                if (colon)
                        *colon = '\0';
                if (colon && line[strspn(line, " \t")] != '#' && strstr(line, "upsd"))
                        migration_report(m, FINDING_CHANGE, path, number,
                                        "This file is not read here: IPAddressAllow= of "
                                        "busbar-gateway.socket says "
                                        "who may connect, allowfrom in upsd.users who may be which user "
                                        "from where");
                number++;
        }
}

void migrate_system(Migration *m) {
        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                for_each(m, files[i].pattern, report_file, i);
        for (size_t i = 0; i < ELEMENTSOF(scripts); i++)
                for_each(m, scripts[i], take_script, i);
        take_hosts(m, "/etc/hosts.allow");
        take_hosts(m, "/etc/hosts.deny");
}
