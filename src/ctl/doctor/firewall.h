/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "macro.h"

/* What a rule set of nftables, as "nft list ruleset" prints it, does with new TCP connections to a port from
 * other machines, as far as can be told without the rules of other tables, sets and packets. */
typedef enum Firewall {
        FIREWALL_OPEN,
        FIREWALL_SHUT,    /* dropped or rejected; by the line in *ret_line */
        FIREWALL_UNCLEAR, /* rules jump elsewhere, or look at something else */
} Firewall;

/* line is cut to its size. */
Firewall firewall_judge(const char *rules, uint16_t port, char *ret_line, size_t size);
