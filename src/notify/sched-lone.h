/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "timers.h"

/* upssched without the service, under another program's upsmon: each notice is a process of its own, and the
 * timers are in one that the first of them leaves behind, at PIPEFN. It ends when there are no timers. */

/* Does what the rules say about a notice. 0 or a negative errno, which is logged. */
int sched_lone_notice(const TimerEvent *event);

/* Connects to the process that has the timers. A negative errno if there is none. */
int sched_lone_connect(void);
