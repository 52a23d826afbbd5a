/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notify-type.h"

#include "test-util.h"

static void test_names(void) {
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++) {
                ASSERT_FALSE(isempty(notify_type_to_string(t)));
                ASSERT_EQ(notify_type_from_string(notify_type_to_string(t)), t);
        }

        ASSERT_EQ(_NOTIFY_TYPE_MAX, 32);
        ASSERT_EQ(notify_type_from_string("onbatt"), NOTIFY_ONBATT);
        ASSERT_EQ(notify_type_from_string("ONBAT"), _NOTIFY_TYPE_INVALID);
        ASSERT_EQ(notify_type_from_string(""), _NOTIFY_TYPE_INVALID);
        ASSERT_STREQ(notify_type_to_string(_NOTIFY_TYPE_MAX), NULL);
        ASSERT_STREQ(notify_type_to_string(_NOTIFY_TYPE_INVALID), NULL);
}

/* Each stock text has one place for the device if it is about one, and no more than two in all. */
static void test_messages(void) {
        for (NotifyType t = 0; t < _NOTIFY_TYPE_MAX; t++) {
                const char *first = strstr(notify_type_message(t), "%s");
                const char *second = first ? strstr(first + 2, "%s") : NULL;
                _cleanup_free_ char *text = notify_message_format(notify_type_message(t), "one", "two");

                if (notify_type_has_device(t))
                        ASSERT_TRUE(first != NULL);
                ASSERT_TRUE(!second || !strstr(second + 2, "%s"));
                ASSERT_EQ(strstr(text, "one") != NULL, first != NULL);
                ASSERT_EQ(strstr(text, "[two]") != NULL, second != NULL);
                ASSERT_TRUE(!strchr(text, '%'));
        }

        ASSERT_STREQ(notify_type_message(_NOTIFY_TYPE_MAX), "%s");
        ASSERT_FALSE(notify_type_has_device(NOTIFY_SHUTDOWN));
        ASSERT_FALSE(notify_type_has_device(NOTIFY_NOPARENT));
        ASSERT_TRUE(notify_type_has_device(NOTIFY_FSD));
}

static void test_format(void) {
        static const struct {
                const char *message, *device, *matter, *text;
        } cases[] = {
                { "UPS %s on battery",   "a@b",  NULL, "UPS a@b on battery"   },
                { "%s: [%s] %s",         "a",    "x",  "a: [x] %s"            },
                { "100%% of %s, %d%n%",  "a",    NULL, "100% of a, %d%n%"     },
                { "%%s %s",              "a",    NULL, "%s a"                 },
                { "%s",                  "%s%s", "x",  "%s%s"                 },
                { "%s and %s",           NULL,   NULL, " and "                },
                { "",                    "a",    "x",  ""                     },
                { "plain",               "a",    "x",  "plain"                },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = notify_message_format(cases[i].message, cases[i].device,
                                cases[i].matter);

                ASSERT_STREQ(text, cases[i].text);
        }
}

int main(void) {
        test_names();
        test_messages();
        test_format();
        return 0;
}
