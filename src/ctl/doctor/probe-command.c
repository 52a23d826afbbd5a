/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

#include "probe-command.h"
#include "time-util.h"

#define OUTPUT_MAX (1U << 20)

static int start(const char *const *argv, int out, pid_t *ret) {
        posix_spawn_file_actions_t actions;
        int r;

        if (posix_spawn_file_actions_init(&actions) != 0)
                return -ENOMEM;
        r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawn(ret, argv[0], &actions, NULL, (char *const *) argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -r;
}

static int read_output(int fd, uint64_t timeout_usec, char *buffer) {
        uint64_t deadline = usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec);
        size_t n = 0;

        for (;;) {
                uint64_t left = usec_sub(deadline, now_usec(CLOCK_MONOTONIC));
                struct pollfd p = {.fd = fd, .events = POLLIN};
                ssize_t k;
                int r = left == 0 ? 0 : poll(&p, 1, (int) (left / USEC_PER_MSEC) + 1);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0)
                        return r < 0 ? -errno : -ETIMEDOUT;
                k = read(fd, buffer + n, OUTPUT_MAX - 1 - n);
                if (k < 0)
                        return -errno;
                if (k == 0)
                        break;
                n += (size_t) k;
                if (n >= OUTPUT_MAX - 1)
                        return -E2BIG;
        }
        buffer[n] = '\0';
        return 0;
}

int command_output(const char *const *argv, uint64_t timeout_usec, char **ret) {
        _cleanup_free_ char *buffer = malloc(OUTPUT_MAX);
        int fds[2], r, status;
        pid_t pid;

        if (!buffer)
                return -ENOMEM;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        r = start(argv, fds[1], &pid);
        fds[1] = safe_close(fds[1]);
        if (r >= 0) {
                r = read_output(fds[0], timeout_usec, buffer);
                if (r < 0)
                        (void) kill(pid, SIGKILL);
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                if (r >= 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
                        r = -EIO;
        }
        safe_close(fds[0]);
        if (r >= 0)
                *ret = TAKE_PTR(buffer);
        return r;
}
