/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "string-util.h"

/* Virtual consoles are the first 64 of the major number that they share with serial lines. */
#define CONSOLE_MAJOR 4
#define CONSOLES 64
#define TTY_AUX_MAJOR 5

static bool number_is_console(dev_t number) {
        return major(number) == TTY_AUX_MAJOR ||
                (major(number) == CONSOLE_MAJOR && minor(number) < CONSOLES);
}

/* What the kernel says the node is: the last part of where the link points to. */
static int read_subsystem(const Poweroff *p, dev_t number, char *ret, size_t size) {
        char link[64], full[PATH_MAX], target[PATH_MAX], *name;
        ssize_t n;
        int r;

        (void) snprintf(link, sizeof(link), "/sys/dev/char/%u:%u/subsystem", major(number), minor(number));
        r = poweroff_path(p, link, full, sizeof(full));
        if (r < 0)
                return r;
        n = readlink(full, target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = '\0';

        name = strrchr(target, '/');
        name = name ? name + 1 : target;
        if (strlen(name) >= size)
                return -ENAMETOOLONG;
        strcpy(ret, name);
        return 0;
}

static int check_number(const Poweroff *p, dev_t number) {
        static const char *const subsystems[] = { "tty", "usb", "usbmisc", "hidraw" };
        char subsystem[32];
        int r;

        if (number_is_console(number))
                return -EPERM;
        r = read_subsystem(p, number, subsystem, sizeof(subsystem));
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(subsystems); i++)
                if (streq(subsystem, subsystems[i]))
                        return 0;
        return -EPERM;
}

int node_open(const Poweroff *p, const char *path) {
        char full[PATH_MAX], by_fd[sizeof("/proc/self/fd/") + 16];
        _cleanup_close_ int handle = -EBADF;
        struct stat st;
        int fd, r;

        r = poweroff_path(p, path, full, sizeof(full));
        if (r < 0)
                return r;
        handle = open(full, O_PATH | O_CLOEXEC);
        if (handle < 0 || fstat(handle, &st) < 0)
                return -errno;
        if (!S_ISCHR(st.st_mode))
                return -EPERM;
        r = check_number(p, st.st_rdev);
        if (r < 0)
                return r;

        (void) snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", handle);
        fd = open(by_fd, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}
