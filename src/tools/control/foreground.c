/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "account.h"
#include "string-util.h"
#include "time-util.h"

/* What was asked to end has so long. */
#define END_USEC (15 * USEC_PER_SEC)

static size_t count_selected(const Selection *s) {
        size_t n = 0;

        for (size_t i = 0; i < s->n_targets; i++)
                n += s->targets[i].selected;
        return n;
}

/* Becomes the driver. Returns on failure only. */
static int exec_command(const DriverCommand *d, RunUser *user) {
        int r = account_become(user);

        if (r >= 0) {
                (void) execv(d->program, (char *const *) d->argv);
                r = -errno;
        }
        return control_complain(r, d->program, NULL);
}

/* They are ours, so their numbers are nobody else's until reap(). */
static void end_all(const pid_t *pids, size_t n, int number) {
        for (size_t i = 0; i < n; i++)
                if (pids[i] > 0)
                        (void) kill(pids[i], number);
}

/* Whether it has ended as it was asked to. */
static bool ended_well(int status) {
        return WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGTERM;
}

/* Takes those that have ended out of the list. Returns how many go on, and -ECHILD in *result when one of
 * the others was not to end, or failed. */
static size_t reap(const Selection *s, pid_t *pids, bool ending, int *result) {
        size_t left = 0;

        for (size_t i = 0; i < s->n_targets; i++) {
                int status;

                if (pids[i] <= 0)
                        continue;
                if (waitpid(pids[i], &status, WNOHANG) == 0) {
                        left++;
                        continue;
                }
                if (!ending)
                        fprintf(stderr, "The driver of [%s] has ended, so all are ended\n",
                                        s->targets[i].section->name);
                if (!ending || !ended_well(status))
                        *result = -ECHILD;
                pids[i] = 0;
        }
        return left;
}

/* The next signal, or 0 at that time of CLOCK_MONOTONIC. */
static int next_signal(const sigset_t *signals, uint64_t end_usec) {
        uint64_t left = usec_sub(end_usec, now_usec(CLOCK_MONOTONIC));
        struct timespec t = { .tv_sec = (time_t) (left / USEC_PER_SEC),
                              .tv_nsec = (long) (left % USEC_PER_SEC * 1000) };
        int number = end_usec == USEC_INFINITY ? sigwaitinfo(signals, NULL)
                : sigtimedwait(signals, NULL, &t);

        return number < 0 && errno == EAGAIN ? 0 : number;
}

/* Until one of them ends, or we are to end, be it at once; then they all do. 0 if it was for us to end, and
 * all have ended well. */
static int look_after(const Selection *s, pid_t *pids, size_t n, const sigset_t *signals, bool ending) {
        uint64_t end = ending ? usec_add(now_usec(CLOCK_MONOTONIC), END_USEC) : USEC_INFINITY;
        int result = 0;

        while (n > 0) {
                int number = next_signal(signals, end);
                size_t before = n;

                if (number == SIGHUP)
                        end_all(pids, s->n_targets, SIGHUP);
                n = reap(s, pids, ending || number == SIGTERM || number == SIGINT, &result);
                if (number == 0 || (ending && (number == SIGTERM || number == SIGINT))) {
                        /* Too late, or asked for the second time. */
                        end_all(pids, s->n_targets, SIGKILL);
                        end = USEC_INFINITY;
                } else if (!ending && (n < before || number == SIGTERM || number == SIGINT)) {
                        end_all(pids, s->n_targets, SIGTERM);
                        end = usec_add(now_usec(CLOCK_MONOTONIC), END_USEC);
                        ending = true;
                }
        }
        return result;
}

/* What to run, and as whom. */
static int prepare(const Control *c, const Selection *s, const Target *t, DriverCommand *ret,
                RunUser *user) {
        int r = account_find(c, s, t->section, user);

        if (r < 0)
                return r;
        r = driver_command_init(c, t->section, NULL, ret);
        if (r >= 0 && access(ret->program, X_OK) < 0) {
                driver_command_done(ret);
                r = -ENOENT;
        }
        if (r == -EINVAL || r == -ENOENT)
                complain_driver(t->section);
        return r;
}

_Noreturn static void exec_child(const DriverCommand *d, RunUser *user, const sigset_t *mask) {
        (void) sigprocmask(SIG_SETMASK, mask, NULL);
        (void) exec_command(d, user);
        _exit(127);
}

static pid_t run_child(const Control *c, const Selection *s, const Target *t, const sigset_t *mask) {
        DriverCommand d;
        RunUser user;
        pid_t r;

        r = prepare(c, s, t, &d, &user);
        if (r < 0)
                return r;
        r = fork();
        if (r == 0)
                exec_child(&d, &user, mask);
        if (r < 0)
                r = control_complain(-errno, "fork", NULL);
        driver_command_done(&d);
        return r;
}

/* Each of several as a child of ours. */
static int run_all(Control *c, const Selection *s) {
        _cleanup_free_ pid_t *pids = new0(pid_t, s->n_targets);
        sigset_t signals, before;
        size_t n = 0;
        int r = 0;

        if (!pids)
                return -ENOMEM;
        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGCHLD);
        (void) sigaddset(&signals, SIGTERM);
        (void) sigaddset(&signals, SIGINT);
        (void) sigaddset(&signals, SIGHUP);
        (void) sigprocmask(SIG_BLOCK, &signals, &before);

        for (size_t i = 0; i < s->n_targets && r >= 0; i++) {
                if (!s->targets[i].selected)
                        continue;
                pids[i] = run_child(c, s, s->targets + i, &before);
                r = MIN(pids[i], 0);
                n += pids[i] > 0;
        }
        if (r < 0)
                end_all(pids, s->n_targets, SIGTERM);

        int ended = look_after(s, pids, n, &signals, r < 0);
        return r < 0 ? r : ended;
}

static int run_one(Control *c, const Selection *s) {
        DriverCommand d;
        RunUser user;
        size_t i = 0;
        int r;

        while (!s->targets[i].selected)
                i++;
        r = prepare(c, s, s->targets + i, &d, &user);
        if (r < 0)
                return r;
        r = exec_command(&d, &user);
        driver_command_done(&d);
        return r;
}

int control_foreground(Control *c, const Selection *s) {
        int r;

        if (c->test) {
                for (size_t i = 0; i < s->n_targets; i++) {
                        DriverCommand d;

                        if (!s->targets[i].selected || driver_command_init(c, s->targets[i].section, NULL,
                                                                       &d) < 0)
                                continue;
                        driver_command_print(&d, NULL);
                        driver_command_done(&d);
                }
                return 0;
        }

        /* A device has one driver. */
        r = c->systemd ? units_stop(c, s, true) : processes_stop(c, s, true);
        if (r < 0)
                return r;
        if (c->systemd)
                fputs("The services of these drivers stay stopped until upsdrvctl start.\n", stderr);
        (void) fflush(NULL);
        return count_selected(s) == 1 ? run_one(c, s) : run_all(c, s);
}
