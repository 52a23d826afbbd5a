/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "check-accounts.h"
#include "ctl.h"
#include "device-name.h"
#include "driver-check.h"
#include "nut-conf.h"
#include "problems.h"
#include "string-util.h"
#include "text.h"
#include "ups-conf-links.h"
#include "upssched-conf.h"
#include "verb-check.h"
#include "verb-tls.h"

static bool drivers_installed(void) {
        return access(conf_driver_path(), F_OK) >= 0;
}

/* A driver that is misspelt is found nowhere else: its unit just does not exist. */
static int check_driver(Problems *check, const UpsSection *s) {
        _cleanup_free_ char *message = NULL;

        if (check->own_drivers || driver_exists(s->driver) || !drivers_installed())
                return 0;

        message = strprintf("[%s] wants the driver \"%s\", which is not in %s", s->name, s->driver,
                        conf_driver_path());
        if (!message)
                return -ENOMEM;

        problems_report(check, LOG_WARNING, s->file, s->line, message);
        return 0;
}

/* The doctor asks about a machine that runs, if need be from a build, which has its drivers elsewhere. */
static int check_drivers_installed(Problems *check, const UpsConf *conf) {
        _cleanup_free_ char *message = NULL;

        if (check->report || conf->n_sections == 0 || drivers_installed())
                return 0;

        message = strprintf(DRIVERS_MISSING, conf_driver_path());
        if (!message)
                return -ENOMEM;
        problems_report(check, LOG_WARNING, conf->sections[0].file, 0, message);
        return 0;
}

static bool is_own_address(const char *host) {
        struct ifaddrs *all = NULL;
        struct in6_addr wanted;
        int family = strchr(host, ':') ? AF_INET6 : AF_INET;
        bool found = false;

        if (inet_pton(family, host, &wanted) != 1 || getifaddrs(&all) < 0)
                return false;

        for (const struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
                const void *address = i->ifa_addr;

                if (!address || i->ifa_addr->sa_family != family)
                        continue;
                if (family == AF_INET6)
                        found = memcmp(&((const struct sockaddr_in6 *) address)->sin6_addr, &wanted,
                                        sizeof(struct in6_addr)) == 0;
                else
                        found = memcmp(&((const struct sockaddr_in *) address)->sin_addr, &wanted,
                                        sizeof(struct in_addr)) == 0;
        }

        freeifaddrs(all);
        return found;
}

/* A device of this host that is watched, but served by nobody, or as if it were of another one. */
static int check_supply(Problems *check, const UpsConf *devices, const NutConf *nut, const UpsmonSupply *s) {
        _cleanup_free_ char *message = NULL;

        if (!s->local && !(s->port == NUT_PORT && is_own_address(s->host)))
                return 0;
        if (!s->local)
                message = strprintf("%s is at an address of this host, but taken for one of another, "
                                "which is not switched off: write %s@localhost", s->system, s->ups);
        else if (nut->mode == NUT_MODE_NETCLIENT)
                message = strprintf("%s is of this host, which serves no devices with MODE=netclient in "
                                "nut.conf", s->system);
        else if (!ups_conf_find(devices, s->ups))
                message = strprintf("%s is of this host, but there is no section [%s] in ups.conf",
                                s->system, s->ups);
        else
                return 0;
        if (!message)
                return -ENOMEM;

        problems_report(check, LOG_WARNING, s->file, s->line, message);
        return 0;
}

/* The passwords in the file are those of other machines. */
static void check_private(Problems *check, const UpsmonConf *m) {
        struct stat st;

        for (size_t i = 0; i < m->n_supplies; i++) {
                const char *file = m->supplies[i].file;

                if (i > 0 && streq(file, m->supplies[i - 1].file))
                        continue;
                if (stat(file, &st) >= 0 && (st.st_mode & S_IROTH))
                        problems_report(check, LOG_WARNING, file, 0,
                                        "Everybody can read the passwords in this file: chmod o= it");
        }
}

/* Between two looks at it a device would be taken for dead. */
static void check_times(Problems *check, const UpsmonConf *m) {
        _cleanup_free_ char *path = conf_path("upsmon.conf");
        const char *key = m->dead_time_usec < m->poll_usec ? "POLLFREQ"
                : m->dead_time_usec < m->poll_alert_usec ? "POLLFREQALERT" : NULL;
        _cleanup_free_ char *message = key ? strprintf("DEADTIME is shorter than %s: make it three times as "
                        "long", key) : NULL;

        if (path && message)
                problems_report(check, LOG_WARNING, path, 0, message);
}

static int check_monitor(Problems *check, UpsConf *devices, const NutConf *nut) {
        _cleanup_(upssched_conf_freep) UpsschedConf *timers = NULL;
        _cleanup_(upsmon_conf_freep) UpsmonConf *m = NULL;
        int r, k;

        r = upsmon_conf_load(problems_report, check, &m);
        k = upssched_conf_load(problems_report, check, &timers);
        if (r < 0)
                return r;

        check_private(check, m);
        check_times(check, m);
        for (size_t i = 0; i < m->n_supplies; i++) {
                r = check_supply(check, devices, nut, m->supplies + i);
                if (r < 0)
                        return r;
        }

        r = ups_conf_add_links(devices, m);
        return r < 0 ? r : k;
}

/* The devices, and who watches them. */
static int check_devices(Problems *check, size_t *ret_n) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;
        _cleanup_strv_free_ char **seen = NULL;
        NutConf nut = {};
        int r, first;

        first = nut_conf_load(problems_report, check, &nut);
        r = ups_conf_load(problems_report, check, &conf);
        first = first < 0 ? first : r;
        if (!conf)
                conf = new0(UpsConf, 1);
        if (!conf)
                return -ENOMEM;

        r = driver_check_all(conf, problems_report, check);
        if (r < 0)
                return r;
        r = check_drivers_installed(check, conf);
        if (r < 0)
                return r;
        r = check_monitor(check, conf, &nut);
        first = first < 0 ? first : r;
        for (size_t i = 0; i < conf->n_sections; i++) {
                r = check_driver(check, &conf->sections[i]);
                if (r >= 0)
                        r = tls_check_relay(check, conf, &conf->sections[i], &seen);
                if (r < 0)
                        return r;
        }

        *ret_n = conf->n_sections;
        return first;
}

/* Files that are not there are as good as empty ones, so without their directory all would seem well. */
static int check_directory(void) {
        _cleanup_free_ char *path = conf_path("");
        struct stat st;

        if (!path)
                return ctl_error(-ENOMEM, "Out of memory.");
        if (stat(path, &st) < 0)
                return ctl_error(-errno, "Cannot read the configuration directory %s: %s.", path,
                                 strerror(errno));
        return 0;
}

int configuration_check(Problems *check, size_t *ret_n) {
        int r, first;

        /* Each file is looked at, also when an earlier one cannot be read, which was reported. */
        first = check_devices(check, ret_n);
        r = check_accounts(check);
        first = first < 0 ? first : r;
        r = check->own_certificates ? 0 : tls_check(check);
        return first < 0 ? first : r;
}

int verb_check(Ctl *c, char **args) {
        Problems check = { .ctl = c };
        size_t n_devices = 0;
        int r, first;

        r = check_directory();
        if (r < 0)
                return r;

        problems_begin(&check);

        first = configuration_check(&check, &n_devices);
        if (first == -ENOMEM)
                return ctl_error(first, "Out of memory.");

        r = problems_end(&check, n_devices, "device");
        return first < 0 ? first : r;
}
