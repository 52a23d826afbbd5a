/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"
#include "json-model.h"
#include "model.h"
#include "names.h"
#include "string-util.h"
#include "text.h"

static int show_json(const MirrorDevice *d) {
        const Model *m = mirror_device_model(d);
        Json j = { .f = stdout };

        json_object(&j, NULL);
        json_string(&j, "name", mirror_device_name(d));
        json_string(&j, "freshness", freshness_to_string(model_freshness(m)));
        json_string(&j, "driver", mirror_device_driver(d));
        json_string(&j, "description", mirror_device_description(d));
        json_strv(&j, "status", model_status(m));
        json_strv(&j, "alarms", model_alarms(m));

        json_variables(&j, "variables", m);
        json_strv(&j, "commands", model_commands(m));
        json_object_end(&j);
        return json_finish(&j);
}

static bool has_unit(const Variable *v) {
        const Name *known = variable_name_find(v->name);

        return known && known->unit[0];
}

/* One line for each variable: in a pipe just what upsc(8) writes. */
static int show_text(Ctl *c, const Model *m) {
        size_t name_width = 0, value_width = 0;

        for (size_t i = 0; c->terminal && i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);

                name_width = MAX(name_width, strlen(v->name));
                if (has_unit(v))
                        value_width = MAX(value_width, strlen(v->value));
        }

        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);
                _cleanup_free_ char *value = text_clean(v->value);
                const Name *known = variable_name_find(v->name);

                if (!value)
                        return ctl_error(-ENOMEM, "Out of memory.");

                if (!c->terminal)
                        printf("%s: %s\n", v->name, value);
                else if (known && known->unit[0])
                        printf("%s:%*s %-*s %s%s%s\n", v->name, (int) (name_width - strlen(v->name)), "",
                               (int) value_width, value, color_sequence(c->color, COLOR_FAINT), known->unit,
                               color_sequence(c->color, COLOR_NONE));
                else
                        printf("%s:%*s %s\n", v->name, (int) (name_width - strlen(v->name)), "", value);
        }

        return 0;
}

/* On stderr, so that it is seen also when the output goes to a file. */
static void warn_freshness(const MirrorDevice *d) {
        switch (model_freshness(mirror_device_model(d))) {

        case FRESHNESS_FRESH:
                break;

        case FRESHNESS_STALE:
                ctl_error(0, "%s does not answer: these values are old.", mirror_device_name(d));
                break;

        default:
                ctl_error(0, "%s is not connected.", mirror_device_name(d));
        }
}

int verb_show(Ctl *c, char **args) {
        MirrorDevice *d;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        d = ctl_find_device(c, args[0]);
        if (!d)
                return -ENODEV;

        if (c->json)
                return show_json(d);

        warn_freshness(d);
        return show_text(c, mirror_device_model(d));
}
