/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "doctor.h"
#include "string-util.h"

/* With less than that free, files that are written anew as a whole do not fit any more. */
#define FREE_MIN (UINT64_C(256) * 1024)

#define POLKIT "org.freedesktop.PolicyKit1"
#define LOGIND "org.freedesktop.login1"

static void check_disk(Doctor *d) {
        static const char *const places[] = {
                "/var/lib/busbar-monitor", "/var/lib/busbar-driver", "/run/busbar-monitor"};

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                _cleanup_free_ char *path = doctor_path(d, places[i]);
                struct statvfs st;
                uint64_t left;

                if (!path || statvfs(path, &st) < 0)
                        continue;
                left = (uint64_t) st.f_bavail * st.f_frsize;
                if (!(st.f_flag & ST_RDONLY) && left >= FREE_MIN && (st.f_files == 0 || st.f_favail > 0))
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "%s, so that what was learned of batteries and "
                        "shutdowns gets lost: %s.",
                        st.f_flag & ST_RDONLY ? "A directory is read-only" : "A disk is full", places[i]);
                doctor_evidence(
                        d, "%" PRIu64 " bytes and %" PRIu64 " files are left", left, (uint64_t) st.f_favail);
                doctor_fix(d,
                        st.f_flag & ST_RDONLY ? "findmnt -T %s    # and mount that for writing"
                                              : "df -h %s; du -xh --max-depth=2 /var | sort -h | "
                                                "tail",
                        places[i]);
        }
}

static bool is_activatable(Doctor *d, const char *wanted) {
        _cleanup_strv_free_ char **names = NULL;

        return sd_bus_list_names(d->ctl->bus, NULL, &names) >= 0 && strv_contains(names, wanted);
}

static void check_polkit(Doctor *d) {
        if (doctor_has_name(d, POLKIT) || is_activatable(d, POLKIT))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL, "polkit is missing: nobody but root may control devices.");
        doctor_evidence(d, POLKIT " is neither on the bus nor can it be started");
        doctor_fix_text(d, "apt install polkitd    # or dnf install polkit");
}

/* What sleeps does not watch, and secondaries lose their server. */
static void check_sleep(Doctor *d) {
        _cleanup_free_ char *action = NULL;

        if (d->conf.ups->n_sections == 0 && d->conf.upsmon->n_supplies == 0)
                return;
        if (!doctor_has_name(d, LOGIND) ||
                sd_bus_get_property_string(d->ctl->bus, LOGIND, "/org/freedesktop/login1", LOGIND ".Manager",
                        "IdleAction", NULL, &action) < 0)
                return;
        if (!startswith(action, "suspend") && !startswith(action, "hibernate") &&
                !startswith(action, "hybrid") && !streq(action, "sleep"))
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "This machine goes to sleep when nobody uses it, and then "
                "watches no UPS and "
                "serves no client.");
        doctor_evidence(d, "IdleAction=%s of logind", action);
        doctor_fix_text(d,
                "mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nIdleAction=ignore\\n' > "
                "/etc/systemd/logind.conf.d/zz-no-sleep.conf && systemctl restart systemd-logind");
}

const DoctorCheck system_checks[] = {
        {"disk-full", "free space", 0, check_disk},
        {"polkit-missing", "polkit", NEEDS_SYSTEMD, check_polkit},
        {"machine-sleeps", "whether this machine goes to sleep", NEEDS_BUS, check_sleep},
        {},
};
