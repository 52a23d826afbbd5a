/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "decision.h"

/* What can happen to the machine as a whole. docs/SHUTDOWN.md says when each of them does. */
typedef enum HostEvent {
        HOST_EVENT_NONE,
        HOST_EVENT_MAINS,            /* no supply is on battery or critical */
        HOST_EVENT_BATTERY,          /* one is on battery */
        HOST_EVENT_CRITICAL,         /* one is critical, but there are enough others */
        HOST_EVENT_TOO_FEW,          /* one is critical, and there are not */
        HOST_EVENT_ORCHESTRATE,      /* a primary one is critical, and this machine is to stay up */
        HOST_EVENT_STABLE,           /* the mains have been back for long enough */
        HOST_EVENT_PRIMARY,          /* there are supplies to be told of */
        HOST_EVENT_SECONDARIES,      /* there is somebody to wait for */
        HOST_EVENT_WAITED,           /* there is nobody any more, or the time is up */
        HOST_EVENT_WAITED_EXTERNAL,
        HOST_EVENT_WAITED_STAYING,
        HOST_EVENT_DELAYED,          /* FINALDELAY is over, or the pause after a failure */
        HOST_EVENT_DELAYED_STAYING,
        HOST_EVENT_RECOVERED,        /* there is no reason any more, and nobody was told */
        HOST_EVENT_FORCE,            /* requests */
        HOST_EVENT_CANCEL,
        HOST_EVENT_EXTERNAL,         /* while the mains are there */
        HOST_EVENT_EXTERNAL_AT_RISK, /* while they are not, or in the middle of a shutdown */
        HOST_EVENT_FAILED,
        HOST_EVENT_CALLED_OFF,       /* somebody else's shutdown failed, and there is no reason for ours */
        _HOST_EVENT_MAX,
} HostEvent;

/* "mains", "too-few", ... */
const char *host_event_to_string(HostEvent e) _const_;

/* A bit of Actions: "set-forced", ... */
const char *action_to_string(Actions a) _const_;

typedef struct HostTransition {
        bool possible;
        HostState next;
        Actions actions;
} HostTransition;

/* What an event does in a state; not possible: nothing. */
const HostTransition *host_transition(HostState state, HostEvent event) _const_;
