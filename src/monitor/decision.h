/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "macro.h"
#include "upsmon-conf.h"

/* When this machine is to go down. Everything is here and nothing else is: no I/O, no clock, no allocation
 * but for the supplies. Time is CLOCK_BOOTTIME in microseconds and comes in with each step; a time that runs
 * backwards stands still. docs/SHUTDOWN.md has the diagram and the rules; a test compares its tables with
 * those in the code. */

/*** What comes in ***/

typedef enum StatusBits {
        STATUS_OL      = 1 << 0,
        STATUS_OB      = 1 << 1,
        STATUS_LB      = 1 << 2,
        STATUS_RB      = 1 << 3,
        STATUS_CHRG    = 1 << 4,
        STATUS_DISCHRG = 1 << 5,
        STATUS_BYPASS  = 1 << 6,
        STATUS_CAL     = 1 << 7,
        STATUS_OFF     = 1 << 8,
        STATUS_OVER    = 1 << 9,
        STATUS_TRIM    = 1 << 10,
        STATUS_BOOST   = 1 << 11,
        STATUS_FSD     = 1 << 12,
        STATUS_ALARM   = 1 << 13,
        STATUS_TEST    = 1 << 14,
        STATUS_HB      = 1 << 15,
        STATUS_ECO     = 1 << 16,
        STATUS_OTHER   = 1 << 17, /* a token that is none of these */
} StatusBits;

/* The bit of one token, compared as a whole and ignoring case. */
StatusBits status_bit_from_token(const char *token) _pure_;
/* The other way round; "OTHER" for a token without a meaning. */
const char *status_bit_to_token(StatusBits bit) _const_;

typedef enum Contact {
        CONTACT_NEVER, /* not heard since we watch it */
        CONTACT_LOST,  /* was, but its data are not to be trusted now */
        CONTACT_FRESH,
        _CONTACT_MAX,
} Contact;

/* By input.voltage, independent of what the status says. */
typedef enum Mains {
        MAINS_UNKNOWN,
        MAINS_ABSENT,
        MAINS_PRESENT,
        _MAINS_MAX,
} Mains;

/* What is known of a supply now. Without contact, all but contact and heard_usec is not looked at. */
typedef struct SupplyReading {
        Contact contact;
        StatusBits status;      /* none at all is as good as no contact */
        bool testing;           /* a self-test or calibration runs, by CAL, TEST or ups.test.result */
        bool forced;            /* the gateway says FSD of it, whoever set it */
        Mains mains;
        double charge_percent;  /* NaN: unknown */
        double runtime_sec;     /* NaN: unknown */
        uint64_t heard_usec;    /* when these data came; the same on and on while CONTACT_LOST */
        uint64_t on_battery_usec; /* since when it is on battery, as its driver says; 0: not known */
} SupplyReading;

/* How a supply is to be judged. */
typedef struct SupplyPolicy {
        unsigned power_value;
        bool primary; /* we tell the others; a secondary waits for the word of its primary */
        bool irrevocable; /* FSD that was set on it cannot be taken back */
        UpsmonRules rules;
} SupplyPolicy;

typedef struct DecisionPolicy {
        unsigned min_supplies;
        uint64_t on_battery_delay_usec;
        LostPolicy lost_policy;
        uint64_t dead_time_usec, host_sync_usec, final_delay_usec;
        uint64_t lease_max_usec;     /* nobody is waited for longer, whatever he says that he needs */
        uint64_t off_duration_usec, over_duration_usec, low_battery_duration_usec;
        uint64_t mains_stable_usec;
        uint64_t shutdown_time_usec; /* what this machine needs to stop, as measured or assumed */
        bool alarm_critical;
} DecisionPolicy;

typedef enum Request {
        REQUEST_NONE,
        REQUEST_FORCE,    /* an administrator: shut down now */
        REQUEST_CANCEL,   /* an administrator: do not */
        REQUEST_EXTERNAL, /* somebody else is powering the machine off; it cannot be stopped */
        REQUEST_FAILED,   /* the power-off that we asked for did not come about */
        _REQUEST_MAX,
} Request;

typedef struct DecisionInput {
        uint64_t now_usec;
        const SupplyReading *readings; /* one per supply, in their order */
        Request request;
        unsigned secondaries;          /* logged in to supplies of which we are the primary */
        uint64_t lease_usec;           /* the longest time that one of them said it needs; 0: none did */
        bool resumed;                  /* the machine slept since the last step: old data say nothing */
} DecisionInput;

/*** What comes out ***/

typedef enum SupplyState {
        SUPPLY_UNKNOWN,    /* never heard, or lost for too long to count as good */
        SUPPLY_ONLINE,
        SUPPLY_ON_BATTERY,
        SUPPLY_LOW,        /* on battery and low, or off, but not yet for long enough */
        SUPPLY_LOST,       /* silent, counting down */
        SUPPLY_CRITICAL,
        _SUPPLY_STATE_MAX,
} SupplyState;

typedef enum HostState {
        HOST_ONLINE,
        HOST_ON_BATTERY,   /* a supply is on battery */
        HOST_LOW_BATTERY,  /* a supply is critical, but there are enough others */
        HOST_WAITING,      /* forced shutdown: the secondaries are told, and waited for */
        HOST_FINAL_DELAY,  /* everybody else is gone */
        HOST_POWERING_OFF, /* the point of no return is behind us */
        _HOST_STATE_MAX,
        _HOST_STATE_INVALID = -EINVAL,
} HostState;

