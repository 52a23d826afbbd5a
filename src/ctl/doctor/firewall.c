/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firewall.h"

#include <ctype.h>
#include <stdio.h>

#include "string-util.h"

#define LINE_MAX_LENGTH 1024U

typedef struct Judge {
        uint16_t port;
        bool filter; /* inside a chain that all that comes in goes through */
        bool policy_drops;
        Firewall chain, all;
        bool decided;
        char line[LINE_MAX_LENGTH], policy[LINE_MAX_LENGTH];
        char *shut_by;
        size_t size;
} Judge;

static bool has_word(const char *line, const char *word) {
        size_t n = strlen(word);

        for (const char *s = strstr(line, word); s; s = strstr(s + 1, word))
                if ((s == line || isspace((unsigned char) s[-1])) &&
                        (s[n] == '\0' || isspace((unsigned char) s[n]) || s[n] == ';'))
                        return true;
        return false;
}

/* Whether a port or a range at s, "3493" or "3000-4000", has ours. */
static bool range_has(const char *s, uint16_t port) {
        unsigned long from, to;
        char *end;

        if (!isdigit((unsigned char) *s))
                return false;
        from = to = strtoul(s, &end, 10);
        if (*end == '-' && isdigit((unsigned char) end[1]))
                to = strtoul(end + 1, &end, 10);
        return from <= port && port <= to;
}

/* What stands behind "tcp dport": one, a range, or { a, b, c }; names of services are not looked up but for
 * that of ours. */
static bool ports_have(const char *s, uint16_t port) {
        bool set;

        s += strspn(s, " ");
        set = *s == '{';
        s += set;
        do {
                s += strspn(s, " ,");
                if (*s == '\0' || *s == '}')
                        return false;
                if (range_has(s, port) || startswith(s, "nut"))
                        return true;
                s += strcspn(s, " ,}");
        } while (set);
        return false;
}

/* Whether a rule is about our packets: 1 surely, 0 not, -1 perhaps. */
static int rule_matches(const char *line, uint16_t port) {
        static const char *const others[] = {"udp dport", "icmp", "icmpv6", "ct state", "iif", "iifname",
                "ct", "ip6 nexthdr", "meta", "@", "limit", "fib", "pkttype"};
        const char *dport = strstr(line, "tcp dport ");

        if (dport) {
                dport += strlen("tcp dport ");
                if (startswith(dport, "!="))
                        return -1;
                return ports_have(dport, port) ? 1 : 0;
        }
        if (strstr(line, "ct state") || strstr(line, "udp dport") || strstr(line, "icmp") ||
                strstr(line, "\"lo\"") || has_word(line, "iif lo"))
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (has_word(line, others[i]))
                        return -1;
        return strstr(line, "saddr") || strstr(line, "daddr") || strstr(line, "dport") ? -1 : 1;
}

static void decide(Judge *j, Firewall verdict) {
        j->chain = verdict;
        j->decided = true;
}

static void take_rule(Judge *j) {
        int matches = rule_matches(j->line, j->port);
        bool shuts = has_word(j->line, "drop") || has_word(j->line, "reject");

        if (matches == 0 || j->decided)
                return;
        if (has_word(j->line, "jump") || has_word(j->line, "goto") || (matches < 0 && !shuts))
                decide(j, FIREWALL_UNCLEAR);
        else if (matches > 0 && shuts) {
                decide(j, FIREWALL_SHUT);
                (void) snprintf(j->policy, sizeof(j->policy), "%s", j->line);
        } else if (matches > 0 && has_word(j->line, "accept"))
                decide(j, FIREWALL_OPEN);
}

/* A packet has to pass all chains, so the strictest one counts. */
static void end_chain(Judge *j) {
        if (j->filter && !j->decided && j->policy_drops)
                j->chain = FIREWALL_SHUT;
        if (j->filter && j->chain == FIREWALL_SHUT && j->all != FIREWALL_SHUT) {
                j->all = FIREWALL_SHUT;
                (void) snprintf(j->shut_by, j->size, "%s", j->policy);
        } else if (j->filter && j->chain == FIREWALL_UNCLEAR && j->all == FIREWALL_OPEN)
                j->all = FIREWALL_UNCLEAR;
        j->filter = j->decided = j->policy_drops = false;
        j->chain = FIREWALL_OPEN;
}

static void take_line(Judge *j) {
        if (strstr(j->line, "hook input") && startswith(j->line, "type filter")) {
                j->filter = true;
                j->policy_drops = strstr(j->line, "policy drop");
                (void) snprintf(j->policy, sizeof(j->policy), "%s", j->line);
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
