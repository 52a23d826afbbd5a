/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "bus-device-internal.h"
#include "parse-util.h"
#include "string-util.h"

/* A property that shows a variable, or another one while the device does not give that. */
typedef struct Shadow {
        const char *property;
        const char *variables[2];
        const char *unknown; /* text for neither */
} Shadow;

static const Shadow shadows[] = {
        { "Type",          { "device.type"                    }, "ups" },
        { "Vendor",        { "device.mfr",    "ups.mfr"       }, ""    },
        { "Model",         { "device.model",  "ups.model"     }, ""    },
        { "Serial",        { "device.serial", "ups.serial"    }, ""    },
        { "State",         { "driver.state"                   }, ""    },
        { "ChargePercent", { "battery.charge"                 }, NULL  },
        { "LoadPercent",   { "ups.load"                       }, NULL  },
        { "InputVoltage",  { "input.voltage"                  }, NULL  },
        { "RuntimeSec",    { "battery.runtime"                }, NULL  },
};

static const Shadow *shadow_find(const char *property) {
        for (size_t i = 0; i < ELEMENTSOF(shadows); i++)
                if (streq(shadows[i].property, property))
                        return &shadows[i];

        return NULL;
}

/* The name of the variable that the property shows at present. */
static const char *shadow_source(const BusDevice *d, const Shadow *s) {
        return !s->variables[1] || model_get(d->model, s->variables[0]) ? s->variables[0] : s->variables[1];
}

static int get_string(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;
        const Shadow *s = shadow_find(property);
        const char *value = model_get(d->model, shadow_source(d, s));

        return sd_bus_message_append(reply, "s", value ?: s->unknown);
}

static int get_double(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;

        return sd_bus_message_append(reply, "d",
                        model_get_number(d->model, shadow_source(d, shadow_find(property))));
}

static int get_runtime(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;
        double seconds = model_get_number(d->model, "battery.runtime");

        return sd_bus_message_append(reply, "x",
                        seconds >= 0 && seconds < 1e15 ? (int64_t) seconds : INT64_C(-1));
}

static int get_info(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;
        const char *value = streq(property, "Name") ? d->info.name :
                streq(property, "Driver") ? d->info.driver :
                streq(property, "DriverVersion") ? d->info.driver_version :
                streq(property, "Description") ? d->description :
                streq(property, "Transport") ? d->info.transport : d->info.native_path;

        return sd_bus_message_append(reply, "s", strempty(value));
}

static int get_nodes(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;

        return sd_bus_message_append_strv(reply, (char **) d->info.nodes);
}

static int get_freshness(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;

        return sd_bus_message_append(reply, "s", freshness_to_string(model_freshness(d->model)));
}

static int get_strv(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;

        return sd_bus_message_append_strv(reply, (char **)
                        (streq(property, "Status") ? model_status(d->model) : model_alarms(d->model)));
}

ShownPower bus_device_power(const BusDevice *d) {
        return (ShownPower) {
                .on_battery = model_has_status(d->model, "OB"),
                .low_battery = model_has_status(d->model, "LB"),
                .replace_battery = model_has_status(d->model, "RB"),
                .since_usec = model_on_battery_since_usec(d->model),
        };
}

static int get_boolean(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;
        ShownPower power = bus_device_power(d);

        return sd_bus_message_append(reply, "b", streq(property, "OnBattery") ? power.on_battery :
                        streq(property, "LowBattery") ? power.low_battery : power.replace_battery);
}

static int get_since(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        BusDevice *d = userdata;

        return sd_bus_message_append(reply, "t", model_on_battery_since_usec(d->model));
}

const sd_bus_vtable bus_device_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Name", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Driver", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("DriverVersion", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Description", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Transport", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NativePath", "s", get_info, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Nodes", "as", get_nodes, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Type", "s", get_string, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Vendor", "s", get_string, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Model", "s", get_string, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Serial", "s", get_string, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Freshness", "s", get_freshness, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("State", "s", get_string, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Status", "as", get_strv, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Alarms", "as", get_strv, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("OnBattery", "b", get_boolean, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("LowBattery", "b", get_boolean, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ReplaceBattery", "b", get_boolean, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("OnBatterySinceUSec", "t", get_since, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ChargePercent", "d", get_double, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("LoadPercent", "d", get_double, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("InputVoltage", "d", get_double, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("RuntimeSec", "x", get_runtime, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        /* Without a signal: there would be one for each poll. */
        SD_BUS_PROPERTY("UpdateUSec", "t", NULL, offsetof(BusDevice, update_usec), 0),
        SD_BUS_VTABLE_END,
};

static bool change_names(const Change *change, const char *variable) {
        return strv_find_nocase(change->changed, variable) >= 0 ||
                strv_find_nocase(change->removed, variable) >= 0;
}

/* A property whose second choice changed while the first was there all along shows nothing new. */
static bool shadow_changed(const BusDevice *d, const Change *change, const Shadow *s) {
        return change_names(change, s->variables[0]) ||
                (s->variables[1] && change_names(change, s->variables[1]) &&
                 shadow_source(d, s) == s->variables[1]);
}

int bus_device_properties_of_change(BusDevice *d, const Change *change, char ***ret) {
        _cleanup_strv_free_ char **l = NULL;
        ShownPower power = bus_device_power(d);
        struct {
                bool changed;
                const char *property;
        } table[] = {
                { change->freshness,                                  "Freshness"          },
                { change->status,                                     "Status"             },
                { change->alarms,                                     "Alarms"             },
                { power.on_battery != d->shown.on_battery,            "OnBattery"          },
                { power.low_battery != d->shown.low_battery,          "LowBattery"         },
                { power.replace_battery != d->shown.replace_battery,  "ReplaceBattery"     },
                { power.since_usec != d->shown.since_usec,            "OnBatterySinceUSec" },
        };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (table[i].changed) {
                        r = strv_extend(&l, table[i].property);
                        if (r < 0)
                                return r;
                }

        for (size_t i = 0; i < ELEMENTSOF(shadows); i++)
                if (shadow_changed(d, change, &shadows[i])) {
                        r = strv_extend(&l, shadows[i].property);
                        if (r < 0)
                                return r;
                }

        d->shown = power;
        *ret = TAKE_PTR(l);
        return 0;
}
