/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-text.h"
#include "firewall.h"
#include "shell-text.h"
#include "test-util.h"

static Firewall judge(const char *rules) {
        char line[64];

        return firewall_judge(rules, 3493, line, sizeof(line));
}

static const struct {
        const char *policy, *rules;
        Firewall verdict;
} rule_cases[] = {
        {"accept", "", FIREWALL_OPEN},
        {"drop", "", FIREWALL_SHUT},
        {"drop", "iif lo accept\nct state established,related accept\ntcp dport 22 accept\n",
                FIREWALL_SHUT},
        {"drop", "tcp dport 3493 accept\n", FIREWALL_OPEN},
        {"drop", "tcp dport { 22, 3000-4000 } accept\n", FIREWALL_OPEN},
        {"drop", "tcp dport nut accept\n", FIREWALL_OPEN},
        {"accept", "tcp dport 3493 drop\n", FIREWALL_SHUT},
        {"accept", "tcp dport { 22, 80 } reject with tcp reset\n", FIREWALL_OPEN},
        {"accept", "tcp dport != 22 drop\n", FIREWALL_SHUT},
        {"accept", "tcp dport != { 22, 3493 } drop\n", FIREWALL_OPEN},
        {"accept", "tcp flags & (fin | syn) == fin | syn drop\n", FIREWALL_UNCLEAR},
        {"accept", "udp length 0 drop\nudp length 0 tcp dport 3493 drop\n", FIREWALL_OPEN},
        {"accept", "ip ttl < 2 drop\n", FIREWALL_UNCLEAR},
        {"accept", "log prefix \"nft drop \"\n", FIREWALL_OPEN},
        {"accept", "tcp dport 22 comment \" tcp dport 3493 \" drop\n", FIREWALL_OPEN},
        {"accept", "tcp dport 3493 limit rate 1/second drop\n", FIREWALL_UNCLEAR},
        {"drop", "ip saddr 10.0.0.0/8 tcp dport 3493 accept\n", FIREWALL_UNCLEAR},
        {"drop", "ip saddr 10.0.0.0/8 tcp dport 22 accept\n", FIREWALL_SHUT},
        {"drop", "ip saddr . tcp dport { 10.0.0.1 . 22 } accept\n", FIREWALL_UNCLEAR},
        {"drop", "tcp dport . ip saddr { 22 . 10.0.0.1 } accept\n", FIREWALL_UNCLEAR},
        {"drop", "tcp dport @ports accept\n", FIREWALL_UNCLEAR},
        {"drop", "tcp dport vmap { 22 : accept, 3493 : accept }\n", FIREWALL_UNCLEAR},
        {"drop", "ct state vmap { established : accept, related : jump a, invalid : drop }\n",
                FIREWALL_SHUT},
        {"drop", "ct state { new, established } tcp dport 3493 counter packets 1 bytes 2 accept\n",
                FIREWALL_OPEN},
        {"drop", "ct state established,related,new accept comment \"drop\"\n", FIREWALL_OPEN},
        {"accept", "ct state invalid drop\n", FIREWALL_OPEN},
        {"accept", "ct state != { established, related } drop\n", FIREWALL_SHUT},
        {"drop", "meta l4proto tcp th dport 3493 accept # handle 3\n", FIREWALL_OPEN},
        {"drop", "meta l4proto udp accept\n", FIREWALL_SHUT},
        {"accept", "reject with icmp type port-unreachable\n", FIREWALL_SHUT},
        {"accept", "log prefix \"x\" level info counter packets 0 bytes 0 drop\n", FIREWALL_SHUT},
        {"accept", "iifname != \"lo\" drop\n", FIREWALL_SHUT},
        {"accept", "iifname \"eth1\" drop\n", FIREWALL_UNCLEAR},
        {"drop", "ip ttl < 2 drop\n", FIREWALL_SHUT},
        {"accept", "tcp dport 3493 accept\nip ttl < 2 drop\n", FIREWALL_OPEN},
        {"accept", "tcp dport 3493 return\ndrop\n", FIREWALL_OPEN},
        {"drop", "tcp dport 3493 queue\n", FIREWALL_UNCLEAR},
        {"accept", "udp dport 3493 drop\nicmp type echo-request drop\n", FIREWALL_OPEN},
        {"accept", "iifname \"lo\" accept\ncounter packets 0 bytes 0 reject\n", FIREWALL_SHUT},
        {"drop", "jump others\n", FIREWALL_UNCLEAR},
        {"drop", "ip saddr 192.0.2.0/24 accept\n", FIREWALL_UNCLEAR},
        {"drop", "tcp dport {", FIREWALL_SHUT},
        {"drop", "tcp dport ", FIREWALL_SHUT},
};

