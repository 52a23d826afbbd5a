/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver-answers.h"

/* The socket of a driver, asked and waited for. */

/* Connects. A negative errno, -ETIMEDOUT included: a driver that hangs takes no more connections at last. */
int driver_link_open(const char *path);

/* Who serves a socket, as the kernel has it: also one that hangs is found, and none can pass for another. */
typedef struct DriverPeer {
        pid_t pid;
        uid_t uid;   /* of the process when it began to listen */
        uid_t owner; /* of the socket's file */
        int process; /* a pidfd */
} DriverPeer;

/* Finds him without a word. -ENOENT or -ECONNREFUSED: there is none; -ENOTSOCK for another kind of file, a
 * link included; -ESRCH when the process cannot be seen from here; else as driver_link_open(). */
int driver_peer_find(const char *path, DriverPeer *ret);
void driver_peer_done(DriverPeer *p);

/* What there is to know of a driver that runs. */
typedef struct Probe {
        int error;       /* 0, or why nobody is there */
        bool responsive; /* it has answered */
        pid_t pid;       /* 0: not said */
        pid_t peer;      /* the process that serves the socket, whether or not it answers, or 0 */
        char *status;    /* or NULL */
} Probe;

/* Asks whoever serves the socket. Takes a few seconds when he hangs. 0 or -ENOMEM. */
int driver_probe(const char *path, Probe *ret);
void probe_done(Probe *p);

/* Hands each variable to the function. 0 or a negative errno. */
int driver_dump(const char *path, void (*variable)(void *userdata, const char *name, const char *value),
                void *userdata);
