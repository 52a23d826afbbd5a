/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>

#include "node.h"
#include "string-util.h"
#include "time-util.h"

/* As sd_listen_fds(3) wants it. */
#define FIRST_PASSED_FD 3

/* The exit status by which a driver says that it failed and the device has mains. */
#define STATUS_ON_LINE 2

/* Of so many parts of the time that a driver has, it is told of all but one: it is to end by itself, for it
 * has something to say about the mains. */
#define DRIVER_PARTS 5

/* A driver may say so much; the kernel's log is small. */
#define LINES_MAX 20

/* How often is looked for drivers that have ended. */
#define CHECK_MSEC 50

/* One driver that runs. */
typedef struct Run {
        const ArmedDevice *device;
        RunResult *result;
        pid_t pid;  /* 0: not running */
        int output; /* what it says, -EBADF when that is over */
        char line[160];
        size_t n_line;
        unsigned n_lines;
} Run;

/* What a child gets. Made before it, so that it has little to do between fork and exec. */
typedef struct Child {
        const RunUser *user;
        pid_t parent;
        char program[PATH_MAX];
        const char *name;
        char state_path[PATH_MAX], conf_path[PATH_MAX], limit[64], listen_fds[32];
        int null_fd, output_fd;
        int node_fds[ARMED_FLAG_NODES_MAX];
        unsigned n_nodes;
} Child;

int run_user_find(const Poweroff *p, RunUser *ret) {
        char path[PATH_MAX], ups_conf[PATH_MAX];
        struct stat st;
        RunUser user;
        int r;

        r = poweroff_path(p, p->state_dir, path, sizeof(path));
        if (r < 0)
                return r;
        if (lstat(path, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        if (st.st_uid == 0 || st.st_gid == 0)
                return -EPERM;
        user = (RunUser) { .uid = st.st_uid, .gid = st.st_gid };

        if (snprintf(ups_conf, sizeof(ups_conf), "%s/ups.conf", p->conf_dir) < (int) sizeof(ups_conf) &&
            poweroff_path(p, ups_conf, path, sizeof(path)) >= 0 && stat(path, &st) >= 0)
                user.conf_gid = st.st_gid;

        *ret = user;
        return 0;
}

static int drop_privileges(const RunUser *user) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        if (geteuid() != 0)
                return 0;
        if (setgroups(user->conf_gid != 0 ? 1 : 0, &user->conf_gid) < 0 ||
            setresgid(user->gid, user->gid, user->gid) < 0 || setresuid(user->uid, user->uid, user->uid) < 0)
                return -errno;
        return 0;
}

/* Puts the descriptors in their places and closes all others. They come from beyond these places. */
static int place_descriptors(const Child *c) {
        unsigned first_closed = FIRST_PASSED_FD + c->n_nodes;

        if (dup2(c->null_fd, STDIN_FILENO) < 0 || dup2(c->output_fd, STDOUT_FILENO) < 0 ||
            dup2(c->output_fd, STDERR_FILENO) < 0)
                return -errno;
        for (unsigned i = 0; i < c->n_nodes; i++)
                if (dup2(c->node_fds[i], FIRST_PASSED_FD + (int) i) < 0)
                        return -errno;
        return close_range(first_closed, UINT_MAX, 0) < 0 ? -errno : 0;
}

/* No driver outlives us. The kernel forgets about this when the user changes. */
static int die_with_parent(pid_t parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        return getppid() != parent ? -ESRCH : 0;
}

/* The child: becomes the driver. */
_Noreturn static void exec_driver(const Child *c) {
        char pid[32];
        const char *argv[] = { c->program, "-a", c->name, "-k", NULL };
        const char *envp[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", c->state_path, c->conf_path,
                               c->limit, c->n_nodes > 0 ? c->listen_fds : NULL, pid, NULL };
        int r;

        (void) snprintf(pid, sizeof(pid), "LISTEN_PID=%d", (int) getpid());
        (void) setsid();
        r = chdir("/") < 0 ? -errno : place_descriptors(c);
        if (r >= 0)
                r = drop_privileges(c->user);
        if (r >= 0)
                r = die_with_parent(c->parent);
        if (r >= 0) {
                (void) execve(c->program, (char *const *) argv, (char *const *) envp);
                r = -errno;
        }

        (void) dprintf(STDERR_FILENO, "Cannot run %s: %s\n", c->program, strerror(-r));
        _exit(127);
}

/* A descriptor that is out of the way of those that the child gets. */
static int move_up(int fd) {
        int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PASSED_FD + (int) ARMED_FLAG_NODES_MAX);

        if (moved < 0)
                moved = -errno;
        safe_close(fd);
        return moved;
}

