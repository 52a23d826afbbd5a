/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libbusbar-internal.h"

#include <errno.h>
#include <poll.h>

#include "time-util.h"

_public_ const char *busbar_version(void) {
        return BUSBAR_VERSION;
}

void busbar_tell(Busbar *b, BusbarEvent event, BusbarDevice *d, const BusbarChange *change) {
        if (!b->handler || b->silenced)
                return;

        b->n_calling++;
        b->handler(b, event, d, change, b->userdata);
        b->n_calling--;
}

/*** What the mirror says ***/

static void on_device_changed(void *userdata, MirrorDevice *mirrored, const Change *change) {
        BusbarDevice *d = mirror_device_userdata(mirrored);
        Busbar *b = userdata;

        if (d) {
                busbar_tell(b, BUSBAR_CHANGED, d, change ? &(BusbarChange) { .change = change } : NULL);
                return;
        }

        /* Without memory it is announced by the next change. */
        d = new(BusbarDevice, 1);
        if (!d)
                return;
        *d = (BusbarDevice) { .busbar = b, .mirrored = mirrored };
        mirror_device_set_userdata(mirrored, d);
        busbar_tell(b, BUSBAR_ADDED, d, NULL);
}

static void on_device_removed(void *userdata, MirrorDevice *mirrored) {
        BusbarDevice *d = mirror_device_userdata(mirrored);

        if (!d)
                return;
        busbar_tell(userdata, BUSBAR_REMOVED, d, NULL);
        free(d);
        mirror_device_set_userdata(mirrored, NULL);
}

static void on_synced(void *userdata) {
        busbar_tell(userdata, BUSBAR_SYNCED, NULL, NULL);
}

static const MirrorOps mirror_ops = {
        .device_changed = on_device_changed,
        .device_removed = on_device_removed,
        .synced = on_synced,
};

/*** What the bus does ***/

static int on_connected(void *userdata, sd_bus *bus) {
        Busbar *b = userdata;
        int r;

        (void) sd_bus_set_allow_interactive_authorization(bus, b->ask_password);
        r = mirror_attach(b->mirror, bus);
        if (r < 0)
                return r;

        b->bus = bus;
        return 0;
}

static void on_lost(void *userdata) {
        Busbar *b = userdata;

        b->bus = NULL;
        mirror_detach(b->mirror);
        if (!b->closing)
                busbar_tell(b, BUSBAR_BUS_LOST, NULL, NULL);
}

static const BusLinkOps link_ops = { .connected = on_connected, .lost = on_lost };

/*** Beginning and end ***/

Busbar *busbar_free(Busbar *b) {
        if (!b)
                return NULL;

        b->closing = true;
        bus_link_free(b->link);
        mirror_free(b->mirror);
        sd_event_source_disable_unref(b->end);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}

_public_ int busbar_open(struct sd_event *event, BusbarHandler handler, void *userdata, Busbar **ret) {
        _cleanup_(busbar_freep) Busbar *b = new0(Busbar, 1);
        int r;

        if (!ret)
                return -EINVAL;
        if (!b)
                return -ENOMEM;

        b->owns_event = !event;
        if (event)
                b->event = sd_event_ref(event);
        else {
                r = sd_event_new(&b->event);
                if (r < 0)
                        return r;
        }
        r = mirror_new(&mirror_ops, b, &b->mirror);
        if (r < 0)
                return r;
        r = bus_link_new(b->event, &link_ops, b, &b->link);
        if (r < 0)
                return r;

        b->handler = handler;
        b->userdata = userdata;
        *ret = TAKE_PTR(b);
        return 0;
}

static int on_end(sd_event_source *s, void *userdata) {
        busbar_free(userdata);
        return 0;
}

_public_ Busbar *busbar_close(Busbar *b) {
        if (!b || b->closing || b->silenced)
                return NULL;
        if (b->n_calling == 0)
                return busbar_free(b);

        /* Whoever calls handlers goes on with what would be freed here. */
        b->silenced = true;
        if (!b->owns_event)
                (void) sd_event_add_defer(b->event, &b->end, on_end, b);
        return NULL;
}

