/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sched-protocol.h"

/* The socket at which the program upssched finds the process that has the timers: see sched-protocol.h. Only
 * root and our own user get in. */

#define SCHED_SOCKET_CLIENTS_MAX 16U

typedef struct SchedSocket SchedSocket;

/* Listens at path, in place of what is left there of a former process. A negative errno: it cannot. */
int sched_socket_new(sd_event *event, const char *path, Sched *sched, SchedSocket **ret);

/* Closes all and removes the path. Takes NULL, returns NULL. */
SchedSocket *sched_socket_free(SchedSocket *s);
DEFINE_TRIVIAL_CLEANUP_FUNC(SchedSocket *, sched_socket_free);

/* Whether somebody is connected. */
bool sched_socket_busy(const SchedSocket *s) _pure_;

/* Connects and sends a request; the answer is read from the descriptor that is returned, whose time is
 * limited. With trusted false, only a peer that is root or our own user will do: the path may be anybody's.
 * A negative errno: nobody listens, or not who should. */
int sched_connect(const char *path, bool trusted);

/* Sends a request and reads the answer; lines in front of OK or ERR go to f. 0, -EPROTO for ERR, of which
 * *ret_why has the text in new memory if it is not NULL, or another errno. */
int sched_call(int fd, const SchedRequest *request, FILE *f, char **ret_why);
