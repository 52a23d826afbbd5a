/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Rules as people write and read them. */

typedef struct PolicySetting {
        const char *rule; /* a constant */
        double value;     /* percent or seconds; negative: off; NaN: as upsmon.conf says */
} PolicySetting;

/* "charge=30%", "runtime=5min", "on-battery=off", "on-battery-delay=default", ... Returns 0, or -EINVAL and
 * in *ret_problem a constant text on what is wrong with it. */
int policy_setting_parse(const char *s, PolicySetting *ret, const char **ret_problem);

/* Whether a rule is one of the machine and not of a supply. */
bool policy_rule_is_global(const char *rule);

/* "30 %", "5 min", "-": a value of that rule; "-" for NaN. */
void policy_value_format(char *buffer, size_t size, const char *rule, double value);
