/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "buffer.h"
#include "model.h"
#include "ups-conf.h"

/* The devices that clients may ask for: those of ups.conf, there or not, and behind them whatever else is on
 * the bus. What a client sees of one is made here and in view.h. */

typedef struct MirrorDevice MirrorDevice;
typedef struct Session Session;
typedef struct ForcedShutdown ForcedShutdown;
typedef struct Watch Watch;
typedef struct DeviceTable DeviceTable;

/* The LIST answers of a device in its own spelling, kept until something changes. */
typedef enum ViewList {
        VIEW_VARIABLES,
        VIEW_WRITABLE,
        VIEW_COMMANDS,
        _VIEW_MAX,
} ViewList;

/* What others than the one who asks want to hear of at once. */
typedef enum News {
        NEWS_STATE  = 1 << 0, /* status, alarms, forced shutdown, or whether there are data */
        NEWS_LOGINS = 1 << 1, /* who is logged in, and for how long they need power */
} News;

typedef struct Device {
        DeviceTable *table;
        char *name;        /* as in ups.conf, else as on the bus */
        char *description; /* desc= of ups.conf, or NULL */
        bool configured;   /* named in ups.conf */
        bool dropped;      /* was, and is not any more: only the bus holds it */
        bool silent;       /* its driver has not been heard for MAXAGE */
        char *bus_description;
        MirrorDevice *mirror; /* NULL while it is not on the bus, and in tests */
        const Model *model;   /* NULL while it is not on the bus */
        ForcedShutdown *forced;
        Session *sessions; /* logged in to it; newest connection first */
        unsigned n_sessions; /* of those that count */
        Watch *watches;   /* of clients that want to hear of it, see watch.h */
        unsigned news;    /* of News, not told yet */
        uint64_t generation; /* rises with whatever clients may see of it */
        Buffer lists[_VIEW_MAX];
        bool list_valid[_VIEW_MAX];
} Device;

DeviceTable *device_table_new(void);
DeviceTable *device_table_free(DeviceTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(DeviceTable *, device_table_free);

/* Called for a device that nobody may ask for any more, before it is freed. */
typedef void (*DeviceGone)(void *userdata, Device *d);

/* Takes the sections of ups.conf as the configured devices, in their order. A device that is in no
 * section any more goes, unless it is on the bus. On -ENOMEM all is as before. */
int device_table_configure(DeviceTable *t, const UpsConf *c, DeviceGone gone, void *userdata);

/* Makes a device a configured one, the last of them, if it is among those that were enrolled meanwhile. 0 or
 * -ENOMEM. */
int device_enroll(Device *d, const UpsConf *enrolled);

/* The device is on the bus: finds or adds it. Strings are copied, the model is borrowed until
 * device_table_absent(). */
int device_table_present(DeviceTable *t, const char *name, const char *description, const Model *model,
                MirrorDevice *mirror, Device **ret);

/* The device left the bus. It keeps its place, without data, when ups.conf names it; and if that never did,
 * as long as it is under a forced shutdown, or somebody is logged in to it. Else it goes. */
void device_table_absent(DeviceTable *t, Device *d, DeviceGone gone, void *userdata);

/* Lets go of devices that kept their place for what is over now. */
void device_table_prune(DeviceTable *t, DeviceGone gone, void *userdata);

/* The device of that name, ignoring case, or NULL. */
Device *device_table_find(const DeviceTable *t, const char *name) _pure_;

/* All, in the order of LIST UPS. */
size_t device_table_count(const DeviceTable *t) _pure_;
Device *device_table_get(const DeviceTable *t, size_t i) _pure_;

/* The ERR token that says why no data can be had, or NULL when they can. */
const char *device_unavailable(const Device *d) _pure_;

/* What a person calls the device: desc= of ups.conf, else what the driver says; NULL without either. */
const char *device_title(const Device *d) _pure_;

/* Something that clients see changed: kept answers are worth nothing now. */
void device_invalidate(Device *d);

/* Rises, from 1, with whatever clients may see of the devices as a whole: which there are, and what they are
 * called. No device has been freed as long as it is the same. */
uint64_t device_table_epoch(const DeviceTable *t) _pure_;

/* Where the answer to LIST UPS is kept, empty when it is to be made anew. */
Buffer *device_table_list(DeviceTable *t);

/* There is news of the device, to be told when there is time: see device_table_on_news(). */
void device_note(Device *d, News news);

/* pending() is called when there is news of a device and was none of any before; on its account
 * device_table_tell() is to be called soon, but not from inside of it. */
void device_table_on_news(DeviceTable *t, void (*pending)(void *userdata), void *userdata);

/* Calls tell() for each device with news, which is none after that. */
void device_table_tell(DeviceTable *t, void (*tell)(void *userdata, Device *d, unsigned news),
                void *userdata);
