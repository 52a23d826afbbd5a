/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fd-store.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "macro.h"

/* The socket of the service manager. False when there is none of a kind that takes descriptors. */
static bool find_manager(struct sockaddr_un *ret, socklen_t *ret_size) {
        const char *path = getenv("NOTIFY_SOCKET");
        size_t n = path ? strlen(path) : 0;

        *ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
        if (n == 0 || n >= sizeof(ret->sun_path) || (path[0] != '/' && path[0] != '@'))
                return false;

        memcpy(ret->sun_path, path, n);
        if (path[0] == '@')
                ret->sun_path[0] = '\0';
        else
                n++;
        *ret_size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n);
        return true;
}

int fd_store_notify(const char *text, const int *fds, size_t n) {
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(FD_STORE_BATCH * sizeof(int))];
        } control = {};
        struct iovec part = { .iov_base = (char *) text, .iov_len = strlen(text) };
        struct sockaddr_un address;
        struct msghdr message = { .msg_name = &address, .msg_iov = &part, .msg_iovlen = 1 };

        if (n > FD_STORE_BATCH)
                return -E2BIG;
        if (!find_manager(&address, &message.msg_namelen))
                return -EAFNOSUPPORT;

        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        if (n > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(n * sizeof(int));
                struct cmsghdr *c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(n * sizeof(int));
                memcpy(CMSG_DATA(c), fds, n * sizeof(int));
        }
        return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
