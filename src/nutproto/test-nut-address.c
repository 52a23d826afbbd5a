/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nut-client.h"
#include "test-util.h"

int main(void) {
        static const struct {
                const char *text, *name, *host;
                uint16_t port;
        } good[] = {
                { "ups",                     "ups",   "localhost",       3493  },
                { "ups@far",                 "ups",   "far",             3493  },
                { "ups@far:3494",            "ups",   "far",             3494  },
                { "ups@10.0.0.1:65535",      "ups",   "10.0.0.1",        65535 },
                { "ups@[::1]",               "ups",   "::1",             3493  },
                { "ups@[fe80::1%eth0]:3494", "ups",   "fe80::1%eth0",    3494  },
                { "a-b_c.d@far.example",     "a-b_c.d", "far.example",   3493  },
        };
        static const char *const bad[] = {
                "", "@far", "ups@", "ups@:3493", "ups@far:", "ups@far:0", "ups@far:65536", "ups@far:x",
                "ups@far:1x", "ups@::1", "ups@[::1", "ups@[]", "ups@[::1]x", "ups@[::1]:", "u s@far",
                "ups@f ar", "ups@far@far",
        };
        char *name = (char *) "n", *host = (char *) "h";
        uint16_t port = 7;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                ASSERT_ERROR(nut_device_address_parse(bad[i], &name, &host, &port), EINVAL);
                ASSERT_STREQ(name, "n");
                ASSERT_STREQ(host, "h");
                ASSERT_EQ(port, 7);
        }

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                ASSERT_OK(nut_device_address_parse(good[i].text, &name, &host, &port));
                ASSERT_STREQ(name, good[i].name);
                ASSERT_STREQ(host, good[i].host);
                ASSERT_EQ(port, good[i].port);
                free(name);
                free(host);
        }

        return 0;
}
