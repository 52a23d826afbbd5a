/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "timers.h"
#include "upssched-conf.h"

/* upssched: what upssched.conf says is done with each notice. */

typedef struct Sched Sched;

typedef struct SchedOps {
        /* The script is to be run with that argument. environment is a strv and taken over. */
        void (*run)(void *userdata, const char *script, const char *argument, char **environment,
                        bool urgent);
        /* There are other timers than before. */
        void (*changed)(void *userdata);
} SchedOps;

/* 0 or a negative errno. There is no configuration at first. */
int sched_new(sd_event *event, const SchedOps *ops, void *userdata, Sched **ret);

/* Takes NULL, returns NULL. */
Sched *sched_free(Sched *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(Sched *, sched_free);

/* Reads upssched.conf, reporting to the log what is wrong. Timers go on. What cannot be read, is
 * gone, or has errors leaves the former configuration in force, with a negative errno. */
int sched_reload(Sched *s);

/* NULL before the first sched_reload(). */
const UpsschedConf *sched_conf(const Sched *s) _pure_;

/* Does what the rules say about a notice. */
void sched_notice(Sched *s, NotifyType type, const TimerEvent *event);

/* One action. command: of CANCEL-TIMER, or NULL. */
void sched_act(Sched *s, UpsschedAction action, const char *name, uint64_t delay_usec, const char *command,
                const TimerEvent *event);

/* Puts back a timer of a former process. One that has run down since does what it was for as soon as it may,
 * see sched_hold(), however late: only a notice says that this is not wanted any more. Takes it. 0, -E2BIG
 * or -ENOMEM. */
int sched_restore(Sched *s, Timer *timer);

/* Holds back what is due, or lets it go: while we catch up, a notice may still cancel it. */
void sched_hold(Sched *s, bool hold);

/* Those that run; due_usec is of CLOCK_BOOTTIME. */
const Timers *sched_timers(const Sched *s) _pure_;

/* Whether a notice is about the end: then nothing that hangs may hold up what is to be done. */
bool notify_type_is_urgent(NotifyType type) _const_;
