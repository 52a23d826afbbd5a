/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>

#include "ctl.h"
#include "json.h"
#include "names.h"
#include "string-util.h"
#include "text.h"
#include "verdict.h"

/* What one may write, or, where nothing can be written, what the name stands for. */
static const char *type_of(const Variable *v, const Name *known) {
        if (v->enums)
                return "enum";
        if (v->n_ranges > 0)
                return "range";
        if (v->flags & VARIABLE_STRING)
                return "string";
        if (v->flags & VARIABLE_WRITABLE)
                return "number";

        return known ? name_kind_to_string(known->kind) : "string";
}

static void variable_json(Json *j, const Variable *v) {
        const Name *known = variable_name_find(v->name);

        json_object(j, NULL);
        json_string(j, "variable", v->name);
        json_string(j, "value", v->value);
        json_string(j, "type", type_of(v, known));
        json_string(j, "unit", known ? known->unit : "");
        json_string(j, "description", known ? known->description : NULL);
        json_boolean(j, "writable", v->flags & VARIABLE_WRITABLE);
        if (v->length_max > 0)
                json_integer(j, "length_max", v->length_max);
        if (v->enums)
                json_strv(j, "enum", v->enums);

        if (v->n_ranges > 0) {
                json_array(j, "ranges");
                for (size_t i = 0; i < v->n_ranges; i++) {
                        json_object(j, NULL);
                        json_integer(j, "min", v->ranges[i].min);
                        json_integer(j, "max", v->ranges[i].max);
                        json_object_end(j);
                }
                json_array_end(j);
        }

        json_object_end(j);
}

static int variable_text(Ctl *c, const Variable *v) {
        bool writable = v->flags & VARIABLE_WRITABLE;
        const Name *known = variable_name_find(v->name);
        _cleanup_free_ char *value = text_clean(v->value), *accepted = accepted_values(v);
        const char *unit = known ? known->unit : "";

        if (!value || !accepted)
                return -ENOMEM;

        printf("%s%s%s: %s%s%s\n", color_sequence(c->color, COLOR_BOLD), v->name,
               color_sequence(c->color, COLOR_NONE), value, unit[0] ? " " : "", unit);
        printf("        %s\n", known ? known->description : "(this name is not in the vocabulary)");
        printf("        %s, %s", type_of(v, known), writable ? "can be set" : "read-only");
        if (writable && (v->enums || v->n_ranges > 0 || v->length_max > 0) && accepted[0])
                printf(": %s", accepted);
        putchar('\n');
        return 0;
}

static int describe_one(Ctl *c, const MirrorDevice *d, const char *name) {
        const Variable *v = model_find(mirror_device_model(d), name);
        Json j = { .f = stdout };
        int r;

        if (!v)
                return ctl_error(-ENOENT,
                                 "%s has no variable \"%s\". \"busbarctl show %s\" lists those it has.",
                                 mirror_device_name(d), name, mirror_device_name(d));

        if (c->json) {
                variable_json(&j, v);
                return json_finish(&j);
        }

        r = variable_text(c, v);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

int verb_describe(Ctl *c, char **args) {
        Json j = { .f = stdout };
        const Model *m;
        MirrorDevice *d;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        d = ctl_find_device(c, args[0]);
        if (!d)
                return -ENODEV;

        if (args[1])
                return describe_one(c, d, args[1]);

        m = mirror_device_model(d);
        if (c->json)
                json_array(&j, NULL);

        for (size_t i = 0; i < model_n_variables(m); i++)
                if (c->json)
                        variable_json(&j, model_variable(m, i));
                else {
                        r = variable_text(c, model_variable(m, i));
                        if (r < 0)
                                return ctl_error(r, "Out of memory.");
                }

        if (!c->json)
                return 0;

        json_array_end(&j);
        return json_finish(&j);
}
