/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firewall-rule.h"

#include <ctype.h>

#include "string-util.h"

/* A word, a quoted text with its quotes, or a sign. */
typedef struct Word {
        const char *s;
        size_t n;
} Word;

typedef struct Rule {
        const char *s; /* what is left of it */
        uint16_t port;
        RuleMatch match;
        RuleVerdict verdict;
} Rule;

static Word peek(const Rule *rule) {
        const char *s = rule->s + strspn(rule->s, " \t,;");
        const char *end;

        if (*s == '"') {
                end = strchr(s + 1, '"');
                return (Word){s, end ? (size_t) (end + 1 - s) : strlen(s)};
        }
        if (*s == '{' || *s == '}' || *s == '(' || *s == ')')
                return (Word){s, 1};
        /* The rest is what somebody says of it. */
        return (Word){s, *s == '#' ? 0 : strcspn(s, " \t,;\"{}()")};
}

static Word next(Rule *rule) {
        Word w = peek(rule);

        rule->s = w.s + w.n;
        return w;
}

static bool is(Word w, const char *s) {
        return strlen(s) == w.n && strncmp(w.s, s, w.n) == 0;
}

static bool take(Rule *rule, const char *s) {
        bool found = is(peek(rule), s);

        if (found)
                (void) next(rule);
        return found;
}

static void perhaps(Rule *rule) {
        if (rule->match == RULE_MATCHES)
                rule->match = RULE_PERHAPS;
}

/* One thing that has to hold, besides the others. */
static void require(Rule *rule, RuleMatch match, bool negated) {
        if (match == RULE_PERHAPS)
                perhaps(rule);
        else if ((match == RULE_MATCHES_NOT) != negated)
                rule->match = RULE_MATCHES_NOT;
}

/* One port, or a range, "3000-4000". Names of services are not looked up, but for that of ours. */
static RuleMatch match_port(Word w, uint16_t port) {
        unsigned long from, to;
        char *end;

        if (is(w, "nut"))
                return port == 3493 ? RULE_MATCHES : RULE_MATCHES_NOT;
        if (w.n == 0 || !isdigit((unsigned char) *w.s))
                return RULE_PERHAPS;
        from = to = strtoul(w.s, &end, 10);
        if (*end == '-' && isdigit((unsigned char) end[1]))
                to = strtoul(end + 1, &end, 10);
        if (end != w.s + w.n)
                return RULE_PERHAPS;
        return from <= port && port <= to ? RULE_MATCHES : RULE_MATCHES_NOT;
}

static RuleMatch match_state(Word w, uint16_t port) {
        if (is(w, "new"))
                return RULE_MATCHES;
        return w.n > 0 && isalpha((unsigned char) *w.s) ? RULE_MATCHES_NOT : RULE_PERHAPS;
}

static RuleMatch match_protocol(Word w, uint16_t port) {
        return is(w, "tcp") ? RULE_MATCHES
               : is(w, "udp") || is(w, "icmp") || is(w, "icmpv6") || is(w, "ipv6-icmp") || is(w, "sctp")
                       ? RULE_MATCHES_NOT
                       : RULE_PERHAPS;
}

static RuleMatch match_interface(Word w, uint16_t port) {
        return is(w, "lo") || is(w, "\"lo\"") ? RULE_MATCHES_NOT : RULE_PERHAPS;
}

/* What stands behind the name of a value: "!=" or not, then one, "a,b", "{ a, b }", or
 * "vmap { a : verdict }", whose verdict would be another for each. */
static void take_values(Rule *rule, RuleMatch (*judge)(Word w, uint16_t port)) {
        bool map = take(rule, "vmap"), negated = !map && take(rule, "!="), set, more;
        RuleMatch all = RULE_MATCHES_NOT;

        set = take(rule, "{");
        do {
                Word w = next(rule);
                RuleMatch one;

                if (set && is(w, "}"))
                        break;
                if (w.n == 0) {
                        all = RULE_PERHAPS;
                        break;
                }
                one = judge(w, rule->port);
                if (one == RULE_MATCHES || all == RULE_MATCHES_NOT)
                        all = one;
                if (map && take(rule, ":")) {
                        (void) (take(rule, "jump") || take(rule, "goto"));
                        (void) next(rule);
                }
                more = rule->s[0] == ',';
        } while (set || more);

        require(rule, map && all == RULE_MATCHES ? RULE_PERHAPS : all, negated);
        if (map)
                rule->verdict = RULE_ELSEWHERE;
}

