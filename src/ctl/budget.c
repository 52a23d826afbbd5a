/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "budget.h"

#include <stdbool.h>

#include "macro.h"
#include "time-util.h"

static uint64_t time_of(const BudgetSupply *s, bool begin) {
        return begin ? s->begins_usec : s->lasts_usec;
}

/* When the power values of those whose time has not come sum up to less than what is needed. */
static uint64_t too_few_usec(const BudgetSupply *supplies, size_t n, unsigned min_supplies, bool begin) {
        uint64_t earliest = USEC_INFINITY;

        for (size_t i = 0; i < n; i++) {
                uint64_t t = time_of(&supplies[i], begin), left = 0;

                if (supplies[i].power_value == 0)
                        continue;

                for (size_t k = 0; k < n; k++)
                        if (time_of(&supplies[k], begin) > t)
                                left += supplies[k].power_value;

                if (left < min_supplies)
                        earliest = MIN(earliest, t);
        }

        return earliest;
}

static BudgetVerdict judge(const Budget *b) {
        if (b->lasts_usec == USEC_INFINITY)
                return BUDGET_RUNTIME_UNKNOWN;
        if (b->lasts_usec < b->needs_usec)
                return BUDGET_TOO_SHORT;
        if (b->begins_usec == USEC_INFINITY)
                return BUDGET_BEGIN_UNKNOWN;

        return usec_sub(b->lasts_usec, b->begins_usec) < b->needs_usec ? BUDGET_TOO_LATE : BUDGET_FITS;
}

Budget budget_make(const BudgetSupply *supplies, size_t n, unsigned min_supplies, uint64_t needs_usec) {
        Budget b = {
                .lasts_usec = too_few_usec(supplies, n, min_supplies, false),
                .begins_usec = too_few_usec(supplies, n, min_supplies, true),
                .needs_usec = needs_usec,
        };

        b.verdict = min_supplies == 0 ? BUDGET_NEVER : judge(&b);
        return b;
}

const char *budget_verdict_to_string(BudgetVerdict v) {
        static const char *const words[_BUDGET_VERDICT_MAX] = {
                [BUDGET_NEVER]           = "never",
                [BUDGET_RUNTIME_UNKNOWN] = "runtime-unknown",
                [BUDGET_TOO_SHORT]       = "too-short",
                [BUDGET_BEGIN_UNKNOWN]   = "begin-unknown",
                [BUDGET_TOO_LATE]        = "too-late",
                [BUDGET_FITS]            = "fits",
        };

        return words[v];
}

uint64_t budget_advised_minutes(const Budget *b) {
        uint64_t minute = 60 * USEC_PER_SEC, needs = usec_add(b->needs_usec, b->needs_usec / 4);

        return needs / minute + (needs % minute > 0);
}
