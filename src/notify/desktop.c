/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop.h"

#include "bus-names.h"
#include "daemon.h"
#include "desktop-view.h"
#include "log.h"
#include "notice-feed.h"
#include "session.h"
#include "string-util.h"
#include "time-util.h"

/* A person may have to type a password. */
#define CANCEL_TIMEOUT_USEC (120 * USEC_PER_SEC)

struct Desktop {
        sd_event *event;
        BusLink *link;
        sd_bus *bus; /* of the link, while it is connected */
        NoticeFeed *feed;
        sd_bus_slot *properties, *call, *cancel;
        sd_event_source *timer;
        Session *session;
        MonitorState state;
        DesktopView view;  /* what is shown */
        char *unwanted;    /* the state of which the user does not want to see more */
};

/*** What is shown ***/

static void show(Desktop *d) {
        const DesktopView *v = &d->view;

        if (!v->shown || (d->unwanted && streq(d->unwanted, d->state.state))) {
                session_hide(d->session);
                return;
        }
        session_show(d->session, &(Message) {
                        .summary = v->summary,
                        .body = v->body,
                        .icon = v->icon,
                        .urgency = (uint8_t) v->urgency,
                        .stays = true,
                        .action = v->cancel ? "Call it off" : NULL,
        });
}

static void update(Desktop *d) {
        DesktopView v;

        if (d->unwanted && !streq_ptr(d->unwanted, d->state.state)) {
                free(d->unwanted);
                d->unwanted = NULL;
        }
        if (desktop_view_make(&d->state, now_usec(CLOCK_BOOTTIME), &v) < 0) {
                log_oom();
                return;
        }

        bool same = desktop_view_equal(&v, &d->view);
        desktop_view_done(&d->view);
        d->view = v;
        if (!same)
                show(d);
        if (v.refresh_usec != UINT64_MAX)
                (void) sd_event_source_set_time(d->timer, v.refresh_usec);
        (void) sd_event_source_set_enabled(d->timer, v.refresh_usec != UINT64_MAX ? SD_EVENT_ONESHOT
                                                                                   : SD_EVENT_OFF);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        update(userdata);
        return 0;
}

/*** The monitor ***/

static int read_string(sd_bus_message *m, char **p) {
        const char *s;
        int r;

        r = sd_bus_message_read(m, "v", "s", &s);
        return r < 0 ? r : free_and_strdup(p, s);
}

static int read_property(sd_bus_message *m, const char *name, MonitorState *s) {
        if (streq(name, "State"))
                return read_string(m, &s->state);
        if (streq(name, "Reason"))
                return read_string(m, &s->reason);
        if (streq(name, "Cancellation"))
                return read_string(m, &s->cancellation);
        if (streq(name, "DeadlineUSec"))
                return sd_bus_message_read(m, "v", "t", &s->deadline_usec);
        return sd_bus_message_skip(m, "v");
}

static int read_properties(Desktop *d, sd_bus_message *m) {
        const char *name;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = read_property(m, name, &d->state);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r < 0)
                log_warning_errno(r, "The monitor says what is not understood here: %m");
        update(d);
        return 0;
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *interface;
        Desktop *d = userdata;

        if (!notice_feed_sent(d->feed, m) || sd_bus_message_read(m, "s", &interface) <= 0 ||
            !streq(interface, BUS_INTERFACE_MONITOR))
                return 0;
        return read_properties(d, m);
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Desktop *d = userdata;

        d->call = sd_bus_slot_unref(d->call);
        if (sd_bus_message_is_method_error(m, NULL))
                return 0;
        return read_properties(d, m);
}

static int ask_properties(Desktop *d) {
        d->call = sd_bus_slot_unref(d->call);
        return sd_bus_call_method_async(d->bus, &d->call, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        "org.freedesktop.DBus.Properties", "GetAll", on_properties, d, "s",
                        BUS_INTERFACE_MONITOR);
}

static void on_present(void *userdata, bool present) {
        Desktop *d = userdata;
        int r;

        if (!present) {
                /* Without a monitor nobody can tell what becomes of this computer. */
                d->call = sd_bus_slot_unref(d->call);
                monitor_state_done(&d->state);
                update(d);
                return;
        }
        r = ask_properties(d);
        if (r < 0)
                log_warning_errno(r, "Cannot ask the monitor for its state: %m");
}

