/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "macro.h"

/* The names of variables that a profile gives, each once, in order, with where it stands first. */

typedef struct ProfileName {
        const char *name;
        unsigned line;
} ProfileName;

typedef struct ProfileIndex {
        ProfileName *names;
        size_t n_names;
} ProfileIndex;

/* Room for n names, to be appended by the caller. 0 or -ENOMEM. */
int profile_index_new(size_t n, ProfileIndex *ret);

/* Puts them in order; of those of one name the first line stays. */
void profile_index_sort(ProfileIndex *index);

/* The place of a name, or -1. */
ssize_t profile_index_find(const ProfileIndex *index, const char *name) _pure_;

void profile_index_done(ProfileIndex *index);
