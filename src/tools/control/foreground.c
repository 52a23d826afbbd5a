/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "control.h"
#include "string-util.h"

static size_t count_selected(const Selection *s) {
        size_t n = 0;

        for (size_t i = 0; i < s->n_targets; i++)
                n += s->targets[i].selected;
        return n;
}

_Noreturn static void exec_command(const DriverCommand *d, const sigset_t *mask) {
        (void) sigprocmask(SIG_SETMASK, mask, NULL);
        (void) execv(d->program, (char *const *) d->argv);
        (void) control_complain(-errno, d->program, NULL);
        _exit(127);
}

static void end_all(const pid_t *pids, size_t n, int number) {
        for (size_t i = 0; i < n; i++)
                if (pids[i] > 0)
                        (void) kill(pids[i], number);
}

/* Takes those that have ended out of the list. Returns how many go on. */
static size_t reap(const Selection *s, pid_t *pids, bool tell) {
        size_t left = 0;

        for (size_t i = 0; i < s->n_targets; i++) {
                int status;

                if (pids[i] <= 0)
                        continue;
                if (waitpid(pids[i], &status, WNOHANG) == 0) {
                        left++;
                        continue;
                }
                if (tell)
                        fprintf(stderr, "The driver of [%s] has ended, so all are ended\n",
                                        s->targets[i].section->name);
                pids[i] = 0;
        }
        return left;
}

/* Until one of them ends, or we are to end; then they all do. 0 if it was for us to end. */
static int look_after(const Selection *s, pid_t *pids, size_t n, const sigset_t *signals) {
        bool ending = false;
        int result = 0;

        while (n > 0) {
                int number = sigwaitinfo(signals, NULL);

                if (number == SIGHUP) {
                        end_all(pids, s->n_targets, SIGHUP);
                        continue;
                }
                if (number < 0)
                        continue;

                size_t left = reap(s, pids, !ending);
                if (left < n && !ending)
                        result = -ECHILD;
                n = left;
                if (!ending)
                        end_all(pids, s->n_targets, SIGTERM);
                ending = true;
        }
        return result;
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
                DriverCommand d;

                if (!s->targets[i].selected)
                        continue;
                r = driver_command_init(c, s->targets[i].section, NULL, &d);
                if (r < 0)
                        break;
                pids[i] = fork();
                if (pids[i] == 0)
                        exec_command(&d, &before);
                r = pids[i] < 0 ? -errno : 0;
                n += pids[i] > 0;
                driver_command_done(&d);
        }
        if (r < 0)
                end_all(pids, s->n_targets, SIGTERM);

        int ended = look_after(s, pids, n, &signals);
        return r < 0 ? r : ended;
}

static int run_one(Control *c, const Selection *s) {
        DriverCommand d;
        size_t i = 0;
        int r;

        while (!s->targets[i].selected)
                i++;
        r = driver_command_init(c, s->targets[i].section, NULL, &d);
        if (r < 0)
                return r;
        if (access(d.program, X_OK) < 0) {
                complain_driver(s->targets[i].section);
                r = -ENOENT;
        } else {
                (void) execv(d.program, (char *const *) d.argv);
                r = control_complain(-errno, d.program, NULL);
        }
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
