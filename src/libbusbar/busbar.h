/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BUSBAR_H
#define BUSBAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Power devices from the system bus: which there are, what they say, and what they can be told. libbusbar(3)
 * has an introduction, and each call with its errors.
 *
 * A Busbar keeps a copy of all devices by itself, so reading asks nobody and never blocks. It comes back
 * when the bus was away, starts no thread, and writes nothing to stderr. One Busbar is for one thread at a
 * time.
 *
 * Calls that can fail return a negative errno. Texts belong to the library and live until control is back in
 * its loop, lists end with NULL and are never NULL. Names of devices, variables and commands ignore case. */

typedef struct Busbar Busbar;
typedef struct BusbarDevice BusbarDevice;
typedef struct BusbarChange BusbarChange;

/* Of the event loop of libsystemd, for who uses that. */
struct sd_event;

/* What the handler is called for. More may come: ignore what you do not know. */
typedef enum BusbarEvent {
        BUSBAR_ADDED = 1,    /* a device is there, with all its data */
        BUSBAR_CHANGED = 2,  /* something about it is new */
        BUSBAR_REMOVED = 3,  /* it goes; the pointer is void after the call */
        BUSBAR_SYNCED = 4,   /* all devices on the bus have been added; once for each connection */
        BUSBAR_BUS_LOST = 5, /* the bus is away; devices stay, and get older */
} BusbarEvent;

typedef enum BusbarFreshness {
        BUSBAR_ABSENT = 0, /* there is no device: never seen, or gone */
        BUSBAR_STALE = 1,  /* there is, but what it said is too old to be believed */
        BUSBAR_FRESH = 2,
} BusbarFreshness;

/* What a change is about, as bits. More may come. */
#define BUSBAR_VARIABLES    (1U << 0)
#define BUSBAR_DESCRIPTIONS (1U << 1) /* which variables can be written, and with what */
#define BUSBAR_COMMANDS     (1U << 2)
#define BUSBAR_STATUS       (1U << 3)
#define BUSBAR_ALARMS       (1U << 4)
#define BUSBAR_FRESHNESS    (1U << 5)

/* device is NULL for events about none. change is for BUSBAR_CHANGED, and NULL when anything may have
 * changed; it lives for the call. */
typedef void (*BusbarHandler)(Busbar *b, BusbarEvent event, BusbarDevice *device, const BusbarChange *change,
                void *userdata);

/* result is 0 or a negative errno that busbar_strerror() knows; message is the device's own or its driver's
 * word on it, or NULL. */
typedef void (*BusbarReply)(Busbar *b, int result, const char *message, void *userdata);

/* Version of the library, such as "0.1.0". */
const char *busbar_version(void);

/* Starts to follow the devices on the system bus, or on the one that $DBUS_SYSTEM_BUS_ADDRESS names. It need
 * not be there yet. With an event the work is done by that loop, otherwise by busbar_process(). The handler
 * may be NULL; it is called from the loop only, and from busbar_close(). */
int busbar_open(struct sd_event *event, BusbarHandler handler, void *userdata, Busbar **ret);

/* Ends it, and returns NULL: takes NULL as well. The handler is told that the devices go, and requests under
 * way are answered with -ENODEV. From within a handler or a reply, neither is called any more. */
Busbar *busbar_close(Busbar *b);

/* Lets people be asked for a password when a request needs one. Otherwise it is refused. */
void busbar_set_ask_password(Busbar *b, bool ask);

/* For a loop of your own: before each wait take descriptor, poll(2) events and timeout (microseconds,
 * UINT64_MAX for none), and after it call busbar_process(), which returns 1 if it did something, 0 if there
 * was nothing to do. -EOPNOTSUPP for one that has an sd_event. */
int busbar_get_fd(Busbar *b);
int busbar_get_events(Busbar *b);
int busbar_get_timeout(Busbar *b, uint64_t *ret_usec);
int busbar_process(Busbar *b);

/* Without a loop: waits until something happens and deals with it, 1, or until the time is over, 0.
 * busbar_sync() does so until all devices have been added; -ETIMEDOUT if they have not by then. */
