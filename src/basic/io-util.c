/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io-util.h"

#include <fcntl.h>

#include "macro.h"

ssize_t fd_read_all(int fd, char *buf, size_t size) {
        size_t n = 0;

        while (n < size) {
                ssize_t k = read(fd, buf + n, size - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }

        return (ssize_t) n;
}

ssize_t path_read(const char *path, char *buf, size_t size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        return fd < 0 ? -errno : fd_read_all(fd, buf, size);
}