static void test_firewall(void) {
        for (size_t i = 0; i < ELEMENTSOF(rule_cases); i++) {
                _cleanup_free_ char *rules = NULL;

                ASSERT_TRUE(asprintf(&rules,
                                    "table inet filter {\n\tchain input {\n\t\ttype filter hook "
                                    "input priority "
                                    "filter; policy %s;\n%s\t}\n\tchain output {\n\t\tdrop\n\t}\n}\n",
                                    rule_cases[i].policy, rule_cases[i].rules) > 0);
                ASSERT_EQ((int) judge(rules), (int) rule_cases[i].verdict);
        }
        ASSERT_EQ((int) judge(""), (int) FIREWALL_OPEN);
        ASSERT_EQ((int) judge("}\n}\n"), (int) FIREWALL_OPEN);
}

static void test_firewall_names_the_line(void) {
        char line[32];

        ASSERT_EQ((int) firewall_judge("chain a {\n type filter hook input priority 0; policy accept;\n"
                                       " tcp dport 3493 drop\n}\n",
                          3493, line, sizeof(line)),
                (int) FIREWALL_SHUT);
        ASSERT_STREQ(line, "tcp dport 3493 drop");
}

/* What is for IPv6 alone shuts nobody out who comes by IPv4. */
static void test_firewall_of_family(void) {
        static const struct {
                const char *family;
                Firewall verdict;
        } cases[] = {{"ip", FIREWALL_SHUT}, {"inet", FIREWALL_SHUT}, {"ip6", FIREWALL_UNCLEAR}};

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *rules = NULL;

                ASSERT_TRUE(asprintf(&rules,
                                    "table %s filter {\nchain i {\ntype filter hook input priority 0; "
                                    "policy drop;\n}\n}\n",
                                    cases[i].family) > 0);
                ASSERT_EQ((int) judge(rules), (int) cases[i].verdict);
        }
}

static _printf_(1, 2) char *shell(const char *fmt, ...) {
        va_list ap;
        char *text;

        va_start(ap, fmt);
        text = shell_format(fmt, ap);
        va_end(ap);
        return text;
}

static void test_shell(void) {
        static const struct {
                const char *s, *word;
        } cases[] = {
                {"nut-driver@a.service", "nut-driver@a.service"},
                {"/dev/ttyS0", "/dev/ttyS0"},
                {"", "''"},
                {"a b", "'a b'"},
                {"$(reboot)", "'$(reboot)'"},
                {"`reboot`;#", "'`reboot`;#'"},
                {"~", "'~'"},
                {"x*", "'x*'"},
                {"a\\b", "'a\\b'"},
                {"it's", "'it'\\''s'"},
                {"a\nreboot '\\", "$'a\\012reboot \\'\\\\'"},
                {"\x1b\x7f", "$'\\033\\177'"},
                {"\xc3\xa4", "'\xc3\xa4'"},
        };
        _cleanup_free_ char *text = shell("rm %s %s; kill %d %u %04x 5%%", "a;b", "c", -1, 2U, 0x5dU);

        ASSERT_STREQ(text, "rm 'a;b' c; kill -1 2 005d 5%");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *word = shell_word(cases[i].s);

                ASSERT_STREQ(word, cases[i].word);
        }
}

static void test_listener(void) {
        Listener l;

        ASSERT_TRUE(listener_parse("   0: 0100007F:0DA5 00000000:0000 0A 00000000:00000000 00:00000000 "
                                   "00000000     0"
                                   "        0 4711 1 0000000000000000 100 0 0 10 0",
                &l));
        ASSERT_STREQ(l.address, "127.0.0.1");
        ASSERT_EQ(l.port, 3493);
        ASSERT_EQ((int) l.inode, 4711);
        ASSERT_TRUE(listener_parse("   1: 00000000000000000000000001000000:0DA5 "
                                   "00000000000000000000000000000000:0000 0A "
                                   "00000000:00000000 00:00000000 00000000     0        0 5 1 0",
                &l));
        ASSERT_STREQ(l.address, "::1");
        /* Connected, and what is none. */
        ASSERT_FALSE(listener_parse("   0: 0100007F:0DA5 0100007F:1234 01 00000000:00000000 00:00000000 "
                                    "00000000 0 0 5",
                &l));
        ASSERT_FALSE(listener_parse("   0: 0100:0DA5 00000000:0000 0A 00000000:00000000 00:00000000 "
                                    "00000000 0 0 5 1",
                &l));
        ASSERT_FALSE(listener_parse("  sl  local_address rem_address   st", &l));
        ASSERT_FALSE(listener_parse("", &l));
}

int main(void) {
        test_firewall();
        test_firewall_names_the_line();
        test_firewall_of_family();
        test_shell();
        test_listener();
        return 0;
}
