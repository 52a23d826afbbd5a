/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice-feed.h"
#include "test-util.h"

int main(void) {
        static const Notice list[] = { { 3, 30 }, { 4, 40 }, { 5, 50 } };
        static const struct {
                NoticeMark mark;
                size_t first;
        } cases[] = {
                { { 0, 0 }, 0 },   /* nothing is known */
                { { 3, 30 }, 1 },
                { { 5, 50 }, 3 },
                { { 5, 20 }, 0 },  /* another start of the monitor */
                { { 9, 90 }, 0 },
                { { 2, 20 }, 0 },  /* more was said than is kept */
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                ASSERT_EQ(notices_first_new(list, ELEMENTSOF(list), &cases[i].mark), cases[i].first);
        ASSERT_EQ(notices_first_new(NULL, 0, &cases[1].mark), 0);
        return EXIT_SUCCESS;
}
