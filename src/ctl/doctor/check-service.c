/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "bus-names.h"
#include "doctor.h"
#include "string-util.h"
#include "time-util.h"

#define SERVICE "org.freedesktop.systemd1.Service"

/* So many restarts are no accident any more. */
#define RESTARTS_MAX 3U

/* ... if the last one was not long ago. */
#define RESTART_RECENT_USEC (UINT64_C(600) * USEC_PER_SEC)

/*** What is to be started ***/

static void check_masked(Doctor *d) {
        static const char *const units[] = {"busbar.service", "busbar.target", "busbar-monitor.service",
                "busbar-gateway.service", "busbar-gateway.socket", "busbar-notify.service",
                "busbar-enroll.service"};

        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                _cleanup_free_ char *state = doctor_unit_file_state(d, units[i]);

                if (!startswith(strempty(state), "masked"))
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL, "%s is masked: nothing can start it.", units[i]);
                doctor_evidence(d, "systemctl is-enabled %s: %s", units[i], state);
                doctor_fix(d, "systemctl unmask %s && systemctl start busbar", units[i]);
        }
}

static void check_enabled(Doctor *d) {
        _cleanup_free_ char *state = doctor_unit_file_state(d, "busbar.service");

        if (!state || startswith(state, "enabled") || startswith(state, "masked"))
                return;
        doctor_find(d, SEVERITY_FAULT, NULL, "Busbar does not start when this machine does.");
        doctor_evidence(d, "systemctl is-enabled busbar.service: %s", state);
        doctor_fix_text(d, "systemctl enable --now busbar");
}

static void check_installed(Doctor *d) {
        _cleanup_free_ char *state = doctor_unit_file_state(d, "busbar.service");

        if (state || d->systemd_error < 0)
                return;
        doctor_find(d, SEVERITY_FAULT, NULL, "systemd does not know busbar.service.");
        doctor_evidence(d, "systemctl cat busbar.service: no such unit");
        doctor_fix_text(d, "systemctl daemon-reload    # or install Busbar");
}

static void check_started(Doctor *d) {
        const Unit *u = doctor_unit(d, "busbar.target");

        if (u && streq(u->active, "active"))
                return;
        doctor_find(d, SEVERITY_FAULT, NULL, "Busbar is not started.");
        doctor_evidence(d, "busbar.target: %s", u ? u->active : "not loaded");
        doctor_fix_text(d, "systemctl start busbar");
}

/*** What runs, and what does not ***/

static void say_log(Doctor *d, const Unit *u, const char *what) {
        _cleanup_free_ char *text = doctor_last_log(d, u);

        if (text)
                doctor_evidence(d, "%s: %s; it said last: %s", u->name, what, text);
        else
                doctor_evidence(d, "%s: %s", u->name, what);
}

static void check_failed(Doctor *d) {
        for (size_t i = 0; i < d->n_units; i++) {
                const Unit *u = d->units + i;
                _cleanup_free_ char *result = NULL;

                if (!startswith(u->name, "busbar") || !streq(u->active, "failed"))
                        continue;
                result = endswith(u->name, ".service") ? doctor_unit_string(d, u, SERVICE, "Result") : NULL;
                doctor_find(d, SEVERITY_FAULT, NULL, "%s has failed.", u->name);
                say_log(d, u, result ?: u->sub);
                doctor_fix(d, "journalctl -b -u %s; then: systemctl restart %s", u->name, u->name);
        }
}

static bool restarts_now(Doctor *d, const Unit *u) {
        uint64_t started = doctor_unit_number(d, u, SERVICE, "ExecMainStartTimestampMonotonic", 't', 0);

        if (streq(u->sub, "auto-restart"))
                return true;
        return usec_sub(now_usec(CLOCK_MONOTONIC), started) < RESTART_RECENT_USEC;
}

static void check_loops(Doctor *d) {
        for (size_t i = 0; i < d->n_units; i++) {
                _cleanup_free_ char *what = NULL;
                const Unit *u = d->units + i;
                uint64_t restarts;

                if (!startswith(u->name, "busbar-") || !endswith(u->name, ".service"))
                        continue;
                restarts = doctor_unit_number(d, u, SERVICE, "NRestarts", 'u', 0);
                if (restarts < RESTARTS_MAX || !restarts_now(d, u))
                        continue;
                doctor_find(d, SEVERITY_FAULT, NULL, "%s ends again and again.", u->name);
                what = strprintf("%" PRIu64 " restarts, %s", restarts, u->sub);
                say_log(d, u, strempty(what));
                doctor_fix(d, "journalctl -b -u %s", u->name);
        }
}

/* What they look after is not looked after by anybody else. */
static void look_at_service(Doctor *d, int error, const char *name, const char *unit, const char *then) {
        const Unit *u = doctor_unit(d, unit);

        if (error >= 0)
                return;
        if (doctor_has_name(d, name))
                doctor_find(d, SEVERITY_FAULT, NULL, "%s hangs: %s.", unit, then);
        else
                doctor_find(d, SEVERITY_FAULT, NULL, "%s does not run: %s.", unit, then);
        if (u)
                say_log(d, u, u->active);
        else
                doctor_evidence(d, "nobody has the name %s on the bus", name);
        doctor_fix(d, "systemctl restart %s", unit);
}

static void check_monitor(Doctor *d) {
        if (d->conf.ups->n_sections == 0 && d->conf.upsmon->n_supplies == 0)
                return;
        look_at_service(d, d->monitor_error, BUS_NAME_MONITOR, "busbar-monitor.service",
                "nothing shuts this machine down when a battery is empty");
}

/* With a socket that waits for clients, it need not run. */
static void check_gateway(Doctor *d) {
        if (d->systemd_error >= 0 && doctor_unit_is_active(d, "busbar-gateway.socket") &&
                !doctor_has_name(d, BUS_NAME_GATEWAY))
                return;
        if (d->conf.nut.mode == NUT_MODE_NETCLIENT || d->conf.ups->n_sections == 0)
                return;
        look_at_service(d, d->gateway_error, BUS_NAME_GATEWAY, "busbar-gateway.service",
                "NUT clients are not served");
}

const DoctorCheck service_checks[] = {
        {"unit-missing", "whether systemd knows Busbar", NEEDS_SYSTEMD, check_installed},
        {"unit-masked", "masked units", NEEDS_SYSTEMD, check_masked},
        {"not-enabled", "whether Busbar starts at boot", NEEDS_SYSTEMD, check_enabled},
        {"not-started", "whether Busbar is started", NEEDS_SYSTEMD, check_started},
        {"unit-failed", "units that have failed", NEEDS_SYSTEMD, check_failed},
        {"crash-loop", "services that end again and again", NEEDS_SYSTEMD, check_loops},
        {"monitor-not-running", "the monitor", NEEDS_BUS, check_monitor},
        {"gateway-not-running", "the gateway", NEEDS_BUS, check_gateway},
        {},
};
