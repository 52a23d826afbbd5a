/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "listen-fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "string-util.h"

static int listen_fds_add(ListenFds *l, int fd) {
        struct sockaddr_un address = {};
        socklen_t size = sizeof(address);
        ListenFd *grown;
        char *path;

        if (sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0 ||
            getsockname(fd, (struct sockaddr *) &address, &size) < 0 || address.sun_path[0] != '/')
                return 0;

        grown = reallocarray(l->fds, l->n_fds + 1, sizeof(ListenFd));
        if (!grown)
                return -ENOMEM;
        l->fds = grown;
        path = strndup(address.sun_path, sizeof(address.sun_path));
        if (!path)
                return -ENOMEM;

        (void) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        l->fds[l->n_fds++] = (ListenFd) { path, fd };
        return 0;
}

int listen_fds_take(ListenFds *ret) {
        _cleanup_(listen_fds_done) ListenFds l = {};
        int n, r;

        /* The variables stay: device_open_node() looks for nodes among the others. */
        n = sd_listen_fds(false);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                r = listen_fds_add(&l, SD_LISTEN_FDS_START + i);
                if (r < 0)
                        return r;
        }

        *ret = l;
        l = (ListenFds) {};
        return 0;
}

void listen_fds_done(ListenFds *l) {
        for (size_t i = 0; i < l->n_fds; i++) {
                free(l->fds[i].path);
                safe_close(l->fds[i].fd);
        }
        free(l->fds);
        *l = (ListenFds) {};
}

int listen_fds_find(const ListenFds *l, const char *path) {
        for (size_t i = 0; l && i < l->n_fds; i++)
                if (streq(l->fds[i].path, path))
                        return l->fds[i].fd;
        return -ENOENT;
}
