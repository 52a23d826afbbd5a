/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor-text.h"
#include "firewall.h"
#include "test-util.h"

static Firewall judge(const char *rules) {
        char line[64];

        return firewall_judge(rules, 3493, line, sizeof(line));
}

static void test_firewall(void) {
        static const struct {
                const char *policy, *rules;
                Firewall verdict;
        } cases[] = {
                {"accept", "", FIREWALL_OPEN},
                {"drop", "", FIREWALL_SHUT},
                {"drop", "iif lo accept\nct state established,related accept\ntcp dport 22 accept\n",
                        FIREWALL_SHUT},
                {"drop", "tcp dport 3493 accept\n", FIREWALL_OPEN},
                {"drop", "tcp dport { 22, 3000-4000 } accept\n", FIREWALL_OPEN},
                {"drop", "tcp dport nut accept\n", FIREWALL_OPEN},
                {"accept", "tcp dport 3493 drop\n", FIREWALL_SHUT},
                {"accept", "tcp dport { 22, 80 } reject with tcp reset\n", FIREWALL_OPEN},
                {"accept", "tcp dport != 22 drop\n", FIREWALL_OPEN},
                {"accept", "udp dport 3493 drop\nicmp type echo-request drop\n", FIREWALL_OPEN},
                {"accept", "iifname \"lo\" accept\ncounter packets 0 bytes 0 reject\n", FIREWALL_SHUT},
                {"drop", "jump others\n", FIREWALL_UNCLEAR},
                {"drop", "ip saddr 192.0.2.0/24 accept\n", FIREWALL_UNCLEAR},
                {"drop", "tcp dport {", FIREWALL_SHUT},
                {"drop", "tcp dport ", FIREWALL_SHUT},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *rules = NULL;

                ASSERT_TRUE(asprintf(&rules,
                                    "table inet filter {\n\tchain input {\n\t\ttype filter hook "
                                    "input priority "
                                    "filter; policy %s;\n%s\t}\n\tchain output {\n\t\tdrop\n\t}\n}\n",
                                    cases[i].policy, cases[i].rules) > 0);
                ASSERT_EQ((int) judge(rules), (int) cases[i].verdict);
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
        test_listener();
        return 0;
}
