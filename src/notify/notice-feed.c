/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice-feed.h"

#include "bus-names.h"
#include "bus-peer.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define NOTICES_MAX 4096U
#define RETRY_USEC (5 * USEC_PER_SEC)

struct NoticeFeed {
        sd_bus *bus;
        BusPeer *monitor;
        sd_bus_slot *signal, *call;
        sd_event_source *retry;
        const NoticeFeedOps *ops;
        void *userdata;
        bool synced, present;
        uint64_t last;
};

size_t notices_first_new(const Notice *notices, size_t n, const NoticeMark *mark) {
        for (size_t i = 0; i < n; i++)
                if (notices[i].number == mark->number && notices[i].time_usec == mark->time_usec)
                        return i + 1;
        return 0;
}

static int notice_read(sd_bus_message *m, Notice *ret) {
        Notice n;
        int r;

        r = sd_bus_message_read(m, "tssst", &n.number, &n.type, &n.device, &n.text, &n.time_usec);
        if (r > 0)
                *ret = n;
        return r;
}

static int notices_read(sd_bus_message *m, Notice **ret, size_t *ret_n) {
        _cleanup_free_ Notice *l = NULL;
        size_t n = 0, allocated = 0;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "(tssst)");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(m, 'r', "tssst")) > 0) {
                if (n >= NOTICES_MAX)
                        return -E2BIG;
                if (!GREEDY_REALLOC(l, allocated, n + 1))
                        return -ENOMEM;
                r = notice_read(m, l + n);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
                n++;
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        *ret_n = n;
        return 0;
}

/*** Catching up ***/

static int feed_sync(NoticeFeed *f);

static int on_retry(sd_event_source *s, uint64_t usec, void *userdata) {
        NoticeFeed *f = userdata;

        if (!f->synced && !f->call)
                (void) feed_sync(f);
        return 0;
}

static void feed_set_present(NoticeFeed *f, bool present) {
        if (f->present == present)
                return;

        f->present = present;
        if (f->ops->present)
                f->ops->present(f->userdata, present);
}

static void feed_retry(NoticeFeed *f) {
        (void) sd_event_source_set_time_relative(f->retry, RETRY_USEC);
        (void) sd_event_source_set_enabled(f->retry, SD_EVENT_ONESHOT);
}

/* Without a monitor there is nothing to try again: its coming is announced. */
static int feed_failed(NoticeFeed *f, const sd_bus_error *e) {
        if (sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
            sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return 0;

        log_warning("Cannot ask the monitor for its notices, trying again: %s", strempty(e->message));
        feed_retry(f);
        return 0;
}

static int on_notices(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        NoticeFeed *f = userdata;
        _cleanup_free_ Notice *l = NULL;
        size_t n = 0;
        int r;

        f->call = sd_bus_slot_unref(f->call);
        if (sd_bus_message_is_method_error(m, NULL))
                return feed_failed(f, sd_bus_message_get_error(m));

        r = notices_read(m, &l, &n);
        if (r < 0) {
                log_warning_errno(r, "The monitor answers what is no list of notices: %m");
                feed_retry(f);
                return 0;
        }

        f->synced = true;
        f->last = n > 0 ? l[n - 1].number : 0;
        feed_set_present(f, true);
        f->ops->notices(f->userdata, l, n, true);
        return 0;
}

static int feed_sync(NoticeFeed *f) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        f->synced = false;
        f->call = sd_bus_slot_unref(f->call);
        r = sd_bus_message_new_method_call(f->bus, &m, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                        BUS_INTERFACE_MONITOR, "Notices");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_message_append(m, "t", UINT64_C(0));
        if (r < 0)
                return r;
        return sd_bus_call_async(f->bus, &f->call, m, on_notices, f, 0);
}

/*** Signals ***/

static int on_notice(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        NoticeFeed *f = userdata;
        Notice n;

        /* What comes before the list is in the list. */
        if (!f->synced || !bus_peer_sent(f->monitor, m) || notice_read(m, &n) <= 0 || n.number <= f->last)
                return 0;
        if (n.number != f->last + 1)
                return feed_sync(f);

        f->last = n.number;
        f->ops->notices(f->userdata, &n, 1, false);
        return 0;
}

static void on_owner(void *userdata, const char *owner) {
        NoticeFeed *f = userdata;
        int r;

        f->synced = false;
        f->call = sd_bus_slot_unref(f->call);
        feed_set_present(f, false);
        if (!owner)
                return;

        r = feed_sync(f);
        if (r < 0) {
                log_warning_errno(r, "Cannot ask the monitor for its notices, trying again: %m");
                feed_retry(f);
        }
}

bool notice_feed_sent(const NoticeFeed *f, sd_bus_message *m) {
        return f && bus_peer_sent(f->monitor, m);
}

int notice_feed_new(sd_bus *bus, const NoticeFeedOps *ops, void *userdata, NoticeFeed **ret) {
        _cleanup_(notice_feed_freep) NoticeFeed *f = new0(NoticeFeed, 1);
        int r;

        if (!f)
                return -ENOMEM;

        f->bus = sd_bus_ref(bus);
        f->ops = ops;
        f->userdata = userdata;
        r = sd_event_add_time_relative(sd_bus_get_event(bus), &f->retry, CLOCK_MONOTONIC, 0, 0, on_retry, f);
        if (r >= 0)
                r = sd_event_source_set_enabled(f->retry, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_match_signal_async(bus, &f->signal, BUS_NAME_MONITOR, BUS_PATH_MONITOR,
                                BUS_INTERFACE_MONITOR, "Notice", on_notice, NULL, f);
        if (r >= 0)
                r = bus_peer_new(bus, BUS_NAME_MONITOR, on_owner, f, &f->monitor);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

NoticeFeed *notice_feed_free(NoticeFeed *f) {
        if (!f)
                return NULL;

        sd_bus_slot_unref(f->signal);
        bus_peer_free(f->monitor);
        sd_bus_slot_unref(f->call);
        sd_event_source_disable_unref(f->retry);
        sd_bus_unref(f->bus);
        free(f);
        return NULL;
}
