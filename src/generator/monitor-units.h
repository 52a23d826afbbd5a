/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "output.h"

/* Everything that the monitor needs: itself and its helpers, relays for devices of other hosts, and what
 * upsmon.conf wants done at a shutdown. 0 or a negative errno. */
int generate_monitor(Generator *g);
