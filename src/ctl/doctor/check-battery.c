/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "doctor.h"
#include "parse-util.h"
#include "string-util.h"

/* With more than this called low, a UPS is at its end when it has hardly begun. */
#define LOW_CHARGE_MAX 90.0
#define LOW_RUNTIME_MAX 7200.0

/* Over this it goes off, or will with the next load. */
#define LOAD_MAX 100.0

static bool has_token(const Model *m, const char *token) {
        return strv_contains(model_status(m), token);
}

typedef void (*OnDevice)(Doctor *d, const char *name, const Model *m);

/* Of those that say what they are. */
static void for_each_device(Doctor *d, OnDevice on_device) {
        for (size_t i = 0; i < mirror_n_devices(d->ctl->mirror); i++) {
                const MirrorDevice *device = mirror_device(d->ctl->mirror, i);
                const Model *m = mirror_device_model(device);

                if (model_freshness(m) == FRESHNESS_FRESH)
                        on_device(d, mirror_device_name(device), m);
        }
}

static bool has_battery(const Model *m) {
        const char *type = model_get(m, "device.type");

        return !type || streq(type, "ups");
}

static void look_replace(Doctor *d, const char *name, const Model *m) {
        const char *result = model_get(m, "ups.test.result");

        if (has_token(m, "RB")) {
                doctor_find(d, SEVERITY_FAULT, name, "Its battery needs to be replaced.");
                doctor_evidence(d, "RB in ups.status");
                doctor_fix(d,
                        "replace the battery, then run its self-test: busbarctl run %s "
                        "test.battery.start.quick",
                        name);
        } else if (result && strcasestr(result, "fail")) {
                doctor_find(d, SEVERITY_FAULT, name, "Its last self-test failed.");
                doctor_evidence(d, "ups.test.result: %s", result);
                doctor_fix(d,
                        "busbarctl run %s test.battery.start.quick    # fails again: replace the "
                        "battery",
                        name);
        }
}

static void check_replace(Doctor *d) {
        for_each_device(d, look_replace);
}

static void look_load(Doctor *d, const char *name, const Model *m) {
        double load = model_get_number(m, "ups.load");

        if (!has_token(m, "OVER") && !(load > LOAD_MAX))
                return;
        doctor_find(d, SEVERITY_FAULT, name,
                "It is overloaded: it may switch off at once when the mains "
                "fail.");
        doctor_evidence(d, "ups.load: %s", model_get(m, "ups.load") ?: "not known, but OVER in ups.status");
        doctor_fix_text(d, "unplug what need not be fed by it");
}

static void check_load(Doctor *d) {
        for_each_device(d, look_load);
}

static void look_alarm(Doctor *d, const char *name, const Model *m) {
        STRV_FOREACH (alarm, model_alarms(m)) {
                doctor_find(d, SEVERITY_WARNING, name, "The device reports an alarm: %s", *alarm);
                doctor_evidence(d, "ups.alarm");
                doctor_fix_text(d, "see the manual of the device for it");
        }
        if (has_token(m, "OFF")) {
                doctor_find(d, SEVERITY_WARNING, name, "Its outlets are switched off.");
                doctor_evidence(d, "OFF in ups.status");
                doctor_fix(d, "busbarctl run %s load.on", name);
        }
        if (has_token(m, "BYPASS")) {
                doctor_find(d, SEVERITY_WARNING, name, "It is on bypass: the load is not protected.");
                doctor_evidence(d, "BYPASS in ups.status");
                doctor_fix(d, "end the bypass at the device, or: busbarctl run %s bypass.stop", name);
        }
}

static void check_alarms(Doctor *d) {
        for_each_device(d, look_alarm);
}

/*** When it is low ***/

static const char *option(const UpsConf *c, const UpsSection *s, const char *key) {
        const UpsOption *o = ups_conf_option(c, s, key);

        return o ? strempty(o->value) : NULL;
}

static bool is_limit(const UpsOption *o, double *ret, bool *ret_runtime) {
        const char *name = startswith(o->key, "override.") ?: startswith(o->key, "default.");

        if (!name || !o->value || parse_double(o->value, ret) < 0)
                return false;
        *ret_runtime = streq(name, "battery.runtime.low");
        return *ret_runtime || streq(name, "battery.charge.low");
}

