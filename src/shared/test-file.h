/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A directory of its own for a test that needs files. */

#include <ftw.h>
#include <sys/stat.h>

#include "test-util.h"

static inline int test_remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

/* Removes the directory with all in it and frees its name. */
static inline char *test_directory_free(char *path) {
        if (path)
                ASSERT_EQ(nftw(path, test_remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
        free(path);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(char *, test_directory_free);

/* Makes an empty directory and enters it; it goes away with test_directory_free(). */
static inline char *test_directory_new(void) {
        const char *parent = getenv("TMPDIR");
        char *path = strjoin(isempty(parent) ? "/tmp" : parent, "/test-XXXXXX");

        ASSERT_TRUE(path && mkdtemp(path));
        ASSERT_EQ(chdir(path), 0);
        return path;
}

/* Replaces a file by a text. */
static inline void test_write_file(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        ASSERT_TRUE(f != NULL);
        ASSERT_TRUE(fputs(text, f) >= 0);
        ASSERT_EQ(fclose(f), 0);
}