/* Whether the next two words are these. */
static bool take_both(Rule *rule, Word first, const char *a, const char *b) {
        return is(first, a) && take(rule, b);
}

/* What keeps a rule from nothing. */
static bool take_harmless(Rule *rule, Word w) {
        if (is(w, "counter")) {
                while (take(rule, "packets") || take(rule, "bytes") || take(rule, "name"))
                        (void) next(rule);
                return true;
        }
        if (is(w, "log")) {
                while (take(rule, "prefix") || take(rule, "level") || take(rule, "group"))
                        (void) next(rule);
                return true;
        }
        if (!is(w, "comment"))
                return false;
        (void) next(rule);
        return true;
}

static bool take_match(Rule *rule, Word w) {
        if (take_both(rule, w, "tcp", "dport") || take_both(rule, w, "th", "dport")) {
                take_values(rule, match_port);
                return true;
        }
        if (take_both(rule, w, "ct", "state")) {
                take_values(rule, match_state);
                return true;
        }
        if (take_both(rule, w, "meta", "l4proto") || take_both(rule, w, "ip", "protocol") ||
                take_both(rule, w, "ip6", "nexthdr")) {
                take_values(rule, match_protocol);
                return true;
        }
        if (is(w, "iif") || is(w, "iifname")) {
                take_values(rule, match_interface);
                return true;
        }
        if (take_both(rule, w, "udp", "dport") || take_both(rule, w, "udp", "sport") ||
                take_both(rule, w, "udp", "length") || take_both(rule, w, "udp", "checksum") ||
                take_both(rule, w, "icmp", "type") || take_both(rule, w, "icmp", "code") ||
                take_both(rule, w, "icmpv6", "type") || take_both(rule, w, "icmpv6", "code")) {
                rule->match = RULE_MATCHES_NOT;
                return true;
        }
        return false;
}

/* Ends a rule. */
static bool take_verdict(Rule *rule, Word w) {
        static const struct {
                const char *word;
                RuleVerdict verdict;
        } verdicts[] = {
                {"accept", RULE_OPENS},
                {"drop", RULE_SHUTS},
                {"reject", RULE_SHUTS},
                {"return", RULE_RETURNS},
                {"jump", RULE_ELSEWHERE},
                {"goto", RULE_ELSEWHERE},
                {"queue", RULE_ELSEWHERE},
                {"vmap", RULE_ELSEWHERE},
                {"xt", RULE_ELSEWHERE},
                {"synproxy", RULE_ELSEWHERE},
        };

        for (size_t i = 0; i < ELEMENTSOF(verdicts); i++)
                if (is(w, verdicts[i].word)) {
                        rule->verdict = verdicts[i].verdict;
                        return true;
                }
        return false;
}

/* What is not known is some condition more. Of several values that belong together, which "." joins, none
 * is told from the others. */
RuleMatch rule_read(const char *line, uint16_t port, RuleVerdict *ret) {
        Rule rule = {.s = line, .port = port};
        unsigned depth = 0;
        bool joined = false;

        while (rule.match != RULE_MATCHES_NOT) {
                Word w = next(&rule);

                if (w.n == 0)
                        break;
                if (is(w, "{") || is(w, "(")) {
                        depth++;
                        continue;
                }
                if (is(w, "}") || is(w, ")")) {
                        depth -= depth > 0;
                        continue;
                }
                if (depth > 0 || take_harmless(&rule, w))
                        continue;
                if (take_verdict(&rule, w))
                        break;
                joined = joined || is(w, ".") || is(peek(&rule), ".");
                if (joined || !take_match(&rule, w))
                        perhaps(&rule);
        }
        *ret = rule.verdict;
        return rule.match;
}
