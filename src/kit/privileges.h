/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Becomes a user for good, with the groups it has. Does nothing when we are not root or user is NULL or
 * root. -ESRCH for a user that there is not. */
int privileges_drop(const char *user);