static void check_override(Doctor *d) {
        for (size_t i = 0; i < d->conf.ups->n_sections; i++) {
                const UpsSection *s = d->conf.ups->sections + i;

                for (size_t j = 0; j < s->n_options; j++) {
                        const UpsOption *o = s->options + j;
                        bool runtime;
                        double value;

                        if (!is_limit(o, &value, &runtime) ||
                                value <= (runtime ? LOW_RUNTIME_MAX : LOW_CHARGE_MAX))
                                continue;
                        doctor_find(d, SEVERITY_WARNING, s->name,
                                "%s = %s calls the battery low when it "
                                "is hardly used: "
                                "the machine shuts down at once when the mains fail.",
                                o->key, o->value);
                        doctor_evidence(d, "%s:%u", o->file, o->line);
                        doctor_fix(d, "write %s = %s there, then: systemctl reload busbar", o->key,
                                runtime ? "300" : "20");
                }
        }
}

/* Who ignores the word of the UPS has to say himself when it is low. */
static void check_ignored(Doctor *d) {
        for (size_t i = 0; i < d->conf.ups->n_sections; i++) {
                const UpsSection *s = d->conf.ups->sections + i;
                const UpsOption *o = ups_conf_option(d->conf.ups, s, "ignorelb");
                const MirrorDevice *device = d->ctl->mirror ? mirror_find(d->ctl->mirror, s->name) : NULL;
                const Model *m = device ? mirror_device_model(device) : NULL;
                bool charge, runtime;

                if (!o || !m || model_freshness(m) != FRESHNESS_FRESH)
                        continue;
                charge = model_get_number(m, "battery.charge.low") > 0 &&
                         !isnan(model_get_number(m, "battery.charge"));
                runtime = model_get_number(m, "battery.runtime.low") > 0 &&
                          !isnan(model_get_number(m, "battery.runtime"));
                if (charge || runtime)
                        continue;
                doctor_find(d, SEVERITY_FAULT, s->name,
                        "Its battery will never be low: ignorelb is set, "
                        "and neither "
                        "a limit of charge nor one of runtime can be reached.");
                doctor_evidence(d, "%s:%u; battery.charge.low %s, battery.runtime.low %s", o->file, o->line,
                        model_get(m, "battery.charge.low") ?: "is not known",
                        model_get(m, "battery.runtime.low") ?: "is not known");
                doctor_fix(d,
                        "add override.battery.charge.low = 30 to [%s], or remove ignorelb; then: "
                        "systemctl reload busbar",
                        s->name);
        }
}

static void look_zero(Doctor *d, const char *name, const Model *m) {
        const char *low = model_get(m, "battery.charge.low");
        const UpsSection *s = ups_conf_find(d->conf.ups, name);

        if (!low || model_get_number(m, "battery.charge.low") > 0 ||
                (s && option(d->conf.ups, s, "ignorelb")) || model_get_number(m, "battery.runtime.low") > 0)
                return;
        doctor_find(d, SEVERITY_WARNING, name, "It calls its battery low only when it is empty.");
        doctor_evidence(d, "battery.charge.low: %s", low);
        doctor_fix(d,
                "busbarctl set %s battery.charge.low 20    # or a rule of this machine: busbarctl "
                "policy "
                "charge=20%%",
                name);
}

static void check_zero(Doctor *d) {
        for_each_device(d, look_zero);
}

/* Then only the UPS itself can say when it is over. */
static void look_runtime(Doctor *d, const char *name, const Model *m) {
        if (!has_battery(m) || !isnan(model_get_number(m, "battery.runtime")) ||
                !isnan(model_get_number(m, "battery.charge")))
                return;
        doctor_find(d, SEVERITY_WARNING, name,
                "It says neither how full its battery is nor how long it "
                "lasts: only its own "
                "LB begins a shutdown, perhaps late.");
        doctor_evidence(d, "no battery.charge, no battery.runtime");
        doctor_fix(d, "busbarctl policy on-battery=5min %s", name);
}

static void check_runtime(Doctor *d) {
        for_each_device(d, look_runtime);
}

const DoctorCheck battery_checks[] = {
        {"battery-replace", "batteries", NEEDS_DEVICES, check_replace},
        {"overload", "loads", NEEDS_DEVICES, check_load},
        {"alarm", "alarms", NEEDS_DEVICES, check_alarms},
        {"low-battery-early", "limits in ups.conf", NEEDS_CONFIGURATION, check_override},
        {"low-battery-never", "limits that are never reached", NEEDS_DEVICES | NEEDS_CONFIGURATION,
                check_ignored},
        {"low-battery-late", "limits of devices", NEEDS_DEVICES, check_zero},
        {"no-runtime", "what devices say of their battery", NEEDS_DEVICES, check_runtime},
        {},
};
