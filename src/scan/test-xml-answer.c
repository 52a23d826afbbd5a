/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "announced.h"
#include "test-util.h"
#include "xml-answer.h"

static const struct {
        const char *data;
        int result;
        const char *type, *class;
} answers[] = {
        {"<A type=\"Card\"/>", 0, "Card", NULL},
        {"<?xml version='1.0'?>\r\n<!-- > -->\n<!DOCTYPE A>\n<A class='DEV.PDU' type='x' >", 0, "x",
                "DEV.PDU"},
        {"\xef\xbb\xbf<A type='a &amp; b &lt;&quot;&#65;'>rest", 0, "a & b <\"&#65;", NULL},
        {"<A b:c = 'd' type = 'Card' type='Other'>", 0, "Card", NULL},
        {"", -EBADMSG},
        {"Card", -EBADMSG},
        {"<A>", -EBADMSG},
        {"<A class='DEV.UPS'/>", -EBADMSG},
        {"<A type=Card/>", -EBADMSG},
        {"<A type='Card/>", -EBADMSG},
        {"<A type='Card'", -EBADMSG},
        {"<A type='a'class='b'>", -EBADMSG},
        {"<A type='<'/>", -EBADMSG},
        {"<A><B type='Card'/></A>", -EBADMSG},
        {"<!-- <A type='Card'/>", -EBADMSG},
        {"< A type='Card'/>", -EBADMSG},
};

static const struct {
        const char *entry, *devices;
} entries[] = {
        { "device_list=a;b",    "a b" },
        { "ups=a,b,a",          "a b" },
        { "UPS=a",              "a"   },
        { "ups=",               ""    },
        { "ups=a b,c@d,e",      "e"   },
        { "txtvers=1",          ""    },
        { "",                   ""    },
};

static void test_answers(void) {
        for (size_t i = 0; i < ELEMENTSOF(answers); i++) {
                _cleanup_(xml_answer_done) XmlAnswer a = {};
                int r = xml_answer_parse(answers[i].data, strlen(answers[i].data), &a);

                if (r != answers[i].result)
                        TEST_FAIL("%s: %d", answers[i].data, r);
                ASSERT_STREQ(a.type, answers[i].type);
                ASSERT_STREQ(a.class, answers[i].class);
        }
}

static void test_entries(void) {
        for (size_t i = 0; i < ELEMENTSOF(entries); i++) {
                _cleanup_strv_free_ char **devices = NULL;
                _cleanup_free_ char *joined = NULL;

                ASSERT_OK(announced_devices(entries[i].entry, strlen(entries[i].entry), &devices));
                joined = strv_join(devices, " ");
                ASSERT_STREQ(joined, entries[i].devices);
        }
}

#define OWNER "\4_nut\4_tcp\5local"
#define HEAD "\0\0\14\0\1\0\0\0\170\0\22"

static const struct {
        const char *record;
        size_t n;
        int result;
        const char *instance;
} records[] = {
#define RECORD(text) text, sizeof(text)
        { RECORD(OWNER HEAD "\4ups1\4_nut\4_tcp\5local"), 0, "ups1" },
        { RECORD(HEAD "\1a"),                             0, "a"    },
        { RECORD(OWNER HEAD ""),                          -EBADMSG  },
        { RECORD(OWNER HEAD "\5ups1"),                    -EBADMSG  },
        { RECORD(OWNER HEAD "\300\14"),                   -EBADMSG  },
        { RECORD("\100"),                                 -EBADMSG  },
        { RECORD(OWNER "\0\0\20\0\1\0\0\0\170\0\22\1a"), -EBADMSG },
        { RECORD(OWNER),                                  -EBADMSG  },
        { "", 0,                                          -EBADMSG  },
};

static void test_records(void) {
        for (size_t i = 0; i < ELEMENTSOF(records); i++) {
                _cleanup_free_ char *instance = NULL;

                ASSERT_EQ(announced_instance(records[i].record, records[i].n, &instance), records[i].result);
                ASSERT_STREQ(instance, records[i].instance);
        }
}

int main(void) {
        test_answers();
        test_entries();
        test_records();
        return 0;
}
