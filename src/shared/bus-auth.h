/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "macro.h"

/* The gate that every write on the bus passes. */

typedef struct BusAuth BusAuth;

/* Called once with the outcome: 0 allowed, -EACCES denied, or another negative errno. error is set when
 * negative (its name is what the caller should be told: AccessDenied or
 * InteractiveAuthorizationRequired). */
typedef void (*BusAuthDone)(void *userdata, int r, const sd_bus_error *error);

/* Decides whether the sender of a method call may do what a polkit action names. Root, our own user, and
 * the users of gateway and monitor may; all others are polkit's to decide, and without polkit on the bus
 * they are denied. details is an array of key, value, ..., NULL for the dialog, or NULL. Nothing blocks:
 * returns 0 and done() will be called from the event loop, or a negative errno, and it will not. *ret is
 * the pending question, which ends with the call of done(); free it before that to withdraw it. The
 * message is kept until then. */
int bus_auth_check(sd_bus_message *m, const char *action, const char *const *details, BusAuthDone done,
                void *userdata, BusAuth **ret);

/* Withdraws a pending question; done() will not be called. Takes NULL, returns NULL. */
BusAuth *bus_auth_free(BusAuth *a);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusAuth *, bus_auth_free);

/* The polkit action whose consequence an instant command has: load.off, shutdown.* and the like are
 * POLKIT_POWER_OFF, outlet.* switching is POLKIT_SWITCH_OUTLET, test.*, calibrate.* and beeper.* are
 * POLKIT_TEST, all else POLKIT_CONFIGURE. A leading "device.N." does not matter. */
const char *bus_auth_action_for_command(const char *command) _pure_;

/* The same for writing a variable: outlet.switch, outlet.N.switch and their switchable are
 * POLKIT_SWITCH_OUTLET, all else POLKIT_CONFIGURE. */
const char *bus_auth_action_for_variable(const char *variable) _pure_;
