/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kept-node.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "device-internal.h"
#include "fd-store.h"
#include "string-util.h"
#include "unit-name.h"

#define PREFIX "node."

/* By what name the service manager has it. */
static char *stored_name(const char *device) {
        _cleanup_free_ char *escaped = unit_name_escape(device);

        return escaped ? strjoin(PREFIX, escaped) : NULL;
}

bool kept_node_has_hung_up(int fd) {
        struct pollfd p = { .fd = fd };

        return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

bool kept_node_is_gone(int fd) {
        struct stat st;

        return kept_node_has_hung_up(fd) || (fstat(fd, &st) >= 0 && st.st_nlink == 0);
}

static int forget_name(const char *name) {
        _cleanup_free_ char *text = strjoin("FDSTOREREMOVE=1\nFDNAME=", name);

        return text ? fd_store_notify(text, NULL, 0) : -ENOMEM;
}

/* Nobody finds it among those passed any more, and no other file gets its number. */
static void blank(int fd) {
        _cleanup_close_ int root = open("/", O_PATH | O_CLOEXEC);

        if (root >= 0)
                (void) dup3(root, fd, O_CLOEXEC);
}

int kept_node_take(const char *device, const char *port) {
        _cleanup_strv_free_ char **names = NULL;
        _cleanup_free_ char *name = stored_name(device);
        int n = name ? sd_listen_fds_with_names(false, &names) : -ENOMEM, found = -ENOENT;

        for (int i = 0; i < n; i++) {
                int fd = SD_LISTEN_FDS_START + i;
                struct stat st;

                if (!streq(names[i], name) || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode))
                        continue;
                if (!node_is_at(port, st.st_rdev))
                        (void) forget_name(name);
                else if (found < 0 && !kept_node_has_hung_up(fd))
                        found = fcntl(fd, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
                blank(fd);
        }
        return found;
}

int kept_node_store(const char *device, int fd) {
        _cleanup_free_ char *name = stored_name(device), *text = NULL;
        int r;

        if (!name)
                return -ENOMEM;
        text = strjoin("FDSTORE=1\nFDNAME=", name);
        if (!text)
                return -ENOMEM;
        r = forget_name(name);
        return r < 0 ? r : fd_store_notify(text, &fd, 1);
}

void kept_node_forget(const char *device) {
        _cleanup_free_ char *name = stored_name(device);

        if (name)
                (void) forget_name(name);
}

void kept_node_forget_rest(void) {
        _cleanup_strv_free_ char **names = NULL;
        int n = sd_listen_fds_with_names(false, &names);

        for (int i = 0; i < n; i++) {
                int fd = SD_LISTEN_FDS_START + i, flags = fcntl(fd, F_GETFL);

                if (!startswith(names[i], PREFIX) || flags < 0 || (flags & O_PATH))
                        continue;
                (void) forget_name(names[i]);
                blank(fd);
        }
}
