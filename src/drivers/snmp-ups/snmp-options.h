/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"
#include "snmp-net.h"

/* The options of the driver, and what they say about how an agent is spoken to. */

extern const Option snmp_options[];

typedef struct SnmpSettings {
        SnmpCredentials credentials; /* refers to: */
        char *community, *user, *auth_password, *priv_password;
        SnmpNetOptions net;
} SnmpSettings;

/* Reads them, and the credentials of the service that they name. -EINVAL: *ret_why says in new memory what
 * is wrong, and where that stands; the device is not to be tried. */
int snmp_settings_read(const Device *d, SnmpSettings *ret, char **ret_why);

/* Frees it, and leaves no secret in memory. */
void snmp_settings_done(SnmpSettings *s);

/* The path of the walk that port= means, in new memory; NULL in *ret when it is an agent on the network.
 * 0 or -ENOMEM. */
int snmp_port_walk(const Device *d, char **ret);
