/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon.h"

#include <signal.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "messages.h"
#include "time-util.h"

#define RETRY_MIN_USEC (100 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (5 * USEC_PER_SEC)
/* A connection that lasts no longer than this was no good: the next one has to wait as if it had failed. */
#define LASTING_USEC (10 * USEC_PER_SEC)

struct BusLink {
        sd_event *event;
        sd_event_source *timer; /* the next attempt to connect, or the letting go of a lost connection */
        sd_bus *bus;
        sd_bus_slot *disconnect_match;
        const BusLinkOps *ops;
        void *userdata;
        uint64_t retry_usec;
        uint64_t since_usec; /* of the connection, CLOCK_MONOTONIC */
        bool connected; /* ops->connected() succeeded, so ops->lost() is owed */
        bool complained;
};

static int block_signals(void) {
        sigset_t set;

        (void) signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

int daemon_event_new(sd_event **ret) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        int r;

        r = block_signals();
        if (r < 0)
                return r;
        r = sd_event_default(&event);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r < 0)
                return r;
        r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
        if (r < 0)
                return r;
        r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(event);
        return 0;
}

int daemon_on_reload(sd_event *event, sd_event_signal_handler_t handler, void *userdata) {
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;

        return sd_event_add_signal(event, NULL, SIGHUP, handler, userdata);
}

void daemon_notify(const char *state) {
        (void) sd_notify(false, state);
}

void daemon_notify_reloading(void) {
        (void) sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_usec(CLOCK_MONOTONIC));
}

static int link_arm(BusLink *l, uint64_t usec);

/* Closes what there is of a connection, telling the owner first if it knew of it. */
static void link_drop(BusLink *l, bool flush) {
        if (l->connected) {
                l->connected = false;
                l->ops->lost(l->userdata);
        }

        l->disconnect_match = sd_bus_slot_unref(l->disconnect_match);
        if (l->bus) {
                (void) sd_bus_detach_event(l->bus);
                l->bus = flush ? sd_bus_flush_close_unref(l->bus) : sd_bus_close_unref(l->bus);
        }
}

/* sd-bus is in the middle of dispatching on this connection, so only note that it is to be dropped. */
static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        BusLink *l = userdata;

        (void) link_arm(l, 0);
        return 0;
}

static int link_open(BusLink *l) {
        int r;

        r = sd_bus_open_system(&l->bus);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(l->bus, l->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = sd_bus_match_signal_async(l->bus, &l->disconnect_match, "org.freedesktop.DBus.Local", NULL,
                        "org.freedesktop.DBus.Local", "Disconnected", on_disconnected, NULL, l);
        if (r < 0)
                return r;

        return l->ops->connected(l->userdata, l->bus);
}

static int link_try_later(BusLink *l) {
        int r = link_arm(l, l->retry_usec);

        l->retry_usec = MIN(l->retry_usec * 2, RETRY_MAX_USEC);
        return r;
}

static int link_try(BusLink *l) {
        int r;

        r = link_open(l);
        if (r >= 0) {
                if (l->complained)
                        log_info("Connected to the bus.");
                l->connected = true;
                l->complained = false;
                l->since_usec = now_usec(CLOCK_MONOTONIC);
                return 0;
        }

        link_drop(l, false);
        if (!l->complained)
                log_warning_errno(r, "Cannot connect to the bus, trying again until it is there: %m");
        l->complained = true;
        return link_try_later(l);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        BusLink *l = userdata;

        if (!l->connected)
                return link_try(l);

        log_full(LOG_WARNING, 0, &(LogContext) { .message_id = MESSAGE_BUS_LOST_STR },
                        "Lost the connection to the bus, going on without it until it is back.");
        l->complained = true;
        link_drop(l, false);
        if (now_usec(CLOCK_MONOTONIC) - l->since_usec < LASTING_USEC)
                return link_try_later(l);

        l->retry_usec = RETRY_MIN_USEC;
        return link_try(l);
}

static int link_arm(BusLink *l, uint64_t usec) {
        int r;

        if (!l->timer) {
                r = sd_event_add_time_relative(l->event, &l->timer, CLOCK_MONOTONIC, usec, 0, on_timer, l);
                if (r >= 0)
                        (void) sd_event_source_set_description(l->timer, "bus-link");
                return r;
        }

        r = sd_event_source_set_time_relative(l->timer, usec);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

int bus_link_new(sd_event *event, const BusLinkOps *ops, void *userdata, BusLink **ret) {
        _cleanup_(bus_link_freep) BusLink *l = new0(BusLink, 1);
        int r;

        if (!l)
                return -ENOMEM;

        l->event = sd_event_ref(event);
        l->ops = ops;
        l->userdata = userdata;
        l->retry_usec = RETRY_MIN_USEC;

        r = link_try(l);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

BusLink *bus_link_free(BusLink *l) {
        if (!l)
                return NULL;

        link_drop(l, true);
        sd_event_source_disable_unref(l->timer);
        sd_event_unref(l->event);
        free(l);
        return NULL;
}
