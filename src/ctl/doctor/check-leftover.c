/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glob.h>
#include <signal.h>
#include <stdio.h>

#include "bus-names.h"
#include "doctor.h"
#include "parse-util.h"
#include "string-util.h"

#define ARMED "/run/busbar-monitor/armed"

/* Whether a shutdown is under way, during which these belong there. */
static bool is_shutting_down(Doctor *d) {
        _cleanup_free_ char *state = NULL;

        if (d->bus_error < 0 || d->monitor_error < 0 ||
                sd_bus_get_property_string(d->ctl->bus, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        BUS_INTERFACE_MONITOR, "State", NULL, &state) < 0)
                return false;
        return streq(state, "waiting-for-secondaries") || streq(state, "final-delay") ||
               streq(state, "powering-off");
}

static void check_flag(Doctor *d) {
        const char *path = d->conf.upsmon->power_down_flag;

        if (!path || !doctor_exists(d, path) || is_shutting_down(d))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "A flag file of an earlier shutdown is left: scripts that "
                "go by it switch the "
                "UPS off at the next ordinary reboot.");
        doctor_evidence(d, "POWERDOWNFLAG %s exists", path);
        doctor_fix(d, "rm %s", path);
}

static void check_armed(Doctor *d) {
        if (!doctor_exists(d, ARMED) || is_shutting_down(d))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "The power-off by the UPS is armed, though no shutdown is "
                "under way.");
        doctor_evidence(d, "%s exists", ARMED);
        doctor_fix(d, "systemctl restart busbar-monitor; is it still there then: rm %s", ARMED);
}

static bool is_alive(Doctor *d, const char *pid) {
        _cleanup_free_ char *path = strjoin("/proc/", pid);

        return path && doctor_exists(d, path);
}

static bool is_stale(Doctor *d, const char *path) {
        _cleanup_free_ char *pid = doctor_read(d, path);
        uint64_t number;

        return pid && parse_uint64(pid, 1, INT32_MAX, &number) >= 0 && !is_alive(d, pid);
}

static void check_pids(Doctor *d) {
        static const char *const patterns[] = {
                "/run/nut/*.pid", "/run/upsmon.pid", "/run/upsd.pid", "/run/apcupsd.pid"};
        _cleanup_free_ char *first = NULL;
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(patterns); i++) {
                _cleanup_free_ char *pattern = doctor_path(d, patterns[i]);
                glob_t found = {};

                if (pattern && glob(pattern, 0, NULL, &found) == 0)
                        for (size_t j = 0; j < found.gl_pathc; j++) {
                                const char *path = found.gl_pathv[j] + strlen(d->root);

                                if (is_stale(d, path) && n++ == 0)
                                        first = strdup(path);
                        }
                globfree(&found);
        }
        if (n == 0)
                return;

        doctor_find(d, SEVERITY_WARNING, NULL,
                "PID files of NUT are left over (%zu): what goes by them "
                "may signal a process "
                "that has nothing to do with it.",
                n);
        doctor_evidence(d, "%s names a process that does not exist", strempty(first));
        doctor_fix(d, n > 1 ? "rm %s    # and the others there" : "rm %s", strempty(first));
}

const DoctorCheck leftover_checks[] = {
        {"power-down-flag", "the flag of an earlier shutdown", NEEDS_CONFIGURATION, check_flag},
        {"armed", "whether the power-off is armed", 0, check_armed},
        {"pid-file", "PID files of NUT", 0, check_pids},
        {},
};
