/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "bus-mirror.h"
#include "time-util.h"

/* Shared by the files of the mirror: bus-mirror.c (the mirror as a whole), -call (calls under way),
 * -driver (processes and their objects), -device (one device and what is known of it), -read (its
 * snapshots and signals), -parse (from messages to updates). */

typedef struct MirrorCall MirrorCall;
typedef struct MirrorDriver MirrorDriver;

/*** Calls ***/

/* Handles the answer; m may be an error. Not called when the call is dropped. */
typedef void (*MirrorCallDone)(MirrorCall *c, sd_bus_message *m);

/* A call that waits for its turn or for its answer. A bus daemon counts an unanswered call until the callee
 * answers or ends, whatever the caller has given up. So a call that is late stays here and is counted. */
struct MirrorCall {
        Mirror *mirror;
        MirrorDriver *driver; /* NULL for the bus itself */
        MirrorDevice *device; /* NULL if not about one */
        sd_bus_message *message;
        sd_bus_slot *slot; /* while under way */
        MirrorCallDone done;
        uint64_t deadline_usec; /* CLOCK_MONOTONIC; USEC_INFINITY before the sending of a read */
        bool expired;
        bool is_write;
        MirrorReply reply; /* for writes, until told */
        void *userdata;
        MirrorCall *previous, *next; /* in its list */
};

/* Calls in the order in which they were made. */
typedef struct MirrorCallList {
        MirrorCall *first, *last;
} MirrorCallList;

/* Queues a read: about a device, to a driver, or to the bus itself if both are NULL. */
int mirror_call_read(Mirror *m, MirrorDriver *p, MirrorDevice *d, sd_bus_message *message,
                MirrorCallDone done);

/* Queues a write, ahead of the reads and behind the other writes; -EBUSY if there are too many of them. */
int mirror_call_write(MirrorDevice *d, sd_bus_message *message, MirrorReply reply, void *userdata);

/* Sends what may be sent. */
void mirror_calls_pump(Mirror *m);

/* Forgets the calls to a driver, about a device, or all (both NULL). Writes are answered with -ENODEV. */
void mirror_calls_drop(Mirror *m, const MirrorDriver *driver, const MirrorDevice *device);

/* Deals with the calls that are late. */
void mirror_calls_expire(Mirror *m, uint64_t now);

/* The next deadline, or USEC_INFINITY. */
uint64_t mirror_calls_deadline(const Mirror *m);

/* Whether there is a read left for whose answer it makes sense to wait. */
bool mirror_calls_reading(const Mirror *m);

/*** Drivers ***/

struct MirrorDriver {
        Mirror *mirror;
        char *unique;        /* bus name of the process */
        char **names;        /* strv of its org.busbar.Driver.* */
        char **shadowed;     /* strv of devices that it offers while another process has them */
        uint64_t heard_usec; /* CLOCK_BOOTTIME of its last message */
        uint64_t reread_usec; /* CLOCK_MONOTONIC; when to read its objects again, USEC_INFINITY for never */
        unsigned n_calls;    /* under way */
        bool reading;        /* its objects are being read */
        bool read_again;     /* and must be once more, after that */
        bool pinged;         /* a ping is under way */
        bool silent;         /* it owes an answer for long, and has not been heard since */
        bool complained;     /* about a message that makes no sense */
};

/* The process of that unique name, or NULL. */
MirrorDriver *mirror_find_driver(Mirror *m, const char *unique);

/* Learns the processes that are there already. */
int mirror_drivers_list(Mirror *m);

/* Somebody got or lost a bus name; old or new owner may be "". */
int mirror_driver_name_changed(Mirror *m, const char *name, const char *old, const char *new);

/* A message came from it, which may have ended its silence. */
void mirror_driver_heard(MirrorDriver *p);

/* Reads its objects, now or when the present reading is over. */
int mirror_driver_read(MirrorDriver *p);

/* Has its objects read again after a while, as something went wrong. */
void mirror_driver_retry(MirrorDriver *p);

/* A device of another process went: perhaps this one offers it too. */
void mirror_driver_unshadow(MirrorDriver *p, const char *device);

/* A signal of the object manager. */
int mirror_driver_interfaces_added(MirrorDriver *p, sd_bus_message *m);
int mirror_driver_interfaces_removed(MirrorDriver *p, sd_bus_message *m);

/* Says once that it sent something that makes no sense. */
void mirror_driver_complain(MirrorDriver *p, int r, const char *what);

/* Forgets the process; its devices must be gone or somebody else's. Takes NULL, returns NULL. */
MirrorDriver *mirror_driver_free(MirrorDriver *p);

/*** Devices ***/

/* What Device1 says and the mirror needs. Members that were not in a message are NULL or as below. */
typedef struct DeviceFacts {
        char *name, *driver, *description, *transport;
        char **alarms, **nodes;
        Freshness freshness;  /* _FRESHNESS_INVALID: not said */
        uint64_t since_usec;  /* USEC_INFINITY: not said */
        bool alarms_given, nodes_given;
} DeviceFacts;

#define DEVICE_FACTS_INIT { .freshness = _FRESHNESS_INVALID, .since_usec = USEC_INFINITY }

