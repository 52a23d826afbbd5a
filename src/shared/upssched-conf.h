/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "conf.h"
#include "notify-type.h"

/* upssched.conf: timers that notices start and cancel, and the script that is told. */

typedef enum UpsschedAction {
        UPSSCHED_START_TIMER,          /* begin to count; a second timer if one of that name runs */
        UPSSCHED_START_TIMER_SHARED,   /* the same, but join the one that runs */
        UPSSCHED_CANCEL_TIMER,         /* stop all of that name; if there is none, run the command */
        UPSSCHED_CANCEL_TIMER_MATCHED, /* only what was started for this system */
        UPSSCHED_EXECUTE,              /* run the script now */
        _UPSSCHED_ACTION_MAX,
        _UPSSCHED_ACTION_INVALID = -EINVAL,
} UpsschedAction;

/* An AT line. */
typedef struct UpsschedRule {
        NotifyType type;
        char *system; /* as in a MONITOR line, or NULL for any, "*" */
        UpsschedAction action;
        char *name;          /* of the timer; for EXECUTE what the script gets as argument */
        uint64_t delay_usec; /* of START-TIMER and START-TIMER-SHARED, else 0 */
        char *command;       /* of CANCEL-TIMER: what the script gets when no such timer runs; else NULL */
        char *file;
        unsigned line;
} UpsschedRule;

typedef struct UpsschedConf {
        char *command_script; /* CMDSCRIPT, for a shell, to which the argument is added; or NULL */
        char *pipe, *lock;    /* PIPEFN and LOCKFN, or NULL: nothing here needs them */
        UpsschedRule *rules;  /* in file order; a notice goes through all of them */
        size_t n_rules;
        bool exists;
} UpsschedConf;

/* Reads upssched.conf from the configuration directory. Lines that cannot be taken are reported and left
 * out, AT lines without any CMDSCRIPT are reported too. Errors as conf_load(). */
int upssched_conf_load(ConfReport report, void *userdata, UpsschedConf **ret);

/* The same from lines that were read before. */
int upssched_conf_from_lines(const Conf *c, ConfReport report, void *userdata, UpsschedConf **ret);

UpsschedConf *upssched_conf_free(UpsschedConf *c);
DEFINE_TRIVIAL_CLEANUP_FUNC(UpsschedConf *, upssched_conf_free);

/* Whether a notice of that type about that system, as upsmon.conf writes it, is one for the rule. Case does
 * not matter, nor whether "@localhost" is written. */
bool upssched_rule_matches(const UpsschedRule *r, NotifyType type, const char *system) _pure_;

/* "START-TIMER", ..., and back; case matters, as with NUT. */
const char *upssched_action_to_string(UpsschedAction a) _const_;
UpsschedAction upssched_action_from_string(const char *s) _pure_;
