/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Whether the batteries last for an ordered shutdown, if the mains failed now. Times are from the failure
 * on; UINT64_MAX: cannot be told. */

typedef struct BudgetSupply {
        unsigned power_value;
        uint64_t lasts_usec;  /* its runtime */
        uint64_t begins_usec; /* when the first of its rules fires */
} BudgetSupply;

typedef enum BudgetVerdict {
        BUDGET_NEVER,           /* this machine does not go down by itself */
        BUDGET_RUNTIME_UNKNOWN,
        BUDGET_TOO_SHORT,       /* it would not do even if it began at once */
        BUDGET_BEGIN_UNKNOWN,
        BUDGET_TOO_LATE,
        BUDGET_FITS,
        _BUDGET_VERDICT_MAX,
} BudgetVerdict;

typedef struct Budget {
        uint64_t lasts_usec;  /* until too few supplies feed the machine */
        uint64_t begins_usec; /* until too few are good, so that the shutdown begins */
        uint64_t needs_usec;
        BudgetVerdict verdict;
} Budget;

Budget budget_make(const BudgetSupply *supplies, size_t n, unsigned min_supplies, uint64_t needs_usec);

/* "never", "runtime-unknown", "too-short", "begin-unknown", "too-late", "fits". */
const char *budget_verdict_to_string(BudgetVerdict v);

/* A runtime limit that makes the shutdown begin early enough: what it needs and a quarter more, in whole
 * minutes. */
uint64_t budget_advised_minutes(const Budget *b);
