/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <math.h>
#include <stdio.h>

#include "duration.h"
#include "macro.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define NUMBER_LENGTH_MAX 32U

typedef struct Rule {
        const char *name;
        bool percent, global;
        bool zero;  /* nothing at all is a value that makes sense */
        double off; /* what switches it off */
} Rule;

static const Rule rules[] = {
        { .name = "charge", .percent = true, .off = -1 },
        { .name = "runtime", .off = -1 },
        { .name = "on-battery", .zero = true, .off = -1 },
        { .name = "on-battery-delay", .global = true, .zero = true, .off = 0 },
};

static const Rule *rule_find(const char *name, size_t length) {
        for (size_t i = 0; i < ELEMENTSOF(rules); i++)
                if (strlen(rules[i].name) == length && strncmp(rules[i].name, name, length) == 0)
                        return &rules[i];

        return NULL;
}

/* "30", "30%", "30 %". */
static int percent_parse(const char *s, double *ret) {
        size_t length = strspn(s, "0123456789.");
        const char *rest = s + length;
        char number[NUMBER_LENGTH_MAX];
        int r;

        if (length >= sizeof(number) || !(streq(rest, "") || streq(rest, "%") || streq(rest, " %")))
                return -EINVAL;

        memcpy(number, s, length);
        number[length] = '\0';
        r = parse_double(number, ret);
        return r < 0 ? r : *ret > 100 ? -ERANGE : 0;
}

static int seconds_parse(const char *s, double *ret) {
        uint64_t usec;
        int r;

        r = duration_parse(s, &usec);
        if (r < 0)
                return r;

        *ret = (double) usec / (double) USEC_PER_SEC;
        return 0;
}

static int value_parse(const Rule *rule, const char *s, double *ret, const char **ret_problem) {
        double value;
        int r;

        if (streq(s, "off"))
                value = rule->off;
        else if (streq(s, "default"))
                value = NAN;
        else {
                r = rule->percent ? percent_parse(s, &value) : seconds_parse(s, &value);
                if (r < 0) {
                        *ret_problem = rule->percent
                                ? "it wants percent, up to 100, such as 30%, or off or default"
                                : "it wants a time, such as 300, 90s or 5min, or off or default";
                        return -EINVAL;
                }
                if (!(value > 0) && !rule->zero) {
                        *ret_problem = "nothing is left at 0; to have no such rule, say off";
                        return -EINVAL;
                }
        }

        *ret = value;
        return 0;
}

int policy_setting_parse(const char *s, PolicySetting *ret, const char **ret_problem) {
        size_t length = strcspn(s, "=");
        const Rule *rule;
        double value;
        int r;

        rule = rule_find(s, length);
        if (!rule) {
                *ret_problem = "the rules are charge, runtime, on-battery and on-battery-delay";
                return -EINVAL;
        }
        if (s[length] == '\0') {
                *ret_problem = "behind the rule goes =VALUE";
                return -EINVAL;
        }

        r = value_parse(rule, s + length + 1, &value, ret_problem);
        if (r < 0)
                return r;

        *ret = (PolicySetting) { .rule = rule->name, .value = value };
        return 0;
}

bool policy_rule_is_global(const char *name) {
        const Rule *rule = rule_find(name, strlen(name));

        return rule && rule->global;
}

void policy_value_format(char *buffer, size_t size, const char *rule, double value) {
        const Rule *known = rule_find(rule, strlen(rule));

        if (isnan(value))
                snprintf(buffer, size, "-");
        else if (value < 0)
                snprintf(buffer, size, "off");
        else if (known && known->percent)
                snprintf(buffer, size, "%.4g %%", value);
        else if (value < 1e12)
                duration_format(buffer, size, (uint64_t) (value * (double) USEC_PER_SEC));
        else
                duration_format(buffer, size, USEC_INFINITY);
}