static int format_variable(const char *name, const char *root, const char *path, char ret[static PATH_MAX]) {
        return snprintf(ret, PATH_MAX, "%s=%s%s", name, root, path) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int child_prepare(const Poweroff *p, const RunUser *user, const ArmedDevice *d, uint64_t limit_usec,
                Child *ret) {
        char path[PATH_MAX];
        int r;

        *ret = (Child) { .user = user, .parent = getpid(), .name = d->name,
                         .null_fd = -EBADF, .output_fd = -EBADF };

        if (snprintf(path, sizeof(path), "%s/%s", p->driver_dir, d->driver) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        r = poweroff_path(p, path, ret->program, sizeof(ret->program));
        if (r < 0)
                return r;
        r = format_variable("NUT_STATEPATH", p->root, p->state_dir, ret->state_path);
        if (r < 0)
                return r;
        r = format_variable("NUT_CONFPATH", p->root, p->conf_dir, ret->conf_path);
        if (r < 0)
                return r;

        (void) snprintf(ret->limit, sizeof(ret->limit), "BUSBAR_POWER_OFF_MSEC=%" PRIu64,
                        limit_usec / USEC_PER_MSEC);

        ret->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (ret->null_fd < 0)
                return -errno;
        ret->null_fd = move_up(ret->null_fd);
        if (ret->null_fd < 0)
                return ret->null_fd;

        for (size_t i = 0; i < d->n_nodes; i++) {
                int fd = node_open(p, d->nodes[i]);

                if (fd >= 0)
                        fd = move_up(fd);
                /* The driver may be allowed to open it itself. */
                if (fd < 0)
                        (void) poweroff_log(p, LOG_WARNING, fd, "%s: Cannot open %s: %m", d->name,
                                        d->nodes[i]);
                else
                        ret->node_fds[ret->n_nodes++] = fd;
        }
        (void) snprintf(ret->listen_fds, sizeof(ret->listen_fds), "LISTEN_FDS=%u", ret->n_nodes);
        return 0;
}

static void child_done(Child *c) {
        safe_close(c->null_fd);
        safe_close(c->output_fd);
        for (unsigned i = 0; i < c->n_nodes; i++)
                safe_close(c->node_fds[i]);
}

static int run_fork(Run *run, Child *c) {
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        run->output = fds[0];
        c->output_fd = move_up(fds[1]);
        if (c->output_fd < 0)
                return c->output_fd;
        if (fcntl(run->output, F_SETFL, O_NONBLOCK) < 0)
                return -errno;

        run->pid = fork();
        if (run->pid < 0) {
                r = -errno;
                run->pid = 0;
                return r;
        }
        if (run->pid == 0)
                exec_driver(c);
        return 0;
}

static void run_start(const Poweroff *p, const RunUser *user, uint64_t deadline_usec, Run *run) {
        uint64_t left = usec_sub(deadline_usec, now_usec(CLOCK_MONOTONIC));
        _cleanup_(child_done) Child c;
        int r;

        *run->result = RUN_FAILED;
        r = child_prepare(p, user, run->device, left / DRIVER_PARTS * (DRIVER_PARTS - 1), &c);
        if (r >= 0)
                r = run_fork(run, &c);
        if (r < 0)
                (void) poweroff_log(p, LOG_ERR, r, "%s: Cannot run %s: %m", run->device->name,
                                run->device->driver);
}

static void flush_line(const Poweroff *p, Run *run) {
        if (run->n_line > 0 && run->n_lines++ < LINES_MAX)
                (void) poweroff_log(p, LOG_INFO, 0, "%s: %.*s", run->device->name, (int) run->n_line,
                                run->line);
        run->n_line = 0;
}

static void read_output(const Poweroff *p, Run *run) {
        char buf[512];
        ssize_t n = read(run->output, buf, sizeof(buf));

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        for (ssize_t i = 0; i < n; i++) {
                if (buf[i] == '\n' || run->n_line == sizeof(run->line))
                        flush_line(p, run);
                if (buf[i] != '\n')
                        run->line[run->n_line++] = buf[i] >= ' ' && buf[i] <= '~' ? buf[i] : '?';
        }
        if (n <= 0)
                run->output = safe_close(run->output);
}

static RunResult result_of(int status) {
        if (!WIFEXITED(status))
                return RUN_FAILED;
        switch (WEXITSTATUS(status)) {
        case 0:
                return RUN_COMMANDED;
        case STATUS_ON_LINE:
                return RUN_ON_LINE;
        default:
                return RUN_FAILED;
        }
}

/* Whether the driver has ended; it is killed if it is too late. */
static bool run_check(const Poweroff *p, Run *run, bool late) {
        int status;
        pid_t pid;

        if (run->pid == 0)
                return true;
        if (late) {
                (void) poweroff_log(p, LOG_ERR, 0, "%s: %s takes too long.", run->device->name,
                                run->device->driver);
                (void) kill(-run->pid, SIGKILL);
                (void) kill(run->pid, SIGKILL);
        }

        /* What does not even die of that hangs in the kernel, which is no reason to wait. */
        pid = waitpid(run->pid, &status, WNOHANG);
        if (pid == 0 && !late)
                return false;
        if (pid == run->pid)
                *run->result = result_of(status);
        run->pid = 0;
        return true;
}

static void wait_for_output(const Poweroff *p, Run *runs, size_t n) {
        struct pollfd fds[ARMED_FLAG_DEVICES_MAX];

        for (size_t i = 0; i < n; i++)
                fds[i] = (struct pollfd) { .fd = runs[i].output, .events = POLLIN };
        if (poll(fds, n, CHECK_MSEC) <= 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (runs[i].output >= 0 && fds[i].revents != 0)
                        read_output(p, &runs[i]);
}

static void run_finish(const Poweroff *p, Run *run) {
        if (run->output >= 0)
                read_output(p, run);
        flush_line(p, run);
        run->output = safe_close(run->output);
}

void run_drivers(const Poweroff *p, const RunUser *user, const ArmedFlag *flag, int32_t sdorder,
                uint64_t deadline_usec, RunResult results[static ARMED_FLAG_DEVICES_MAX]) {
        Run runs[ARMED_FLAG_DEVICES_MAX];
        bool busy = true;
        size_t n = 0;

        for (size_t i = 0; i < flag->n_devices; i++)
                if (flag->devices[i].sdorder == sdorder) {
                        runs[n] = (Run) { .device = &flag->devices[i], .result = &results[i],
                                          .output = -EBADF };
                        run_start(p, user, deadline_usec, &runs[n++]);
                }

        while (busy) {
                bool late = now_usec(CLOCK_MONOTONIC) >= deadline_usec;

                busy = false;
                wait_for_output(p, runs, n);
                for (size_t i = 0; i < n; i++)
                        busy = !run_check(p, &runs[i], late) || busy;
        }

        for (size_t i = 0; i < n; i++)
                run_finish(p, &runs[i]);
}
