/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "bus-names.h"
#include "doctor.h"
#include "duration.h"
#include "plan.h"
#include "string-util.h"
#include "time-util.h"

static void check_watched(Doctor *d) {
        Records supplies = {.kind = &monitor_supply_kind};

        if (monitor_read(d->ctl, "ListSupplies", NULL, (Records *[]){&supplies}, 1) < 0)
                doctor_unseen(d, "as busbar-monitor does not answer");
        else if (supplies.n == 0) {
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "No UPS is watched, so nothing shuts this machine "
                        "down.");
                doctor_evidence(d, "no UPS at this machine, and no MONITOR line in upsmon.conf");
                doctor_fix_text(d,
                        "plug one in, or describe it in ups.conf: see \"busbarctl scan\"; for one of "
                        "another machine: "
                        "MONITOR ups@host 1 USER PASSWORD secondary in upsmon.conf");
        }
        for (size_t i = 0; i < supplies.n; i++) {
                const MonitorSupply *s = RECORD(MonitorSupply, &supplies, i);

                if (!s->remark)
                        continue;
                doctor_find(d, SEVERITY_WARNING, s->device, "%s", s->remark);
                doctor_evidence(d, "busbarctl plan");
        }
        records_done(&supplies);
}

static void say_budget(Doctor *d, const Plan *p) {
        const Budget *b = &p->budget;
        char lasts[DURATION_TEXT_MAX], needs[DURATION_TEXT_MAX], begins[DURATION_TEXT_MAX];

        duration_format(lasts, sizeof(lasts), b->lasts_usec);
        duration_format(needs, sizeof(needs), b->needs_usec);
        duration_format(begins, sizeof(begins), b->begins_usec);

        if (b->verdict == BUDGET_TOO_LATE) {
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "The shutdown begins too late: the battery will be "
                        "empty before it is "
                        "done.");
                doctor_evidence(d, "the battery lasts %s, the shutdown needs %s, and begins after %s", lasts,
                        needs, begins);
                doctor_fix(d, "busbarctl policy runtime=%umin", (unsigned) budget_advised_minutes(b));
        } else if (b->verdict == BUDGET_TOO_SHORT) {
                doctor_find(d, SEVERITY_FAULT, NULL,
                        "The battery does not last for a shutdown, even if it "
                        "began at once.");
                doctor_evidence(d, "the battery lasts %s, the shutdown needs %s", lasts, needs);
                doctor_fix_text(d, "take load off the UPS or give it a larger battery; what takes its time: "
                              "busbarctl "
                              "shutdown --dry-run");
        }
}

static void say_delay(Doctor *d, const Plan *p) {
        if (!RECORD(MonitorState, &p->state, 0)->delay_too_short)
                return;
        doctor_find(d, SEVERITY_WARNING, NULL,
                "When somebody else powers this machine off while it is on "
                "battery, logind does "
                "not wait for as long as secondaries need.");
        doctor_id(d, "inhibit-delay");
        doctor_evidence(d, "InhibitDelayMaxSec of logind, and \"busbarctl plan\"");
        doctor_fix(d,
                "mkdir -p /etc/systemd/logind.conf.d && printf "
                "'[Login]\\nInhibitDelayMaxSec=%u\\n' > "
                "/etc/systemd/logind.conf.d/zz-busbar.conf && systemctl restart systemd-logind",
                (unsigned) plan_delay_seconds(p));
}

static void check_plan(Doctor *d) {
        _cleanup_(plan_done) Plan p = {};

        if (plan_read(d->ctl, &p) < 0) {
                doctor_unseen(d, "as busbar-monitor does not answer");
                return;
        }
        say_budget(d, &p);
        say_delay(d, &p);
        STRV_FOREACH (remark, RECORD(MonitorState, &p.state, 0)->remarks) {
                doctor_find(d, SEVERITY_WARNING, NULL, "%s", *remark);
                doctor_id(d, "monitor-remark");
                doctor_evidence(d, "busbarctl plan");
                doctor_fix_text(d, "busbarctl check && systemctl reload busbar");
        }
}

/*** Forced shutdowns ***/

static bool is_on_line(Doctor *d, const char *name) {
        const MirrorDevice *device = mirror_find(d->ctl->mirror, name);
        char *const *status = device ? model_status(mirror_device_model(device)) : NULL;

        return strv_contains(status, "OL") && !strv_contains(status, "OB");
}

static void check_forced(Doctor *d) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *device, *owner, *reason;
        uint64_t when;

        if (sd_bus_get_property(d->ctl->bus, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY,
                    "ForcedShutdowns", NULL, &m, "a(ssst)") < 0 ||
                sd_bus_message_enter_container(m, 'a', "(ssst)") < 0) {
                doctor_unseen(d, "as busbar-gateway does not answer");
                return;
        }
        while (sd_bus_message_read(m, "(ssst)", &device, &owner, &reason, &when) > 0) {
                char age[DURATION_TEXT_MAX];

                if (!is_on_line(d, device))
                        continue;
                duration_format(age, sizeof(age), usec_sub(now_usec(CLOCK_REALTIME), when));
                doctor_find(d, SEVERITY_FAULT, device,
                        "A forced shutdown (FSD) is left over: machines "
                        "that are on it shut down "
                        "as soon as they are started, though there are mains.");
                doctor_evidence(d, "set %s ago by %s%s%s", age, isempty(owner) ? "somebody" : owner,
                        isempty(reason) ? "" : ": ", reason);
                doctor_fix(d, "busbarctl fsd clear %s", device);
        }
}

static void check_left_fsd(Doctor *d) {
        for (size_t i = 0; i < mirror_n_devices(d->ctl->mirror); i++) {
                const MirrorDevice *device = mirror_device(d->ctl->mirror, i);
                const char *name = mirror_device_name(device);

                if (!strv_contains(model_status(mirror_device_model(device)), "FSD") || !is_on_line(d, name))
                        continue;
                doctor_find(d, SEVERITY_FAULT, name,
                        "Its server still reports a forced shutdown (FSD), "
                        "though there are "
                        "mains.");
                doctor_evidence(d, "FSD in ups.status, beside OL");
                doctor_fix_text(d, "at the server: busbarctl fsd clear UPS, or restart upsd there");
        }
}

const DoctorCheck shutdown_checks[] = {
        {"nothing-watched", "what the monitor watches", NEEDS_MONITOR, check_watched},
        {"time-to-shut-down", "the time that a shutdown has", NEEDS_MONITOR, check_plan},
        {"fsd-left", "forced shutdowns", NEEDS_DEVICES | NEEDS_GATEWAY, check_forced},
        {"fsd-left-at-server", "forced shutdowns of servers", NEEDS_DEVICES, check_left_fsd},
        {},
};
