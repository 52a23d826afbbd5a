/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "ctl.h"
#include "json.h"
#include "model.h"
#include "monitor.h"
#include "string-util.h"
#include "text.h"
#include "ups-conf.h"

#define BAR_COLUMNS 12

static void device_json(Json *j, const MirrorDevice *d) {
        const Model *m = mirror_device_model(d);

        json_object(j, NULL);
        json_string(j, "name", mirror_device_name(d));
        json_string(j, "freshness", freshness_to_string(model_freshness(m)));
        json_strv(j, "status", model_status(m));
        json_strv(j, "alarms", model_alarms(m));
        json_number(j, "charge_percent", model_get_number(m, "battery.charge"));
        json_number(j, "runtime_seconds", model_get_number(m, "battery.runtime"));
        json_number(j, "load_percent", model_get_number(m, "ups.load"));
        json_number(j, "input_voltage", model_get_number(m, "input.voltage"));
        json_object_end(j);
}

static int status_json(Ctl *c) {
        Json j = { .f = stdout };

        json_array(&j, NULL);
        for (size_t i = 0; i < mirror_n_devices(c->mirror); i++)
                device_json(&j, mirror_device(c->mirror, i));
        json_array_end(&j);

        return json_finish(&j);
}

static void add_number(Table *t, const Model *m, const char *variable, const char *format_unit) {
        double value = model_get_number(m, variable);

        if (isnan(value))
                table_add(t, COLOR_FAINT, "-");
        else
                table_addf(t, COLOR_NONE, "%.0f %s", value, format_unit);
}

static Color charge_color(const Model *m, double charge) {
        double low = model_get_number(m, "battery.charge.low");

        if (charge <= (isnan(low) ? 20 : low))
                return COLOR_BAD;

        return charge < 50 ? COLOR_WARNING : COLOR_GOOD;
}

static void add_charge(Table *t, const Model *m) {
        double charge = model_get_number(m, "battery.charge");
        char bar[BAR_COLUMNS + 1];

        if (isnan(charge)) {
                table_add(t, COLOR_FAINT, "-");
                return;
        }

        format_bar(bar, sizeof(bar), charge, BAR_COLUMNS);
        table_addf(t, charge_color(m, charge), "%s %3.0f %%", bar, charge);
}

static void add_values(Table *t, const Model *m) {
        char runtime[32];

        add_charge(t, m);
        format_runtime(runtime, sizeof(runtime), model_get_number(m, "battery.runtime"));
        table_add(t, streq(runtime, "-") ? COLOR_FAINT : COLOR_NONE, runtime);
        add_number(t, m, "ups.load", "%");
        add_number(t, m, "input.voltage", "V");
}

/* Old values are worse than none to who decides by them. */
static void add_unknown(Table *t) {
        for (size_t i = 0; i < 4; i++)
                table_add(t, COLOR_FAINT, "?");
}

static int add_device(Table *t, const MirrorDevice *d) {
        const Model *m = mirror_device_model(d);
        _cleanup_free_ char *words = status_words(model_status(m));

        if (!words)
                return -ENOMEM;

        table_add(t, COLOR_BOLD, mirror_device_name(d));

        switch (model_freshness(m)) {

        case FRESHNESS_FRESH:
                add_values(t, m);
                table_add(t, status_color(model_status(m)), isempty(words) ? "-" : words);
                break;

        case FRESHNESS_STALE:
                add_unknown(t);
                table_add(t, COLOR_WARNING, "STALE: the device does not answer");
                return 0;

        default:
                add_unknown(t);
                table_add(t, COLOR_BAD, "ABSENT: the device is not connected");
                return 0;
        }

        STRV_FOREACH(alarm, model_alarms(m)) {
                _cleanup_free_ char *note = strjoin("alarm: ", *alarm);

                if (!note)
                        return -ENOMEM;
                table_add_note(t, COLOR_BAD, note);
        }

        return 0;
}

static void ignore_problem(void *userdata, int level, const char *file, unsigned line, const char *message) {
        /* "busbarctl check" is there to tell them. */
}

/* Devices that are configured, but that no driver serves. Who may not read the file sees the others only. */
static void add_unserved(Ctl *c, Table *t) {
        _cleanup_(ups_conf_freep) UpsConf *conf = NULL;

        if (ups_conf_load(ignore_problem, NULL, &conf) < 0)
                return;

        for (size_t i = 0; i < conf->n_sections; i++) {
                const UpsSection *s = &conf->sections[i];

                if (mirror_find(c->mirror, s->name))
                        continue;

                table_add(t, COLOR_BOLD, s->name);
                add_unknown(t);
                table_addf(t, COLOR_BAD, "NO DRIVER: %s does not run or answer", s->driver);
        }
}

static int make_table(Ctl *c, Table **ret) {
        static const char *const titles[] = { "DEVICE", "CHARGE", "RUNTIME", "LOAD", "INPUT", "STATUS" };
        _cleanup_(table_freep) Table *t = table_new(ELEMENTSOF(titles));

        if (!t)
                return -ENOMEM;

        for (size_t i = 0; i < ELEMENTSOF(titles); i++) {
                table_add(t, COLOR_FAINT, titles[i]);
                if (i >= 2 && i <= 4)
                        table_align_right(t, i);
        }

        for (size_t i = 0; i < mirror_n_devices(c->mirror); i++) {
                int r = add_device(t, mirror_device(c->mirror, i));

                if (r < 0)
                        return r;
        }

        add_unserved(c, t);
        *ret = TAKE_PTR(t);
        return 0;
}

int verb_status(Ctl *c, char **args) {
        _cleanup_(table_freep) Table *t = NULL;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        if (c->json)
                return status_json(c);

        if (mirror_n_devices(c->mirror) == 0) {
                ctl_hint_no_devices();
                monitor_print_status(c);
                return 0;
        }

        r = make_table(c, &t);
        if (r >= 0)
                r = table_print(t, stdout, true, c->color);
        if (r < 0)
                return ctl_error(r, "Out of memory.");

        monitor_print_status(c);
        return 0;
}
