/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void output_begin(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
                        /* Takes the lowest number that is free, which is this one. */
                        (void) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int output_end(const char *program) {
        bool lost = ferror(stdout);
        int r = fflush(stdout) == 0 ? 0 : -errno;

        if (r == 0 && !lost)
                return 0;
        /* What failed earlier has left no reason, so one line more is to fail for the same one. */
        if (r == 0)
                r = write(STDOUT_FILENO, "\n", 1) < 0 ? -errno : -EIO;
        fprintf(stderr, "%s: cannot write to standard output: %s\n", program, strerror(-r));
        return r;
}
