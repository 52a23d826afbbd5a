/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flag-file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "io-util.h"
#include "macro.h"
#include "string-util.h"
#include "time-util.h"

ssize_t poweroff_read(const Poweroff *p, const char *path, char *buf, size_t size) {
        char full[PATH_MAX];
        int r;

        r = poweroff_path(p, path, full, sizeof(full));
        return r < 0 ? r : path_read(full, buf, size);
}

/* Whether the flag can only come from the owner of the directory, or root. */
static int check_owner(int dir_fd, const struct stat *file) {
        struct stat dir;

        if (fstat(dir_fd, &dir) < 0)
                return -errno;
        if (dir.st_mode & S_IWOTH || file->st_mode & S_IWOTH)
                return -EPERM;
        if (!S_ISREG(file->st_mode) || file->st_nlink != 1)
                return -EPERM;
        if (file->st_uid != dir.st_uid && file->st_uid != 0)
                return -EPERM;
        return 0;
}

/* Opens the file without following a link in its place or that of its directory. */
static int open_flag(const Poweroff *p) {
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        char full[PATH_MAX], *slash;
        struct stat st;
        int r;

        r = poweroff_path(p, p->flag, full, sizeof(full));
        if (r < 0)
                return r;
        slash = strrchr(full, '/');
        if (!slash)
                return -EINVAL;
        *slash = '\0';

        dir_fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dir_fd < 0)
                return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
        fd = openat(dir_fd, slash + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return errno == ELOOP ? -EPERM : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        r = check_owner(dir_fd, &st);
        return r < 0 ? r : TAKE_FD(fd);
}

static int read_boot_id(const Poweroff *p, char ret[static 33]) {
        char text[64];
        ssize_t n;

        n = poweroff_read(p, "/proc/sys/kernel/random/boot_id", text, sizeof(text) - 1);
        if (n < 0)
                return (int) n;
        text[n] = '\0';
        return armed_flag_boot_id(text, ret);
}

int flag_file_read(const Poweroff *p, ArmedFlag *ret) {
        char text[ARMED_FLAG_SIZE_MAX + 1], boot_id[33];
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;
        int r;

        fd = open_flag(p);
        if (fd < 0)
                return fd;
        n = fd_read_all(fd, text, sizeof(text));
        if (n < 0)
                return (int) n;
        r = armed_flag_parse(text, (size_t) n, ret);
        if (r < 0)
                return r;
        r = read_boot_id(p, boot_id);
        if (r < 0)
                return r;

        return armed_flag_is_current(ret, boot_id, now_usec(CLOCK_BOOTTIME)) ? 0 : -ESTALE;
}
