/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "duration.h"
#include "monitor.h"
#include "string-util.h"
#include "time-util.h"

/* It answers from memory; a status that waits is worse than one without it. */
#define STATUS_TIMEOUT_USEC (2 * USEC_PER_SEC)

typedef struct StateWords {
        const char *state, *words;
        const char *deadline; /* what happens then, behind "in 5 s"; NULL: nothing */
        Color color;
} StateWords;

static const StateWords states[] = {
        { "online", "on mains", "shutdown", COLOR_GOOD },
        { "on-battery", "ON BATTERY", "shutdown", COLOR_WARNING },
        { "low-battery", "LOW BATTERY, but this machine stays up", "shutdown", COLOR_BAD },
        { "waiting-for-secondaries", "SHUTTING DOWN, waits for the others", "next stage", COLOR_BAD },
        { "final-delay", "SHUTTING DOWN, final delay", "power-off", COLOR_BAD },
        { "powering-off", "POWERING OFF", NULL, COLOR_BAD },
};

typedef struct CancellationWords {
        const char *cancellation, *words;
} CancellationWords;

static const CancellationWords cancellations[] = {
        { "mains", "The return of the mains calls it off, and so does \"busbarctl shutdown --cancel\"." },
        { "administrator", "Others have been told and go down. Here only \"busbarctl shutdown --cancel\" "
                           "calls it off." },
        { "none", "Nothing can call it off any more." },
};

static const StateWords *state_find(const char *state) {
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (streq(states[i].state, state))
                        return &states[i];

        return NULL;
}

static void print_cancellation(const Ctl *c, const char *cancellation) {
        for (size_t i = 0; i < ELEMENTSOF(cancellations); i++)
                if (streq(cancellations[i].cancellation, cancellation))
                        ctl_print(c, COLOR_NONE, "  %s", cancellations[i].words);
}

static bool is_under_way(const MonitorState *s) {
        return !streq(strempty(s->state), "online") && !streq(strempty(s->state), "on-battery") &&
               !streq(strempty(s->state), "low-battery");
}

void monitor_print_state(const Ctl *c, const MonitorState *s) {
        const StateWords *words = state_find(strempty(s->state));
        uint64_t left = usec_sub(s->deadline_usec, now_usec(CLOCK_BOOTTIME));
        bool caused = !isempty(s->cause) && !streq(s->cause, "none");
        char countdown[DURATION_TEXT_MAX];

        /* What is less than a second makes nobody wiser. */
        duration_format(countdown, sizeof(countdown), left / USEC_PER_SEC * USEC_PER_SEC);
        if (words && words->deadline && s->deadline_usec != USEC_INFINITY)
                ctl_print(c, words->color, "Monitor: %s; %s in %s", words->words, words->deadline,
                          countdown);
        else
                ctl_print(c, words ? words->color : COLOR_NONE, "Monitor: %s",
                          words ? words->words : strempty(s->state));

        if (!isempty(s->reason))
                ctl_print(c, COLOR_NONE, "  %s", s->reason);
        STRV_FOREACH(remark, s->remarks)
                ctl_print(c, COLOR_WARNING, "  %s", *remark);
        if (s->power_value < s->min_supplies)
                ctl_print(c, COLOR_WARNING, "  Supplies of power value %" PRIu32 " are good, %" PRIu32
                                            " is needed.", s->power_value, s->min_supplies);
        if (is_under_way(s))
                print_cancellation(c, strempty(s->cancellation));
        else if (caused || s->deadline_usec != USEC_INFINITY)
                ctl_print(c, COLOR_NONE, "  The return of the mains calls it off.");
}

void monitor_print_status(Ctl *c) {
        _cleanup_(records_done) Records state = {};

        if (!monitor_is_there(c) || monitor_read_state(c, STATUS_TIMEOUT_USEC, &state) < 0)
                return;

        putchar('\n');
        monitor_print_state(c, RECORD(MonitorState, &state, 0));
}
