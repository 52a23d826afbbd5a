/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "snmp-memory.h"

#include "test-util.h"

static void test_round_trip(void) {
        static const SnmpMemory memories[] = {
                { (char *) "apc", (char *) "1.2", (char *) "1.3.6.1.4.1.318", (char *) "auto",
                  UINT64_C(0xfedcba9876543210),
                  (char *) "tables\noutlets 1 2 3\n" },
                { (char *) "ietf", (char *) "", (char *) "", (char *) "ietf", 0, (char *) "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(memories); i++) {
                _cleanup_free_ char *text = NULL;
                SnmpMemory m;

                ASSERT_OK(snmp_memory_format(memories + i, &text));
                ASSERT_OK(snmp_memory_parse(text, &m));
                ASSERT_STREQ(m.profile, memories[i].profile);
                ASSERT_STREQ(m.version, memories[i].version);
                ASSERT_STREQ(m.object_id, memories[i].object_id);
                ASSERT_STREQ(m.mibs, memories[i].mibs);
                ASSERT_STREQ(m.engine, memories[i].engine);
                ASSERT_TRUE(m.profiles == memories[i].profiles);
                snmp_memory_done(&m);
        }
}

static void test_refused(void) {
        static const char *const texts[] = {
                "",
                "snmp-ups 2\n",
                "snmp-ups 3\nprofile=a\nversion=1\nobject=\nmibs=auto\nprofiles=0000000000000000\n\n",
                "snmp-ups 2\nprofile=\nversion=1\nobject=\nmibs=auto\nprofiles=0000000000000000\n\n",
                "snmp-ups 2\nprofile=a\nversion=1\nobject=\nmibs=auto\nprofiles=000000000000000\n\n",
                "snmp-ups 2\nprofile=a\nversion=1\nobject=\nmibs=auto\nprofiles=000000000000000g\n\n",
                "snmp-ups 2\nprofile=a\nversion=1\nobject=\nprofiles=0000000000000000\n\n",
                "snmp-ups 2\nprofile=a\nobject=\nversion=1\nmibs=auto\nprofiles=0000000000000000\n\n",
                "snmp-ups 2\nprofile=a\nversion=1\nobject=\nmibs=auto\nprofiles=0000000000000000\nx",
                "snmp-ups 2\nprofile=a\nversion=1\nobject=\nmibs=auto\nprofiles=0000000000000000",
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                SnmpMemory m;

                ASSERT_ERROR(snmp_memory_parse(texts[i], &m), EBADMSG);
        }
}

int main(void) {
        test_round_trip();
        test_refused();
        return EXIT_SUCCESS;
}
