/* SPDX-License-Identifier: LGPL-2.1-or-later */

int undocumented(void);

/* Documented. */
int documented(void);

int *undocumented_in_group(int a);
int second(
                int a,
                int b) __attribute__((pure));

/* A comment that stands alone. */

int separated(void) _pure_;
/* A comment below. */
int below(void);
