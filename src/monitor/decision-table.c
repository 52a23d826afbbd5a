/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decision-table.h"

#define GO(state, act) { .possible = true, .next = (state), .actions = (Actions) (act) }
#define CALL_OFF GO(HOST_ONLINE, ACTION_CLEAR_FORCED | ACTION_DISARM | ACTION_CANCELLED)
#define FINISH_EXTERNAL (ACTION_ARM | ACTION_RELEASE)

/* While nothing is under way, where we are is what the supplies say. */
#define IDLE(state)                                                                             \
        [HOST_EVENT_MAINS]            = GO(HOST_ONLINE, 0),                                     \
        [HOST_EVENT_BATTERY]          = GO(HOST_ON_BATTERY, 0),                                 \
        [HOST_EVENT_CRITICAL]         = GO(HOST_LOW_BATTERY, 0),                                \
        [HOST_EVENT_TOO_FEW]          = GO(HOST_WAITING, 0),                                    \
        [HOST_EVENT_ORCHESTRATE]      = GO(HOST_WAITING, 0),                                    \
        [HOST_EVENT_FORCE]            = GO(HOST_WAITING, 0),                                    \
        [HOST_EVENT_EXTERNAL_AT_RISK] = GO(HOST_WAITING, 0),                                    \
        [HOST_EVENT_EXTERNAL]         = GO(state, ACTION_DISARM | ACTION_RELEASE),              \
        [HOST_EVENT_STABLE]           = GO(state, ACTION_CLEAR_FORCED | ACTION_DISARM)

static const HostTransition transitions[_HOST_STATE_MAX][_HOST_EVENT_MAX] = {
        [HOST_ONLINE]      = { IDLE(HOST_ONLINE) },
        [HOST_ON_BATTERY]  = { IDLE(HOST_ON_BATTERY) },
        [HOST_LOW_BATTERY] = { IDLE(HOST_LOW_BATTERY) },
        [HOST_WAITING] = {
                [HOST_EVENT_TOO_FEW]          = GO(HOST_WAITING, 0),
                [HOST_EVENT_PRIMARY]          = GO(HOST_WAITING, ACTION_SET_FORCED),
                [HOST_EVENT_SECONDARIES]      = GO(HOST_WAITING, ACTION_TELL_WAITING),
                [HOST_EVENT_WAITED]           = GO(HOST_FINAL_DELAY, ACTION_TELL | ACTION_RECORD),
                [HOST_EVENT_WAITED_STAYING]   = GO(HOST_FINAL_DELAY, ACTION_RECORD),
                [HOST_EVENT_WAITED_EXTERNAL]  = GO(HOST_POWERING_OFF,
                                ACTION_TELL | ACTION_RECORD | FINISH_EXTERNAL),
                [HOST_EVENT_RECOVERED]        = CALL_OFF,
                [HOST_EVENT_FORCE]            = GO(HOST_WAITING, 0),
                [HOST_EVENT_CANCEL]           = CALL_OFF,
                [HOST_EVENT_EXTERNAL_AT_RISK] = GO(HOST_WAITING, 0),
                [HOST_EVENT_FAILED]           = GO(HOST_WAITING, 0),
                [HOST_EVENT_CALLED_OFF]       = CALL_OFF,
        },
        [HOST_FINAL_DELAY] = {
                [HOST_EVENT_TOO_FEW]          = GO(HOST_FINAL_DELAY, ACTION_TELL | ACTION_RECORD),
                [HOST_EVENT_PRIMARY]          = GO(HOST_FINAL_DELAY, ACTION_SET_FORCED),
                [HOST_EVENT_DELAYED]          = GO(HOST_POWERING_OFF, ACTION_ARM | ACTION_POWER_OFF),
                [HOST_EVENT_DELAYED_STAYING]  = GO(HOST_LOW_BATTERY, ACTION_SWITCH_OFF),
                [HOST_EVENT_RECOVERED]        = CALL_OFF,
                [HOST_EVENT_FORCE]            = GO(HOST_FINAL_DELAY, ACTION_TELL | ACTION_RECORD),
                [HOST_EVENT_CANCEL]           = CALL_OFF,
                [HOST_EVENT_EXTERNAL_AT_RISK] = GO(HOST_POWERING_OFF, FINISH_EXTERNAL),
        },
        [HOST_POWERING_OFF] = {
                [HOST_EVENT_FORCE]            = GO(HOST_FINAL_DELAY, ACTION_TELL | ACTION_RECORD),
                [HOST_EVENT_EXTERNAL_AT_RISK] = GO(HOST_POWERING_OFF, ACTION_RELEASE),
                [HOST_EVENT_FAILED]           = GO(HOST_FINAL_DELAY, 0),
                [HOST_EVENT_CALLED_OFF]       = CALL_OFF,
        },
};

static const char *const events[_HOST_EVENT_MAX] = {
        [HOST_EVENT_NONE]             = "none",
        [HOST_EVENT_MAINS]            = "mains",
        [HOST_EVENT_BATTERY]          = "battery",
        [HOST_EVENT_CRITICAL]         = "critical",
        [HOST_EVENT_TOO_FEW]          = "too-few",
        [HOST_EVENT_ORCHESTRATE]      = "orchestrate",
        [HOST_EVENT_STABLE]           = "stable",
        [HOST_EVENT_PRIMARY]          = "primary",
        [HOST_EVENT_SECONDARIES]      = "secondaries",
        [HOST_EVENT_WAITED]           = "waited",
        [HOST_EVENT_WAITED_EXTERNAL]  = "waited-external",
        [HOST_EVENT_WAITED_STAYING]   = "waited-staying",
        [HOST_EVENT_DELAYED]          = "delayed",
        [HOST_EVENT_DELAYED_STAYING]  = "delayed-staying",
        [HOST_EVENT_RECOVERED]        = "recovered",
        [HOST_EVENT_FORCE]            = "force",
        [HOST_EVENT_CANCEL]           = "cancel",
        [HOST_EVENT_EXTERNAL]         = "external",
        [HOST_EVENT_EXTERNAL_AT_RISK] = "external-at-risk",
        [HOST_EVENT_FAILED]           = "failed",
        [HOST_EVENT_CALLED_OFF]       = "called-off",
};

static const char *const actions[] = {
        "clear-forced", "disarm",    "set-forced", "tell-waiting", "tell",
        "record",       "arm",       "switch-off", "power-off",    "release",
        "cancelled",
};

const char *host_event_to_string(HostEvent e) {
        return (unsigned) e < _HOST_EVENT_MAX ? events[e] : NULL;
}

const char *action_to_string(Actions a) {
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if ((unsigned) a == 1u << i)
                        return actions[i];

        return NULL;
}

const HostTransition *host_transition(HostState state, HostEvent event) {
        const HostTransition *t = &transitions[state][event];

        return t->possible ? t : NULL;
}
