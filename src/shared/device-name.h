/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "macro.h"

/* Whether s can name a device on the bus: as a section of ups.conf, or, of a link (see upsmon-conf.h), as
 * ups@host or ups@host:port. */
bool bus_device_name_is_valid(const char *s) _pure_;
