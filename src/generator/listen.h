/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "upsd-conf.h"

/* LISTEN lines of upsd.conf as what a socket unit can listen on. */

/* Whether it is about an interface, fe80::1%eth0. A socket unit cannot say that: the gateway binds it. */
bool listen_needs_interface(const UpsdListen *l) _pure_;

/* The values for ListenStream=: "127.0.0.1:3493", "[::1]:3493". "*" becomes every address of both families,
 * "localhost" both loopbacks, and an address that another line covers is left out, as one bind would make
 * the other fail, as is one that needs an interface. Wildcards come first, else the order is that of the
 * file. Returns 0 or -ENOMEM. */
int listen_streams(const UpsdConf *c, char ***ret);
