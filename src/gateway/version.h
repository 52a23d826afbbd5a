/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Clients take the fifth word as the version of the server and show the line up to here; what follows is
 * ours. */
#define GATEWAY_VERSION_LINE \
        "Network UPS Tools upsd " NUT_COMPAT_VERSION " - " BUSBAR_URL " (Busbar " BUSBAR_VERSION ")"
