/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "duration.h"
#include "monitor.h"
#include "string-util.h"
#include "time-util.h"

#define SHUTDOWNS_DEFAULT 3U

typedef struct OutcomeWords {
        const char *outcome, *words;
        Color color;
} OutcomeWords;

static const OutcomeWords outcomes[] = {
        { "powered-off", "powered off", COLOR_BAD },
        { "cancelled", "called off", COLOR_GOOD },
        { "failed", "FAILED to power off", COLOR_BAD },
        { "rehearsed", "rehearsed", COLOR_FAINT },
};

static void print_title(const Ctl *c, const MonitorShutdown *s) {
        const char *words = strempty(s->outcome);
        Color color = COLOR_NONE;
        char when[32];

        for (size_t i = 0; i < ELEMENTSOF(outcomes); i++)
                if (streq(outcomes[i].outcome, strempty(s->outcome))) {
                        words = outcomes[i].words;
                        color = outcomes[i].color;
                }

        format_time(when, sizeof(when), s->time_usec);
        ctl_print(c, color, "%s  %s: %s%s%s", when, words, strempty(s->cause),
                  isempty(s->device) ? "" : ", ", strempty(s->device));
        if (!isempty(s->reason))
                ctl_print(c, COLOR_NONE, "  %s", s->reason);
}

static int print_values(const Ctl *c, char *const *values) {
        _cleanup_(table_freep) Table *t = table_new(2);

        for (char *const *v = values; t && v && v[0]; v += 2) {
                table_addf(t, COLOR_FAINT, "  %s", v[0]);
                table_add(t, COLOR_NONE, v[1]);
        }

        return t ? table_print(t, stdout, true, c->color) : -ENOMEM;
}

/* The hour, how long after the first of them, and what happened. */
static int print_events(const Ctl *c, const RecordEvents *events) {
        _cleanup_(table_freep) Table *t = table_new(3);

        if (!t)
                return -ENOMEM;

        table_align_right(t, 1);
        for (size_t i = 0; i < events->n; i++) {
                uint64_t since = usec_sub(events->items[i].time_usec, events->items[0].time_usec);
                char when[16], text[DURATION_TEXT_MAX];

                format_clock(when, sizeof(when), events->items[i].time_usec);
                duration_format(text, sizeof(text), since);
                table_addf(t, COLOR_FAINT, "  %s", when);
                table_addf(t, COLOR_FAINT, "%s%s", i > 0 ? "+" : "", i > 0 ? text : "");
                table_add(t, COLOR_NONE, events->items[i].text);
        }

        return table_print(t, stdout, true, c->color);
}

static int print_shutdown(const Ctl *c, const MonitorShutdown *s) {
        char text[DURATION_TEXT_MAX];
        int r;

        print_title(c, s);
        r = print_values(c, s->values);
        if (r >= 0)
                r = print_events(c, &s->events);
        if (r < 0)
                return ctl_error(r, "Out of memory.");

        duration_format(text, sizeof(text), s->stop_time_usec);
        if (s->stop_time_usec > 0)
                ctl_print(c, COLOR_NONE, "  The machine took %s to stop.", text);
        else if (streq(strempty(s->outcome), "powered-off"))
                ctl_print(c, COLOR_NONE, "  How long the machine took to stop is not known.");

        return 0;
}

int verb_why(Ctl *c, char **args) {
        _cleanup_(records_done) Records shutdowns = { .kind = &monitor_shutdown_kind };
        uint32_t count = c->given & CTL_OPTION_LINES ? c->lines : SHUTDOWNS_DEFAULT;
        Json j = { .f = stdout };
        int r;

        r = ctl_open_bus(c);
        if (r >= 0)
                r = monitor_read(c, "History", &count, (Records *[]) { &shutdowns }, 1);
        if (r < 0)
                return r;

        if (c->json) {
                records_json(&j, NULL, &shutdowns);
                return json_finish(&j);
        }

        if (shutdowns.n == 0)
                puts("No shutdown for want of power is on record.");

        for (size_t i = 0; r >= 0 && i < shutdowns.n; i++) {
                if (i > 0)
                        putchar('\n');
                r = print_shutdown(c, RECORD(MonitorShutdown, &shutdowns, i));
        }

        return r;
}
