/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "timers.h"

/* The command lines of NOTIFYCMD and CMDSCRIPT. */

/* What to execute for a command line as configured, with one argument more. It may be either of two things,
 * as NUT's own rule changed with its versions: the path of a program, if there is such a file, or else a
 * command line, which is split at blanks, or is the shell's if it has something that only a shell
 * understands. The argument never becomes program text: in a shell it is "$@". 0, or -ENOMEM, or -EINVAL for
 * a command of nothing but blanks. */
int command_line(const char *command, const char *argument, char ***ret);

/* Whether the program of the command is upssched, in whatever directory: it is built in. */
bool command_is_upssched(const char *command) _pure_;

/* The environment of a script: our own without what a service manager means for us, with UPSNAME, NOTIFYTYPE
 * and NOTIFYMSG. 0 or -ENOMEM. */
int command_environment(const TimerEvent *event, char ***ret);

/* The same for a timer: types and systems joined by commas, messages as NUT joins them. */
int command_timer_environment(const Timer *timer, char ***ret);
