/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "file.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "string-util.h"

static int write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = write(fd, data, n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                data += k;
                n -= (size_t) k;
        }
        return 0;
}

static int write_new(const char *path, const char *data, size_t n, unsigned mode) {
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

        if (fd < 0)
                return -errno;
        if (fchmod(fd, mode) < 0)
                return -errno;

        int r = write_all(fd, data, n);
        if (r < 0)
                return r;
        return fsync(fd) < 0 ? -errno : 0;
}

/* The new name is on the disk once its directory is. */
static int sync_directory_of(const char *path) {
        _cleanup_free_ char *directory = strdup(path);
        char *slash = directory ? strrchr(directory, '/') : NULL;

        if (!slash)
                return -EINVAL;
        slash[1] = '\0';

        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
}

int file_write_atomic(const char *path, const char *data, size_t n, unsigned mode) {
        _cleanup_free_ char *new_path = strjoin(path, ".new");
        if (!new_path)
                return -ENOMEM;

        int r = write_new(new_path, data, n, mode);
        if (r >= 0 && rename(new_path, path) < 0)
                r = -errno;
        if (r < 0) {
                (void) unlink(new_path);
                return r;
        }
        return sync_directory_of(path);
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_n) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        _cleanup_free_ char *data = malloc(max + 1);
        if (!data)
                return -ENOMEM;
        size_t n = 0;
        while (n <= max) {
                ssize_t k = read(fd, data + n, max + 1 - n);

                if (k < 0 && errno == EINTR)
                        continue;
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
        }
        if (n > max)
                return -E2BIG;

        data[n] = '\0';
        *ret = TAKE_PTR(data);
        *ret_n = n;
        return 0;
}

int text_appendf(char **text, const char *fmt, ...) {
        _cleanup_free_ char *more = NULL;
        va_list ap;

        va_start(ap, fmt);
        int n = vasprintf(&more, fmt, ap);
        va_end(ap);
        if (n < 0) {
                more = NULL;
                return -ENOMEM;
        }

        size_t length = *text ? strlen(*text) : 0;
        char *p = realloc(*text, length + (size_t) n + 1);
        if (!p)
                return -ENOMEM;
        memcpy(p + length, more, (size_t) n + 1);
        *text = p;
        return 0;
}

int text_append_quoted(char **text, const char *word) {
        _cleanup_free_ char *quoted = malloc(2 * strlen(word) + 1);
        char *p = quoted;

        if (!quoted)
                return -ENOMEM;
        for (const char *s = word; *s; s++) {
                if (*s == '"' || *s == '\\' || *s == '#')
                        *p++ = '\\';
                *p++ = (unsigned char) *s < ' ' || *s == 0x7f ? ' ' : *s;
        }
        *p = '\0';
        return text_appendf(text, " \"%s\"", quoted);
}
