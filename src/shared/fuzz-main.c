/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target over files, for the normal test suite: libFuzzer brings a main of its own. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "string-util.h"

#define SEED_SIZE_MAX (1U << 20)

/* Input that ends in the middle is what parsers meet most, so each beginning of a small seed is run too. */
#define PREFIX_SIZE_MAX 256U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each input gets memory of its own size, so that a sanitizer sees the first byte read behind it. */
static int run_input(const uint8_t *data, size_t size) {
        _cleanup_free_ uint8_t *copy = malloc(MAX(size, (size_t) 1));

        if (!copy)
                return -ENOMEM;

        memcpy(copy, data, size);
        (void) LLVMFuzzerTestOneInput(copy, size);
        return 0;
}

static int run_file(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        _cleanup_free_ uint8_t *data = malloc(SEED_SIZE_MAX);
        ssize_t n;
        int r;

        if (fd < 0)
                return -errno;
        if (!data)
                return -ENOMEM;

        n = read(fd, data, SEED_SIZE_MAX);
        if (n < 0)
                return -errno;

        for (size_t size = (size_t) n <= PREFIX_SIZE_MAX ? 0 : (size_t) n; size <= (size_t) n; size++) {
                r = run_input(data, size);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* Returns how many files were run, or a negative errno. */
static int run_path(const char *path) {
        struct dirent **entries = NULL;
        struct stat st;
        int n, r = 0;

        if (stat(path, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode)) {
                r = run_file(path);
                return r < 0 ? r : 1;
        }

        n = scandir(path, &entries, NULL, alphasort);
        if (n < 0)
                return -errno;

        int count = 0;
        for (int i = 0; i < n; i++) {
                if (r >= 0 && entries[i]->d_name[0] != '.') {
                        _cleanup_free_ char *file = strjoin(path, "/", entries[i]->d_name);

                        r = file ? run_file(file) : -ENOMEM;
                        count++;
                }
                free(entries[i]);
        }
        free(entries);

        return r < 0 ? r : count;
}

int main(int argc, char *argv[]) {
        int total = 0;

        for (int i = 1; i < argc; i++) {
                int n = run_path(argv[i]);
                if (n < 0) {
                        fprintf(stderr, "%s: %s\n", argv[i], strerror(-n));
                        return EXIT_FAILURE;
                }
                total += n;
        }

        printf("%d seeds\n", total);
        if (total == 0)
                fprintf(stderr, "No seeds: give files or directories that hold some\n");
        return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