_public_ void busbar_set_ask_password(Busbar *b, bool ask) {
        b->ask_password = ask;
        if (b->bus)
                (void) sd_bus_set_allow_interactive_authorization(b->bus, ask);
}

/*** The loop ***/

/* Makes the loop ready to be waited for. Returns 1 if there is something to do without that. */
static int loop_arm(Busbar *b) {
        int r;

        switch (sd_event_get_state(b->event)) {

        case SD_EVENT_PENDING:
                return 1;
        case SD_EVENT_ARMED:
                r = sd_event_wait(b->event, 0);
                if (r != 0)
                        return r;
                return sd_event_prepare(b->event);
        case SD_EVENT_INITIAL:
                return sd_event_prepare(b->event);
        default: /* called by a handler */
                return -EBUSY;
        }
}

_public_ int busbar_get_fd(Busbar *b) {
        return b->owns_event ? sd_event_get_fd(b->event) : -EOPNOTSUPP;
}

_public_ int busbar_get_events(Busbar *b) {
        return b->owns_event ? POLLIN : -EOPNOTSUPP;
}

_public_ int busbar_get_timeout(Busbar *b, uint64_t *ret_usec) {
        int r;

        if (!b->owns_event)
                return -EOPNOTSUPP;
        r = loop_arm(b);
        if (r < 0)
                return r;

        /* What is due later makes the descriptor readable. */
        *ret_usec = r > 0 ? 0 : UINT64_MAX;
        return 0;
}

_public_ int busbar_process(Busbar *b) {
        int r;

        if (!b->owns_event)
                return -EOPNOTSUPP;
        r = loop_arm(b);
        if (r == 0)
                r = sd_event_wait(b->event, 0);
        if (r <= 0)
                return r;

        r = sd_event_dispatch(b->event);
        if (b->silenced) {
                busbar_free(b);
                return -ESHUTDOWN;
        }
        return r < 0 ? r : 1;
}

int busbar_loop_wait(Busbar *b, uint64_t timeout_usec) {
        struct pollfd pollfd = { .events = POLLIN };
        uint64_t own_usec;
        struct timespec timeout;
        int r;

        r = busbar_get_timeout(b, &own_usec);
        if (r < 0)
                return r;
        timeout_usec = MIN(timeout_usec, own_usec);
        timeout = (struct timespec) {
                .tv_sec = (time_t) (timeout_usec / USEC_PER_SEC),
                .tv_nsec = (long) (timeout_usec % USEC_PER_SEC * NSEC_PER_USEC),
        };

        pollfd.fd = sd_event_get_fd(b->event);
        r = ppoll(&pollfd, 1, timeout_usec == UINT64_MAX ? NULL : &timeout, NULL);
        if (r < 0)
                return errno == EINTR ? 0 : -errno;
        return busbar_process(b);
}

static uint64_t deadline_after(uint64_t usec) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        return usec < UINT64_MAX - now ? now + usec : UINT64_MAX;
}

/* The time that is left, or UINT64_MAX. */
static uint64_t time_left(uint64_t deadline) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        return deadline == UINT64_MAX ? UINT64_MAX : deadline > now ? deadline - now : 0;
}

_public_ int busbar_wait(Busbar *b, uint64_t timeout_usec) {
        return busbar_loop_wait(b, timeout_usec);
}

_public_ int busbar_sync(Busbar *b, uint64_t timeout_usec) {
        uint64_t deadline = deadline_after(timeout_usec);
        int r;

        if (!b->owns_event)
                return -EOPNOTSUPP;
        while (!mirror_is_synced(b->mirror)) {
                uint64_t left = time_left(deadline);

                r = busbar_loop_wait(b, left);
                if (r < 0)
                        return r;
                if (r == 0 && left == 0)
                        return -ETIMEDOUT;
        }
        return 0;
}

_public_ bool busbar_is_connected(Busbar *b) {
        return b->bus;
}

_public_ bool busbar_is_synced(Busbar *b) {
        return b->bus && mirror_is_synced(b->mirror);
}

_public_ void busbar_ping(Busbar *b) {
        if (b->bus)
                mirror_ping(b->mirror);
}
