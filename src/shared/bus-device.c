/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device.h"

#include "bus-device-internal.h"
#include "bus-introspect.h"
#include "bus-names.h"
#include "string-util.h"
#include "time-util.h"

/* Length of the UTF-8 character at s, or 0 if there is none. */
static size_t utf8_length(const char *s) {
        const unsigned char *u = (const unsigned char *) s;
        size_t n = u[0] < 0x80 ? 1 : u[0] >= 0xc2 && u[0] < 0xe0 ? 2 : u[0] >= 0xe0 && u[0] < 0xf0 ? 3 :
                u[0] >= 0xf0 && u[0] < 0xf5 ? 4 : 0;

        for (size_t i = 1; i < n; i++)
                if ((u[i] & 0xc0) != 0x80)
                        return 0;

        /* Overlong forms, surrogates, and what lies behind the last plane. */
        if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] >= 0xa0) ||
            (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] >= 0x90))
                return 0;

        return n;
}

char *bus_text_copy(const char *text) {
        char *copy = strdup(strempty(text));

        for (char *s = copy; s && *s;) {
                size_t n = utf8_length(s);

                if (n == 0)
                        *s = '?';
                s += n ?: 1;
        }

        return copy;
}

char *bus_device_path(const char *name) {
        char *path;

        return sd_bus_path_encode(BUS_PATH_DEVICE, name, &path) < 0 ? NULL : path;
}

int bus_device_add_manager(sd_bus *bus, sd_bus_slot **ret_slot) {
        return sd_bus_add_object_manager(bus, ret_slot, BUS_PATH_ROOT);
}

static int device_publish(BusDevice *d) {
        int r;

        r = sd_bus_add_object_vtable(d->bus, &d->device_slot, d->path, BUS_INTERFACE_DEVICE,
                        bus_device_vtable, d);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(d->bus, &d->variables_slot, d->path, BUS_INTERFACE_VARIABLES,
                        bus_variables_vtable, d);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(d->bus, &d->commands_slot, d->path, BUS_INTERFACE_COMMANDS,
                        bus_commands_vtable, d);
        if (r < 0)
                return r;

        r = bus_device_load_parts(d);
        if (r < 0)
                return r;
        r = sd_bus_emit_object_added(d->bus, d->path);
        return r < 0 ? r : bus_device_announce_parts(d);
}

void bus_device_heard(BusDevice *d) {
        d->update_usec = now_usec(CLOCK_BOOTTIME);
}

int bus_device_new(sd_bus *bus, BusGate *gate, const BusDeviceInfo *info, const Model *model,
                const BusDeviceOps *ops, void *userdata, BusDevice **ret) {
        _cleanup_(bus_device_freep) BusDevice *d = new0(BusDevice, 1);
        int r;

        if (!d)
                return -ENOMEM;

        d->bus = sd_bus_ref(bus);
        d->gate = gate;
        d->info = *info;
        d->model = model;
        d->ops = ops;
        d->userdata = userdata;
        if (model_freshness(model) == FRESHNESS_FRESH)
                bus_device_heard(d);
        d->shown = bus_device_power(d);
        d->path = bus_device_path(info->name);
        d->description = bus_text_copy(info->description);
        if (!d->path || !d->description)
                return -ENOMEM;

        r = device_publish(d);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

BusDevice *bus_device_free(BusDevice *d) {
        if (!d)
                return NULL;

        bus_device_drop_requests(d);

        bus_device_drop_parts(d);
        /* Before the interfaces go: the signal names those that are there. */
        if (d->commands_slot)
                (void) sd_bus_emit_object_removed(d->bus, d->path);

        sd_bus_slot_unref(d->device_slot);
        sd_bus_slot_unref(d->variables_slot);
        sd_bus_slot_unref(d->commands_slot);
        sd_bus_unref(d->bus);
        free(d->requests);
        free(d->path);
        free(d->description);
        free(d);
        return NULL;
}

int bus_device_changed(BusDevice *d, const Change *change) {
        _cleanup_strv_free_ char **properties = NULL;
        int r;

        /* Not when the news is that it cannot be heard. */
        if (model_freshness(d->model) == FRESHNESS_FRESH)
                bus_device_heard(d);

        r = bus_device_emit_variables(d, change);
        if (r < 0)
                return r;
        r = bus_device_emit_commands(d, change);
        if (r < 0)
                return r;
        r = bus_device_emit_parts(d, change);
        if (r < 0)
                return r;
        r = bus_device_properties_of_change(d, change, &properties);
        if (r < 0)
                return r;

        return properties ?
                sd_bus_emit_properties_changed_strv(d->bus, d->path, BUS_INTERFACE_DEVICE, properties) : 0;
}

int bus_device_set_place(BusDevice *d, char *const *nodes, const char *native_path) {
        const char *properties[] = { NULL, NULL, NULL };
        size_t n = 0;

        if (!strv_equal(d->info.nodes, nodes))
                properties[n++] = "Nodes";
        if (!streq_ptr(d->info.native_path, native_path))
                properties[n++] = "NativePath";
        d->info.nodes = nodes;
        d->info.native_path = native_path;

        return n == 0 ? 0 : sd_bus_emit_properties_changed_strv(
                        d->bus, d->path, BUS_INTERFACE_DEVICE, (char **) properties);
}

int bus_outlet_introspect(FILE *f) {
        static const BusInterface interfaces[] = { { BUS_INTERFACE_OUTLET, bus_outlet_vtable }, {} };

        return bus_introspect(f, interfaces);
}

int bus_member_introspect(FILE *f) {
        static const BusInterface interfaces[] = { { BUS_INTERFACE_MEMBER, bus_member_vtable }, {} };

        return bus_introspect(f, interfaces);
}

int bus_device_introspect(FILE *f) {
        static const BusInterface interfaces[] = {
                { BUS_INTERFACE_DEVICE,    bus_device_vtable    },
                { BUS_INTERFACE_VARIABLES, bus_variables_vtable },
                { BUS_INTERFACE_COMMANDS,  bus_commands_vtable  },
                {}
        };

        return bus_introspect(f, interfaces);
}
