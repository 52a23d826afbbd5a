/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <strings.h>

#include "notify-type.h"
#include "string-util.h"

static const struct {
        const char *name, *message;
} types[] = {
        [NOTIFY_ONLINE]            = { "ONLINE", "UPS %s on line power" },
        [NOTIFY_ONBATT]            = { "ONBATT", "UPS %s on battery" },
        [NOTIFY_LOWBATT]           = { "LOWBATT", "UPS %s battery is low" },
        [NOTIFY_FSD]               = { "FSD", "UPS %s: forced shutdown in progress" },
        [NOTIFY_COMMOK]            = { "COMMOK", "Communications with UPS %s established" },
        [NOTIFY_COMMBAD]           = { "COMMBAD", "Communications with UPS %s lost" },
        [NOTIFY_SHUTDOWN]          = { "SHUTDOWN", "Auto logout and shutdown proceeding" },
        [NOTIFY_SHUTDOWN_HOSTSYNC] = { "SHUTDOWN_HOSTSYNC",
                                       "Shutdown initiated; primary system is waiting for "
                                       "secondaries to log out or time out" },
        [NOTIFY_REPLBATT]          = { "REPLBATT", "UPS %s battery needs to be replaced" },
        [NOTIFY_NOCOMM]            = { "NOCOMM", "UPS %s is unavailable" },
        [NOTIFY_NOPARENT]          = { "NOPARENT", "upsmon parent process died - shutdown impossible" },
        [NOTIFY_CAL]               = { "CAL", "UPS %s: calibration in progress" },
        [NOTIFY_NOTCAL]            = { "NOTCAL", "UPS %s: calibration finished" },
        [NOTIFY_OFF]               = { "OFF", "UPS %s: administratively OFF or asleep" },
        [NOTIFY_NOTOFF]            = { "NOTOFF", "UPS %s: no longer administratively OFF or asleep" },
        [NOTIFY_BYPASS]            = { "BYPASS", "UPS %s: on bypass (powered, not protecting)" },
        [NOTIFY_NOTBYPASS]         = { "NOTBYPASS", "UPS %s: no longer on bypass" },
        [NOTIFY_ECO]               = { "ECO", "UPS %s: in ECO mode (as defined by vendor)" },
        [NOTIFY_NOTECO]            = { "NOTECO", "UPS %s: no longer in ECO mode" },
        [NOTIFY_ALARM]             = { "ALARM", "UPS %s: one or more active alarms: [%s]" },
        [NOTIFY_NOTALARM]          = { "NOTALARM",
                                       "UPS %s is no longer in an alarm state (no active alarms)" },
        [NOTIFY_OVER]              = { "OVER", "UPS %s: overloaded" },
        [NOTIFY_NOTOVER]           = { "NOTOVER", "UPS %s: no longer overloaded" },
        [NOTIFY_TRIM]              = { "TRIM", "UPS %s: trimming incoming voltage" },
        [NOTIFY_NOTTRIM]           = { "NOTTRIM", "UPS %s: no longer trimming incoming voltage" },
        [NOTIFY_BOOST]             = { "BOOST", "UPS %s: boosting incoming voltage" },
        [NOTIFY_NOTBOOST]          = { "NOTBOOST", "UPS %s: no longer boosting incoming voltage" },
        [NOTIFY_OTHER]             = { "OTHER", "UPS %s: has at least one unclassified status token: [%s]" },
        [NOTIFY_NOTOTHER]          = { "NOTOTHER", "UPS %s has no unclassified status tokens anymore" },
        [NOTIFY_SUSPEND_STARTING]  = { "SUSPEND_STARTING", "OS is entering sleep/suspend/hibernate mode" },
        [NOTIFY_SUSPEND_FINISHED]  = { "SUSPEND_FINISHED",
                                       "OS just finished sleep/suspend/hibernate mode, "
                                       "de-activating obsolete UPS readings to avoid an unfortunate "
                                       "shutdown" },
        [NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED] = { "SUSPEND_TIMEJUMP_UNEXPECTED",
                                       "Unexpected clock change by %s, treating as wake up from sleep" },
};
static_assert(ELEMENTSOF(types) == _NOTIFY_TYPE_MAX, "each type has its text");

const char *notify_type_to_string(NotifyType t) {
        return t >= 0 && t < _NOTIFY_TYPE_MAX ? types[t].name : NULL;
}

NotifyType notify_type_from_string(const char *s) {
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++)
                if (strcaseeq(s, types[t].name))
                        return t;

        return _NOTIFY_TYPE_INVALID;
}

const char *notify_type_message(NotifyType t) {
        return t >= 0 && t < _NOTIFY_TYPE_MAX ? types[t].message : "%s";
}

bool notify_type_has_device(NotifyType t) {
        switch (t) {
        case NOTIFY_SHUTDOWN:
        case NOTIFY_SHUTDOWN_HOSTSYNC:
        case NOTIFY_NOPARENT:
        case NOTIFY_SUSPEND_STARTING:
        case NOTIFY_SUSPEND_FINISHED:
        case NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED:
                return false;
        default:
                return true;
        }
}

char *notify_message_format(const char *message, const char *device, const char *matter) {
        const char *const values[] = { strempty(device), strempty(matter) };
        _cleanup_free_ char *buffer = NULL;
        size_t n_values = 0, size;
        char *p;

        size = strlen(message) + strlen(values[0]) + strlen(values[1]) + 1;
        p = buffer = malloc(size);
        if (!p)
                return NULL;

        for (const char *s = message; *s; s++)
                if (s[0] == '%' && s[1] == '%') {
                        *p++ = '%';
                        s++;
                } else if (s[0] == '%' && s[1] == 's' && n_values < ELEMENTSOF(values)) {
                        p = stpcpy(p, values[n_values++]);
                        s++;
                } else
                        *p++ = *s;

        *p = '\0';
        return TAKE_PTR(buffer);
}