static void on_notices(void *userdata, const Notice *notices, size_t n, bool all) {
        Desktop *d = userdata;

        for (size_t i = 0; i < n && !all; i++) {
                Urgency urgency = URGENCY_NORMAL;
                NotifyType type = notify_type_from_string(notices[i].type);
                const char *summary = desktop_notice_summary(type, &urgency);

                if (summary)
                        session_tell(d->session, &(Message) {
                                        .summary = summary,
                                        .body = notices[i].text,
                                        .icon = "battery-caution",
                                        .urgency = (uint8_t) urgency,
                        });
        }
}

static const NoticeFeedOps feed_ops = { .notices = on_notices, .present = on_present };

/*** Calling it off ***/

static int on_cancelled(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Desktop *d = userdata;

        d->cancel = sd_bus_slot_unref(d->cancel);
        if (sd_bus_message_is_method_error(m, NULL)) {
                log_warning("The shutdown goes on: %s", strempty(sd_bus_message_get_error(m)->message));
                session_tell(d->session, &(Message) {
                                .summary = "The shutdown goes on",
                                .body = strempty(sd_bus_message_get_error(m)->message),
                                .icon = "dialog-error",
                                .urgency = URGENCY_CRITICAL,
                });
        }

        /* Some services take a message away when its button is pressed. */
        show(d);
        return 0;
}

static void on_pressed(void *userdata) {
        Desktop *d = userdata;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!d->bus || d->cancel || !d->view.cancel)
                return;

        r = sd_bus_message_new_method_call(d->bus, &m, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        BUS_INTERFACE_MONITOR, "CancelShutdown");
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, true);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "called off on the desktop");
        if (r >= 0)
                r = sd_bus_call_async(d->bus, &d->cancel, m, on_cancelled, d, CANCEL_TIMEOUT_USEC);
        if (r < 0)
                log_warning_errno(r, "Cannot call the shutdown off: %m");
}

static void on_closed(void *userdata) {
        Desktop *d = userdata;

        log_debug("The user closed the message");
        if (!d->cancel && d->state.state && free_and_strdup(&d->unwanted, d->state.state) < 0)
                log_oom();
}

static void on_ready(void *userdata) {
        Desktop *d = userdata;

        if (d->session && d->view.shown)
                show(d);
}

static const SessionOps session_ops = { .pressed = on_pressed, .closed = on_closed, .ready = on_ready };

/*** Life ***/

static int on_connected(void *userdata, sd_bus *bus) {
        Desktop *d = userdata;
        int r;

        d->bus = bus;
        r = sd_bus_match_signal_async(bus, &d->properties, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                        on_properties_changed, NULL, d);
        if (r >= 0)
                r = notice_feed_new(bus, &feed_ops, d, &d->feed);
        if (r < 0) {
                d->properties = sd_bus_slot_unref(d->properties);
                d->bus = NULL;
        }
        return r;
}

static void on_lost(void *userdata) {
        Desktop *d = userdata;

        d->feed = notice_feed_free(d->feed);
        d->properties = sd_bus_slot_unref(d->properties);
        d->cancel = sd_bus_slot_unref(d->cancel);
        on_present(d, false);
        d->bus = NULL;
}

static const BusLinkOps link_ops = { .connected = on_connected, .lost = on_lost };

int desktop_new(sd_event *event, Desktop **ret) {
        _cleanup_(desktop_freep) Desktop *d = new0(Desktop, 1);
        int r;

        if (!d)
                return -ENOMEM;

        d->event = sd_event_ref(event);
        monitor_state_done(&d->state);
        r = session_new(event, &session_ops, d, &d->session);
        if (r >= 0)
                r = sd_event_add_time(event, &d->timer, CLOCK_BOOTTIME, UINT64_MAX, 10 * USEC_PER_MSEC,
                                on_timer, d);
        if (r >= 0)
                r = sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = bus_link_new(event, &link_ops, d, &d->link);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

Desktop *desktop_free(Desktop *d) {
        if (!d)
                return NULL;

        bus_link_free(d->link);
        session_free(d->session);
        sd_event_source_disable_unref(d->timer);
        monitor_state_done(&d->state);
        desktop_view_done(&d->view);
        free(d->unwanted);
        sd_event_unref(d->event);
        free(d);
        return NULL;
}
