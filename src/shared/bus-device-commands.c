/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device-internal.h"
#include "bus-names.h"
#include "names.h"
#include "string-util.h"

static int append_command(sd_bus_message *m, const char *command) {
        const Name *name = command_name_find(command);

        return sd_bus_message_append(m, "{sa{sv}}", command, 2,
                        "action", "s", bus_auth_action_for_command(command),
                        "description", "s", name ? name->description : "");
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        BusDevice *d = userdata;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        STRV_FOREACH(command, model_commands(d->model)) {
                r = append_command(reply, *command);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int on_run(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *name, *argument;
        int r;

        r = sd_bus_message_read(m, "ss", &name, &argument);
        if (r < 0)
                return r;

        return bus_request_begin(userdata, m, REQUEST_RUN, name, isempty(argument) ? NULL : argument,
                        reterr);
}

const sd_bus_vtable bus_commands_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("List",
                        SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("a{sa{sv}}", commands),
                        on_list, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Run",
                        SD_BUS_ARGS("s", name, "s", argument, "a{sv}", options),
                        SD_BUS_NO_RESULT,
                        on_run, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("ListChanged", SD_BUS_NO_ARGS, 0),
        SD_BUS_VTABLE_END,
};

int bus_device_emit_commands(BusDevice *d, const Change *change) {
        if (!change->commands)
                return 0;

        return sd_bus_emit_signal(d->bus, d->path, BUS_INTERFACE_COMMANDS, "ListChanged", NULL);
}