/* Why a supply is critical, or the machine goes down. */
typedef enum Cause {
        CAUSE_NONE,
        CAUSE_FORCED,        /* FSD */
        CAUSE_LOW_BATTERY,   /* OB and LB */
        CAUSE_OFF,
        CAUSE_CHARGE,        /* rules */
        CAUSE_RUNTIME,
        CAUSE_ON_BATTERY,
        CAUSE_LOST_ON_BATTERY, /* silent since it was on battery, ... */
        CAUSE_LOST_ON_LINE,
        CAUSE_LOST_OVERLOADED,
        CAUSE_LOST_ALARM,
        CAUSE_LOST_BYPASS,
        CAUSE_LOST_CALIBRATING,
        CAUSE_LOST_OFF,
        CAUSE_ADMINISTRATOR,
        CAUSE_EXTERNAL,      /* somebody else's shutdown, while on battery */
        _CAUSE_MAX,
        _CAUSE_INVALID = -EINVAL,
} Cause;

/* Who can still call it off. */
typedef enum Cancellation {
        CANCELLATION_MAINS,         /* the return of the mains does, or an administrator */
        CANCELLATION_ADMINISTRATOR, /* only an administrator: secondaries have begun to go down */
        CANCELLATION_NONE,          /* nobody: the point of no return */
        _CANCELLATION_MAX,
} Cancellation;

/* What a step asks its caller to do, in this order. All of them may be done twice. */
typedef enum Actions {
        ACTION_CLEAR_FORCED = 1 << 0, /* take FSD back where we set it */
        ACTION_DISARM       = 1 << 1, /* take away the flag of ACTION_ARM, or see that none is left */
        ACTION_SET_FORCED   = 1 << 2, /* FSD on those of which decision_forced() says so, and no others */
        ACTION_TELL_WAITING = 1 << 3, /* SHUTDOWN_HOSTSYNC */
        ACTION_TELL         = 1 << 4, /* SHUTDOWN, and everybody who is logged in */
        ACTION_RECORD       = 1 << 5, /* cause and values, to survive the power cut */
        ACTION_ARM          = 1 << 6, /* late power-off; delayed off of network devices now */
        ACTION_SWITCH_OFF   = 1 << 7, /* delayed off of those with our FSD, as this machine stays up */
        ACTION_POWER_OFF    = 1 << 8,
        ACTION_RELEASE      = 1 << 9, /* let somebody else's shutdown go on: ours is done, or is none */
        ACTION_CANCELLED    = 1 << 10, /* tell that it was called off, and devices to stay on */
} Actions;

/* "online", "on-battery", "low-battery", "waiting-for-secondaries", "final-delay", "powering-off". */
const char *host_state_to_string(HostState s) _const_;
HostState host_state_from_string(const char *s) _pure_;
/* "unknown", "online", "on-battery", "low", "lost", "critical". */
const char *supply_state_to_string(SupplyState s) _const_;
/* "forced", "low-battery", "off", "charge", "runtime", "on-battery", "lost-on-battery", "lost-on-line",
 * "lost-overloaded", "lost-alarm", "lost-bypass", "lost-calibrating", "lost-off", "administrator",
 * "external"; "none". */
const char *cause_to_string(Cause c) _const_;
Cause cause_from_string(const char *s) _pure_;
/* "mains", "administrator", "none". */
const char *cancellation_to_string(Cancellation c) _const_;

/*** The machine ***/

typedef struct Decision Decision;

/* What is concluded of one supply. */
typedef struct SupplyView {
        SupplyState state;
        Cause cause;            /* of SUPPLY_CRITICAL, or what the deadline is about */
        uint64_t deadline_usec; /* when it is to be critical if nothing changes; UINT64_MAX: never, or is */
        uint64_t on_battery_since_usec; /* 0: it is not */
        bool counts;            /* its power value counts as good */
        bool ignored;           /* its FSD is left over from before the boot, and not looked at */
} SupplyView;

/* For n supplies. early: the machine has just booted, so a FSD beside OL is left over from before and counts
 * only after it was gone once. NULL without memory. */
Decision *decision_new(size_t n, bool early);
Decision *decision_free(Decision *d);
DEFINE_TRIVIAL_CLEANUP_FUNC(Decision *, decision_free);

/* Takes over what is remembered of supply from[i] of another one (SIZE_MAX: nothing) and of the host: for a
 * new configuration. */
void decision_inherit(Decision *d, const Decision *old, const size_t *from);

/* A process before this one ignored the FSD of supply i as left over; so it is until it was gone once, or
 * the supply is on battery. */
void decision_ignore_forced(Decision *d, size_t i);

/* One step, whenever something changed or decision_wakeup_usec() has come; more of them make no difference.
 * Returns what to do, each once. */
Actions decision_step(Decision *d, const DecisionPolicy *policy, const SupplyPolicy *supplies,
                const DecisionInput *in);

/* As of the last step: */
HostState decision_state(const Decision *d) _pure_;
Cancellation decision_cancellation(const Decision *d) _pure_;
Cause decision_cause(const Decision *d) _pure_;
/* The supply that was decisive, or SIZE_MAX. */
size_t decision_supply(const Decision *d) _pure_;
SupplyView decision_supply_view(const Decision *d, size_t i) _pure_;
/* Sum of the power values that count as good. */
unsigned decision_power_value(const Decision *d) _pure_;
/* Whether supply i bears a FSD of ours, or is to: all of which we are the primary, but with MINSUPPLIES 0
 * only those that were critical. */
bool decision_forced(const Decision *d, size_t i) _pure_;
/* When the shutdown begins, or its next stage, if nothing changes; UINT64_MAX: never. */
uint64_t decision_deadline_usec(const Decision *d) _pure_;
/* When to step again at the latest; UINT64_MAX: when something changes. */
uint64_t decision_wakeup_usec(const Decision *d) _pure_;
