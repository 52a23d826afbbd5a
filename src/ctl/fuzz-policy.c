/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A rule with its value, as a person or a script writes it. */

#include <math.h>

#include "policy.h"
#include "test-util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size);
        const char *problem = NULL;
        PolicySetting setting;
        char shown[64];

        ASSERT_TRUE(text);
        if (policy_setting_parse(text, &setting, &problem) < 0) {
                ASSERT_FALSE(isempty(problem));
                return 0;
        }

        ASSERT_TRUE(startswith(text, setting.rule));
        ASSERT_TRUE(isnan(setting.value) || (setting.value >= -1 && setting.value < 1e10));
        if (streq(setting.rule, "charge"))
                ASSERT_FALSE(setting.value > 100);

        policy_value_format(shown, sizeof(shown), setting.rule, setting.value);
        ASSERT_FALSE(isempty(shown));
        return 0;
}
