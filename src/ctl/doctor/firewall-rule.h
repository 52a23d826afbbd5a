/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "macro.h"

/* Whether a rule is about new TCP connections to a port from other machines. */
typedef enum RuleMatch {
        RULE_MATCHES,
        RULE_PERHAPS, /* about some of them, or it cannot be told */
        RULE_MATCHES_NOT,
} RuleMatch;

/* What becomes of those that a rule is about. */
typedef enum RuleVerdict {
        RULE_NOTHING, /* the next rule decides */
        RULE_OPENS,
        RULE_SHUTS,
        RULE_RETURNS,
        RULE_ELSEWHERE, /* another chain or program decides */
} RuleVerdict;

/* Reads a rule of nftables, as "nft list ruleset" prints it in a line. */
RuleMatch rule_read(const char *line, uint16_t port, RuleVerdict *ret);
