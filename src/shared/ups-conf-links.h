/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ups-conf.h"
#include "upsmon-conf.h"

/* Devices of other hosts that this machine watches: each MONITOR line about one stands for a section as if
 * it were in ups.conf, of a relay that is logged in over there. */

/* The driver that serves links. */
#define LINK_DRIVER "dummy-ups"

/* Adds a section for each supply that is not local. Its name is that of the device, which no written section
 * can have; its place is that of the MONITOR line. 0 or -ENOMEM. */
int ups_conf_add_links(UpsConf *c, const UpsmonConf *m);
