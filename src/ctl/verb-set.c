/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"
#include "json.h"
#include "string-util.h"
#include "text.h"
#include "verdict.h"

static int list_json(const MirrorDevice *d) {
        const Model *m = mirror_device_model(d);
        Json j = { .f = stdout };

        json_object(&j, NULL);
        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);

                if (v->flags & VARIABLE_WRITABLE)
                        json_string(&j, v->name, v->value);
        }
        json_object_end(&j);

        return json_finish(&j);
}

/* What can be set, its value, and what it may be. */
static int list_writable(Ctl *c, const MirrorDevice *d) {
        _cleanup_(table_freep) Table *t = table_new(3);
        const Model *m = mirror_device_model(d);
        bool any = false;
        int r;

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        for (size_t i = 0; i < model_n_variables(m); i++) {
                const Variable *v = model_variable(m, i);
                _cleanup_free_ char *accepted = NULL;

                if (!(v->flags & VARIABLE_WRITABLE))
                        continue;

                accepted = accepted_values(v);
                table_add(t, COLOR_NONE, v->name);
                table_add(t, COLOR_BOLD, v->value);
                table_add(t, COLOR_FAINT, strempty(accepted));
                any = true;
        }

        if (!any) {
                fprintf(stderr, "Nothing of %s can be set.\n", mirror_device_name(d));
                return 0;
        }

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static int report_done(Ctl *c, const MirrorDevice *d, const char *variable, const char *value) {
        Json j = { .f = stdout };

        if (!c->json)
                return 0;

        json_object(&j, NULL);
        json_string(&j, "device", mirror_device_name(d));
        json_string(&j, "variable", variable);
        json_string(&j, "value", value);
        json_string(&j, "result", "ok");
        json_object_end(&j);
        return json_finish(&j);
}

int verb_set(Ctl *c, char **args) {
        CtlReply reply = {};
        MirrorDevice *d;
        int r;

        if (args[1] && !args[2]) {
                ctl_error(0, "The value for %s is missing.", args[1]);
                return CTL_EXIT_USAGE;
        }

        r = ctl_connect(c);
        if (r < 0)
                return r;

        d = ctl_find_device(c, args[0]);
        if (!d)
                return -ENODEV;

        if (!args[1])
                return c->json ? list_json(d) : list_writable(c, d);

        ctl_agent_open(c);
        r = mirror_device_set(d, args[1], args[2], ctl_reply, &reply);
        if (r < 0)
                return verdict_set(c, d, args[1], args[2], r, NULL);

        r = ctl_wait_reply(c, &reply);
        if (r < 0)
                return r;

        r = reply.r < 0 ? verdict_set(c, d, args[1], args[2], reply.r, reply.message)
                        : report_done(c, d, args[1], args[2]);
        ctl_reply_done(&reply);
        return r;
}
