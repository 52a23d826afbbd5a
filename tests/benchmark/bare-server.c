/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least that a server can do: one epoll loop that answers each line with constant bytes. What the
 * gateway needs beyond this is the price of being one.
 *
 * Usage: bare-server GET-ANSWER-FILE LIST-VAR-ANSWER-FILE LIST-UPS-ANSWER-FILE; prints its port. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "macro.h"

#define INPUT_SIZE 65536U
#define OUTPUT_SIZE (1024U * 1024U)

typedef struct Answer {
        char data[65536];
        size_t size;
} Answer;

typedef struct Server {
        int listen_fd, epoll_fd;
        Answer get, list, ups;
        char output[OUTPUT_SIZE];
} Server;

static int answer_read(const char *path, Answer *a) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, a->data, sizeof(a->data));
        (void) close(fd);
        if (n <= 0)
                return n < 0 ? -errno : -ENODATA;
        a->size = (size_t) n;
        return 0;
}

static int server_listen(Server *s) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct epoll_event event = { .events = EPOLLIN, .data.fd = -1 };
        socklen_t size = sizeof(address);

        s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (s->listen_fd < 0 || s->epoll_fd < 0)
                return -errno;
        if (bind(s->listen_fd, (struct sockaddr *) &address, sizeof(address)) < 0 ||
            listen(s->listen_fd, 4096) < 0)
                return -errno;
        if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->listen_fd, &event) < 0)
                return -errno;
        if (getsockname(s->listen_fd, (struct sockaddr *) &address, &size) < 0)
                return -errno;

        printf("%d\n", ntohs(address.sin_port));
        return fflush(stdout) == 0 ? 0 : -errno;
}

static void server_accept(Server *s) {
        for (;;) {
                int one = 1, fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

                if (fd < 0)
                        return;
                (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
                if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
                        (void) close(fd);
        }
}

/* Waits for a client whose answers are more than its socket takes, and all others with it. */
static bool send_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t k = send(fd, data, n, MSG_NOSIGNAL);

                if (k < 0 && errno == EAGAIN &&
                    poll(&(struct pollfd) { .fd = fd, .events = POLLOUT }, 1, 10000) > 0)
                        continue;
                if (k < 0)
                        return false;
                data += k;
                n -= (size_t) k;
        }
        return true;
}

/* The clients of a benchmark send whole lines and read what they get; anything else ends the connection. */
static bool server_answer(Server *s, int fd) {
        char input[INPUT_SIZE];
        size_t used = 0;
        ssize_t n;

        n = recv(fd, input, sizeof(input), 0);
        if (n <= 0 || input[n - 1] != '\n')
                return false;

        for (const char *line = input, *end = input + n; line < end;) {
                const Answer *a = *line != 'L' ? &s->get : line[5] == 'V' ? &s->list : &s->ups;

                if (used + a->size > OUTPUT_SIZE)
                        return false;
                memcpy(s->output + used, a->data, a->size);
                used += a->size;
                line = (const char *) memchr(line, '\n', (size_t) (end - line)) + 1;
        }

        return send_all(fd, s->output, used);
}

static int server_run(Server *s) {
        struct epoll_event events[256];

        for (;;) {
                int n = epoll_wait(s->epoll_fd, events, ELEMENTSOF(events), -1);

                if (n < 0 && errno != EINTR)
                        return -errno;
                for (int i = 0; i < n; i++)
                        if (events[i].data.fd < 0)
                                server_accept(s);
                        else if (!server_answer(s, events[i].data.fd))
                                (void) close(events[i].data.fd);
        }
}

int main(int argc, char *argv[]) {
        _cleanup_free_ Server *s = calloc(1, sizeof(Server));
        struct rlimit limit;
        int r;

        if (!s || argc != 4)
                return EXIT_FAILURE;
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }

        r = answer_read(argv[1], &s->get);
        if (r >= 0)
                r = answer_read(argv[2], &s->list);
        if (r >= 0)
                r = answer_read(argv[3], &s->ups);
        if (r >= 0)
                r = server_listen(s);
        if (r >= 0)
                r = server_run(s);

        fprintf(stderr, "bare-server: %s\n", strerror(-r));
        return EXIT_FAILURE;
}
