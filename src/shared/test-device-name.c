/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device-name.h"

#include "test-util.h"

static void test_host_equal(void) {
        static const struct {
                const char *a, *b;
                bool equal;
        } table[] = {
                { "nas",             "NAS",                 true  },
                { "nas.example",     "nas.example.",        true  },
                { "nas.example",     "nas.example..",       false },
                { "nas",             "nas.example",         false },
                { "192.0.2.1",       "192.0.2.1",           true  },
                { "192.0.2.1",       "::ffff:192.0.2.1",    true  },
                { "192.0.2.1",       "192.0.2.10",          false },
                { "2001:db8::1",     "2001:DB8:0:0::0:1",   true  },
                { "2001:db8::1",     "2001:db8::2",         false },
                { "fe80::1%lo",      "fe80:0::1%lo",        true  },
                { "fe80::1%lo",      "fe80::1",             false },
                { ".",               ".",                   true  },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                ASSERT_EQ(host_equal(table[i].a, table[i].b), table[i].equal);
                ASSERT_EQ(host_equal(table[i].b, table[i].a), table[i].equal);
        }
}

int main(void) {
        static const char *const good[] = {
                "ups", "Rack-1_b.2", "ups@host", "ups@host.example:3494", "ups@[2001:db8::1]:3493",
                "ups@[fe80::1%eth0]", "ups@192.0.2.1",
        };
        static const char *const bad[] = {
                "", "@", "ups@", "@host", "a@b@c", "a b@host", "ups@ho st", "ups@host/x", "ups@host\n",
                "ups:1", "ups@-x", "ups@host:0", "ups@host:x", "ups@[::1", "ups@x::y",
                "a/b@host", "ups@\xc3\xa4",
        };
        char longest[600] = {};

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                ASSERT_TRUE(bus_device_name_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                ASSERT_FALSE(bus_device_name_is_valid(bad[i]));

        memset(longest, 'x', sizeof(longest) - 1);
        longest[3] = '@';
        ASSERT_FALSE(bus_device_name_is_valid(longest));
        longest[4 + 254] = '\0';
        ASSERT_FALSE(bus_device_name_is_valid(longest));
        longest[4 + 253] = '\0';
        ASSERT_TRUE(bus_device_name_is_valid(longest));
        test_host_equal();
        return 0;
}
