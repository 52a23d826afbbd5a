/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>

#include "scan-ranges.h"
#include "test-util.h"

typedef enum How { RANGE, NETWORK, AUTO } How;

static const struct {
        How how;
        const char *first, *last;
        int result;
        const char *begin, *end;
        uint64_t n;
} cases[] = {
        { RANGE,   "192.0.2.1",       NULL,            0, "192.0.2.1",    "192.0.2.1",     1      },
        { RANGE,   "192.0.2.9",       "192.0.2.3",     0, "192.0.2.3",    "192.0.2.9",     7      },
        { RANGE,   "192.0.1.250",     "192.0.2.5",     0, "192.0.1.250",  "192.0.2.5",     12     },
        { RANGE,   "[2001:db8::1]",   "2001:db8::3",   0, "2001:db8::1",  "2001:db8::3",   3      },
        { RANGE,   "255.255.255.255", NULL,            0, "255.255.255.255", "255.255.255.255", 1 },
        { RANGE,   "192.0.2.1",       "2001:db8::1",   -EAFNOSUPPORT                              },
        { RANGE,   "",                NULL,            -EINVAL                                    },
        { RANGE,   "1.2",             NULL,            -EINVAL                                    },
        { RANGE,   "192.0.2.256",     NULL,            -EINVAL                                    },
        { RANGE,   "no.such.invalid", NULL,            -EHOSTUNREACH                              },
        { RANGE,   "10.0.0.0",        "10.255.255.255", -E2BIG                                    },
        { RANGE,   "::",              "ffff::",        -E2BIG                                     },
        { NETWORK, "192.0.2.0/24",    NULL,            0, "192.0.2.0",    "192.0.2.255",   256    },
        { NETWORK, "192.0.2.77/255.255.255.248", NULL, 0, "192.0.2.72",   "192.0.2.79",    8      },
        { NETWORK, "192.0.2.7/32",    NULL,            0, "192.0.2.7",    "192.0.2.7",     1      },
        { NETWORK, "192.0.2.6/31",    NULL,            0, "192.0.2.6",    "192.0.2.7",     2      },
        { NETWORK, "192.0.2.6/30",    NULL,            0, "192.0.2.4",    "192.0.2.7",     4      },
        { NETWORK, "10.1.0.0/16",     NULL,            0, "10.1.0.0",     "10.1.255.255",  65536  },
        { NETWORK, "2001:db8::/126",  NULL,            0, "2001:db8::",   "2001:db8::3",   4      },
        { NETWORK, "192.0.2.7",       NULL,            0, "192.0.2.7",    "192.0.2.7",     1      },
        { NETWORK, "10.0.0.0/8",      NULL,            -E2BIG                                     },
        { NETWORK, "0.0.0.0/0",       NULL,            -E2BIG                                     },
        { NETWORK, "2001:db8::/64",   NULL,            -E2BIG                                     },
        { NETWORK, "192.0.2.0/33",    NULL,            -EINVAL                                    },
        { NETWORK, "192.0.2.0/",      NULL,            -EINVAL                                    },
        { NETWORK, "192.0.2.0/255.0.255.0", NULL,      -EINVAL                                    },
        { NETWORK, "/24",             NULL,            -EINVAL                                    },
        { AUTO,    "auto/200",        NULL,            -EINVAL                                    },
        { AUTO,    "auto4/33",        NULL,            -EINVAL                                    },
        { AUTO,    "auto5",           NULL,            -EINVAL                                    },
        { AUTO,    "automatic",       NULL,            -EINVAL                                    },
};

static int add(ScanRanges *l, size_t i, char **ret_why) {
        switch (cases[i].how) {
        case RANGE:
                return scan_ranges_add(l, cases[i].first, cases[i].last, ret_why);
        case NETWORK:
                return scan_ranges_add_network(l, cases[i].first, ret_why);
        default:
                return scan_ranges_add_auto(l, cases[i].first, ret_why);
        }
}

static void check(const ScanRanges *l, size_t i) {
        char text[SCAN_ADDRESS_SIZE], last[SCAN_ADDRESS_SIZE] = "";
        ScanIterator iterator = {};
        uint64_t n = 0;

        ASSERT_EQ(l->n_addresses, cases[i].n);
        while (scan_ranges_next(l, &iterator, text)) {
                if (n++ == 0)
                        ASSERT_STREQ(text, cases[i].begin);
                memcpy(last, text, sizeof(last));
        }
        ASSERT_EQ(n, cases[i].n);
        ASSERT_STREQ(last, cases[i].end);
}

static void test_cases(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(scan_ranges_done) ScanRanges l = {};
                _cleanup_free_ char *why = NULL;
                int r = add(&l, i, &why);

                if (r != cases[i].result)
                        TEST_FAIL("%s: %d, expected %d", cases[i].first, r, cases[i].result);
                if (r >= 0)
                        check(&l, i);
                else
                        ASSERT_EQ(l.n_ranges, 0);
        }
}

/* One behind the other, and all together no more than the limit. */
static void test_several(void) {
        _cleanup_(scan_ranges_done) ScanRanges l = {};
        char text[SCAN_ADDRESS_SIZE];
        ScanIterator iterator = {};
        struct in6_addr a;
        unsigned n = 0;

        ASSERT_OK(scan_ranges_add(&l, "192.0.2.1", NULL, NULL));
        ASSERT_OK(scan_ranges_add_network(&l, "198.51.100.0/30", NULL));
        ASSERT_OK(scan_ranges_add(&l, "2001:db8::9", NULL, NULL));
        while (scan_ranges_next(&l, &iterator, text))
                n++;
        ASSERT_EQ(n, 6);
        ASSERT_EQ(inet_pton(AF_INET6, "::ffff:198.51.100.2", &a), 1);
        ASSERT_TRUE(scan_ranges_contain(&l, &a));
        ASSERT_EQ(inet_pton(AF_INET6, "::ffff:198.51.100.4", &a), 1);
        ASSERT_FALSE(scan_ranges_contain(&l, &a));

        for (unsigned i = 0; i < 15; i++)
                ASSERT_OK(scan_ranges_add_network(&l, "10.1.0.0/16", NULL));
        ASSERT_OK(scan_ranges_add_network(&l, "10.1.0.0/17", NULL));
        ASSERT_ERROR(scan_ranges_add_network(&l, "10.1.0.0/16", NULL), E2BIG);
}

int main(void) {
        test_cases();
        test_several();
        return 0;
}
