/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shutdown-unit.h"

#include "test-util.h"

static void test_quote(void) {
        static const struct {
                const char *plain, *quoted;
        } cases[] = {
                { "",                   "\"\""                          },
                { "a b",                "\"a b\""                       },
                { "say \"it's\"",       "\"say \\\"it's\\\"\""          },
                { "\\n $HOME ${X} %n",  "\"\\\\n $HOME ${X} %%n\""      },
                { "a; b & c | d > e #", "\"a; b & c | d > e #\""        },
                { "two\nlines",         "\"two\\nlines\""               },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *quoted = unit_quote(cases[i].plain);

                ASSERT_STREQ(quoted, cases[i].quoted);
        }
}

static void test_units(void) {
        _cleanup_free_ char *command = shutdown_command_unit("down 100%", NULL);
        _cleanup_free_ char *both = shutdown_command_unit("down", "/etc/kill power");
        _cleanup_free_ char *flag = shutdown_command_unit(NULL, "/etc/killpower");

        ASSERT_TRUE(strstr(command, "\nExecStart=:/bin/sh -c \"down 100%%\"\n"));
        ASSERT_FALSE(strstr(command, "upsmon-shutdown-file"));
        ASSERT_TRUE(strstr(both, "printf upsmon-shutdown-file >\\\"$1\\\"\" sh \"/etc/kill power\"\n"));
        ASSERT_TRUE(strstr(both, "\nExecStart=-:") < strstr(both, "\nExecStart=:/bin/sh -c \"down\"\n"));
        ASSERT_TRUE(strstr(command, "\nKillMode=process\n"));
        ASSERT_TRUE(strstr(flag, "printf upsmon-shutdown-file"));
        ASSERT_FALSE(strstr(flag, "poweroff"));
}

int main(void) {
        test_quote();
        test_units();
        return 0;
}
