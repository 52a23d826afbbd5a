/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "client.h"
#include "server.h"
#include "state.h"

#define STORE_BATCH 200U /* the kernel takes up to 253 in a message */
/* How often, at the end, a service manager that is busy is asked again. */
#define STOP_TRIES 50U
#define STOP_PAUSE_MSEC 20

/* The socket of the service manager, see sd_notify(3). False when there is none of a kind that takes
 * descriptors. */
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

/* sd_pid_notify_with_fds() would wait for a service manager that is busy, and all clients with it. Returns
 * 0 or a negative errno. */
static int hand_over(const int *fds, size_t n) {
        static const char text[] = "FDSTORE=1\nFDNAME=client";
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(STORE_BATCH * sizeof(int))];
        } control = {};
        struct iovec part = { .iov_base = (char *) text, .iov_len = strlen(text) };
        struct sockaddr_un address;
        struct msghdr message = {
                .msg_name = &address,
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = CMSG_SPACE(n * sizeof(int)),
        };

        if (!find_manager(&address, &message.msg_namelen))
                return -EAFNOSUPPORT;

        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n * sizeof(int));
        return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void server_store_clients(Server *s) {
        int fds[STORE_BATCH];

        while (s->n_unstored > 0) {
                size_t n = MIN(s->n_unstored, (size_t) STORE_BATCH);
                Client **batch = s->unstored + s->n_unstored - n;

                for (size_t i = 0; i < n; i++)
                        fds[i] = batch[i]->fd;

                int r = hand_over(fds, n);
                if (r == -EAGAIN || r == -ETOOMANYREFS)
                        return;
                for (size_t i = 0; i < n; i++) {
                        batch[i]->stored = r >= 0;
                        batch[i]->unstored_index = 0;
                }
                s->n_unstored -= n;
        }
}

void server_store_rest(Server *s) {
        for (unsigned i = 0; i < STOP_TRIES && s->n_unstored > 0; i++) {
                server_store_clients(s);
                if (s->n_unstored > 0)
                        (void) poll(NULL, 0, STOP_PAUSE_MSEC);
        }
}

void server_store_later(Server *s, Client *c) {
        c->cookie = state_cookie(s->gateway->state, c->fd);
        if (!s->gateway->state)
                return;
        if (!GREEDY_REALLOC(s->unstored, s->allocated_unstored, s->n_unstored + 1))
                return;

        s->unstored[s->n_unstored++] = c;
        c->unstored_index = (uint32_t) s->n_unstored;
}

void server_forget_unstored(Server *s, Client *c) {
        if (c->unstored_index == 0)
                return;

        Client *last = s->unstored[--s->n_unstored];
        s->unstored[c->unstored_index - 1] = last;
        last->unstored_index = c->unstored_index;
        c->unstored_index = 0;
}
