/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake-gateway.h"
#include "fuzz-crash.h"
#include "fuzz-peer.h"

/* A gateway with the real server, devices that do what they are told, clients in the same process, and a
 * service manager that keeps sockets. After each turn of the loop the accounts of the server are checked. */

#define PEERS 8U
#define STORED_MAX 64U

typedef struct Stage Stage;

struct Stage {
        FakeGateway *fake;
        Gateway *gateway;
        int manager;  /* where the service manager gets its messages */
        int state_fd; /* what it holds */
        int stored[STORED_MAX];
        size_t n_stored;
        Peer peers[PEERS];
        Device *zeta; /* while it is on the bus */
        Crash crash;
};

void stage_open(Stage *g);

/* Everybody reads and gets an answer, and hangs up; then nothing may be left over. */
void stage_close(Stage *g);

/* Connects a client that is not connected; it may be refused. */
void stage_connect(Stage *g, Peer *p);

/* One turn of the loop, which waits up to a time. */
void stage_turn(Stage *g, int msec);

/* Turns until nothing happens any more by itself; with everybody reading what comes, or nobody. */
void stage_settle(Stage *g, bool reading);

/* All limits of time are over. */
void stage_pass_time(Stage *g);

/* The gateway ends and is started again. */
void stage_restart(Stage *g);

/* It is killed, and started again: now (0), or at the moment of that number from now on. */
void stage_crash(Stage *g, unsigned moments);

/* It is killed now: from here on it is known whose connection may end by that. */
void stage_expect_crash(Stage *g);

/* Takes what the service manager was sent. */
void stage_receive_stored(Stage *g);

/* From now on the server may hang up on those who have questions. */
void stage_all_may_vanish(Stage *g);

/* What a device that is gone leaves behind. */
void stage_device_gone(void *userdata, Device *d);
