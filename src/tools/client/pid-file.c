/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pid-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io-util.h"
#include "parse-util.h"
#include "string-util.h"

int pid_file_read(const char *path, pid_t *ret) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        char text[32];
        uint64_t pid;
        ssize_t n;

        *ret = 0;
        /* Whoever may write to the directory may have put anything there. */
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : errno == ELOOP || errno == ENXIO ? -EMEDIUMTYPE : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EMEDIUMTYPE;

        n = fd_read_all(fd, text, sizeof(text) - 1);
        if (n < 0)
                return (int) n;
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        if (parse_uint64(text, 1, INT32_MAX, &pid) >= 0)
                *ret = (pid_t) pid;
        return 0;
}

int pid_file_write(const char *path) {
        _cleanup_free_ char *temporary = strjoin(path, ".XXXXXX");
        _cleanup_close_ int fd = -EBADF;
        pid_t owner;
        int r;

        if (!temporary)
                return -ENOMEM;
        r = pid_file_read(path, &owner);
        if (r < 0)
                return r;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (dprintf(fd, "%ld\n", (long) getpid()) > 0 && fchmod(fd, 0644) == 0 &&
            rename(temporary, path) == 0)
                return 0;

        r = -errno;
        (void) unlink(temporary);
        return r;
}

void pid_file_remove(const char *path) {
        pid_t owner;

        if (pid_file_read(path, &owner) >= 0 && owner == getpid())
                (void) unlink(path);
}