/* Reads the value of an entry, whose key has been read. 0 or a negative errno. */
typedef int (*MirrorEntry)(sd_bus_message *m, const char *key, void *userdata);

/* Walks over an array of entries of these types, of which the first is 's' or 'o'. 0 or the first error. */
int mirror_parse_entries(sd_bus_message *m, const char *types, MirrorEntry each, void *userdata);

/* Reads an a{sv} of Device1's properties. Properties of a wrong type are an error. */
int device_facts_read(DeviceFacts *f, sd_bus_message *m);
void device_facts_done(DeviceFacts *f);

/* Put what a message says into an update: an a{ss} of variables, an as of removed ones, the a(...) of
 * Details(), the a{sa{sv}} of Describe() and of List(). Names that cannot be ones are left out, and *bad is
 * set. 0 or a negative errno (-EBADMSG, -ENXIO and the like for a message of another shape). */
int mirror_parse_variables(sd_bus_message *m, Update *u, bool *bad);
int mirror_parse_removed(sd_bus_message *m, Update *u, bool *bad);
int mirror_parse_details(sd_bus_message *m, Update *u, bool *bad);
int mirror_parse_descriptions(sd_bus_message *m, Update *u, bool *bad);
int mirror_parse_commands(sd_bus_message *m, Update *u, bool *bad);

typedef enum DeviceStage {
        STAGE_VARIABLES, /* GetAll is under way */
        STAGE_DESCRIPTIONS,
        STAGE_COMMANDS,
        STAGE_STEADY,
        STAGE_FAILED,    /* could not be read; the driver will be read again */
} DeviceStage;

struct MirrorDevice {
        Mirror *mirror;
        MirrorDriver *driver; /* NULL while the bus is away */
        char *name, *path, *driver_name, *description, *transport;
        char **alarms, **nodes;
        Freshness freshness;
        uint64_t since_usec; /* OnBatterySinceUSec */
        Model *model;
        DeviceStage stage;
        Update *batch;      /* the snapshot, while it is being read */
        uint64_t revision;  /* of the batch, or of the model */
        uint64_t heard_usec; /* of the driver, when it was last there */
        bool visible;       /* the consumer knows it */
        bool seen;          /* by the reading of objects that is being evaluated */
        bool read_again;    /* the snapshot being read is void */
        bool complained;    /* about a nonsense name */
        bool describes;     /* has no Details(), and is asked for all that Describe() says */
        unsigned n_failures; /* to read it, in a row */
        unsigned n_writes;   /* that were not answered yet */
        void *userdata;
};

/* Makes a device of what a driver offers, or tells an existing one; anew says that it was just put on the
 * bus. What cannot be a device is ignored. */
int mirror_device_offer(MirrorDriver *p, const char *path, const DeviceFacts *f, bool anew);

/* Reads all of the device, now or when the present reading is over. */
void mirror_device_read(MirrorDevice *d);

/* Applies an update to the mirrored model and tells the consumer what changed, if it knows the device. */
void mirror_device_apply(MirrorDevice *d, const Update *u);

/* Handles a signal of the device's object. A negative errno says that it makes no sense. */
int mirror_device_signal(MirrorDevice *d, sd_bus_message *m);

/* The device is complete: shows it to the consumer. */
void mirror_device_show(MirrorDevice *d);

/* Takes over facts about a device that is there, and tells the consumer. 0 or -ENOMEM. */
int mirror_device_take_facts(MirrorDevice *d, const DeviceFacts *f);

/* Tells the consumer, if it knows the device, and forgets it. */
void mirror_device_remove(MirrorDevice *d);

/* Forgets it without a word. Takes NULL, returns NULL. */
MirrorDevice *mirror_device_free(MirrorDevice *d);

/* The device of that name, whether or not the consumer knows it yet. */
MirrorDevice *mirror_find_any(Mirror *m, const char *name);

/*** The mirror ***/

typedef struct MirrorDeviceList {
        MirrorDevice **items; /* sorted by name, ignoring case */
        size_t n, n_allocated;
} MirrorDeviceList;

struct Mirror {
        const MirrorOps *ops;
        void *userdata;
        sd_bus *bus;
        sd_bus_slot *owner_slot, *signal_slot;
        sd_event_source *timer;
        uint64_t timer_usec; /* what it is set to */
        MirrorDeviceList visible, hidden;
        MirrorDriver **drivers;
        size_t n_drivers, n_drivers_allocated;
        MirrorCallList writes, reads;
        unsigned n_under_way, n_expired; /* calls; the late ones are among both */
        uint64_t read_timeout_usec;   /* how long a driver may take for an answer */
        uint64_t orphan_timeout_usec; /* and to find a bus that was restarted */
        bool synced;
        uint64_t sync_usec;   /* CLOCK_MONOTONIC; when to stop waiting for drivers */
        uint64_t orphan_usec; /* when to give up devices of an earlier bus */
};

/* The device of that name in a list, ignoring case, or NULL. */
MirrorDevice *mirror_device_list_find(const MirrorDeviceList *l, const char *name);

/* Sees to it that the timer goes off at that time of CLOCK_MONOTONIC, or before. */
void mirror_arm(Mirror *m, uint64_t usec);

/* Tells the consumer when nothing more is to be waited for. */
void mirror_check_synced(Mirror *m);
