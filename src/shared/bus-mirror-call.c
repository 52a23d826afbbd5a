/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-error.h"
#include "bus-mirror-internal.h"
#include "string-util.h"
#include "time-util.h"

/* dbus-daemon refuses a connection's 129th unanswered call, whomever it is to. Half of that is for calls
 * with prospects; the late ones take what they took, but never the last. One process gets a share only. */
#define CALLS_MAX 64
#define CALLS_WITH_LATE_MAX 120
#define CALLS_PER_DRIVER_MAX 16

#define WRITE_TIMEOUT_USEC (120 * USEC_PER_SEC)

static MirrorCall *call_free(MirrorCall *c) {
        if (!c)
                return NULL;

        if (c->slot) {
                c->mirror->n_under_way--;
                if (c->expired)
                        c->mirror->n_expired--;
                if (c->driver)
                        c->driver->n_calls--;
        }

        sd_bus_slot_unref(c->slot);
        sd_bus_message_unref(c->message);
        free(c);
        return NULL;
}

static MirrorCallList *call_list(const MirrorCall *c) {
        return c->is_write ? &c->mirror->writes : &c->mirror->reads;
}

static void call_append(MirrorCall *c) {
        MirrorCallList *l = call_list(c);

        c->previous = l->last;
        *(l->last ? &l->last->next : &l->first) = c;
        l->last = c;
        if (c->is_write)
                c->device->n_writes++;
}

/* Takes a call out of its list; what becomes of it is the caller's. */
static void call_take(MirrorCall *c) {
        MirrorCallList *l = call_list(c);

        *(c->previous ? &c->previous->next : &l->first) = c->next;
        *(c->next ? &c->next->previous : &l->last) = c->previous;
        c->next = c->previous = NULL;
        if (c->is_write)
                c->device->n_writes--;
}

/* All calls in the order in which they are sent: writes come before reads. */
static MirrorCall *calls_first(const Mirror *m) {
        return m->writes.first ?: m->reads.first;
}

static MirrorCall *call_next(const MirrorCall *c) {
        return c->next ?: c->is_write ? c->mirror->reads.first : NULL;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        MirrorCall *c = userdata;
        Mirror *mirror = c->mirror;

        /* An error may also come from the bus, for a driver that is gone. */
        if (c->driver && streq_ptr(sd_bus_message_get_sender(m), c->driver->unique))
                mirror_driver_heard(c->driver);

        call_take(c);
        c->done(c, m);
        call_free(c);

        mirror_calls_pump(mirror);
        mirror_check_synced(mirror);
        return 0;
}

static bool call_may_be_sent(const MirrorCall *c) {
        return !c->slot && !(c->driver && (c->driver->silent || c->driver->n_calls >= CALLS_PER_DRIVER_MAX));
}

static void call_enqueue(MirrorCall *c) {
        call_append(c);

        /* Else its driver is what it waits for, and so do those before it: there may be many. */
        if (call_may_be_sent(c))
                mirror_calls_pump(c->mirror);
}

int mirror_call_read(Mirror *m, MirrorDriver *p, MirrorDevice *d, sd_bus_message *message,
                MirrorCallDone done) {
        MirrorCall *c = new(MirrorCall, 1);

        if (!c)
                return -ENOMEM;

        *c = (MirrorCall) {
                .mirror = m,
                .driver = d ? d->driver : p,
                .device = d,
                .message = sd_bus_message_ref(message),
                .done = done,
                .deadline_usec = USEC_INFINITY,
        };

        call_enqueue(c);
        return 0;
}

static void on_write_done(MirrorCall *c, sd_bus_message *m) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        int r = error ? bus_error_to_errno(error->name) : 0;

        if (!c->reply)
                return;

        /* We keep our own time, so this is the bus saying that the process ended. */
        if (error && streq(error->name, SD_BUS_ERROR_NO_REPLY))
                r = -ENODEV;
        c->reply(c->userdata, r, error ? error->message : NULL);
}

int mirror_call_write(MirrorDevice *d, sd_bus_message *message, MirrorReply reply, void *userdata) {
        MirrorCall *c;

        if (d->n_writes >= MIRROR_WRITES_MAX)
                return -EBUSY;

        c = new(MirrorCall, 1);
        if (!c)
                return -ENOMEM;

        *c = (MirrorCall) {
                .mirror = d->mirror,
                .driver = d->driver,
                .device = d,
                .message = sd_bus_message_ref(message),
                .done = on_write_done,
                .deadline_usec = now_usec(CLOCK_MONOTONIC) + WRITE_TIMEOUT_USEC,
                .is_write = true,
                .reply = reply,
                .userdata = userdata,
        };

        call_enqueue(c);
        mirror_arm(d->mirror, c->deadline_usec);
        return 0;
}

void mirror_calls_pump(Mirror *m) {
        for (MirrorCall *c = calls_first(m); c; c = call_next(c)) {
                if (m->n_under_way - m->n_expired >= CALLS_MAX || m->n_under_way >= CALLS_WITH_LATE_MAX)
                        return;
                if (!call_may_be_sent(c))
                        continue;

                /* A connection that cannot send is about to be lost; until then the call just waits. */
                if (sd_bus_call_async(m->bus, &c->slot, c->message, on_answer, c, USEC_INFINITY) < 0)
                        return;

                m->n_under_way++;
                if (c->driver)
                        c->driver->n_calls++;
                if (!c->is_write) {
                        c->deadline_usec = now_usec(CLOCK_MONOTONIC) + m->read_timeout_usec;
                        mirror_arm(m, c->deadline_usec);
                }
        }
}

void mirror_calls_drop(Mirror *m, const MirrorDriver *driver, const MirrorDevice *device) {
        MirrorCall *c = calls_first(m);

        while (c) {
                MirrorCall *next = call_next(c);

                if ((!driver || c->driver == driver) && (!device || c->device == device)) {
                        call_take(c);
                        if (c->reply) {
                                c->reply(c->userdata, -ENODEV, NULL);
                                next = calls_first(m); /* the consumer may have queued something */
                        }
                        call_free(c);
                }
                c = next;
        }
}

static void call_expire(MirrorCall *c) {
        Mirror *m = c->mirror;
        MirrorReply reply = TAKE_PTR(c->reply);
        void *userdata = c->userdata;

        c->deadline_usec = USEC_INFINITY;
        if (c->slot) {
                c->expired = true;
                m->n_expired++;
                if (c->driver && !c->is_write)
                        c->driver->silent = true;
        } else {
                call_take(c);
                call_free(c);
        }

        if (reply)
                reply(userdata, -ETIMEDOUT, NULL);
}

void mirror_calls_expire(Mirror *m, uint64_t now) {
        MirrorCall *c = calls_first(m);

        while (c)
                if (c->deadline_usec <= now) {
                        call_expire(c);
                        c = calls_first(m); /* the consumer may have queued something */
                } else
                        c = call_next(c);
}

uint64_t mirror_calls_deadline(const Mirror *m) {
        uint64_t deadline = USEC_INFINITY;

        for (const MirrorCall *c = calls_first(m); c; c = call_next(c))
                deadline = MIN(deadline, c->deadline_usec);

        return deadline;
}

bool mirror_calls_reading(const Mirror *m) {
        for (const MirrorCall *c = m->reads.first; c; c = c->next)
                if (!c->expired && (c->slot || !c->driver || !c->driver->silent))
                        return true;

        return false;
}
