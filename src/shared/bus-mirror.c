/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-mirror.h"

#include "bus-mirror-internal.h"
#include "bus-names.h"
#include "bus-peer.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

/* How long the drivers on the bus are waited for that go on answering. One that does not is given up long
 * before, by its first call that is late. */
#define SYNC_TIMEOUT_USEC (30 * USEC_PER_SEC)

#define READ_TIMEOUT_USEC (4 * USEC_PER_SEC)
#define ORPHAN_TIMEOUT_USEC (10 * USEC_PER_SEC)

int mirror_new(const MirrorOps *ops, void *userdata, Mirror **ret) {
        Mirror *m = new(Mirror, 1);

        if (!m)
                return -ENOMEM;

        *m = (Mirror) {
                .ops = ops,
                .userdata = userdata,
                .read_timeout_usec = READ_TIMEOUT_USEC,
                .orphan_timeout_usec = ORPHAN_TIMEOUT_USEC,
                .timer_usec = USEC_INFINITY,
                .sync_usec = USEC_INFINITY,
                .orphan_usec = USEC_INFINITY,
        };
        *ret = m;
        return 0;
}

Mirror *mirror_free(Mirror *m) {
        if (!m)
                return NULL;

        mirror_detach(m);
        while (m->visible.n > 0)
                mirror_device_remove(m->visible.items[m->visible.n - 1]);

        free(m->visible.items);
        free(m->hidden.items);
        free(m->drivers);
        free(m);
        return NULL;
}

static MirrorDevice *mirror_next_orphan(const Mirror *m) {
        for (size_t i = 0; i < m->visible.n; i++)
                if (!m->visible.items[i]->driver)
                        return m->visible.items[i];

        return NULL;
}

static void mirror_drop_orphans(Mirror *m) {
        MirrorDevice *d;

        m->orphan_usec = USEC_INFINITY;
        while ((d = mirror_next_orphan(m)))
                mirror_device_remove(d);
}

void mirror_check_synced(Mirror *m) {
        if (m->synced || !m->bus)
                return;
        if (mirror_calls_reading(m) && now_usec(CLOCK_MONOTONIC) < m->sync_usec)
                return;

        m->synced = true;
        m->sync_usec = USEC_INFINITY;
        mirror_arm(m, m->orphan_usec);
        if (m->ops->synced)
                m->ops->synced(m->userdata);
}

/* Does what is due, and sets the timer for what comes next. */
static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Mirror *m = userdata;
        uint64_t now = now_usec(CLOCK_MONOTONIC), next;

        m->timer_usec = USEC_INFINITY;

        mirror_calls_expire(m, now);
        for (size_t i = 0; i < m->n_drivers; i++)
                if (m->drivers[i]->reread_usec <= now && mirror_driver_read(m->drivers[i]) < 0)
                        mirror_driver_retry(m->drivers[i]);
        mirror_calls_pump(m);
        mirror_check_synced(m);
        if (m->synced && m->orphan_usec <= now)
                mirror_drop_orphans(m);

        next = MIN(m->synced ? m->orphan_usec : m->sync_usec, mirror_calls_deadline(m));
        for (size_t i = 0; i < m->n_drivers; i++)
                next = MIN(next, m->drivers[i]->reread_usec);
        mirror_arm(m, next);
        return 0;
}

void mirror_arm(Mirror *m, uint64_t usec) {
        if (usec >= m->timer_usec || !m->timer)
                return;

        if (sd_event_source_set_time(m->timer, usec) >= 0 &&
            sd_event_source_set_enabled(m->timer, SD_EVENT_ONESHOT) >= 0)
                m->timer_usec = usec;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Mirror *mirror = userdata;
        const char *name, *old, *new;
        int r;

        if (!bus_message_is_from_bus(m))
                return 0;

        r = sd_bus_message_read(m, "sss", &name, &old, &new);
        if (r >= 0)
                r = mirror_driver_name_changed(mirror, name, old, new);
        if (r < 0)
                log_warning_errno(r, "Cannot follow a driver: %m");
        return 0;
}

static MirrorDevice *signal_device(MirrorDriver *p, sd_bus_message *m) {
        _cleanup_free_ char *name = NULL;
        MirrorDevice *d;

        if (sd_bus_path_decode(sd_bus_message_get_path(m), BUS_PATH_DEVICE, &name) <= 0)
                return NULL;

        d = mirror_find_any(p->mirror, name);
        return d && d->driver == p && streq(d->name, name) ? d : NULL;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Mirror *mirror = userdata;
        const char *sender = sd_bus_message_get_sender(m);
        MirrorDriver *p = sender ? mirror_find_driver(mirror, sender) : NULL;
        MirrorDevice *d;
        int r = 0;

        if (!p)
                return 0;

        mirror_driver_heard(p);

        if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded") > 0)
                r = mirror_driver_interfaces_added(p, m);
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved") > 0)
                r = mirror_driver_interfaces_removed(p, m);
        else if ((d = signal_device(p, m)))
                r = mirror_device_signal(d, m);
        if (r < 0)
                mirror_driver_complain(p, r, "a signal");

        return 0;
}