int busbar_wait(Busbar *b, uint64_t timeout_usec);
int busbar_sync(Busbar *b, uint64_t timeout_usec);

bool busbar_is_connected(Busbar *b);
bool busbar_is_synced(Busbar *b);

/* Asks each driver whether it lives; busbar_device_age() counts from the last answer. */
void busbar_ping(Busbar *b);

/* All devices, sorted by name. A pointer is good until BUSBAR_REMOVED. NULL for one that is not there. */
size_t busbar_count(Busbar *b);
BusbarDevice *busbar_device(Busbar *b, size_t i);
BusbarDevice *busbar_find(Busbar *b, const char *name);

const char *busbar_device_name(const BusbarDevice *d);
const char *busbar_device_driver(const BusbarDevice *d);
const char *busbar_device_description(const BusbarDevice *d); /* "" without */
const char *busbar_device_transport(const BusbarDevice *d);   /* "usb", "serial", "network", "file", or "" */

/* Look at this before you believe a value. */
BusbarFreshness busbar_device_freshness(const BusbarDevice *d);
const char *busbar_freshness_name(BusbarFreshness f);

/* Microseconds since its driver was last heard. */
uint64_t busbar_device_age(const BusbarDevice *d);

/* The words of ups.status, such as "OL", "CHRG"; the texts of the alarms; since when it is on battery, in
 * microseconds of CLOCK_BOOTTIME, 0 if it is not. */
const char *const *busbar_device_status(const BusbarDevice *d);
bool busbar_device_has_status(const BusbarDevice *d, const char *word);
const char *const *busbar_device_alarms(const BusbarDevice *d);
uint64_t busbar_device_on_battery_since(const BusbarDevice *d);

/* The value of a variable as text, NULL when the device does not give it; or as a number, NaN if it is
 * none. */
const char *busbar_device_get(const BusbarDevice *d, const char *variable);
double busbar_device_get_number(const BusbarDevice *d, const char *variable);

/* All variables, sorted by name. Either output may be NULL. -ENOENT behind the last one. */
size_t busbar_device_count(const BusbarDevice *d);
int busbar_device_variable(const BusbarDevice *d, size_t i, const char **ret_name, const char **ret_value);

/* What a variable can be set to: nothing unless it is writable; one of the values, if there are any; a
 * number in one of the ranges, if there are any (-ENOENT behind the last one); or a text of at most so many
 * bytes, 0 if that is not limited. */
bool busbar_device_is_writable(const BusbarDevice *d, const char *variable);
const char *const *busbar_device_values(const BusbarDevice *d, const char *variable);
int busbar_device_range(const BusbarDevice *d, const char *variable, size_t i, int64_t *ret_min,
                int64_t *ret_max);
size_t busbar_device_length_max(const BusbarDevice *d, const char *variable);

const char *const *busbar_device_commands(const BusbarDevice *d);
bool busbar_device_has_command(const BusbarDevice *d, const char *command);

/* Asks the device to take a value or a command; argument may be NULL. Returns 0 when the request is on its
 * way: then reply, unless NULL, is called once, from the loop, with the verdict of the device, within 120 s.
 * Otherwise it is not called: -ENODEV while the bus is away, -EBUSY when too many requests wait. */
int busbar_device_set(BusbarDevice *d, const char *variable, const char *value, BusbarReply reply,
                void *userdata);
int busbar_device_run(BusbarDevice *d, const char *command, const char *argument, BusbarReply reply,
                void *userdata);

/* Your own data about a device; NULL at first. */
void busbar_device_set_userdata(BusbarDevice *d, void *userdata);
void *busbar_device_userdata(const BusbarDevice *d);

/* Bits of what has changed; all of them for NULL. */
unsigned busbar_change_bits(const BusbarChange *c);

/* The variables that are new or have a new value, and those that are gone; none for NULL. */
const char *const *busbar_change_changed(const BusbarChange *c);
const char *const *busbar_change_removed(const BusbarChange *c);

/* Whether the value of this variable may have changed. */
bool busbar_change_has(const BusbarChange *c, const char *variable);

/* What a negative errno of this library means, in words. */
const char *busbar_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif
