/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "notify-type.h"

/* What a person at the screen is shown, without a screen, a bus and a clock. */

/* As the notification specification numbers them. */
typedef enum Urgency { URGENCY_LOW, URGENCY_NORMAL, URGENCY_CRITICAL } Urgency;

/* What the monitor says of itself, in its words. */
typedef struct MonitorState {
        char *state, *reason, *cancellation;
        uint64_t deadline_usec; /* CLOCK_BOOTTIME; UINT64_MAX for none */
} MonitorState;

typedef struct DesktopView {
        bool shown; /* else there is nothing to show, and the rest is empty */
        char *summary, *body;
        const char *icon;
        Urgency urgency;
        bool cancel;            /* the shutdown can be called off */
        uint64_t refresh_usec;  /* when the text will be another one; UINT64_MAX: not by time */
} DesktopView;

void monitor_state_done(MonitorState *s);
void desktop_view_done(DesktopView *v);

/* 0 or -ENOMEM. */
int desktop_view_make(const MonitorState *s, uint64_t now_usec, DesktopView *ret);

/* Whether a person would see a difference. */
bool desktop_view_equal(const DesktopView *a, const DesktopView *b);

/* A notice that the view above does not show already: its heading, or NULL for those that it shows. */
const char *desktop_notice_summary(NotifyType type, Urgency *ret_urgency);
