/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"

/* Where NUT is served when nothing else is said. */
#define NUT_PORT 3493

/* Whether s can name a device on the bus: as a section of ups.conf, or, of a link (see upsmon-conf.h), as
 * ups@host or ups@host:port. */
bool bus_device_name_is_valid(const char *s);

/* Takes apart host, host:port, [address], [address]:port, or an address of IPv6 without brackets. The host
 * is in new memory. 0, -EINVAL or -ENOMEM. */
int host_split(const char *s, char **ret_host, uint16_t *ret_port);

/* Whether s can be the name or address of a host. It goes into names of units and onto the wire: names and
 * addresses have no other characters. */
bool host_is_valid(const char *s);

/* Whether two names or addresses of hosts are the same, however they are written; no name is looked up. */
bool host_equal(const char *a, const char *b);

/* Whether two names of a UPS mean the same: ignoring case, and ups is ups@localhost, with the default port
 * or without. */
bool system_name_equal(const char *a, const char *b) _pure_;
