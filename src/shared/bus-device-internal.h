/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-device.h"

/* Shared by the files of the bus face of a device. */

/* What Device1 last told about the power, to tell only what is new. */
typedef struct ShownPower {
        bool on_battery, low_battery, replace_battery;
        uint64_t since_usec;
} ShownPower;

/* Outlets of the device and of members, and members. */
#define PART_FALLBACKS 3U

typedef struct DevicePart DevicePart;

struct BusDevice {
        sd_bus *bus;
        BusGate *gate;
        sd_bus_slot *device_slot, *variables_slot, *commands_slot;
        BusDeviceInfo info;
        char *path;
        char *description; /* that of info, in UTF-8 for certain */
        const Model *model;
        const BusDeviceOps *ops;
        void *userdata;
        uint64_t update_usec; /* when it was last heard, CLOCK_BOOTTIME; 0 for never */
        ShownPower shown;
        BusRequest **requests; /* all that are not done */
        size_t n_requests, n_requests_allocated;
        DevicePart *parts; /* outlets and members of a chain; sorted */
        size_t n_parts;
        sd_bus_slot *part_slots[PART_FALLBACKS], *enumerator_slot; /* once there are any */
};

extern const sd_bus_vtable bus_device_vtable[];
extern const sd_bus_vtable bus_variables_vtable[];
extern const sd_bus_vtable bus_commands_vtable[];
extern const sd_bus_vtable bus_outlet_vtable[];
extern const sd_bus_vtable bus_member_vtable[];

/* The names of Device1's properties that a change gave a new value; a strv, in new memory. 0 or -ENOMEM. */
int bus_device_properties_of_change(BusDevice *d, const Change *change, char ***ret);

/* What Device1 would tell about the power now. */
ShownPower bus_device_power(const BusDevice *d);

/* Signals for a change, if it has something for them. */
int bus_device_emit_variables(BusDevice *d, const Change *change);
int bus_device_emit_commands(BusDevice *d, const Change *change);

/*** Parts: outlets and members of a chain ***/

/* Publishes those that there are, without signals: before the device itself is announced. */
int bus_device_load_parts(BusDevice *d);

/* Announces them all, once their device is. */
int bus_device_announce_parts(BusDevice *d);

/* Announces those that came, went, or show something else after a change. */
int bus_device_emit_parts(BusDevice *d, const Change *change);

/* Takes them off the bus, with signals. */
void bus_device_drop_parts(BusDevice *d);

/*** Requests ***/

typedef enum RequestType {
        REQUEST_SET,
        REQUEST_RUN,
} RequestType;

/* Takes a Set or Run call in and sees it through: existence, authorization, the other checks, the device.
 * Returns what a method handler has to return. */
int bus_request_begin(BusDevice *d, sd_bus_message *m, RequestType type, const char *name,
                const char *argument, sd_bus_error *reterr);

/* Ends all requests of a device that goes away. */
void bus_device_drop_requests(BusDevice *d);
