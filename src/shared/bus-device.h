/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "bus-auth.h"
#include "macro.h"
#include "model.h"

/* The bus face of a device: Device1, Variables1 and Commands1 on one object, fed from a Model. */

typedef struct BusDevice BusDevice;

/* A write that was allowed and checked, on its way to the device. Exactly one bus_request_done() ends it. */
typedef struct BusRequest BusRequest;

/* The facts beside the model; the strings are borrowed and must outlive the object. */
typedef struct BusDeviceInfo {
        const char *name, *driver, *driver_version, *description, *transport;
        const char *native_path;  /* these two until bus_device_set_place() */
        char *const *nodes; /* strv */
} BusDeviceInfo;

typedef struct BusDeviceOps {
        /* The name is spelt as in the model and the value was checked against its description. */
        void (*set)(void *userdata, BusRequest *request, const char *name, const char *value);
        /* The command exists; argument is NULL if none was given. */
        void (*run)(void *userdata, BusRequest *request, const char *command, const char *argument);
} BusDeviceOps;

/* Publishes the device at bus_device_path(name). Gate, model and info are borrowed. */
int bus_device_new(sd_bus *bus, BusGate *gate, const BusDeviceInfo *info, const Model *model,
                const BusDeviceOps *ops, void *userdata, BusDevice **ret);

/* Takes it off the bus, announces the removal, and fails its open requests with Error.Absent. Requests
 * handed to ops before are then dead: bus_request_done() on them is still needed and answers nobody.
 * Takes NULL, returns NULL. */
BusDevice *bus_device_free(BusDevice *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusDevice *, bus_device_free);

/* Announces an applied change: at most one Variables1.Changed, one MetadataChanged, one
 * Commands1.ListChanged and one PropertiesChanged. */
int bus_device_changed(BusDevice *d, const Change *change);

/* The device is reached by other nodes from now on, and in another place; both are borrowed as those of the
 * info were, which may be freed after the call. Announces what is new. */
int bus_device_set_place(BusDevice *d, char *const *nodes, const char *native_path);

/* The device was heard, though perhaps it had nothing new to say: makes it UpdateUSec, without a signal. A
 * change of a device that is fresh counts too. */
void bus_device_heard(BusDevice *d);

/* Ends a request with the device's verdict, see bus-error.h. message, if not NULL, is for people. */
void bus_request_done(BusRequest *request, int r, const char *message);

/* Object path of a device name, in new memory; NULL without memory. */
char *bus_device_path(const char *name);

/* Adds the object manager at BUS_PATH_ROOT, once per connection. */
int bus_device_add_manager(sd_bus *bus, sd_bus_slot **ret_slot);

/* Writes the introspection XML of an object with the three interfaces to f, from the vtables themselves. */
int bus_device_introspect(FILE *f);

/* The same for an outlet, and for a member of a chain. */
int bus_outlet_introspect(FILE *f);
int bus_member_introspect(FILE *f);

/* Copies a text of any encoding for the bus, which takes UTF-8 only: one bad byte in a configuration file
 * would keep all devices of the process from being read. Other bytes become '?'. NULL without memory. */
char *bus_text_copy(const char *text);
