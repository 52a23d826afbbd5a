/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "watch.h"

#include <poll.h>
#include <sys/epoll.h>

#include "macro.h"
#include "time-util.h"
#include "timer.h"

/* More than any device sends that means it, and little work. sd_event_source_set_ratelimit() is no help: in
 * version 252 at least, it loses a source that is switched off and on meanwhile. */
#define BURST 25U
#define BURST_USEC (250 * USEC_PER_MSEC)

#define PRIORITY (SD_EVENT_PRIORITY_NORMAL - 10)

static int on_pause(sd_event_source *source, uint64_t usec, void *userdata) {
        Watch *w = userdata;

        return sd_event_source_set_enabled(w->source, SD_EVENT_ON);
}

static int watch_new(Watch *w, sd_event *event, int fd, sd_event_io_handler_t handler, void *userdata) {
        int r;

        r = sd_event_add_time_relative(
                        event, &w->pause, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC, on_pause, w);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(w->pause, "device-input-pause");
        r = sd_event_source_set_enabled(w->pause, SD_EVENT_OFF);
        if (r < 0)
                return r;

        r = sd_event_add_io(event, &w->source, fd, EPOLLIN, handler, userdata);
        if (r < 0)
                return r;
        w->fd = fd;
        (void) sd_event_source_set_description(w->source, "device-input");
        r = sd_event_source_set_enabled(w->source, SD_EVENT_OFF);
        return r < 0 ? r : sd_event_source_set_priority(w->source, PRIORITY);
}

/* Has it heard now, or when it may be heard again. */
static int watch_listen(Watch *w) {
        uint64_t age_usec = now_usec(CLOCK_MONOTONIC) - w->since_usec;

        if (w->n_heard < BURST || age_usec >= BURST_USEC)
                return sd_event_source_set_enabled(w->source, SD_EVENT_ON);
        return timer_arm(w->pause, BURST_USEC - age_usec);
}

int watch_follow(Watch *w, sd_event *event, int fd, sd_event_io_handler_t handler, void *userdata) {
        int r = 0;

        if (fd >= 0 && w->failed_fd == fd + 1)
                return 0;
        if (!w->source || w->fd != fd) {
                watch_done(w);
                if (fd < 0)
                        return 0;
                r = watch_new(w, event, fd, handler, userdata);
        }
        if (r >= 0)
                r = watch_listen(w);
        if (r < 0) {
                watch_done(w);
                w->failed_fd = fd + 1;
        }
        return r;
}

void watch_silence(Watch *w) {
        if (!w->source)
                return;
        (void) sd_event_source_set_enabled(w->source, SD_EVENT_OFF);
        timer_disarm(w->pause);
}

bool watch_is_ready(const Watch *w) {
        struct pollfd p = { .fd = w->fd, .events = POLLIN };
        int enabled = SD_EVENT_OFF;

        if (!w->source || sd_event_source_get_enabled(w->source, &enabled) <= 0)
                return false;
        return poll(&p, 1, 0) > 0;
}

void watch_heard(Watch *w) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);

        if (now - w->since_usec >= BURST_USEC) {
                w->since_usec = now;
                w->n_heard = 0;
        }
        w->n_heard++;
}

void watch_done(Watch *w) {
        w->source = sd_event_source_disable_unref(w->source);
        w->pause = sd_event_source_disable_unref(w->pause);
        w->failed_fd = 0;
}
