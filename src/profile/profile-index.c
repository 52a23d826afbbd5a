/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "profile-index.h"

#include "string-util.h"

int profile_index_new(size_t n, ProfileIndex *ret) {
        *ret = (ProfileIndex) { .names = new0(ProfileName, n) };
        return ret->names ? 0 : -ENOMEM;
}

static int compare_names(const void *a, const void *b) {
        const ProfileName *x = a, *y = b;
        int c = strcmp(x->name, y->name);

        return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

void profile_index_sort(ProfileIndex *index) {
        size_t n = index->n_names;

        qsort(index->names, n, sizeof(ProfileName), compare_names);
        index->n_names = 0;
        for (size_t i = 0; i < n; i++)
                if (i == 0 || !streq(index->names[i].name, index->names[index->n_names - 1].name))
                        index->names[index->n_names++] = index->names[i];
}

ssize_t profile_index_find(const ProfileIndex *index, const char *name) {
        size_t low = 0, high = index->n_names;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int c = strcmp(name, index->names[middle].name);

                if (c == 0)
                        return (ssize_t) middle;
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }

        return -1;
}

void profile_index_done(ProfileIndex *index) {
        free(index->names);
        *index = (ProfileIndex) {};
}
