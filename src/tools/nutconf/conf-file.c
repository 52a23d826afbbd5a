/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf-file.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "conf-check.h"
#include "conf-lock.h"
#include "string-util.h"

/* As many links as the kernel follows. */
#define LINKS_MAX 40U

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
        for (ConfigFileKind k = 0; k < _CONFIG_FILE_MAX; k++)
                file_done(f->files + k);
        conf_unlock(f->directory, f->lock);
        safe_close(f->directory);
        *f = (ConfFiles) CONF_FILES_NONE;
}

int conf_files_open(ConfFiles *f) {
        _cleanup_free_ char *path = conf_path("");

        *f = (ConfFiles) CONF_FILES_NONE;
        if (!path)
                return oom();

        f->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (f->directory < 0) {
                int r = -errno;

                fprintf(stderr, "Error: Configuration directory %s isn't available: "
                                "%s\n", path, strerror(-r));
                return r;
        }

        f->lock = conf_lock(f->directory, path);
        return f->lock < 0 ? f->lock : 0;
}

/* The directory that a path has before its last part, with the slash. */
static char *directory_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? strndup(path, (size_t) (slash - path) + 1) : strdup("./");
}

/* The path without links in its directory, and with what it is a link to, or else NULL. */
static int resolve_once(const char *path, char **ret, char **ret_target) {
        _cleanup_free_ char *directory = directory_of(path), *real = NULL, *whole = NULL;
        const char *slash = strrchr(path, '/');
        char target[PATH_MAX];

        if (!directory)
                return -ENOMEM;
        real = realpath(directory, NULL);
        if (!real)
                return -errno;
        whole = strjoin(real, "/", slash ? slash + 1 : path);
        if (!whole)
                return -ENOMEM;

        ssize_t n = readlink(whole, target, sizeof(target) - 1);
        if (n < 0 && errno != EINVAL && errno != ENOENT)
                return -errno;
        if (n >= (ssize_t) sizeof(target) - 1)
                return -ENAMETOOLONG;
        if (n >= 0) {
                target[n] = '\0';
                *ret_target = target[0] == '/' ? strdup(target) : strjoin(real, "/", target);
                if (!*ret_target)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(whole);
        return 0;
}

/* Links are followed, so that what they point to changes and not the link, also if it is not there yet. */
static int resolve(const char *first, char **ret) {
        _cleanup_free_ char *path = strdup(first);

        for (unsigned i = 0; i < LINKS_MAX; i++) {
                _cleanup_free_ char *before = TAKE_PTR(path), *target = NULL;
                int r = before ? resolve_once(before, &path, &target) : -ENOMEM;

                if (r < 0)
                        return r;
                if (!target) {
                        *ret = TAKE_PTR(path);
                        return 0;
                }
                free(path);
                path = TAKE_PTR(target);
        }
        return -ELOOP;
}

static int find_file(ConfFile *f, ConfigFileKind kind) {
        _cleanup_free_ char *path = conf_path(nut_config_files[kind].name);
        int r = path ? resolve(path, &f->path) : -ENOMEM;

        if (r == -ENOMEM)
                return oom();
        if (r < 0)
                fprintf(stderr, "Error: Cannot find out where %s leads to: %s\n", path, strerror(-r));
        f->kind = kind;
        return r;
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
        if (r >= 0 && f->kind != CONFIG_FILE_NUT)
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

int conf_files_get(ConfFiles *f, ConfigFileKind kind, ConfFile **ret) {
        ConfFile *file = f->files + kind;

        if (!file->path) {
                int r = find_file(file, kind);
                if (r >= 0)
                        r = load(file);
                if (r < 0)
                        return r;
        }

        *ret = file;
        return 0;
}

/* Who a new file is for: the group that has another one of the directory, or else that of the directory. */
static gid_t choose_group(const ConfFiles *f) {
        struct stat st;

        for (ConfigFileKind k = 0; k < _CONFIG_FILE_MAX; k++)
                if (fstatat(f->directory, nut_config_files[k].name, &st, 0) >= 0)
                        return st.st_gid;
        return fstat(f->directory, &st) >= 0 ? st.st_gid : getegid();
}

/* The services have no privileges, but are put into the groups of files, save that of root. */
static bool give_to_services(gid_t *group, mode_t mode) {
        static const char *const names[] = { "nut", "busbar-gateway" };

        if (*group != 0 || (mode & S_IROTH))
                return true;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                const struct group *g = getgrnam(names[i]);

                if (g) {
                        *group = g->gr_gid;
                        return true;
                }
        }
        return false;
}

/* Gives the new file the owner and the mode that it should have. */
static int set_owner(const ConfFiles *f, const ConfFile *file, int fd) {
        bool secret = nut_config_files[file->kind].secret;
        mode_t mode = secret ? 0640 : 0644;
        struct stat st, mine;

        if (fstat(fd, &mine) < 0)
                return -errno;
        if (stat(file->path, &st) >= 0) {
                mode = st.st_mode & (secret ? 0770 : 0777);
                /* One that everybody may read stays so rather than be read by nobody who needs it. */
                if ((st.st_mode & S_IROTH) && !give_to_services(&st.st_gid, mode))
                        mode = st.st_mode & 0777;
        } else {
                st.st_uid = mine.st_uid;
                st.st_gid = choose_group(f);
                (void) give_to_services(&st.st_gid, mode);
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
        _cleanup_free_ char *directory = directory_of(file->path);
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

/* So that the new name of a file outlasts a power failure. */
static void sync_directory(const char *path) {
        _cleanup_free_ char *directory = directory_of(path);
        _cleanup_close_ int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -EBADF;

        if (fd >= 0)
                (void) fsync(fd);
}

static int put_in_place(ConfFiles *f) {
        for (ConfigFileKind k = 0; k < _CONFIG_FILE_MAX; k++) {
                ConfFile *file = f->files + k;

                if (!file->temporary)
                        continue;
                if (rename(file->temporary, file->path) < 0)
                        return failed(file, -errno);
                free(TAKE_PTR(file->temporary));
                sync_directory(file->path);
        }

        return 0;
}

int conf_files_write(ConfFiles *f) {
        for (ConfigFileKind k = 0; k < _CONFIG_FILE_MAX; k++) {
                ConfFile *file = f->files + k;

                if (file->edit && conf_edit_text(file->edit, &file->text, &file->n_text) < 0)
                        return oom();
                int r = is_changed(file) ? conf_check(file) : 0;
                if (r < 0)
                        return r;
        }

        for (ConfigFileKind k = 0; k < _CONFIG_FILE_MAX; k++) {
                int r = is_changed(f->files + k) ? write_temporary(f, f->files + k) : 0;
                if (r < 0)
                        return failed(f->files + k, r);
        }

        int r = put_in_place(f);
        for (ConfigFileKind k = 0; r >= 0 && k < _CONFIG_FILE_MAX; k++)
                if (is_changed(f->files + k))
                        r = conf_check_drop_ins(f->files + k);
        return r;
}
