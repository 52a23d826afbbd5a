/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop-view.h"

#include "duration.h"
#include "string-util.h"
#include "time-util.h"

#define NEAR_USEC (60 * USEC_PER_SEC)
#define FAR_STEP_USEC (30 * USEC_PER_SEC)

static const struct {
        const char *state, *summary, *text, *countdown, *icon;
        Urgency urgency;
        bool begun; /* there is something to call off */
} states[] = {
        { "on-battery", "On battery power", "The mains power failed.", "This computer shuts down in",
          "battery-caution", URGENCY_NORMAL },
        { "low-battery", "Battery is low", "A UPS has come to its end, but the others suffice.",
          "This computer shuts down in", "battery-low", URGENCY_NORMAL },
        { "waiting-for-secondaries", "Shutting down", "Other computers are shut down first.",
          "At the latest this computer follows in", "system-shutdown", URGENCY_CRITICAL, true },
        { "final-delay", "Shutting down", "Save your work now.", "This computer shuts down in",
          "system-shutdown", URGENCY_CRITICAL, true },
        { "powering-off", "Shutting down now", "This computer is being switched off.", NULL,
          "system-shutdown", URGENCY_CRITICAL },
};

/* Those that are missing are seen in the state, or are about nothing that a person could do. */
static const struct {
        NotifyType type;
        const char *summary;
        Urgency urgency;
} notices[] = {
        { NOTIFY_COMMBAD,  "UPS does not answer",       URGENCY_NORMAL },
        { NOTIFY_NOCOMM,   "UPS does not answer",       URGENCY_NORMAL },
        { NOTIFY_COMMOK,   "UPS answers again",         URGENCY_LOW },
        { NOTIFY_REPLBATT, "Replace the UPS battery",   URGENCY_CRITICAL },
        { NOTIFY_ALARM,    "UPS alarm",                 URGENCY_CRITICAL },
        { NOTIFY_NOTALARM, "UPS alarm is over",         URGENCY_LOW },
        { NOTIFY_OVER,     "UPS is overloaded",         URGENCY_CRITICAL },
        { NOTIFY_NOTOVER,  "UPS is no longer overloaded", URGENCY_LOW },
        { NOTIFY_BYPASS,   "UPS does not protect",      URGENCY_NORMAL },
        { NOTIFY_NOTBYPASS, "UPS protects again",       URGENCY_LOW },
        { NOTIFY_OFF,      "UPS is switched off",       URGENCY_CRITICAL },
        { NOTIFY_NOTOFF,   "UPS is switched on again",  URGENCY_LOW },
};

void monitor_state_done(MonitorState *s) {
        free(s->state);
        free(s->reason);
        free(s->cancellation);
        *s = (MonitorState) { .deadline_usec = UINT64_MAX };
}

void desktop_view_done(DesktopView *v) {
        free(v->summary);
        free(v->body);
        *v = (DesktopView) {};
}

/* The text gets another one when the time left crosses a multiple of the step. */
static uint64_t next_refresh(uint64_t left, uint64_t now) {
        uint64_t step = left <= NEAR_USEC ? USEC_PER_SEC : FAR_STEP_USEC;
        uint64_t next = left % step ?: step;

        /* Into the last minute, not past its beginning. */
        if (left > NEAR_USEC)
                next = MIN(next, left - NEAR_USEC);
        return left == 0 ? UINT64_MAX : usec_add(now, next);
}

/* Rounded up, so that it says 0 when it is over. */
static char *make_body(const MonitorState *s, const char *text, const char *countdown, uint64_t left) {
        char duration[DURATION_TEXT_MAX];
        uint64_t step = left <= NEAR_USEC ? USEC_PER_SEC : FAR_STEP_USEC;
        uint64_t rounded = left <= UINT64_MAX - step ? (left + step - 1) / step * step : left;

        if (!isempty(s->reason))
                text = s->reason;
        if (!countdown || s->deadline_usec == UINT64_MAX)
                return strdup(text);

        duration_format(duration, sizeof(duration), rounded);
        return strprintf("%s\n%s %s.", text, countdown, duration);
}

int desktop_view_make(const MonitorState *s, uint64_t now_usec, DesktopView *ret) {
        uint64_t left = usec_sub(s->deadline_usec, now_usec);

        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                if (!streq_ptr(states[i].state, s->state))
                        continue;

                bool counts = states[i].countdown && s->deadline_usec != UINT64_MAX;
                DesktopView v = {
                        .shown = true,
                        .summary = strdup(states[i].summary),
                        .body = make_body(s, states[i].text, states[i].countdown, left),
                        .icon = states[i].icon,
                        .urgency = counts && left <= NEAR_USEC ? URGENCY_CRITICAL : states[i].urgency,
                        .cancel = states[i].begun && !streq(strempty(s->cancellation), "none"),
                        .refresh_usec = counts ? next_refresh(left, now_usec) : UINT64_MAX,
                };
                if (!v.summary || !v.body) {
                        desktop_view_done(&v);
                        return -ENOMEM;
                }
                *ret = v;
                return 0;
        }

        *ret = (DesktopView) { .refresh_usec = UINT64_MAX };
        return 0;
}

bool desktop_view_equal(const DesktopView *a, const DesktopView *b) {
        return a->shown == b->shown && streq_ptr(a->summary, b->summary) && streq_ptr(a->body, b->body) &&
                        a->urgency == b->urgency && a->cancel == b->cancel;
}

const char *desktop_notice_summary(NotifyType type, Urgency *ret_urgency) {
        for (size_t i = 0; i < ELEMENTSOF(notices); i++)
                if (notices[i].type == type) {
                        *ret_urgency = notices[i].urgency;
                        return notices[i].summary;
                }
        return NULL;
}
