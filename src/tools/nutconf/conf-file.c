/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>

#include "conf-check.h"
#include "string-util.h"

static const struct {
        const char *name;
        bool secret; /* it may hold passwords */
} kinds[_FILE_KIND_MAX] = {
        [FILE_NUT_CONF]    = { "nut.conf",    false },
        [FILE_UPS_CONF]    = { "ups.conf",    true  },
        [FILE_UPSD_CONF]   = { "upsd.conf",   false },
        [FILE_UPSD_USERS]  = { "upsd.users",  true  },
        [FILE_UPSMON_CONF] = { "upsmon.conf", true  },
};

static int oom(void) {
        fputs("Error: Out of memory.\n", stderr);
        return -ENOMEM;
}

static void file_done(ConfFile *f) {
        if (f->temporary)
                (void) unlink(f->temporary);
        if (f->old)
                explicit_bzero(f->old, f->n_old);
        if (f->text)
                explicit_bzero(f->text, f->n_text);
        conf_edit_free(f->edit);
        strv_free(f->touched);
        free(f->temporary);
        free(f->path);
        free(f->old);
        free(f->text);
}

void conf_files_done(ConfFiles *f) {
        for (FileKind k = 0; k < _FILE_KIND_MAX; k++)
                file_done(f->files + k);
        safe_close(f->directory);
        *f = (ConfFiles) { .directory = -EBADF };
}

int conf_files_open(ConfFiles *f) {
        _cleanup_free_ char *path = conf_path("");

        *f = (ConfFiles) { .directory = -EBADF };
        if (!path)
                return oom();

        f->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (f->directory < 0 || flock(f->directory, LOCK_EX) < 0) {
                int r = -errno;

                fprintf(stderr, "Error: Configuration directory %s isn't available: "
                                "%s\n", path, strerror(-r));
                return r;
        }
        return 0;
}

/* A link is followed, so that what it points to changes and not the link. */
static char *resolve(const char *name) {
        _cleanup_free_ char *path = conf_path(name);
        char *real = path ? realpath(path, NULL) : NULL;

        return real ?: TAKE_PTR(path);
}

static int read_all(int fd, char **ret, size_t *ret_n) {
        _cleanup_free_ char *data = NULL;
        size_t n = 0, allocated = 0;

        for (;;) {
                if (n > CONF_SIZE_MAX)
                        return -EFBIG;
                if (!GREEDY_REALLOC(data, allocated, n + 4096))
                        return -ENOMEM;

                ssize_t k = read(fd, data + n, allocated - n - 1);
                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        break;
                if (k > 0)
                        n += (size_t) k;
        }

        data[n] = '\0';
        *ret = TAKE_PTR(data);
        *ret_n = n;
        return 0;
}

static int read_file(ConfFile *f) {
        _cleanup_close_ int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0 && errno == ENOENT) {
                f->old = strdup("");
                return f->old ? 0 : -ENOMEM;
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;

        f->exists = true;
        return read_all(fd, &f->old, &f->n_old);
}

static void print_report(void *userdata, int level, const char *file, unsigned line, const char *message) {
        fprintf(stderr, "Error: %s:%u: %s\n", file, line, message);
}

static int load(ConfFile *f) {
        int r = read_file(f);

        if (r >= 0 && memchr(f->old, '\0', f->n_old))
                r = -EINVAL;
        if (r >= 0 && f->kind != FILE_NUT_CONF)
                r = conf_edit_parse(f->path, f->old, f->n_old, print_report, NULL, &f->edit);

        if (r == -ENOMEM)
                return oom();
        if (r == -EBADMSG)
                fprintf(stderr, "Error: Failed to parse %s; it is left as it is. Correct it "
                                "first.\n", f->path);
        else if (r < 0)
                fprintf(stderr, "Error: Failed to read %s: %s\n", f->path,
                        r == -EINVAL ? "this is no text file" : strerror(-r));
        return r;
}

