/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"
#include "json.h"
#include "model.h"
#include "string-util.h"
#include "text.h"

static int list_json(Ctl *c) {
        Json j = { .f = stdout };

        json_array(&j, NULL);
        for (size_t i = 0; i < mirror_n_devices(c->mirror); i++) {
                MirrorDevice *d = mirror_device(c->mirror, i);

                json_object(&j, NULL);
                json_string(&j, "name", mirror_device_name(d));
                json_string(&j, "freshness", freshness_to_string(model_freshness(mirror_device_model(d))));
                json_string(&j, "driver", mirror_device_driver(d));
                json_string(&j, "description", mirror_device_description(d));
                json_object_end(&j);
        }
        json_array_end(&j);

        return json_finish(&j);
}

static Color freshness_color(Freshness f) {
        return f == FRESHNESS_FRESH ? COLOR_GOOD : f == FRESHNESS_STALE ? COLOR_WARNING : COLOR_BAD;
}

int verb_list(Ctl *c, char **args) {
        static const char *const titles[] = { "NAME", "DATA", "DRIVER", "DESCRIPTION" };
        _cleanup_(table_freep) Table *t = NULL;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        if (c->json)
                return list_json(c);

        if (mirror_n_devices(c->mirror) == 0) {
                ctl_hint_no_devices();
                return 0;
        }

        t = table_new(ELEMENTSOF(titles));
        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        for (size_t i = 0; c->terminal && i < ELEMENTSOF(titles); i++)
                table_add(t, COLOR_FAINT, titles[i]);

        for (size_t i = 0; i < mirror_n_devices(c->mirror); i++) {
                MirrorDevice *d = mirror_device(c->mirror, i);
                Freshness f = model_freshness(mirror_device_model(d));

                table_add(t, COLOR_BOLD, mirror_device_name(d));
                table_add(t, freshness_color(f), freshness_to_string(f));
                table_add(t, COLOR_NONE, strempty(mirror_device_driver(d)));
                table_add(t, COLOR_NONE, strempty(mirror_device_description(d)));
        }

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}
