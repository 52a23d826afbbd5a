/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "file.h"
#include "monitor.h"
#include "string-util.h"
#include "time-util.h"

const char *format_duration(char *buf, size_t size, uint64_t usec) {
        uint64_t s = usec / USEC_PER_SEC;

        if (usec == USEC_INFINITY)
                (void) snprintf(buf, size, "ever");
        else if (s < 60)
                (void) snprintf(buf, size, "%" PRIu64 " s", s);
        else if (s < 3600)
                (void) snprintf(buf, size, s % 60 ? "%" PRIu64 " min %" PRIu64 " s" : "%" PRIu64 " min",
                                s / 60, s % 60);
        else
                (void) snprintf(buf, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s % 3600 / 60);
        return buf;
}

static const char *const sentences[_CAUSE_MAX] = {
        [CAUSE_FORCED]           = "it is told to shut down (FSD)",
        [CAUSE_LOW_BATTERY]      = "it is on battery, and the battery is low",
        [CAUSE_OFF]              = "it is off",
        [CAUSE_CHARGE]           = "it is on battery, and the charge is at the limit",
        [CAUSE_RUNTIME]          = "it is on battery, and the runtime is at the limit",
        [CAUSE_ON_BATTERY]       = "it has been on battery for as long as it may",
        [CAUSE_LOST_ON_BATTERY]  = "it is silent, and was on battery",
        [CAUSE_LOST_ON_LINE]     = "it is silent, and its battery would be empty by now",
        [CAUSE_LOST_OVERLOADED]  = "it is silent, and was overloaded",
        [CAUSE_LOST_ALARM]       = "it is silent, and had an alarm",
        [CAUSE_LOST_BYPASS]      = "it is silent, and was on bypass",
        [CAUSE_LOST_CALIBRATING] = "it is silent, and was calibrating",
        [CAUSE_LOST_OFF]         = "it is silent, and was off",
        [CAUSE_ADMINISTRATOR]    = "an administrator shuts it down",
        [CAUSE_EXTERNAL]         = "somebody powers this machine off while on battery",
};

static int append_values(char **text, const Supply *s, uint64_t on_battery_since_usec) {
        const char *separator = " (";
        char buf[64];
        int r = 0;

        if (!isnan(s->reading.charge_percent)) {
                r = text_appendf(text, "%scharge %.0f %%", separator, s->reading.charge_percent);
                separator = ", ";
        }
        if (r >= 0 && s->reading.runtime_sec >= 0 && s->reading.runtime_sec < 1e9) {
                uint64_t usec = (uint64_t) s->reading.runtime_sec * USEC_PER_SEC;

                r = text_appendf(text, "%sruntime %s", separator, format_duration(buf, sizeof(buf), usec));
                separator = ", ";
        }
        if (r >= 0 && on_battery_since_usec > 0) {
                uint64_t usec = usec_sub(now_usec(CLOCK_BOOTTIME), on_battery_since_usec);

                r = text_appendf(text, "%son battery for %s", separator, format_duration(buf, sizeof(buf),
                                usec));
                separator = ", ";
        }
        return r >= 0 && streq(separator, ", ") ? text_appendf(text, ")") : r;
}

char *monitor_reason(const Monitor *m) {
        Cause cause = decision_cause(m->decision);
        size_t i = decision_supply(m->decision);
        _cleanup_free_ char *text = NULL;
        int r;

        if (cause <= CAUSE_NONE || cause >= _CAUSE_MAX)
                return NULL;
        if (i >= m->n_supplies)
                r = text_appendf(&text, "This machine: %s", sentences[cause]);
        else {
                const Supply *s = m->supplies[i];

                r = text_appendf(&text, "UPS %s: %s", s->system, sentences[cause]);
                if (r >= 0 && cause == CAUSE_FORCED && s->forced_by)
                        r = text_appendf(&text, " by %s", s->forced_by);
                if (r >= 0)
                        r = append_values(&text, s, decision_supply_view(m->decision,
                                        i).on_battery_since_usec);
        }
        if (r >= 0 && !isempty(m->administrator_reason))
                r = text_appendf(&text, ": %s", m->administrator_reason);
        return r < 0 ? NULL : TAKE_PTR(text);
}
