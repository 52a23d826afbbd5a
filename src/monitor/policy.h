/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf.h"

/* Rules that were set while the monitor ran; they go before those of upsmon.conf. */

typedef enum PolicyRule {
        RULE_CHARGE,     /* percent */
        RULE_RUNTIME,    /* seconds */
        RULE_ON_BATTERY, /* seconds */
        RULE_ON_BATTERY_DELAY, /* seconds; for all devices only */
        _RULE_MAX,
        _RULE_INVALID = -EINVAL,
} PolicyRule;

#define POLICY_ENTRIES_MAX 1000U

typedef struct PolicyEntry {
        char *device; /* "" for all */
        PolicyRule rule;
        double value; /* negative: the rule of upsmon.conf is off */
} PolicyEntry;

typedef struct PolicyTable {
        PolicyEntry *entries;
        size_t n_entries, n_allocated;
} PolicyTable;

/* "charge", "runtime", "on-battery", "on-battery-delay", and back. */
const char *policy_rule_to_string(PolicyRule r) _const_;
PolicyRule policy_rule_from_string(const char *s) _pure_;

PolicyTable *policy_table_new(void);
PolicyTable *policy_table_free(PolicyTable *t);
DEFINE_TRIVIAL_CLEANUP_FUNC(PolicyTable *, policy_table_free);

/* A table with what the lines say; what makes no sense is reported and left out. */
int policy_table_from_lines(const Conf *c, ConfReport report, void *userdata, PolicyTable **ret);

/* Sets a rule, or with NaN takes it back. -EINVAL for a value that cannot be one, -E2BIG for too many. */
int policy_table_set(PolicyTable *t, const char *device, PolicyRule rule, double value);

/* The value of just this device; false without. */
bool policy_table_get(const PolicyTable *t, const char *device, PolicyRule rule, double *ret);

/* All of it as text, in new memory. */
int policy_table_format(const PolicyTable *t, char **ret);
