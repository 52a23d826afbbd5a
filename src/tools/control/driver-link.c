/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-link.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "string-util.h"
#include "time-util.h"

/* For each answer. */
#define ANSWER_USEC (3 * USEC_PER_SEC)

int driver_link_open(const char *path) {
        struct timeval timeout = { .tv_sec = ANSWER_USEC / USEC_PER_SEC };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -EBADF;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path));

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
            connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;
        return TAKE_FD(fd);
}

static int link_peer(int fd, struct ucred *ret) {
        socklen_t n = sizeof(*ret);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &n) < 0)
                return -errno;
        return ret->pid <= 0 ? -ESRCH : 0;
}

int driver_peer_find(const char *path, DriverPeer *ret) {
        _cleanup_close_ int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), fd = -EBADF;
        _cleanup_close_ int process = -EBADF;
        struct pollfd p = {};
        struct ucred peer;
        char same[64];
        struct stat st;
        int r;

        if (file < 0 || fstat(file, &st) < 0)
                return -errno;
        if (!S_ISSOCK(st.st_mode))
                return -ENOTSOCK;

        /* Through the descriptor: the file that was looked at is the one that is connected to. */
        (void) snprintf(same, sizeof(same), "/proc/self/fd/%d", file);
        fd = driver_link_open(same);
        if (fd < 0)
                return fd;
        r = link_peer(fd, &peer);
        if (r < 0)
                return r;
        process = pidfd_open(peer.pid, 0);
        if (process < 0)
                return -errno;

        /* Who listens still has not ended, and his number went to nobody else. */
        p = (struct pollfd) { .fd = fd };
        if (poll(&p, 1, 0) > 0)
                return -ECONNREFUSED;
        *ret = (DriverPeer) { .pid = peer.pid, .uid = peer.uid, .owner = st.st_uid,
                              .process = TAKE_FD(process) };
        return 0;
}

void driver_peer_done(DriverPeer *p) {
        p->process = safe_close(p->process);
}

static int link_send(int fd, const char *text) {
        return send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Sends a request and reads until it is answered. */
static int link_ask(int fd, DriverAnswers *a, const char *request, const bool *answered) {
        uint64_t end = now_usec(CLOCK_MONOTONIC) + ANSWER_USEC;
        int r = link_send(fd, request);

        while (r >= 0 && !*answered) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                uint64_t left = usec_sub(end, now_usec(CLOCK_MONOTONIC));
                char data[4096];
                ssize_t n;

                if (left == 0)
                        return -ETIMEDOUT;
                if (poll(&p, 1, (int) (left / USEC_PER_MSEC) + 1) <= 0)
                        continue;
                n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
                if (n == 0)
                        return -ECONNRESET;
                if (n < 0)
                        r = errno == EAGAIN || errno == EINTR ? 0 : -errno;
                else
                        r = driver_answers_feed(a, data, (size_t) n);
        }
        return r;
}

/* Its answer is no single word. */
static int link_ask_pid(int fd, DriverAnswers *a) {
        bool pong = a->pong;
        int r;

        /* Answers come in the order of the requests, so this one ends the wait also where the other is not
         * known. */
        a->pong = false;
        r = link_ask(fd, a, "GETPID\nPING\n", &a->pong);
        a->pong = pong || a->pong;
        return r;
}

int driver_probe(const char *path, Probe *ret) {
        _cleanup_close_ int fd = driver_link_open(path);
        DriverAnswers a = {};
        struct ucred peer;
        Probe p = {};
        int r;

        if (fd < 0) {
                *ret = (Probe) { .error = fd };
                return 0;
        }

        r = driver_answers_init(&a);
        if (r >= 0)
                r = link_ask(fd, &a, "NOBROADCAST\nPING\n", &a.pong);
        if (r >= 0)
                r = link_ask_pid(fd, &a);
        if (r >= 0)
                r = link_ask(fd, &a, "DUMPSTATUS\n", &a.dumped);
        p = (Probe) { .error = r, .responsive = a.pong, .pid = a.pid, .status = TAKE_PTR(a.status) };
        if (link_peer(fd, &peer) >= 0)
                p.peer = peer.pid;
        driver_answers_done(&a);
        if (r == -ENOMEM) {
                probe_done(&p);
                return r;
        }
        *ret = p;
        return 0;
}

void probe_done(Probe *p) {
        free(p->status);
        p->status = NULL;
}

int driver_dump(const char *path, void (*variable)(void *userdata, const char *name, const char *value),
                void *userdata) {
        DriverAnswers a = { .variable = variable, .userdata = userdata };
        _cleanup_close_ int fd = driver_link_open(path);
        int r;

        if (fd < 0)
                return fd;
        r = driver_answers_init(&a);
        if (r >= 0)
                r = link_ask(fd, &a, "NOBROADCAST\nDUMPALL\n", &a.dumped);
        driver_answers_done(&a);
        return r;
}