static int mirror_follow(Mirror *m) {
        sd_event *event = sd_bus_get_event(m->bus);
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        int r;

        if (!event)
                return -EINVAL;

        m->sync_usec = now + SYNC_TIMEOUT_USEC;
        if (m->visible.n > 0)
                m->orphan_usec = now + m->orphan_timeout_usec;
        m->timer_usec = MIN(m->sync_usec, m->orphan_usec);
        r = sd_event_add_time(event, &m->timer, CLOCK_MONOTONIC, m->timer_usec, 0, on_timer, m);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(m->timer, "bus-mirror");

        /* Few and wide, as the daemon limits their number. And before the first look, so that nothing falls
         * in between. */
        r = sd_bus_add_match_async(m->bus, &m->owner_slot,
                        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                        "arg0namespace='" BUS_NAME_DRIVER "'",
                        on_owner_changed, NULL, m);
        if (r < 0)
                return r;
        r = sd_bus_add_match_async(m->bus, &m->signal_slot,
                        "type='signal',path_namespace='" BUS_PATH_ROOT "'", on_signal, NULL, m);
        if (r < 0)
                return r;

        return mirror_drivers_list(m);
}

int mirror_attach(Mirror *m, sd_bus *bus) {
        int r;

        mirror_detach(m);
        m->bus = sd_bus_ref(bus);

        r = mirror_follow(m);
        if (r < 0)
                mirror_detach(m);
        return r;
}

void mirror_detach(Mirror *m) {
        m->synced = false;
        m->sync_usec = m->orphan_usec = m->timer_usec = USEC_INFINITY;
        m->timer = sd_event_source_disable_unref(m->timer);
        m->owner_slot = sd_bus_slot_unref(m->owner_slot);
        m->signal_slot = sd_bus_slot_unref(m->signal_slot);

        mirror_calls_drop(m, NULL, NULL);

        while (m->hidden.n > 0)
                mirror_device_free(m->hidden.items[m->hidden.n - 1]);
        for (size_t i = 0; i < m->visible.n; i++) {
                MirrorDevice *d = m->visible.items[i];

                if (d->driver)
                        d->heard_usec = d->driver->heard_usec;
                d->driver = NULL;
                d->batch = update_free(d->batch);
                d->stage = STAGE_FAILED;
                d->read_again = false;
        }
        while (m->n_drivers > 0)
                mirror_driver_free(m->drivers[--m->n_drivers]);

        m->bus = sd_bus_unref(m->bus);
}

bool mirror_is_synced(const Mirror *m) {
        return m->synced;
}

static void on_pong(MirrorCall *c, sd_bus_message *m) {
        c->driver->pinged = false;
}

static int driver_ping(MirrorDriver *p) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        /* Those that were not answered would add up. */
        if (p->pinged || p->silent)
                return 0;

        r = sd_bus_message_new_method_call(p->mirror->bus, &m, p->unique, "/", "org.freedesktop.DBus.Peer",
                        "Ping");
        if (r < 0)
                return r;

        p->pinged = true;
        r = mirror_call_read(p->mirror, p, NULL, m, on_pong);
        if (r < 0)
                p->pinged = false;
        return r;
}

void mirror_ping(Mirror *m) {
        for (size_t i = 0; i < m->n_drivers; i++)
                /* One that is not sent is like one that is not answered. */
                (void) driver_ping(m->drivers[i]);
}

MirrorDevice *mirror_find(Mirror *m, const char *name) {
        return mirror_device_list_find(&m->visible, name);
}

size_t mirror_n_devices(const Mirror *m) {
        return m->visible.n;
}

MirrorDevice *mirror_device(Mirror *m, size_t i) {
        return m->visible.items[i];
}

const char *mirror_device_name(const MirrorDevice *d) {
        return d->name;
}

const char *mirror_device_driver(const MirrorDevice *d) {
        return d->driver_name;
}

const char *mirror_device_description(const MirrorDevice *d) {
        return d->description;
}

const char *mirror_device_transport(const MirrorDevice *d) {
        return d->transport;
}

char *const *mirror_device_nodes(const MirrorDevice *d) {
        return d->nodes;
}

const Model *mirror_device_model(const MirrorDevice *d) {
        return d->model;
}

uint64_t mirror_device_age_usec(const MirrorDevice *d) {
        return usec_sub(now_usec(CLOCK_BOOTTIME), d->driver ? d->driver->heard_usec : d->heard_usec);
}

void mirror_device_set_userdata(MirrorDevice *d, void *userdata) {
        d->userdata = userdata;
}

void *mirror_device_userdata(const MirrorDevice *d) {
        return d->userdata;
}

static int device_write(MirrorDevice *d, const char *interface, const char *member, const char *name,
                const char *argument, MirrorReply reply, void *userdata) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!d->driver)
                return -ENODEV;

        r = sd_bus_message_new_method_call(d->mirror->bus, &m, d->driver->unique, d->path, interface,
                        member);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "ssa{sv}", name, argument, 0);
        if (r < 0)
                return r;

        return mirror_call_write(d, m, reply, userdata);
}

int mirror_device_set(MirrorDevice *d, const char *name, const char *value, MirrorReply reply,
                void *userdata) {
        return device_write(d, BUS_INTERFACE_VARIABLES, "Set", name, value, reply, userdata);
}

int mirror_device_run(MirrorDevice *d, const char *command, const char *argument, MirrorReply reply,
                void *userdata) {
        return device_write(d, BUS_INTERFACE_COMMANDS, "Run", command, strempty(argument), reply, userdata);
}
