/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mode.h"
#include "test-util.h"

static const struct {
        const char *before, *after;
} cases[] = {
        { "",                                     "MODE=netserver\n" },
        { "# a",                                  "# a\nMODE=netserver\n" },
        { "\n\nMODE=none\n",                     "\n\nMODE=netserver\n" },
        { "#MODE=none\n",                         "#MODE=none\nMODE=netserver\n" },
        { "MODE=none\n",                          "MODE=netserver\n" },
        { "MODE=none",                            "MODE=netserver" },
        { "MODE=\n# b\n",                         "MODE=netserver\n# b\n" },
        { "MODE = none # why\r\nA=b\r\n",         "MODE=netserver # why\r\nA=b\r\n" },
        { " export MODE=\"none\"  # c\n",         " export MODE=netserver  # c\n" },
        { "MODE=none\nMODE='net client'\nB=c\n",  "MODE=none\nMODE=netserver\nB=c\n" },
        { "MODEL=x\n",                            "MODEL=x\nMODE=netserver\n" },
};

int main(void) {
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = mode_replace(cases[i].before, NUT_MODE_NETSERVER);
                NutConf c;

                ASSERT_STREQ(text, cases[i].after);
                ASSERT_OK(nut_conf_parse("nut.conf", text, strlen(text), NULL, NULL, &c));
                ASSERT_EQ(c.mode, NUT_MODE_NETSERVER);
        }

        ASSERT_FALSE(mode_is_given("#MODE=none\nMODEL=x\n"));
        ASSERT_TRUE(mode_is_given("A=b\nMODE=none\n"));
        return EXIT_SUCCESS;
}
