/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "control.h"
#include "run.h"

/* As whom drivers run that are no services: the user that -u names, else user= of ups.conf, else the owner
 * of the directory of their sockets, else the account of drivers. None of them is root unless asked to be.
 * Whoever is not root has no choice. */

/* Finds out for one device, and says what is wrong: -ESRCH for a user that does not exist, -EPERM if there
 * is none but root. */
int account_find(const Control *c, const Selection *s, const UpsSection *section, RunUser *ret);

/* Becomes that for good, with the group that may read ups.conf besides the user's own; for root only, else
 * nothing is done. userdata is a RunUser. */
int account_become(void *userdata);

/* Whether what that user serves can be the driver of the device: root, we, and all of the above. */
bool account_is_trusted(const Control *c, const Selection *s, const UpsSection *section, uid_t uid);
