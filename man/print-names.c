/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes the vocabulary as the part of busbar-names.7.rst that tools/check-man.py compares and updates. */

#include <stdio.h>

#include "names.h"
#include "string-util.h"

static void print_table(const char *title, const Name *table, size_t n) {
        printf("%s\n", title);
        for (size_t i = 0; i < strlen(title); i++)
                putchar('=');
        puts("\n");

        for (size_t i = 0; i < n; i++) {
                printf("**%s**", table[i].pattern);
                if (table[i].unit[0])
                        printf(" (%s)", table[i].unit);
                printf("\n    %s.\n\n", table[i].description);
        }
}

int main(void) {
        const Name *table;
        size_t n;

        table = variable_names(&n);
        print_table("VARIABLES", table, n);

        table = command_names(&n);
        print_table("COMMANDS", table, n);
        return 0;
}