int conf_files_get(ConfFiles *f, FileKind kind, ConfFile **ret) {
        ConfFile *file = f->files + kind;

        if (!file->path) {
                file->kind = kind;
                file->path = resolve(kinds[kind].name);
                int r = file->path ? load(file) : oom();
                if (r < 0)
                        return r;
        }

        *ret = file;
        return 0;
}

/* Who a new file is for: the group that has another one of the directory, or else that of the directory. */
static gid_t choose_group(const ConfFiles *f) {
        struct stat st;

        for (FileKind k = 0; k < _FILE_KIND_MAX; k++)
                if (fstatat(f->directory, kinds[k].name, &st, 0) >= 0)
                        return st.st_gid;
        return fstat(f->directory, &st) >= 0 ? st.st_gid : getegid();
}

/* Gives the new file the owner and the mode that it should have. */
static int set_owner(const ConfFiles *f, const ConfFile *file, int fd) {
        bool secret = kinds[file->kind].secret;
        mode_t mode = secret ? 0640 : 0644;
        struct stat st, mine;

        if (fstat(fd, &mine) < 0)
                return -errno;
        if (stat(file->path, &st) >= 0)
                mode = st.st_mode & (secret ? 0770 : 0777);
        else {
                st.st_uid = mine.st_uid;
                st.st_gid = choose_group(f);
        }

        if ((st.st_uid != mine.st_uid || st.st_gid != mine.st_gid) &&
            fchown(fd, st.st_uid, st.st_gid) < 0 && file->exists)
                return -errno;
        return fchmod(fd, mode) < 0 ? -errno : 0;
}

static int write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = write(fd, data, n);

                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k > 0) {
                        data += k;
                        n -= (size_t) k;
                }
        }
        return fsync(fd) < 0 ? -errno : 0;
}

static int write_temporary(const ConfFiles *f, ConfFile *file) {
        const char *slash = strrchr(file->path, '/');
        _cleanup_free_ char *directory =
                slash ? strndup(file->path, (size_t) (slash - file->path) + 1) : strdup("");
        _cleanup_free_ char *path = directory ? strjoin(directory, ".nutconf.XXXXXX") : NULL;
        _cleanup_close_ int fd = path ? mkostemp(path, O_CLOEXEC) : -EBADF;

        if (!path)
                return -ENOMEM;
        if (fd < 0)
                return -errno;

        file->temporary = TAKE_PTR(path);
        int r = set_owner(f, file, fd);
        return r < 0 ? r : write_all(fd, file->text, file->n_text);
}

static bool is_changed(const ConfFile *f) {
        return f->path && f->text && (f->n_text != f->n_old || memcmp(f->text, f->old, f->n_old) != 0);
}

static int failed(const ConfFile *f, int r) {
        if (r == -ENOMEM)
                return oom();
        fprintf(stderr, "Error: Failed to write %s: %s\n", f->path, strerror(-r));
        return r;
}

static int put_in_place(ConfFiles *f) {
        for (FileKind k = 0; k < _FILE_KIND_MAX; k++) {
                ConfFile *file = f->files + k;

                if (!file->temporary)
                        continue;
                if (rename(file->temporary, file->path) < 0)
                        return failed(file, -errno);
                free(TAKE_PTR(file->temporary));
        }

        (void) fsync(f->directory);
        return 0;
}

int conf_files_write(ConfFiles *f) {
        for (FileKind k = 0; k < _FILE_KIND_MAX; k++) {
                ConfFile *file = f->files + k;

                if (file->edit && conf_edit_text(file->edit, &file->text, &file->n_text) < 0)
                        return oom();
                int r = is_changed(file) ? conf_check(file) : 0;
                if (r < 0)
                        return r;
        }

        for (FileKind k = 0; k < _FILE_KIND_MAX; k++) {
                int r = is_changed(f->files + k) ? write_temporary(f, f->files + k) : 0;
                if (r < 0)
                        return failed(f->files + k, r);
        }

        int r = put_in_place(f);
        for (FileKind k = 0; r >= 0 && k < _FILE_KIND_MAX; k++)
                if (is_changed(f->files + k))
                        r = conf_check_drop_ins(f->files + k);
        return r;
}
