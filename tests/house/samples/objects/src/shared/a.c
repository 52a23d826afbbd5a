/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

static const int constant = 1;
static const char *const names[] = { "a", "b" };
static const char *pointers[] = { "a", "b" };
static int counter;
int shared_counter = 1;
static _Thread_local int per_thread;

static int (*const hooks[])(const char *) = { puts, NULL };

int work(int i) {
        static int calls;
        static const int table[] = { 1, 2, 3 };

        counter += i;
        per_thread += i;
        pointers[i] = names[i];
        return ++calls + table[i] + constant + hooks[0](pointers[i]);
}

const char **work_pointers(void) {
        return pointers;
}
