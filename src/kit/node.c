/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "driver.h"

/* The descriptor among those passed to us that is the same device, whatever its path. */
static int find_passed(dev_t number) {
        int n = sd_listen_fds(false);

        for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
                struct stat st;

                if (fstat(fd, &st) >= 0 && S_ISCHR(st.st_mode) && st.st_rdev == number)
                        return fd;
        }

        return -ENOENT;
}

int device_open_node(const Device *d, const char *path) {
        struct stat st;
        int fd, passed;

        if (stat(path, &st) < 0)
                return -errno;
        passed = S_ISCHR(st.st_mode) ? find_passed(st.st_rdev) : -ENOENT;

        if (passed >= 0)
                fd = fcntl(passed, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
        else
                fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}
