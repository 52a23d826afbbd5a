/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core-variables.h"

#include "option.h"
#include "string-util.h"

static const char *const copy_names[][2] = {
        { "device.mfr", "ups.mfr" },
        { "device.model", "ups.model" },
        { "device.serial", "ups.serial" },
};

static int set_named(Model *m, const char *prefix, const char *name, const char *value) {
        _cleanup_free_ char *variable = strjoin(prefix, name);

        return variable ? model_set_default(m, variable, value) : -ENOMEM;
}

/* Stock shows port, pollinterval and synchronous always, and what a driver's own table knows when it was
 * given; of the common keys only the flags. */
static int prepare_parameters(Model *m, const DeviceConfig *c) {
        static const char *const always[] = { "pollinterval", "synchronous" };
        int r;

        r = model_set_default(m, "driver.parameter.port", c->port);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(always); i++) {
                r = set_named(m, "driver.parameter.", always[i], device_config_get(c, always[i]));
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < c->n_values; i++) {
                const Option *o = c->values[i].option;
                bool own = option_find(c->driver->options, o->name) == o;

                if (o->type == OPTION_FLAG && !streq(o->name, "nowait"))
                        r = set_named(m, "driver.flag.", o->name, "enabled");
                else if (own && !o->secret)
                        r = set_named(m, "driver.parameter.", o->name, c->values[i].value);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int prepare_driver(Model *m, const Driver *driver) {
        int r;

        r = model_set_default(m, "driver.name", driver->name);
        if (r < 0)
                return r;
        r = model_set_default(m, "driver.version", BUSBAR_VERSION);
        if (r < 0)
                return r;
        return model_set_default(m, "driver.version.internal", driver->version);
}

int core_variables_prepare(Model *m, const DeviceConfig *c) {
        int r;

        for (size_t i = 0; i < c->n_defaults; i++) {
                r = model_set_default(m, c->defaults[i].name, c->defaults[i].value);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < c->n_overrides; i++) {
                r = model_set_override(m, c->overrides[i].name, c->overrides[i].value);
                if (r < 0)
                        return r;
        }
        model_set_ignore_lb(m, device_config_boolean(c, "ignorelb"));

        r = prepare_driver(m, c->driver);
        if (r < 0)
                return r;
        r = prepare_parameters(m, c);
        if (r < 0)
                return r;
        /* After the user's own default.device.type, which then is the first one and wins. */
        return model_set_default(m, "device.type", "ups");
}

/* The value that a variable will have when the batch is applied. */
static const char *value_after(const DeviceConfig *c, const Model *m, const Update *u, const char *name) {
        const char *value = device_config_override(c, name) ?: update_get(u, name);

        if (!value && !update_replaces(u))
                value = model_get(m, name);
        return value ?: device_config_default(c, name);
}

void core_variables_follow(CoreCopies *copies, const DeviceConfig *c, const Model *m, Update *u) {
        for (size_t i = 0; i < ELEMENTSOF(copy_names); i++) {
                const char *name = copy_names[i][0], *value = value_after(c, m, u, copy_names[i][1]);
                bool kept = !update_replaces(u) && !copies->copied[i] && model_get(m, name);

                bool copy = value && !kept && !update_get(u, name);

                if (copy)
                        (void) update_set(u, name, value);
                else if (copies->copied[i] && !value && !update_get(u, name))
                        (void) update_unset(u, name);
                copies->copied[i] = copy;
        }
}

void core_variables_state(Update *u, const char *state) {
        /* NUT shows driver.state since 2.8.1; 2.8.0 has no such variable. The bus needs it
         * (Device1.State), and clients of newer versions know it, so it is here although it makes LIST
         * VAR longer by a line than that of 2.8.0. */
        (void) update_set(u, "driver.state", state);
}

const char *transport_to_string(Transport t) {
        static const char *const table[_TRANSPORT_MAX] = {
                [TRANSPORT_FILE] = "file",
                [TRANSPORT_NETWORK] = "network",
                [TRANSPORT_USB] = "usb",
                [TRANSPORT_SERIAL] = "serial",
        };

        return t >= 0 && t < _TRANSPORT_MAX ? table[t] : "unknown";
}
