/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "string-util.h"
#include "supply.h"
#include "test-util.h"

#define OB_LB (STATUS_OB | STATUS_LB)

static void test_mains(void) {
        static const struct {
                double voltage, nominal;
                Mains mains;
        } cases[] = {
                { NAN, 230, MAINS_UNKNOWN },   { 0, 230, MAINS_ABSENT },      { 19.9, 230, MAINS_ABSENT },
                { 22, 230, MAINS_ABSENT },     { 23.1, 230, MAINS_UNKNOWN },  { 115, 230, MAINS_UNKNOWN },
                { 116, 230, MAINS_PRESENT },   { 230, 230, MAINS_PRESENT },   { 61, NAN, MAINS_PRESENT },
                { 60, NAN, MAINS_UNKNOWN },    { 20, NAN, MAINS_UNKNOWN },    { 0, NAN, MAINS_ABSENT },
                { 230, 0, MAINS_PRESENT },     { -5, -3, MAINS_ABSENT },      { 100, 100, MAINS_PRESENT },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (mains_from_voltage(cases[i].voltage, cases[i].nominal) != cases[i].mains)
                        TEST_FAIL("%g of %g", cases[i].voltage, cases[i].nominal);
}

static void test_tokens(void) {
        char *const tokens[] = { (char *) "ob", (char *) "OVERHEAT", (char *) "LB", (char *) "OVERHEAT2",
                        NULL };
        _cleanup_free_ char *others = NULL;

        ASSERT_EQ(status_from_tokens(tokens, &others), STATUS_OB | STATUS_LB | STATUS_OTHER);
        ASSERT_STREQ(others, "OVERHEAT OVERHEAT2");
        ASSERT_EQ(status_from_tokens(NULL, NULL), 0);
}

static void test_eco(void) {
        static const struct {
                const char *variable, *value;
                bool eco;
        } cases[] = {
                { "ups.mode.buzzwords", "vendor:apc:ECO", true },
                { "ups.mode.buzzwords", "vendor:apc:ONLINE vendor:eaton:ESS", true },
                { "ups.mode.buzzwords", "vendor:x:HE", true },
                { "ups.mode.buzzwords", "vendor:x:NORMAL", false },
                { "ups.mode.buzzwords", "vendor:x:HELLO", false },
                { "ups.mode.buzzwords", "", false },
                { "experimental.ups.mode.buzzwords", "eco", true },
                { "ups.mode", "ECO", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(model_freep) Model *m = model_new();
                _cleanup_(update_freep) Update *u = update_new();

                ASSERT_OK(update_set(u, cases[i].variable, cases[i].value));
                ASSERT_OK(model_apply(m, u, NULL));
                if (model_is_eco(m) != cases[i].eco)
                        TEST_FAIL("%s", cases[i].value);
        }
}

static void test_logins(void) {
        static const struct {
                const char *value;
                unsigned others;
        } cases[] = {
                { NULL, 1 },  { "", 1 },  { "many", 1 }, { "-1", 1 },
                { "1e9", 1 }, { "0", 0 }, { "1", 0 },    { "3", 2 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(model_freep) Model *m = model_new();
                _cleanup_(update_freep) Update *u = update_new();

                if (cases[i].value)
                        ASSERT_OK(update_set(u, "server.numlogins", cases[i].value));
                ASSERT_OK(model_apply(m, u, NULL));
                ASSERT_EQ(model_other_logins(m), cases[i].others);
        }
}

/* What is stuck does not take the protection away. */
static void test_tests(void) {
        static const struct {
                StatusBits status;
                const char *result;
                double charge;
                uint64_t age_usec;
                bool running, disbelieved;
        } cases[] = {
                { STATUS_OB, NULL, NAN, 0, false, false },
                { STATUS_OB, "Done and passed", NAN, 0, false, false },
                { STATUS_OB, "Test In Progress", NAN, 0, true, false },
                { OB_LB, "In progress", 10, 0, true, false },
                { OB_LB, "In progress", 9, 0, false, true },
                { STATUS_OB, "In progress", 9, 0, true, false },
                { OB_LB, "In progress", NAN, TEST_RESULT_MAX_USEC - 1, true, false },
                { OB_LB, "In progress", NAN, TEST_RESULT_MAX_USEC, false, true },
                { OB_LB | STATUS_TEST, "In progress", 1, TEST_RESULT_MAX_USEC, true, false },
                { OB_LB | STATUS_CAL, NULL, 1, TEST_RESULT_MAX_USEC, true, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t since = 5;
                bool disbelieved;

                ASSERT_EQ(test_is_running(cases[i].status, cases[i].result, cases[i].charge,
                                          5 + cases[i].age_usec, &since, &disbelieved), cases[i].running);
                ASSERT_EQ(disbelieved, cases[i].disbelieved);
                ASSERT_EQ(since, strcasestr(strempty(cases[i].result), "progress") ? 5 : 0);
        }
}

/* A device that is not on the bus was either never heard, or is lost; its values stay. */
static void test_absent(void) {
        _cleanup_(supply_freep) Supply *s = NULL;

        ASSERT_OK(supply_new("ups@host", "ups@host", &s));
        ASSERT_TRUE(supply_is_link(s));
        ASSERT_FALSE(supply_is_remote(s));
        supply_look(s, NULL, 1000, 5000);
        ASSERT_EQ(s->reading.contact, CONTACT_NEVER);
        s->reading.contact = CONTACT_FRESH;
        s->reading.status = STATUS_OB;
        s->reading.heard_usec = 4000;
        supply_look(s, NULL, 1000, 6000);
        ASSERT_EQ(s->reading.contact, CONTACT_LOST);
        ASSERT_EQ(s->reading.status, STATUS_OB);
        ASSERT_EQ(s->reading.heard_usec, 4000);
}

int main(void) {
        test_mains();
        test_tokens();
        test_eco();
        test_logins();
        test_tests();
        test_absent();
        return 0;
}
