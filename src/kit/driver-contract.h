/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/* The contract suite: what every driver must bear, whatever it drives. A driver's own test calls this
 * with a device that works, and a place where there is none. It ends the program when the driver breaks a
 * promise. */

typedef struct DriverContract {
        const Driver *driver;
        const char *port;        /* of a device that works */
        const char *second_port; /* of another one; NULL if the first bears two users */
        const char *absent_port; /* where there is none, so that start() or poll() fails; may be NULL */
        char *const *options;    /* strv of key=value, or NULL */
} DriverContract;

/* Checks: the tables are complete; probe() leaves nothing behind; stop() is called once per start(), also
 * after a failed one; two devices live side by side; a device can be taken away after any number of
 * steps, while a hook is pending too; starting and stopping a hundred times costs neither descriptors nor
 * memory. */
void driver_contract_check(const DriverContract *contract);
