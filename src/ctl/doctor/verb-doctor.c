/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container.h"
#include "device-name.h"
#include "doctor.h"
#include "string-util.h"
#include "time-util.h"

/* All of it, whatever hangs. Each single wait is much shorter. */
#define TIME_MAX_USEC (60 * USEC_PER_SEC)

static const DoctorCheck *const fields[] = {
        bus_checks,
        file_checks,
        rival_checks,
        service_checks,
        device_checks,
        usb_checks,
        serial_checks,
        server_checks,
        network_checks,
        tls_checks,
        battery_checks,
        shutdown_checks,
        script_checks,
        leftover_checks,
        system_checks,
};

/* Why a check with these needs cannot look, or NULL. */
static const char *reason_not_to(const Doctor *d, DoctorNeeds needs) {
        if ((needs & NEEDS_HOST) && d->container)
                return "as this is a container";
        if ((needs & NEEDS_ROOT) && geteuid() != 0)
                return "not being root";
        if ((needs & NEEDS_CONFIGURATION) && d->conf.r < 0)
                return "not being root";
        if ((needs & (NEEDS_BUS | NEEDS_DEVICES | NEEDS_SYSTEMD | NEEDS_GATEWAY | NEEDS_MONITOR)) &&
                d->bus_error < 0)
                return "without the system bus";
        if ((needs & NEEDS_SYSTEMD) && d->systemd_error < 0)
                return d->systemd_error == -ETIMEDOUT ? "as systemd does not answer"
                                                      : "as systemd is not on the bus";
        if ((needs & NEEDS_GATEWAY) && d->gateway_error < 0)
                return "as busbar-gateway does not run or answer";
        if ((needs & NEEDS_MONITOR) && d->monitor_error < 0)
                return "as busbar-monitor does not run or answer";
        if (!doctor_has_time(d, 0))
                return "as it has taken too long already";
        return NULL;
}

static void run(Doctor *d) {
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (d->check = fields[i]; d->check->id; d->check++) {
                        const char *reason = reason_not_to(d, d->check->needs);

                        if (reason) {
                                doctor_unseen(d, "%s", reason);
                                continue;
                        }
                        d->n_looked++;
                        d->check->run(d);
                }
}

static void finding_done(Finding *f) {
        free(f->device);
        free(f->problem);
        free(f->evidence);
        free(f->fix);
}

/* Whether it says why a relay has no values. */
static bool is_cause_of_silence(const Finding *f, const char *device) {
        return streq_ptr(f->device, device) &&
               (startswith(f->id, "server-") || streq(f->id, "host-unknown"));
}

/* One fault for one cause, the precise one. */
static void drop_vague(Doctor *d) {
        size_t n = 0;

        for (size_t i = 0; i < d->n_findings; i++) {
                Finding *f = d->findings + i;
                bool vague = false;

                for (size_t j = 0; j < d->n_findings && f->device && streq(f->id, "device-silent"); j++)
                        vague = vague || (j > i && is_cause_of_silence(d->findings + j, f->device));
                if (vague)
                        finding_done(f);
                else
                        d->findings[n++] = *f;
        }
        d->n_findings = n;
}

static bool is_known(Doctor *d) {
        if ((d->ctl->mirror && mirror_find(d->ctl->mirror, d->only)) ||
                ups_conf_find(d->conf.ups, d->only) || upsmon_conf_find(d->conf.upsmon, d->only))
                return true;

        for (size_t i = 0; i < d->conf.upsmon->n_supplies; i++)
                if (system_name_equal(d->conf.upsmon->supplies[i].system, d->only))
                        return true;
        return false;
}

static void doctor_done(Doctor *d) {
        for (size_t i = 0; i < d->n_findings; i++)
                finding_done(d->findings + i);
        for (size_t i = 0; i < d->n_unseen; i++)
                free(d->unseen[i].reason);
        for (size_t i = 0; i < d->n_units; i++) {
                Unit *u = d->units + i;

                free(u->name);
                free(u->load);
                free(u->active);
                free(u->sub);
                free(u->path);
        }
        for (size_t i = 0; i < d->n_processes; i++) {
                free(d->processes[i].name);
                free(d->processes[i].unit);
        }
        free(d->findings);
        free(d->unseen);
        free(d->units);
        free(d->processes);
        free(d->listeners);
        ups_conf_free(d->conf.ups);
        upsd_conf_free(d->conf.upsd);
        user_table_free(d->conf.users);
        upsmon_conf_free(d->conf.upsmon);
        upssched_conf_free(d->conf.upssched);
}

int verb_doctor(Ctl *c, char **args) {
        _cleanup_(doctor_done) Doctor d = {
                .ctl = c,
                .root = strempty(getenv("BUSBAR_DOCTOR_ROOT")),
                .only = args[0],
                .deadline_usec = now_usec(CLOCK_MONOTONIC) + TIME_MAX_USEC,
        };
        int r;

        d.container = machine_is_container(d.root);
        doctor_load_configuration(&d);
        if (d.error < 0)
                return ctl_error(d.error, "Out of memory.");
        doctor_load_bus(&d);
        doctor_load_processes(&d);
        doctor_load_listeners(&d);

        if (d.only && !is_known(&d)) {
                ctl_error(0,
                        "There is no device \"%s\", neither configured nor on the bus. "
                        "What there is, \"busbarctl list\" tells.",
                        d.only);
                return CTL_EXIT_USAGE;
        }

        run(&d);
        drop_vague(&d);
        if (d.error < 0)
                return ctl_error(d.error, "Out of memory.");
        r = doctor_print(&d);
        if (r < 0)
                return ctl_error(r, "Cannot write: %s.", strerror(-r));
        return d.n_findings > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
