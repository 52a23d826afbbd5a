/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "flag-file.h"
#include "parse-util.h"
#include "string-util.h"

/* Virtual consoles are the first 64 of the major number that they share with serial lines. */
#define CONSOLE_MAJOR 4
#define CONSOLES 64
#define TTY_AUX_MAJOR 5

/* The names of the consoles are short, and few. */
#define ACTIVE_MAX 1024U

static bool number_is_console(dev_t number) {
        return major(number) == TTY_AUX_MAJOR ||
                (major(number) == CONSOLE_MAJOR && minor(number) < CONSOLES);
}

/* A file of sysfs as a text without the newline. */
static int read_attribute(const Poweroff *p, const char *path, char *ret, size_t size) {
        ssize_t n = poweroff_read(p, path, ret, size);

        if (n < 0)
                return (int) n;
        if ((size_t) n == size)
                return -E2BIG;
        ret[n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
        return 0;
}

/* The number of a terminal. */
static int read_number(const Poweroff *p, const char *name, dev_t *ret) {
        char path[64], text[32], *colon;
        uint64_t maj, min;
        int r;

        if (strchr(name, '/') ||
            snprintf(path, sizeof(path), "/sys/class/tty/%s/dev", name) >= (int) sizeof(path))
                return -EINVAL;
        r = read_attribute(p, path, text, sizeof(text));
        if (r < 0)
                return r;
        colon = strchr(text, ':');
        if (!colon)
                return -EINVAL;
        *colon = '\0';
        if (parse_uint64(text, 0, UINT32_MAX, &maj) < 0 || parse_uint64(colon + 1, 0, UINT32_MAX, &min) < 0)
                return -EINVAL;
        *ret = makedev((unsigned) maj, (unsigned) min);
        return 0;
}

/* -EPERM for a line that the kernel writes its messages to. What cannot be found out may be one. */
static int check_kernel_console(const Poweroff *p, dev_t number) {
        char active[ACTIVE_MAX], *next = active;
        int r;

        r = read_attribute(p, "/sys/class/tty/console/active", active, sizeof(active));
        if (r < 0)
                return r == -ENOENT ? 0 : r;

        for (char *name; (name = strsep(&next, " "));) {
                dev_t console;

                if (isempty(name))
                        continue;
                r = read_number(p, name, &console);
                if (r == -ENOENT)
                        continue;
                if (r < 0)
                        return r;
                if (console == number)
                        return -EPERM;
        }
        return 0;
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
                        return check_kernel_console(p, number);
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
