/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "budget.h"
#include "test-util.h"

#define U UINT64_MAX

static void test_verdicts(void) {
        static const struct {
                BudgetSupply supplies[3];
                size_t n;
                unsigned min;
                uint64_t needs, lasts, begins;
                BudgetVerdict verdict;
        } cases[] = {
                { { { 1, 1000, 800 } }, 1, 1, 100, 1000, 800, BUDGET_FITS },
                { { { 1, 1000, 900 } }, 1, 1, 100, 1000, 900, BUDGET_FITS },
                { { { 1, 1000, 901 } }, 1, 1, 100, 1000, 901, BUDGET_TOO_LATE },
                { { { 1, 1000, 2000 } }, 1, 1, 100, 1000, 2000, BUDGET_TOO_LATE },
                { { { 1, 1000, 0 } }, 1, 1, 1001, 1000, 0, BUDGET_TOO_SHORT },
                { { { 1, 1000, U } }, 1, 1, 1001, 1000, U, BUDGET_TOO_SHORT },
                { { { 1, 1000, U } }, 1, 1, 100, 1000, U, BUDGET_BEGIN_UNKNOWN },
                { { { 1, U, 10 } }, 1, 1, 100, U, 10, BUDGET_RUNTIME_UNKNOWN },
                { { { 1, 1000, 800 } }, 1, 0, 100, U, U, BUDGET_NEVER },
                { { { 0 } }, 0, 1, 100, U, U, BUDGET_RUNTIME_UNKNOWN },
                /* Either of two will do: the better one counts. */
                { { { 1, 500, 400 }, { 1, 1000, 800 } }, 2, 1, 100, 1000, 800, BUDGET_FITS },
                { { { 1, 1000, 800 }, { 1, 500, 400 } }, 2, 1, 100, 1000, 800, BUDGET_FITS },
                /* Both are needed: the worse one does. */
                { { { 1, 500, 400 }, { 1, 1000, 800 } }, 2, 2, 101, 500, 400, BUDGET_TOO_LATE },
                /* One that gives its word early and one that has little left. */
                { { { 1, 5000, 50 }, { 1, 200, 190 } }, 2, 2, 100, 200, 50, BUDGET_FITS },
                /* What has no power value feeds nothing. */
                { { { 0, 10, 5 }, { 1, 1000, 800 } }, 2, 1, 100, 1000, 800, BUDGET_FITS },
                /* Two that end at once. */
                { { { 1, 500, 400 }, { 1, 500, 400 } }, 2, 1, 100, 500, 400, BUDGET_FITS },
                { { { 1, 500, 400 }, { 1, 500, 400 }, { 2, 900, 100 } }, 3, 3, 100, 500, 100, BUDGET_FITS },
                { { { 1, 500, 400 }, { 1, U, U } }, 2, 1, 100, U, U, BUDGET_RUNTIME_UNKNOWN },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Budget b = budget_make(cases[i].supplies, cases[i].n, cases[i].min, cases[i].needs);

                if (b.verdict != cases[i].verdict)
                        TEST_FAIL("case %zu is %s, expected %s", i, budget_verdict_to_string(b.verdict),
                                  budget_verdict_to_string(cases[i].verdict));
                ASSERT_TRUE(b.lasts_usec == cases[i].lasts);
                ASSERT_TRUE(b.begins_usec == cases[i].begins);
                ASSERT_TRUE(b.needs_usec == cases[i].needs);
        }
}

static void test_advice(void) {
        static const struct {
                uint64_t seconds, minutes;
        } cases[] = {
                { 0, 0 }, { 1, 1 }, { 48, 1 }, { 49, 2 }, { 190, 4 }, { 960, 20 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Budget b = { .needs_usec = cases[i].seconds * 1000000 };

                ASSERT_EQ(budget_advised_minutes(&b), cases[i].minutes);
        }
}

int main(void) {
        test_verdicts();
        test_advice();
        return 0;
}
