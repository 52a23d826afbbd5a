/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define RETRY_USEC (10 * USEC_PER_SEC)

MirrorDriver *mirror_find_driver(Mirror *m, const char *unique) {
        for (size_t i = 0; i < m->n_drivers; i++)
                if (streq(m->drivers[i]->unique, unique))
                        return m->drivers[i];

        return NULL;
}

MirrorDriver *mirror_driver_free(MirrorDriver *p) {
        if (!p)
                return NULL;

        free(p->unique);
        strv_free(p->names);
        strv_free(p->shadowed);
        free(p);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(MirrorDriver *, mirror_driver_free);

void mirror_driver_heard(MirrorDriver *p) {
        p->heard_usec = now_usec(CLOCK_BOOTTIME);
        if (!p->silent)
                return;

        p->silent = false;
        mirror_calls_pump(p->mirror);
}

void mirror_driver_complain(MirrorDriver *p, int r, const char *what) {
        if (!p->complained)
                log_warning_errno(r, "Driver %s (%s) sent %s that makes no sense, ignoring it: %m",
                                p->names[0], p->unique, what);
        p->complained = true;
}

void mirror_driver_retry(MirrorDriver *p) {
        p->reread_usec = MIN(p->reread_usec, now_usec(CLOCK_MONOTONIC) + RETRY_USEC);
        mirror_arm(p->mirror, p->reread_usec);
}

static MirrorDevice *driver_next_unseen(MirrorDriver *p, const MirrorDeviceList *l) {
        for (size_t i = 0; i < l->n; i++)
                if (l->items[i]->driver == p && !l->items[i]->seen)
                        return l->items[i];

        return NULL;
}

static void driver_remove_unseen(MirrorDriver *p) {
        const MirrorDeviceList *lists[] = { &p->mirror->visible, &p->mirror->hidden };
        MirrorDevice *d;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                while ((d = driver_next_unseen(p, lists[i])))
                        mirror_device_remove(d);
}

static void driver_unsee(MirrorDriver *p) {
        const MirrorDeviceList *lists[] = { &p->mirror->visible, &p->mirror->hidden };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                for (size_t j = 0; j < lists[i]->n; j++)
                        if (lists[i]->items[j]->driver == p)
                                lists[i]->items[j]->seen = false;
}

/* What is on the bus at one path. */
typedef struct Object {
        DeviceFacts facts;
        bool is_device; /* Device1 is among the interfaces */
} Object;

static void object_done(Object *o) {
        device_facts_done(&o->facts);
}

static int read_interface(sd_bus_message *m, const char *interface, void *userdata) {
        Object *o = userdata;

        if (!streq(interface, BUS_INTERFACE_DEVICE))
                return sd_bus_message_skip(m, "a{sv}");

        o->is_device = true;
        return device_facts_read(&o->facts, m);
}

static int read_object(MirrorDriver *p, sd_bus_message *m, const char *path, bool anew) {
        _cleanup_(object_done) Object o = { .facts = DEVICE_FACTS_INIT };
        int r;

        r = mirror_parse_entries(m, "sa{sv}", read_interface, &o);
        if (r < 0 || !o.is_device)
                return r;

        return mirror_device_offer(p, path, &o.facts, anew);
}

static int read_known_object(sd_bus_message *m, const char *path, void *userdata) {
        return read_object(userdata, m, path, false);
}

static void on_objects(MirrorCall *c, sd_bus_message *m) {
        MirrorDriver *p = c->driver;
        const sd_bus_error *error = sd_bus_message_get_error(m);
        int r;

        p->reading = false;

        if (error) {
                log_debug("Cannot read the devices of %s: %s", p->names[0], strempty(error->message));
                mirror_driver_retry(p);
                return;
        }

        driver_unsee(p);
        r = mirror_parse_entries(m, "oa{sa{sv}}", read_known_object, p);
        if (r < 0) {
                mirror_driver_complain(p, r, "a list of devices");
                mirror_driver_retry(p);
                return;
        }
        driver_remove_unseen(p);

        if (p->read_again) {
                p->read_again = false;
                (void) mirror_driver_read(p);
        }
}

int mirror_driver_read(MirrorDriver *p) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        p->reread_usec = USEC_INFINITY;
        if (p->reading) {
                p->read_again = true;
                return 0;
        }

        r = sd_bus_message_new_method_call(p->mirror->bus, &m, p->unique, BUS_PATH_ROOT,
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        if (r < 0)
                return r;

        p->reading = true;
        r = mirror_call_read(p->mirror, p, NULL, m, on_objects);
        if (r < 0)
                p->reading = false;
        return r;
}

void mirror_driver_unshadow(MirrorDriver *p, const char *device) {
        ssize_t i = strv_find_nocase(p->shadowed, device);

        if (i < 0)
                return;

        (void) strv_remove(p->shadowed, p->shadowed[i]);
        if (mirror_driver_read(p) < 0)
                mirror_driver_retry(p);
}

int mirror_driver_interfaces_added(MirrorDriver *p, sd_bus_message *m) {
        const char *path;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;

        return read_object(p, m, path, true);
}

int mirror_driver_interfaces_removed(MirrorDriver *p, sd_bus_message *m) {
        _cleanup_strv_free_ char **interfaces = NULL;
        _cleanup_free_ char *name = NULL;
        const char *path;
        MirrorDevice *d;
        int r;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                return r;
        r = sd_bus_message_read_strv(m, &interfaces);
        if (r < 0)
                return r;
        if (!strv_contains(interfaces, BUS_INTERFACE_DEVICE))
                return 0;
        r = sd_bus_path_decode(path, BUS_PATH_DEVICE, &name);
        if (r <= 0)
                return r;

        if (p->shadowed)
                (void) strv_remove(p->shadowed, name);
        d = mirror_find_any(p->mirror, name);
        if (d && d->driver == p && streq(d->name, name))
                mirror_device_remove(d);
        return 0;
}

static int driver_new(Mirror *m, const char *unique, MirrorDriver **ret) {
        _cleanup_(mirror_driver_freep) MirrorDriver *p = new0(MirrorDriver, 1);

        if (!p || !GREEDY_REALLOC(m->drivers, m->n_drivers_allocated, m->n_drivers + 1))
                return -ENOMEM;

        p->mirror = m;
        p->heard_usec = now_usec(CLOCK_BOOTTIME);
        p->reread_usec = USEC_INFINITY;
        p->unique = strdup(unique);
        if (!p->unique)
                return -ENOMEM;

        m->drivers[m->n_drivers++] = p;
        *ret = TAKE_PTR(p);
        return 0;
}

/* The process left the bus, or serves devices no longer. */
static void driver_gone(MirrorDriver *p) {
        Mirror *m = p->mirror;

        for (size_t i = 0; i < m->n_drivers; i++)
                if (m->drivers[i] == p) {
                        m->drivers[i] = m->drivers[--m->n_drivers];
                        break;
                }

        mirror_calls_drop(m, p, NULL);
        driver_unsee(p);
        driver_remove_unseen(p);
        mirror_driver_free(p);

        mirror_calls_pump(m);
        mirror_check_synced(m);
}

static int driver_add_name(Mirror *m, const char *unique, const char *name) {
        MirrorDriver *p = mirror_find_driver(m, unique);
        bool is_new = !p;
        int r;

        if (p && strv_contains(p->names, name))
                return 0;
        if (!p) {
                r = driver_new(m, unique, &p);
                if (r < 0)
                        return r;
        }

        r = strv_extend(&p->names, name);
        if (r >= 0 && is_new)
                r = mirror_driver_read(p);
        if (r < 0 && is_new)
                driver_gone(p);
        return r;
}

static void driver_remove_name(Mirror *m, const char *unique, const char *name) {
        MirrorDriver *p = mirror_find_driver(m, unique);

        if (!p || !p->names || !strv_remove(p->names, name))
                return;
        if (!p->names[0])
                driver_gone(p);
}

static bool is_driver_name(const char *name) {
        const char *rest = startswith(name, BUS_NAME_DRIVER ".");

        return rest && *rest;
}

int mirror_driver_name_changed(Mirror *m, const char *name, const char *old, const char *new) {
        if (!is_driver_name(name))
                return 0;

        if (!isempty(old))
                driver_remove_name(m, old, name);
        return isempty(new) ? 0 : driver_add_name(m, new, name);
}

static void on_name_owner(MirrorCall *c, sd_bus_message *m) {
        const char *unique, *name;
        int r;

        /* An error says that the name is gone again. */
        if (sd_bus_message_is_method_error(m, NULL))
                return;

        r = sd_bus_message_rewind(c->message, true);
        if (r >= 0)
                r = sd_bus_message_read(c->message, "s", &name);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &unique);
        if (r >= 0)
                r = driver_add_name(c->mirror, unique, name);
        if (r < 0)
                log_warning_errno(r, "Cannot follow a driver: %m");
}

static int call_bus(Mirror *m, const char *member, const char *argument, MirrorCallDone done) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(m->bus, &message, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", member);
        if (r < 0)
                return r;
        if (argument) {
                r = sd_bus_message_append(message, "s", argument);
                if (r < 0)
                        return r;
        }

        return mirror_call_read(m, NULL, NULL, message, done);
}

static void on_names(MirrorCall *c, sd_bus_message *m) {
        _cleanup_strv_free_ char **names = NULL;
        int r;

        if (sd_bus_message_is_method_error(m, NULL))
                r = -sd_bus_message_get_errno(m);
        else
                r = sd_bus_message_read_strv(m, &names);

        STRV_FOREACH(name, names)
                if (r >= 0 && is_driver_name(*name))
                        r = call_bus(c->mirror, "GetNameOwner", *name, on_name_owner);
        if (r < 0)
                log_warning_errno(r, "Cannot learn which drivers are on the bus: %m");
}

int mirror_drivers_list(Mirror *m) {
        return call_bus(m, "ListNames", NULL, on_names);
}
