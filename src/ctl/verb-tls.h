/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"
#include "problems.h"

/* Makes an authority, the certificate of the server, and those of clients, which are a strv. */
int verb_tls_init(Ctl *c, char **clients);

/* Reports what is wrong with the certificates that upsd.conf names, but not with that file itself. 0, also
 * when something is, or -ENOMEM. */
int tls_check(Problems *check);
