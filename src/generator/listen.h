/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "upsd-conf.h"

/* LISTEN lines of upsd.conf as what a socket unit can listen on. */

/* The values for ListenStream=: "127.0.0.1:3493", "[::1]:3493". "*" becomes every address of both families,
 * "localhost" both loopbacks, and an address that another line covers is left out, as one bind would make
 * the other fail. Wildcards come first, else the order is that of the file. Returns 0 or -ENOMEM. */
int listen_streams(const UpsdConf *c, char ***ret);
