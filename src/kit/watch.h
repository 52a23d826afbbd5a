/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* A driver's descriptor on the event loop, for as long as no hook runs. It goes before everything else that
 * waits; but a device that has always something to say is heard only so many times a second. */

typedef struct Watch {
        sd_event_source *source;
        sd_event_source *pause; /* has it heard again */
        int fd;                 /* that is watched; undefined without a source */
        int failed_fd;          /* that cannot be watched, plus 1; 0 for none */
        uint64_t since_usec;    /* the count is of this time */
        unsigned n_heard;
} Watch;

/* Has the descriptor watched from now on, or none if it is -1. handler is that of sd_event_add_io(). The
 * errors of that: -EPERM for a descriptor that cannot be waited for, a file for one. Nothing is watched
 * then, and the same descriptor is not tried again until another one comes or the watch ends. */
int watch_follow(Watch *w, sd_event *event, int fd, sd_event_io_handler_t handler, void *userdata);

/* Makes it silent until the next watch_follow(): meanwhile the driver may close the descriptor. */
void watch_silence(Watch *w);

/* Whether a watch that is not silent has something to read, and may be heard at present. */
bool watch_is_ready(const Watch *w);

/* To be called each time that it is heard. */
void watch_heard(Watch *w);

/* Ends it. The descriptor stays open. */
void watch_done(Watch *w);
