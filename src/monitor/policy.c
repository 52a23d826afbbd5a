/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy.h"

#include <math.h>

#include "file.h"
#include "log.h"
#include "parse-util.h"
#include "string-util.h"
#include "upsmon-conf.h"

#define SECONDS_MAX 31622400.0 /* a year */
#define DEVICE_LENGTH_MAX 512U

static const struct {
        const char *name;
        double max;
} rules[_RULE_MAX] = {
        [RULE_CHARGE]           = { "charge", 100 },
        [RULE_RUNTIME]          = { "runtime", SECONDS_MAX },
        [RULE_ON_BATTERY]       = { "on-battery", SECONDS_MAX },
        [RULE_ON_BATTERY_DELAY] = { "on-battery-delay", SECONDS_MAX },
};

const char *policy_rule_to_string(PolicyRule r) {
        return r >= 0 && r < _RULE_MAX ? rules[r].name : NULL;
}

PolicyRule policy_rule_from_string(const char *s) {
        for (PolicyRule r = 0; r < _RULE_MAX; r++)
                if (streq(s, rules[r].name))
                        return r;
        return _RULE_INVALID;
}

PolicyTable *policy_table_new(void) {
        return new0(PolicyTable, 1);
}

PolicyTable *policy_table_free(PolicyTable *t) {
        if (!t)
                return NULL;

        for (size_t i = 0; i < t->n_entries; i++)
                free(t->entries[i].device);
        free(t->entries);
        free(t);
        return NULL;
}

static PolicyEntry *find(const PolicyTable *t, const char *device, PolicyRule rule) {
        for (size_t i = 0; i < t->n_entries; i++)
                if (t->entries[i].rule == rule && strcaseeq(t->entries[i].device, device))
                        return t->entries + i;
        return NULL;
}

static void drop(PolicyTable *t, PolicyEntry *e) {
        free(e->device);
        *e = t->entries[--t->n_entries];
}

static bool value_is_possible(const char *device, PolicyRule rule, double value) {
        if (rule < 0 || rule >= _RULE_MAX || strlen(device) > DEVICE_LENGTH_MAX)
                return false;
        if (rule == RULE_ON_BATTERY_DELAY && (!isempty(device) || value < 0))
                return false;
        return isnan(value) || (isfinite(value) && value <= rules[rule].max);
}

int policy_table_set(PolicyTable *t, const char *device, PolicyRule rule, double value) {
        if (!value_is_possible(device, rule, value))
                return -EINVAL;

        PolicyEntry *e = find(t, device, rule);
        if (isnan(value)) {
                if (e)
                        drop(t, e);
                return 0;
        }

        if (!e) {
                _cleanup_free_ char *copy = strdup(device);

                if (t->n_entries >= POLICY_ENTRIES_MAX)
                        return -E2BIG;
                if (!copy || !GREEDY_REALLOC(t->entries, t->n_allocated, t->n_entries + 1))
                        return -ENOMEM;
                e = t->entries + t->n_entries++;
                *e = (PolicyEntry) { .device = TAKE_PTR(copy), .rule = rule };
        }
        e->value = value < 0 ? -1 : value;
        return 0;
}

bool policy_table_get(const PolicyTable *t, const char *device, PolicyRule rule, double *ret) {
        const PolicyEntry *e = find(t, device, rule);

        if (!e)
                return false;
        *ret = e->value;
        return true;
}

/* rule DEVICE RULE VALUE */
static int take_line(PolicyTable *t, const ConfLine *l) {
        double value = -1;

        if (l->n_words != 4 || !streq(l->words[0], "rule"))
                return -EINVAL;
        if (!streq(l->words[3], "off") && (parse_double(l->words[3], &value) < 0 || value < 0))
                return -EINVAL;
        return policy_table_set(t, l->words[1], policy_rule_from_string(l->words[2]), value);
}

int policy_table_from_lines(const Conf *c, ConfReport report, void *userdata, PolicyTable **ret) {
        _cleanup_(policy_table_freep) PolicyTable *t = policy_table_new();

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < conf_n_lines(c); i++) {
                int r = take_line(t, conf_line(c, i));

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        conf_line_report(conf_line(c, i), report, userdata, LOG_ERR,
                                        "this is no rule, ignoring it");
        }

        *ret = TAKE_PTR(t);
        return 0;
}

int policy_table_format(const PolicyTable *t, char **ret) {
        _cleanup_free_ char *text = NULL;

        int r = text_appendf(&text, "# Rules that were set while busbar-monitor ran; see busbarctl(1).\n");
        for (size_t i = 0; r >= 0 && i < t->n_entries; i++) {
                const PolicyEntry *e = t->entries + i;

                r = text_appendf(&text, "rule");
                if (r >= 0)
                        r = text_append_quoted(&text, e->device);
                if (r >= 0)
                        r = e->value < 0 ? text_appendf(&text, " %s off\n", policy_rule_to_string(e->rule))
                                         : text_appendf(&text, " %s %.17g\n",
                                                           policy_rule_to_string(e->rule), e->value);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(text);
        return 0;
}
