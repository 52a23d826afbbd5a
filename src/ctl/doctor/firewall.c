/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firewall.h"

#include <ctype.h>
#include <stdio.h>

#include "firewall-rule.h"
#include "string-util.h"

#define LINE_MAX_LENGTH 1024U

typedef struct Judge {
        uint16_t port;
        bool one_family; /* not for IPv4 */
        bool filter;     /* inside a chain that all that comes in goes through */
        bool decided, shuts;
        bool perhaps_open, perhaps_shut; /* for some packets, before that */
        Firewall all;
        char line[LINE_MAX_LENGTH], by[LINE_MAX_LENGTH];
        char *shut_by;
        size_t size;
} Judge;

static void take_rule(Judge *j) {
        RuleVerdict verdict = RULE_NOTHING;
        RuleMatch match = rule_read(j->line, j->port, &verdict);

        if (match == RULE_MATCHES_NOT || j->decided || verdict == RULE_NOTHING)
                return;
        if (match == RULE_PERHAPS || verdict == RULE_ELSEWHERE) {
                j->perhaps_open = j->perhaps_open || verdict != RULE_SHUTS;
                j->perhaps_shut = j->perhaps_shut || verdict != RULE_OPENS;
                return;
        }
        /* Back from the outermost chain is to its policy. */
        j->decided = true;
        if (verdict == RULE_RETURNS)
                return;
        j->shuts = verdict == RULE_SHUTS;
        (void) snprintf(j->by, sizeof(j->by), "%s", j->line);
}

/* A packet has to pass all chains, so the strictest one counts. */
static void end_chain(Judge *j) {
        bool unclear = j->shuts ? j->perhaps_open || j->one_family : j->perhaps_shut;

        if (j->filter && unclear && j->all == FIREWALL_OPEN)
                j->all = FIREWALL_UNCLEAR;
        else if (j->filter && !unclear && j->shuts && j->all != FIREWALL_SHUT) {
                j->all = FIREWALL_SHUT;
                (void) snprintf(j->shut_by, j->size, "%s", j->by);
        }
        j->filter = j->decided = j->shuts = j->perhaps_open = j->perhaps_shut = false;
}

static void take_line(Judge *j) {
        const char *table = startswith(j->line, "table ");

        if (table)
                j->one_family = !startswith(table, "ip ") && !startswith(table, "inet ");
        else if (startswith(j->line, "type filter hook input ")) {
                j->filter = true;
                j->shuts = strstr(j->line, "policy drop");
                (void) snprintf(j->by, sizeof(j->by), "%s", j->line);
        } else if (streq(j->line, "}"))
                end_chain(j);
        else if (j->filter)
                take_rule(j);
}

Firewall firewall_judge(const char *rules, uint16_t port, char *ret_line, size_t size) {
        Judge j = {.port = port, .shut_by = ret_line, .size = size};

        if (size > 0)
                ret_line[0] = '\0';
        while (*rules) {
                size_t n = strcspn(rules, "\n"), skip = MIN(strspn(rules, " \t"), n);
                size_t length = MIN(n - skip, sizeof(j.line) - 1);

                memcpy(j.line, rules + skip, length);
                j.line[length] = '\0';
                take_line(&j);
                rules += n;
                rules += *rules == '\n';
        }
        return j.all;
}
