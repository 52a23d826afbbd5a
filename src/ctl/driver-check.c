/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver-check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <syslog.h>

#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

/* It only reads files. */
#define ANSWER_MSEC 20000
#define ANSWER_SIZE_MAX (4U << 20)

/* NULL without memory, or for what is no name of a program. */
static char *driver_path(const char *driver) {
        return strchr(driver, '/') ? NULL : strjoin(conf_driver_path(), "/", driver);
}

bool driver_exists(const char *driver) {
        _cleanup_free_ char *path = driver_path(driver);

        return path && access(path, X_OK) == 0;
}

/* Starts the driver; what it prints can be read from *ret_fd. */
static int start(const char *path, pid_t *ret_pid, int *ret_fd) {
        char *argv[] = { (char *) path, (char *) "--check", NULL };
        posix_spawn_file_actions_t actions;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;

        r = posix_spawn_file_actions_init(&actions);
        if (r == 0) {
                (void) posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
                (void) posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
                r = posix_spawn(ret_pid, path, &actions, NULL, argv, environ);
                (void) posix_spawn_file_actions_destroy(&actions);
        }

        safe_close(fds[1]);
        if (r != 0) {
                safe_close(fds[0]);
                return -r;
        }
        *ret_fd = fds[0];
        return 0;
}

static int read_answer(int fd, char **ret) {
        _cleanup_free_ char *answer = NULL;
        size_t n = 0, allocated = 0;

        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };

                if (n > ANSWER_SIZE_MAX)
                        return -EFBIG;
                if (!GREEDY_REALLOC(answer, allocated, n + 4096))
                        return -ENOMEM;
                if (poll(&p, 1, ANSWER_MSEC) <= 0)
                        return -ETIME;

                ssize_t k = read(fd, answer + n, allocated - n - 1);
                if (k < 0 && errno != EINTR)
                        return -errno;
                if (k == 0)
                        break;
                if (k > 0)
                        n += (size_t) k;
        }

        answer[n] = '\0';
        *ret = TAKE_PTR(answer);
        return 0;
}

/* All that the driver prints; -EIO if it ends otherwise than it should. */
static int ask(const char *driver, char **ret) {
        _cleanup_free_ char *path = driver_path(driver), *answer = NULL;
        _cleanup_close_ int fd = -EBADF;
        int status = 0, r;
        pid_t pid;

        if (!path)
                return -ENOMEM;

        r = start(path, &pid, &fd);
        if (r < 0)
                return r;

        r = read_answer(fd, &answer);
        if (r < 0)
                (void) kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        if (r < 0)
                return r;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
                return -EIO;

        *ret = TAKE_PTR(answer);
        return 0;
}

/* A line "LEVEL TAB FILE TAB LINE TAB MESSAGE", which is written over. */
static void pass_on(char *line, ConfReport report, void *userdata) {
        char *fields[4];
        uint64_t level, place;

        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                fields[i] = i < 3 ? strsep(&line, "\t") : line;
        if (!fields[3] || parse_uint64(fields[0], LOG_EMERG, LOG_DEBUG, &level) < 0 ||
            parse_uint64(fields[2], 0, UINT32_MAX, &place) < 0)
                return;
        report(userdata, (int) level, fields[1], (unsigned) place, fields[3]);
}

static int check_driver(const UpsSection *s, char ***said, ConfReport report, void *userdata) {
        _cleanup_strv_free_ char **lines = NULL;
        _cleanup_free_ char *answer = NULL;

        int r = ask(s->driver, &answer);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                conf_line_report(&(ConfLine) { .file = s->file, .line = s->line }, report, userdata,
                        LOG_WARNING,
                                "The driver %s did not say what it makes of its options: %s", s->driver,
                                r == -EIO ? "it failed" : strerror(-r));
                return 0;
        }

        r = strv_split(answer, "\n", &lines);
        STRV_FOREACH(line, lines) {
                if (r < 0 || strv_contains(*said, *line))
                        continue;
                r = strv_extend(said, *line);
                if (r >= 0)
                        pass_on(*line, report, userdata);
        }
        return r;
}

int driver_check_all(const UpsConf *conf, ConfReport report, void *userdata) {
        _cleanup_strv_free_ char **asked = NULL, **said = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < conf->n_sections; i++) {
                const UpsSection *s = conf->sections + i;

                if (strv_contains(asked, s->driver) || !driver_exists(s->driver))
                        continue;
                r = strv_extend(&asked, s->driver);
                if (r >= 0)
                        r = check_driver(s, &said, report, userdata);
        }
        return r;
}
