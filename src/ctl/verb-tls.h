/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ctl.h"
#include "problems.h"
#include "ups-conf.h"

/* Makes an authority, the certificate of the server, and those of clients, which are a strv. */
int verb_tls_init(Ctl *c, char **clients);

/* Reports what is wrong with the certificates that upsd.conf names, but not with that file itself. 0, also
 * when something is, or -ENOMEM. */
int tls_check(Problems *check);

/* The same for what a section of ups.conf names that is a relay, written there or by a MONITOR line; nothing
 * about others. seen is a strv of what was looked at already, and grows. */
int tls_check_relay(Problems *check, const UpsConf *c, const UpsSection *s, char ***seen);
