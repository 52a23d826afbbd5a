/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "log.h"
#include "macro.h"

/* The gate that every write on the bus passes. */

/*** The gate ***/

/* What the questions of a process have in common: the users of the services, which are looked up once, and
 * how much is asked and logged. It must outlive the questions. */
typedef struct BusGate BusGate;

/* Blocks for as long as the user database takes, so this is for the start of a process. 0 or -ENOMEM. */
int bus_gate_new(BusGate **ret);

/* Takes NULL, returns NULL. */
BusGate *bus_gate_free(BusGate *g);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusGate *, bus_gate_free);

/* Whether that user needs nobody's word: root, the users of gateway and monitor, and our own. But a driver
 * does not trust its own user, which all drivers share. */
bool bus_gate_trusts(const BusGate *g, uid_t uid);

/* Logs that context->peer is refused something, in words, and why. What comes in masses is counted only. */
void bus_gate_log_refusal(BusGate *g, const LogContext *context, int r, const char *what, const char *why);

/*** Questions ***/

typedef struct BusAuth BusAuth;

/* Called once with the outcome: 0 allowed, -EACCES denied, -EBUSY if too many questions of the same user are
 * open, or another negative errno. uid is the sender's; (uid_t) -1 if the bus did not tell, and then it is
 * denied. error is set when negative (its name is what the caller should be told: AccessDenied,
 * InteractiveAuthorizationRequired or Error.Busy). */
typedef void (*BusAuthDone)(void *userdata, int r, uid_t uid, const sd_bus_error *error);

/* Decides whether the sender of a method call may do what a polkit action names. Who is trusted may; all
 * others are polkit's to decide, and without polkit on the bus they are denied. Denials are logged here and
 * nowhere else. details is an array of key, value, ..., NULL for the dialog and the log, or NULL; "device"
 * is the name of one. Nothing blocks: returns 0 and done() will be called from the event loop, or a negative
 * errno, and it will not. *ret is the pending question, which ends with the call of done(); free it before
 * that to withdraw it. The message is kept until then. */
int bus_auth_check(BusGate *gate, sd_bus_message *m, const char *action, const char *const *details,
                BusAuthDone done, void *userdata, BusAuth **ret);

/* Withdraws a pending question; done() will not be called. Takes NULL, returns NULL. */
BusAuth *bus_auth_free(BusAuth *a);
DEFINE_TRIVIAL_CLEANUP_FUNC(BusAuth *, bus_auth_free);

/* The polkit action whose consequence an instant command has: load.off, shutdown.* and the like are
 * POLKIT_POWER_OFF, outlet.* switching is POLKIT_SWITCH_OUTLET, test.*, calibrate.* and beeper.* are
 * POLKIT_TEST, server.* are POLKIT_FORCE_SHUTDOWN, all else POLKIT_CONFIGURE. A leading "device.N." does
 * not matter. */
const char *bus_auth_action_for_command(const char *command) _pure_;

/* The same for writing a variable: outlet.switch, outlet.N.switch and their switchable are
 * POLKIT_SWITCH_OUTLET, all else POLKIT_CONFIGURE. */
const char *bus_auth_action_for_variable(const char *variable) _pure_;
