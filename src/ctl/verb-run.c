/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl.h"
#include "json.h"
#include "names.h"
#include "string-util.h"
#include "text.h"
#include "verdict.h"

static int list_commands(Ctl *c, const MirrorDevice *d) {
        _cleanup_(table_freep) Table *t = table_new(2);
        char *const *commands = model_commands(mirror_device_model(d));
        int r;

        if (c->json) {
                Json j = { .f = stdout };

                json_strv(&j, NULL, commands);
                return json_finish(&j);
        }

        if (strv_length(commands) == 0) {
                fprintf(stderr, "%s has no commands.\n", mirror_device_name(d));
                return 0;
        }

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        STRV_FOREACH(s, commands) {
                const Name *known = command_name_find(*s);

                table_add(t, COLOR_BOLD, *s);
                table_add(t, COLOR_NONE, known ? known->description : "");
        }

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static int report_done(Ctl *c, const MirrorDevice *d, char **args) {
        Json j = { .f = stdout };

        if (!c->json)
                return 0;

        json_object(&j, NULL);
        json_string(&j, "device", mirror_device_name(d));
        json_string(&j, "command", args[1]);
        json_string(&j, "argument", args[2]);
        json_string(&j, "result", "ok");
        json_object_end(&j);
        return json_finish(&j);
}

int verb_run(Ctl *c, char **args) {
        CtlReply reply = {};
        MirrorDevice *d;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;

        d = ctl_find_device(c, args[0]);
        if (!d)
                return -ENODEV;

        if (!args[1])
                return list_commands(c, d);

        ctl_agent_open(c);
        r = mirror_device_run(d, args[1], args[2], ctl_reply, &reply);
        if (r < 0)
                return verdict_run(c, d, args[1], r, NULL);

        r = ctl_wait_reply(c, &reply);
        if (r < 0)
                return r;

        r = reply.r < 0 ? verdict_run(c, d, args[1], reply.r, reply.message) : report_done(c, d, args);
        ctl_reply_done(&reply);
        return r;
}
