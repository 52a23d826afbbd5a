/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver-answers.h"

/* The socket of a driver, asked and waited for. */

/* Connects. A negative errno, -ETIMEDOUT included: a driver that hangs takes no more connections at last. */
int driver_link_open(const char *path);

/* What there is to know of a driver that runs. */
typedef struct Probe {
        int error;       /* 0, or why nobody is there */
        bool responsive; /* it has answered */
        pid_t pid;       /* 0: not said */
        char *status;    /* or NULL */
} Probe;

/* Asks whoever serves the socket. Takes a few seconds when he hangs. 0 or -ENOMEM. */
int driver_probe(const char *path, Probe *ret);
void probe_done(Probe *p);

/* Hands each variable to the function. 0 or a negative errno. */
int driver_dump(const char *path, void (*variable)(void *userdata, const char *name, const char *value),
                void *userdata);
