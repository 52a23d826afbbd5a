/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "time-util.h"

#define TIMER_ACCURACY_USEC (250 * USEC_PER_MSEC)

/* Has a timer go off once after that time. Polls of many devices may be taken together where it does not
 * matter when exactly they come. */
static inline int timer_arm(sd_event_source *source, uint64_t usec) {
        int r;

        r = sd_event_source_set_time_accuracy(source, MIN(usec / 10 + 1, TIMER_ACCURACY_USEC));
        if (r < 0)
                return r;
        r = sd_event_source_set_time_relative(source, usec);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Has an event source of any kind be silent. */
static inline void timer_disarm(sd_event_source *source) {
        (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
}
