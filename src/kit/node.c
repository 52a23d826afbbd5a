/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "device-internal.h"
#include "kept-node.h"
#include "string-util.h"

/* Device node number i of those passed to us: its descriptor, or -ENOENT behind the last. */
static int passed_node(size_t i, dev_t *ret_number) {
        int n = sd_listen_fds(false);

        for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
                struct stat st;

                if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || i-- > 0)
                        continue;
                *ret_number = st.st_rdev;
                return fd;
        }

        return -ENOENT;
}

bool node_has_name(dev_t number, const char *name) {
        char path[64], line[256];
        bool same = false;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/uevent", major(number), minor(number));
        f = fopen(path, "re");
        while (f && !same && fgets(line, sizeof(line), f)) {
                const char *value = startswith(line, "DEVNAME=");
                size_t n = strlen(name);

                same = value && strncmp(value, name, n) == 0 && streq(value + n, "\n");
        }
        if (f)
                (void) fclose(f);
        return same;
}

/* In a sandbox the node need not be there for us, so then its name decides. */
bool node_is_at(const char *path, dev_t number) {
        const char *name = startswith(path, "/dev/");
        struct stat st;

        if (stat(path, &st) >= 0)
                return S_ISCHR(st.st_mode) && st.st_rdev == number;
        return name && node_has_name(number, name);
}

/* The descriptor among those passed to us that is the same device. */
static int find_passed(const char *path) {
        dev_t number;
        int fd;

        for (size_t i = 0; (fd = passed_node(i, &number)) >= 0; i++)
                if (node_is_at(path, number))
                        return fd;
        return -ENOENT;
}

/* The one that was kept, if it is the same device and still there. */
static int find_kept(const Device *d, const char *path) {
        struct stat st;

        if (!d || d->kept_fd < 0 || fstat(d->kept_fd, &st) < 0 || kept_node_has_hung_up(d->kept_fd) ||
            !node_is_at(path, st.st_rdev))
                return -ENOENT;
        return d->kept_fd;
}

static bool node_is_gone(int fd, dev_t number) {
        struct pollfd p = { .fd = fd };
        char path[64];

        if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)))
                return true;
        (void) snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major(number), minor(number));
        return access(path, F_OK) < 0 && errno == ENOENT;
}

bool nodes_are_gone(void) {
        dev_t number;
        size_t i = 0;

        for (int fd; (fd = passed_node(i, &number)) >= 0; i++)
                if (node_is_gone(fd, number))
                        return true;
        return i == 0;
}

size_t device_n_handed_over(const Device *d) {
        dev_t number;
        size_t n = 0;

        while (passed_node(n, &number) >= 0)
                n++;
        return n;
}

dev_t device_handed_over(const Device *d, size_t i) {
        dev_t number;

        return passed_node(i, &number) >= 0 ? number : 0;
}

int device_open_node(const Device *d, const char *path) {
        int fd = find_kept(d, path);

        if (fd < 0)
                fd = find_passed(path);
        if (fd >= 0)
                fd = fcntl(fd, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
        else
                fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}
