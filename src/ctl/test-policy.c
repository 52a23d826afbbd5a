/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <math.h>

#include "test-util.h"

static void test_good(void) {
        static const struct {
                const char *text, *rule;
                double value;
        } cases[] = {
                { "charge=30", "charge", 30 },
                { "charge=30%", "charge", 30 },
                { "charge=30 %", "charge", 30 },
                { "charge=12.5%", "charge", 12.5 },
                { "charge=100", "charge", 100 },
                { "charge=off", "charge", -1 },
                { "runtime=300", "runtime", 300 },
                { "runtime=300s", "runtime", 300 },
                { "runtime=5min", "runtime", 300 },
                { "runtime=1h 30min", "runtime", 5400 },
                { "runtime=off", "runtime", -1 },
                { "on-battery=0", "on-battery", 0 },
                { "on-battery=2h", "on-battery", 7200 },
                { "on-battery=off", "on-battery", -1 },
                { "on-battery-delay=off", "on-battery-delay", 0 },
                { "on-battery-delay=0.5", "on-battery-delay", 0.5 },
        };
        PolicySetting setting;
        const char *problem;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ASSERT_OK(policy_setting_parse(cases[i].text, &setting, &problem));
                ASSERT_STREQ(setting.rule, cases[i].rule);
                ASSERT_TRUE(setting.value == cases[i].value);
        }

        ASSERT_OK(policy_setting_parse("charge=default", &setting, &problem));
        ASSERT_TRUE(isnan(setting.value));
}

static void test_bad(void) {
        static const struct {
                const char *text, *problem;
        } cases[] = {
                { "", "the rules are" },
                { "=", "the rules are" },
                { "=30", "the rules are" },
                { "Charge=30", "the rules are" },
                { "charges=30", "the rules are" },
                { "low-battery=30", "the rules are" },
                { "charge", "=VALUE" },
                { "charge=", "percent" },
                { "charge=%", "percent" },
                { "charge=101", "percent" },
                { "charge=-1", "percent" },
                { "charge=30%%", "percent" },
                { "charge=30  %", "percent" },
                { "charge=30s", "percent" },
                { "charge=1e1", "percent" },
                { "charge=nan", "percent" },
                { "charge=0.0000000000000000000000000000001", "percent" },
                { "charge=OFF", "percent" },
                { "charge=0", "say off" },
                { "runtime=0", "say off" },
                { "runtime=", "a time" },
                { "runtime=5%", "a time" },
                { "runtime=-5", "a time" },
                { "runtime=5min=3", "a time" },
                { "on-battery=soon", "a time" },
                { "on-battery-delay=99999999999", "a time" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PolicySetting setting = { .value = 42 };
                const char *problem = NULL;

                ASSERT_ERROR(policy_setting_parse(cases[i].text, &setting, &problem), EINVAL);
                ASSERT_TRUE(setting.value == 42);
                if (!strstr(strempty(problem), cases[i].problem))
                        TEST_FAIL("\"%s\" is refused as \"%s\"", cases[i].text, strempty(problem));
        }
}

static void test_format(void) {
        static const struct {
                const char *rule;
                double value;
                const char *text;
        } cases[] = {
                { "charge", 30, "30 %" },
                { "charge", 12.5, "12.5 %" },
                { "charge", -1, "off" },
                { "runtime", 300, "5 min" },
                { "on-battery", 0, "0 s" },
                { "on-battery-delay", 15, "15 s" },
                { "another", 90, "1 min 30 s" },
                { "runtime", 1e300, "never" },
                { "runtime", INFINITY, "never" },
                { "runtime", -INFINITY, "off" },
                { "runtime", NAN, "-" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buffer[48];

                policy_value_format(buffer, sizeof(buffer), cases[i].rule, cases[i].value);
                ASSERT_STREQ(buffer, cases[i].text);
        }
}

int main(void) {
        ASSERT_TRUE(policy_rule_is_global("on-battery-delay"));
        ASSERT_FALSE(policy_rule_is_global("on-battery"));
        ASSERT_FALSE(policy_rule_is_global("another"));

        test_good();
        test_bad();
        test_format();
        return 0;
}
