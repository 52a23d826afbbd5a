/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session.h"

#include <stdio.h>

#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define RETRY_USEC (5 * USEC_PER_SEC)
#define ACTION "cancel"
#define REASON_DISMISSED 2U

struct Session {
        sd_event *event;
        sd_event_source *timer; /* the next attempt to connect, or the letting go of a lost connection */
        sd_bus *bus;
        sd_bus_slot *lost, *owner, *signals, *call;
        const SessionOps *ops;
        void *userdata;
        uint32_t id;    /* of the message that is shown; 0 for none */
        bool hidden;    /* while it was on its way it was taken back, ... */
        bool outdated;  /* or became another one */
};

/*** Messages ***/

/* Most services read bodies as a kind of HTML. */
static char *escape(const char *s) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (; *s; s++)
                if (*s == '&')
                        fputs("&amp;", f);
                else if (*s == '<')
                        fputs("&lt;", f);
                else if (*s == '>')
                        fputs("&gt;", f);
                else
                        fputc(*s, f);
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

static int new_call(Session *s, const char *method, sd_bus_message **ret) {
        return sd_bus_message_new_method_call(s->bus, ret, NAME, PATH, NAME, method);
}

static int append_message(sd_bus_message *c, uint32_t id, const Message *m) {
        _cleanup_free_ char *body = escape(m->body);
        int r;

        if (!body)
                return -ENOMEM;
        r = sd_bus_message_append(c, "susss", "Busbar", id, m->icon, m->summary, body);
        if (r >= 0 && m->action)
                r = sd_bus_message_append(c, "as", 2, ACTION, m->action);
        else if (r >= 0)
                r = sd_bus_message_append(c, "as", 0);
        if (r < 0)
                return r;
        return sd_bus_message_append(c, "a{sv}i", 2, "urgency", "y", m->urgency, "resident", "b", m->stays,
                        m->stays ? 0 : -1);
}

static void close_message(Session *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *c = NULL;

        if (!s->bus || s->id == 0)
                return;
        if (new_call(s, "CloseNotification", &c) >= 0 && sd_bus_message_append(c, "u", s->id) >= 0)
                (void) sd_bus_send(s->bus, c, NULL);
        s->id = 0;
}

static int on_shown(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Session *s = userdata;

        bool outdated = s->outdated;

        s->outdated = false;
        s->call = sd_bus_slot_unref(s->call);
        if (sd_bus_message_is_method_error(m, NULL)) {
                log_debug("Nothing is shown: %s", strempty(sd_bus_message_get_error(m)->message));
                return 0;
        }
        if (sd_bus_message_read(m, "u", &s->id) <= 0)
                return 0;
        if (s->hidden)
                close_message(s);
        else if (outdated)
                s->ops->ready(s->userdata);
        return 0;
}

void session_show(Session *s, const Message *m) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *c = NULL;
        int r;

        s->hidden = false;
        if (!s->bus)
                return;

        /* The first one has to tell its id before another can replace it. */
        s->outdated = s->call && s->id == 0;
        if (s->outdated)
                return;
        s->call = sd_bus_slot_unref(s->call);
        r = new_call(s, "Notify", &c);
        if (r >= 0)
                r = append_message(c, s->id, m);
        if (r >= 0)
                r = sd_bus_call_async(s->bus, &s->call, c, on_shown, s, 0);
        if (r < 0)
                log_debug_errno(r, "Cannot show a message: %m");
}

void session_hide(Session *s) {
        s->hidden = true;
        close_message(s);
}

void session_tell(Session *s, const Message *m) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *c = NULL;
        int r;

        if (!s->bus)
                return;
        r = new_call(s, "Notify", &c);
        if (r >= 0)
                r = append_message(c, 0, m);
        if (r >= 0)
                r = sd_bus_send(s->bus, c, NULL);
        if (r < 0)
                log_debug_errno(r, "Cannot show a message: %m");
}

/*** Signals ***/

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Session *s = userdata;
        uint32_t id, reason;
        const char *key;

        if (sd_bus_message_is_signal(m, NAME, "ActionInvoked")) {
                if (sd_bus_message_read(m, "us", &id, &key) > 0 && id == s->id && id != 0 &&
                    streq(key, ACTION))
                        s->ops->pressed(s->userdata);
        } else if (sd_bus_message_is_signal(m, NAME, "NotificationClosed")) {
                if (sd_bus_message_read(m, "uu", &id, &reason) <= 0 || id != s->id || id == 0)
                        return 0;
                s->id = 0;
                if (reason == REASON_DISMISSED)
                        s->ops->closed(s->userdata);
        }
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Session *s = userdata;
        const char *name, *old, *new;

        if (sd_bus_message_read(m, "sss", &name, &old, &new) <= 0)
                return 0;

        s->id = 0;
        s->call = sd_bus_slot_unref(s->call);
        if (!isempty(new))
                s->ops->ready(s->userdata);
        return 0;
}

/*** The bus ***/

static void session_drop(Session *s) {
        s->lost = sd_bus_slot_unref(s->lost);
        s->owner = sd_bus_slot_unref(s->owner);
        s->signals = sd_bus_slot_unref(s->signals);
        s->call = sd_bus_slot_unref(s->call);
        s->id = 0;
        if (s->bus)
                (void) sd_bus_detach_event(s->bus);
        s->bus = sd_bus_flush_close_unref(s->bus);
}

static void arm(Session *s, uint64_t usec) {
        (void) sd_event_source_set_time_relative(s->timer, usec);
        (void) sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

/* sd-bus is in the middle of dispatching on this connection, so only note that it is to be dropped. */
static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        arm(userdata, 0);
        return 0;
}

static int session_open(Session *s) {
        int r;

        r = sd_bus_open_user(&s->bus);
        if (r >= 0)
                r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_match_signal_async(s->bus, &s->lost, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL, s);
        if (r >= 0)
                r = sd_bus_match_signal_async(s->bus, &s->signals, NAME, PATH, NAME, NULL, on_signal,
                                NULL, s);
        if (r >= 0)
                r = sd_bus_add_match_async(s->bus, &s->owner,
                                "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                                "interface='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                                "arg0='" NAME "'", on_owner, NULL, s);
        return r;
}

static int on_timer(sd_event_source *es, uint64_t usec, void *userdata) {
        Session *s = userdata;
        int r;

        if (s->bus)
                session_drop(s);
        r = session_open(s);
        if (r >= 0) {
                s->ops->ready(s->userdata);
                return 0;
        }

        log_debug_errno(r, "Cannot connect to the bus of the session, trying again: %m");
        session_drop(s);
        arm(s, RETRY_USEC);
        return 0;
}

int session_new(sd_event *event, const SessionOps *ops, void *userdata, Session **ret) {
        _cleanup_(session_freep) Session *s = new0(Session, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->ops = ops;
        s->userdata = userdata;
        r = sd_event_add_time_relative(event, &s->timer, CLOCK_MONOTONIC, 0, 1, on_timer, s);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Session *session_free(Session *s) {
        if (!s)
                return NULL;

        session_hide(s);
        session_drop(s);
        sd_event_source_disable_unref(s->timer);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}
