/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-error.h"
#include "bus-names.h"
#include "ctl.h"
#include "json.h"
#include "string-util.h"
#include "text.h"

static int explain(const Ctl *c, const char *device, int r, const sd_bus_error *error) {
        if (sd_bus_error_has_names(error, SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return ctl_error(r, "The gateway, which keeps forced shutdowns, is not running. "
                                    "Start it with \"systemctl start busbar-gateway\".");

        if (bus_error_to_errno(error->name) == -EACCES) {
                ctl_error(0, "Not allowed.");
                ctl_hint_denied(c, POLKIT_FORCE_SHUTDOWN);
                return r;
        }

        if (bus_error_to_errno(error->name) == -ENODEV || bus_error_to_errno(error->name) == -EOPNOTSUPP)
                return ctl_error(r, "The gateway knows no device \"%s\".", strempty(device));

        return ctl_error(r, "The gateway did not do it: %s", error->message ?: strerror(-r));
}

static void add_entry(Table *t, const char *device, const char *owner, const char *reason, uint64_t since) {
        char when[32];

        format_time(when, sizeof(when), since);
        table_add(t, COLOR_BOLD, device);
        table_add(t, COLOR_NONE, when);
        table_add(t, COLOR_NONE, owner);
        table_add(t, COLOR_NONE, reason);
}

static void entry_json(Json *j, const char *device, const char *owner, const char *reason, uint64_t since) {
        json_object(j, NULL);
        json_string(j, "device", device);
        json_string(j, "owner", owner);
        json_string(j, "reason", reason);
        json_integer(j, "since_usec", (int64_t) since);
        json_object_end(j);
}

/* Reads the property into a table or, with j, into JSON. Returns the number of entries. */
static int read_entries(sd_bus_message *m, Table *t, Json *j) {
        const char *device, *owner, *reason;
        uint64_t since;
        int r, n = 0;

        r = sd_bus_message_enter_container(m, 'a', "(ssst)");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(m, "(ssst)", &device, &owner, &reason, &since)) > 0) {
                if (j)
                        entry_json(j, device, owner, reason, since);
                else
                        add_entry(t, device, owner, reason, since);
                n++;
        }

        return r < 0 ? r : n;
}

static int fsd_list(Ctl *c) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(table_freep) Table *t = table_new(4);
        Json j = { .f = stdout };
        int r;

        if (!t)
                return ctl_error(-ENOMEM, "Out of memory.");

        r = sd_bus_get_property(c->bus, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY,
                                "ForcedShutdowns", &error, &m, "a(ssst)");
        if (r < 0)
                return explain(c, NULL, r, &error);

        if (c->json)
                json_array(&j, NULL);
        r = read_entries(m, t, c->json ? &j : NULL);
        if (r < 0)
                return ctl_error(r, "Cannot read the answer of the gateway: %s.", strerror(-r));

        if (c->json) {
                json_array_end(&j);
                return json_finish(&j);
        }

        if (r == 0)
                fprintf(stderr, "No device is under a forced shutdown.\n");

        r = table_print(t, stdout, c->terminal, c->color);
        return r < 0 ? ctl_error(r, "Out of memory.") : 0;
}

static int report_done(Ctl *c, const char *device, bool set) {
        Json j = { .f = stdout };

        if (!c->json)
                return 0;

        json_object(&j, NULL);
        json_string(&j, "device", device);
        json_boolean(&j, "forced_shutdown", set);
        json_string(&j, "result", "ok");
        json_object_end(&j);
        return json_finish(&j);
}

static int fsd_change(Ctl *c, const char *device, const char *reason) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        ctl_agent_open(c);
        if (reason)
                r = sd_bus_call_method(c->bus, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY,
                                       "SetForcedShutdown", &error, NULL, "ss", device, reason);
        else
                r = sd_bus_call_method(c->bus, BUS_NAME_GATEWAY, BUS_PATH_GATEWAY, BUS_INTERFACE_GATEWAY,
                                       "ClearForcedShutdown", &error, NULL, "s", device);

        return r < 0 ? explain(c, device, r, &error) : report_done(c, device, reason);
}

int verb_fsd(Ctl *c, char **args) {
        const char *what = args[0] ?: "list", *device = args[0] ? args[1] : NULL, *reason = NULL;
        bool list = streq(what, "list"), set = streq(what, "set"), clear = streq(what, "clear");
        int r;

        if (device)
                reason = args[2];

        if (!list && !set && !clear) {
                ctl_error(0, "fsd knows list, clear DEVICE and set DEVICE [REASON], not \"%s\".", what);
                return CTL_EXIT_USAGE;
        }
        if (!list && !device) {
                ctl_error(0, "fsd %s wants the name of a device.", what);
                return CTL_EXIT_USAGE;
        }
        if ((list && device) || (clear && reason)) {
                ctl_error(0, "Too many arguments for fsd %s.", what);
                return CTL_EXIT_USAGE;
        }

        r = ctl_open_bus(c);
        if (r < 0)
                return r;

        return list ? fsd_list(c) : fsd_change(c, device, set ? reason ?: "by busbarctl" : NULL);
}
