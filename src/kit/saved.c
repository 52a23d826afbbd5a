/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "conf.h"
#include "device-internal.h"
#include "io-util.h"
#include "string-util.h"
#include "unit-name.h"

/* Where a text may be kept. What stands in the second place was saved when the first could not be written,
 * and goes away with a reboot, so it is the newer of the two. */
typedef enum Place {
        PLACE_STATE,   /* $STATE_DIRECTORY, of the service manager */
        PLACE_SOCKETS, /* $NUT_STATEPATH */
        _PLACE_MAX,
} Place;

static const char *const place_variables[_PLACE_MAX] = {
        [PLACE_STATE]   = "STATE_DIRECTORY",
        [PLACE_SOCKETS] = "NUT_STATEPATH",
};

/* -ENOENT: there is no such directory. */
static int path_in(const char *directory, const char *device, const char *suffix, char **ret) {
        _cleanup_free_ char *name = NULL;
        char *path;

        /* Several are separated by colons; we ask for one. */
        if (isempty(directory) || directory[0] != '/' || strchr(directory, ':'))
                return -ENOENT;
        name = unit_name_escape(device);
        path = name ? strjoin(directory, "/", name, suffix) : NULL;
        if (!path)
                return -ENOMEM;

        *ret = path;
        return 0;
}

static int saved_path(const Device *d, Place place, char **ret) {
        return path_in(getenv(place_variables[place]), device_name(d), ".saved", ret);
}

static int read_text(const char *path, char **ret) {
        _cleanup_free_ char *text = NULL;
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        ssize_t n;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        text = new(char, DEVICE_SAVED_MAX + 1);
        if (!text)
                return -ENOMEM;
        n = fd_read_all(fd, text, DEVICE_SAVED_MAX + 1);
        if (n < 0)
                return (int) n;
        if (n > (ssize_t) DEVICE_SAVED_MAX || memchr(text, 0, (size_t) n))
                return -EBADMSG;

        text[n] = '\0';
        *ret = TAKE_PTR(text);
        return 0;
}

static int load_from(const Device *d, Place place, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r = saved_path(d, place, &path);

        return r < 0 ? r : read_text(path, ret);
}

int device_load_saved(const Device *d, char **ret) {
        int r;

        r = load_from(d, PLACE_SOCKETS, ret);
        return r < 0 && r != -ENOMEM ? load_from(d, PLACE_STATE, ret) : r;
}

/* A crash of the machine may leave an empty file; to wait for the disk each time would cost more. */
static int write_beside(const char *path, const char *text) {
        _cleanup_close_ int fd = -EBADF;
        size_t n = strlen(text);
        ssize_t written;

        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
        if (fd < 0)
                return -errno;
        for (size_t done = 0; done < n; done += (size_t) written) {
                written = write(fd, text + done, n - done);
                if (written < 0 && errno == EINTR)
                        written = 0;
                else if (written <= 0)
                        return written < 0 ? -errno : -EIO;
        }

        return close(TAKE_FD(fd)) < 0 ? -errno : 0;
}

static int write_text(const char *path, const char *text) {
        _cleanup_free_ char *beside = NULL;
        int r;

        beside = strjoin(path, ".new");
        if (!beside)
                return -ENOMEM;

        r = write_beside(beside, text);
        if (r >= 0 && rename(beside, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(beside);
        return r;
}

static int save_in(const Device *d, Place place, const char *text) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = saved_path(d, place, &path);
        if (r < 0)
                return r;
        if (!text)
                return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
        return write_text(path, text);
}

int device_save(const Device *d, const char *text) {
        int state, sockets;

        if (device_is_powering_off(d))
                return 0;
        if (text && strlen(text) > DEVICE_SAVED_MAX)
                return -E2BIG;

        /* What is older must not come to light again. */
        state = save_in(d, PLACE_STATE, text);
        sockets = save_in(d, PLACE_SOCKETS, state < 0 ? text : NULL);
        if (state >= 0 || state == -ENOENT)
                return sockets == -ENOENT ? 0 : sockets;
        return sockets < 0 ? state : 0;
}

int device_memo_load(const DeviceConfig *config, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        *ret = NULL;
        r = path_in(conf_state_path(), config->name, ".memo", &path);
        if (r >= 0)
                r = read_text(path, ret);
        return r == -ENOENT ? 0 : r;
}

int device_memo_save(const DeviceConfig *config, const char *memo) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (config->powering_off || !config->driver->power_off)
                return 0;
        r = path_in(getenv(place_variables[PLACE_SOCKETS]), config->name, ".memo", &path);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return write_text(path, memo);
}
