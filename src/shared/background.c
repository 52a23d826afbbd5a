/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "background.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io-util.h"
#include "string-util.h"
#include "time-util.h"

/* For processes that were killed. */
#define KILLED_USEC (5 * USEC_PER_SEC)

typedef struct Start {
        int (*become)(void *userdata);
        void *userdata;
        int notify, output, process;
        pid_t pid;
} Start;

/* Where the program says that it is ready: a socket without a file. address gets what NOTIFY_SOCKET is. */
static int open_notify(char address[static sizeof(struct sockaddr_un)]) {
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr_un name = { .sun_family = AF_UNIX };
        socklen_t n = sizeof(sa_family_t);

        if (fd < 0 || bind(fd, (const struct sockaddr *) &name, n) < 0)
                return -errno;
        n = sizeof(name);
        if (getsockname(fd, (struct sockaddr *) &name, &n) < 0)
                return -errno;

        n -= (socklen_t) offsetof(struct sockaddr_un, sun_path);
        memcpy(address, name.sun_path, n);
        address[0] = '@';
        address[n] = '\0';
        return TAKE_FD(fd);
}

/* The child: becomes the program. */
_Noreturn static void exec_program(const Start *s, const char *const *argv, const char *address,
                int output) {
        static const char *const foreign[] = {
                "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID",
                "JOURNAL_STREAM",
        };
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC), r;

        (void) setsid();
        if (null >= 0)
                (void) dup2(null, STDIN_FILENO);
        (void) dup2(output, STDOUT_FILENO);
        (void) dup2(output, STDERR_FILENO);
        (void) setenv("NOTIFY_SOCKET", address, true);
        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                (void) unsetenv(foreign[i]);

        r = s->become ? s->become(s->userdata) : 0;
        if (r >= 0) {
                (void) execv(argv[0], (char *const *) argv);
                r = -errno;
        }
        (void) dprintf(STDERR_FILENO, "Cannot run %s: %s\n", argv[0], strerror(-r));
        _exit(127);
}

static int start_fork(Start *s, const char *const *argv, const char *address) {
        _cleanup_close_ int write_end = -EBADF;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        s->output = fds[0];
        write_end = fds[1];
        s->pid = fork();
        if (s->pid < 0)
                return -errno;
        if (s->pid == 0)
                exec_program(s, argv, address, write_end);

        s->process = pidfd_open(s->pid, 0);
        return s->process < 0 ? -errno : 0;
}

static bool is_ready(int fd) {
        char message[4096];
        ssize_t n;

        while ((n = recv(fd, message, sizeof(message) - 1, 0)) >= 0) {
                message[n] = '\0';
                for (const char *s = message; s; s = strchr(s, '\n')) {
                        s += *s == '\n';
                        if (startswith(s, "READY=1"))
                                return true;
                }
        }
        return false;
}

/* Hands on what the program says; closes at its end. */
static void pass_output(Start *s) {
        char text[4096];
        ssize_t n = read(s->output, text, sizeof(text));

        if (n <= 0)
                s->output = safe_close(s->output);
        else if (write(STDERR_FILENO, text, (size_t) n) < 0)
                return;
}

static pid_t start_wait(Start *s, uint64_t timeout_usec) {
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec);

        for (;;) {
                struct pollfd fds[] = {
                        { .fd = s->output, .events = POLLIN },
                        { .fd = s->notify, .events = POLLIN },
                        { .fd = s->process, .events = POLLIN },
                };
                uint64_t left = usec_sub(end, now_usec(CLOCK_MONOTONIC));
                int msec = (int) MIN((left + USEC_PER_MSEC - 1) / USEC_PER_MSEC, (uint64_t) INT_MAX);

                if (left == 0)
                        return -ETIMEDOUT;
                if (poll(fds, ELEMENTSOF(fds), msec) < 0 && errno != EINTR)
                        return -errno;
                if (fds[0].revents != 0)
                        pass_output(s);
                else if (fds[1].revents != 0 && is_ready(s->notify))
                        return s->pid;
                else if (fds[2].revents != 0)
                        return -ECHILD;
        }
}

pid_t background_start(const char *const *argv, uint64_t timeout_usec, int (*become)(void *userdata),
                void *userdata, pid_t *ret_pid) {
        Start s = { .become = become, .userdata = userdata,
                    .notify = -EBADF, .output = -EBADF, .process = -EBADF };
        char address[sizeof(struct sockaddr_un)];
        pid_t r;

        s.notify = open_notify(address);
        r = s.notify < 0 ? s.notify : start_fork(&s, argv, address);
        if (r >= 0) {
                r = start_wait(&s, timeout_usec);
                if (ret_pid)
                        *ret_pid = s.pid;
        }

        safe_close(s.notify);
        safe_close(s.output);
        safe_close(s.process);
        return r;
}

/*** Stopping ***/

static bool ends_in(const char *path, const char *program) {
        const char *name = strrchr(path, '/');

        return streq(name ? name + 1 : path, program);
}

/* A program that has several names is told by the one that it was called by. */
bool background_is(pid_t pid, const char *program) {
        char link[64], path[PATH_MAX];
        ssize_t n;

        (void) snprintf(link, sizeof(link), "/proc/%d/exe", (int) pid);
        n = readlink(link, path, sizeof(path) - 1);
        if (n > 0) {
                path[n] = '\0';
                /* One that was replaced by a new version is still that program. */
                if (endswith(path, " (deleted)"))
                        path[n - (ssize_t) strlen(" (deleted)")] = '\0';
                if (ends_in(path, program))
                        return true;
        }

        (void) snprintf(link, sizeof(link), "/proc/%d/cmdline", (int) pid);
        n = path_read(link, path, sizeof(path) - 1);
        if (n <= 0)
                return false;
        path[n] = '\0';
        return ends_in(path, program);
}

/* Until all of them have ended, or for so long. Those that have become 1 in gone. */
static void wait_all(const int *processes, size_t n, uint64_t timeout_usec, bool *gone) {
        uint64_t end = usec_add(now_usec(CLOCK_MONOTONIC), timeout_usec);

        for (size_t i = 0; i < n; i++) {
                struct pollfd p = { .fd = processes[i], .events = POLLIN };
                int r;

                do {
                        uint64_t left = usec_sub(end, now_usec(CLOCK_MONOTONIC));

                        r = gone[i] ? 0 : poll(&p, 1, (int) MIN(left / USEC_PER_MSEC, (uint64_t) INT_MAX));
                } while (r < 0 && errno == EINTR);
                gone[i] = gone[i] || r > 0;
        }
}

static int signal_process(int process, int number) {
        return pidfd_send_signal(process, number, NULL, 0) < 0 && errno != ESRCH ? -errno : 0;
}

void background_stop(const int *processes, size_t n, uint64_t timeout_usec, int *results) {
        _cleanup_free_ bool *gone = new0(bool, n);

        for (size_t i = 0; i < n; i++)
                results[i] = gone ? signal_process(processes[i], SIGTERM) : -ENOMEM;
        if (!gone)
                return;
        /* What cannot be signalled is not waited for. */
        for (size_t i = 0; i < n; i++)
                gone[i] = results[i] < 0;
        wait_all(processes, n, timeout_usec, gone);

        for (size_t i = 0; i < n; i++)
                if (!gone[i])
                        results[i] = signal_process(processes[i], SIGKILL) < 0 ? -errno : 1;
        wait_all(processes, n, KILLED_USEC, gone);
        for (size_t i = 0; i < n; i++)
                if (!gone[i] && results[i] >= 0)
                        results[i] = -ETIMEDOUT;
}
