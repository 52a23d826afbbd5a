/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"
#include "json.h"
#include "model.h"
#include "names.h"
#include "text.h"

static int get_json(const MirrorDevice *d, const Variable *v) {
        const Name *known = variable_name_find(v->name);
        Json j = { .f = stdout };

        json_object(&j, NULL);
        json_string(&j, "device", mirror_device_name(d));
        json_string(&j, "variable", v->name);
        json_string(&j, "value", v->value);
        json_string(&j, "unit", known ? known->unit : "");
        json_object_end(&j);
        return json_finish(&j);
}

int verb_get(Ctl *c, char **args) {
        _cleanup_free_ char *value = NULL;
        const Variable *v;
        const Model *m;
        MirrorDevice *d;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        d = ctl_find_device(c, args[0]);
        if (!d)
                return -ENODEV;

        /* A script must not take an old value for a present one. */
        m = mirror_device_model(d);
        if (model_freshness(m) == FRESHNESS_STALE)
                return ctl_error(-ESTALE,
                                 "%s does not answer; its last values are in \"busbarctl show %s\".",
                                 mirror_device_name(d), mirror_device_name(d));
        if (model_freshness(m) != FRESHNESS_FRESH)
                return ctl_error(-ENODEV, "%s is not connected.", mirror_device_name(d));

        v = model_find(m, args[1]);
        if (!v)
                return ctl_error(-ENOENT,
                                 "%s has no variable \"%s\". \"busbarctl show %s\" lists those it has.",
                                 mirror_device_name(d), args[1], mirror_device_name(d));

        if (c->json)
                return get_json(d, v);

        value = text_clean(v->value);
        if (!value)
                return ctl_error(-ENOMEM, "Out of memory.");

        puts(value);
        return 0;
}
