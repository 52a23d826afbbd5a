/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "monitor.h"

/* The monitor's side of logind: locks that delay a shutdown or a sleep until we are done, and what it
 * announces. */

/* Begins to follow logind on the monitor's bus and takes the delay lock. */
int login_new(Monitor *m, Login **ret);
Login *login_free(Login *l);
DEFINE_TRIVIAL_CLEANUP_FUNC(Login *, login_free);

/* Takes or lets go of the locks as the state of the monitor says. l may be NULL. */
void login_follow_locks(Login *l);

/* Lets somebody's shutdown go on; works without the bus too. */
void login_release(Monitor *m);

/* To be called now and then: sees whether a shutdown that was let go still goes on. l may be NULL. */
void login_look_after_released(Login *l);

/* Asks for the limit of delay locks again. l may be NULL. */
void login_refresh(Login *l);

/* A type of shutdown, as logind and systemd1 call it, that ends with the power off. */
bool shutdown_type_is_power_off(const char *type) _pure_;
