/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>

#include "background.h"
#include "control.h"
#include "driver-link.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define STOP_USEC (15 * USEC_PER_SEC)

/* As NUT has them. */
#define START_DELAY_SEC 75
#define RETRY_DELAY_SEC 5
#define SECONDS_MAX 86400

/* The process that serves a device, as it says itself, or 0. */
static pid_t target_pid(const Target *t) {
        Probe p;
        pid_t pid;

        if (driver_probe(t->socket, &p) < 0)
                return 0;
        if (p.error < 0 && p.error != -ENOENT && p.error != -ECONNREFUSED)
                (void) control_complain(p.error, t->socket, NULL);
        pid = p.pid;
        probe_done(&p);
        return pid;
}

/*** Start ***/

static uint64_t option_number(const Selection *s, const Target *t, const char *key, uint64_t otherwise) {
        const UpsOption *o = ups_conf_option(s->conf, t->section, key);
        uint64_t n;

        return o && o->value && parse_uint64(o->value, 0, SECONDS_MAX, &n) >= 0 ? n : otherwise;
}

static int start_once(Control *c, const Selection *s, const Target *t, bool wait) {
        uint64_t delay = option_number(s, t, "maxstartdelay", START_DELAY_SEC) * USEC_PER_SEC;
        DriverCommand d;
        int r;

        r = driver_command_init(c, t->section, NULL, &d);
        if (r < 0)
                return r;
        if (access(d.program, X_OK) < 0) {
                complain_driver(t->section);
                driver_command_done(&d);
                return -ENOENT;
        }
        r = background_start(d.argv, wait ? delay : 0, NULL);
        driver_command_done(&d);
        if (r == -ECHILD)
                fprintf(stderr, "Driver %s for [%s] failed to start; upsdrvctl -D -d start %s shows more\n",
                                t->section->driver, t->section->name, t->section->name);
        else if (r == -ETIMEDOUT && wait)
                fprintf(stderr, "Driver %s for [%s] is not ready yet, and goes on trying\n",
                                t->section->driver, t->section->name);
        else if (r < 0 && r != -ETIMEDOUT)
                return control_complain(r, t->section->driver, NULL);
        return r == -ETIMEDOUT && !wait ? 0 : MIN(r, 0);
}

static int start_one(Control *c, const Selection *s, const Target *t) {
        uint64_t delay_sec = option_number(s, t, "retrydelay", RETRY_DELAY_SEC);
        uint64_t attempts = MAX(option_number(s, t, "maxretry", 1), UINT64_C(1));
        bool wait = getenv("NUT_IGNORE_NOWAIT") || !ups_conf_option(s->conf, t->section, "nowait");
        int r;

        for (;;) {
                r = start_once(c, s, t, wait);
                if (r != -ECHILD || --attempts == 0)
                        return r;
                (void) sleep((unsigned) delay_sec);
        }
}

/* 1: so is it. */
static int test_only(const Control *c, const Selection *s, const char *option, bool start) {
        if (!c->test)
                return 0;
        for (size_t i = 0; i < s->n_targets; i++) {
                DriverCommand d;

                if (!s->targets[i].selected)
                        continue;
                if (!start)
                        fprintf(stderr, "%s the process that serves %s\n", option, s->targets[i].socket);
                else if (driver_command_init(c, s->targets[i].section, NULL, &d) >= 0) {
                        driver_command_print(&d, NULL);
                        driver_command_done(&d);
                }
        }
        return 1;
}

int processes_start(Control *c, const Selection *s) {
        int r, result = 0;

        if (test_only(c, s, NULL, true))
                return 0;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                pid_t pid;

                if (!t->selected)
                        continue;
                pid = target_pid(t);
                if (pid > 0) {
                        fprintf(stderr, "Driver %s for [%s] runs already, as process %d\n",
                                        t->section->driver, t->section->name, (int) pid);
                        continue;
                }
                r = start_one(c, s, t);
                if (r < 0)
                        result = r;
        }
        return result;
}

/*** Stop ***/

/* Whether somebody who is not selected is served by the process; his name. */
static const char *find_other(const Selection *s, const pid_t *pids, pid_t pid) {
        for (size_t i = 0; i < s->n_targets; i++)
                if (!s->targets[i].selected && pids[i] == pid)
                        return s->targets[i].section->name;
        return NULL;
}

static bool was_done(const Selection *s, const pid_t *pids, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (s->targets[k].selected && pids[k] == pids[i])
                        return true;
        return false;
}

static int stop_one(const Target *t, pid_t pid) {
        int r = background_stop(pid, t->section->driver, STOP_USEC);

        if (r == -ESRCH)
                fprintf(stderr, "Process %d, which serves [%s], is no driver %s, and is left alone\n",
                                (int) pid, t->section->name, t->section->driver);
        else if (r < 0)
                return control_complain(r, t->section->name, NULL);
        return r;
}

static int signal_one(const Target *t, pid_t pid, int number) {
        if (!background_is(pid, t->section->driver)) {
                fprintf(stderr, "Process %d, which serves [%s], is no driver %s, and is left alone\n",
                                (int) pid, t->section->name, t->section->driver);
                return -ESRCH;
        }
        return kill(pid, number) < 0 ? control_complain(-errno, t->section->name, NULL) : 0;
}

/* number: 0 to stop, and wait. */
static int each_process(const Selection *s, int number, bool running_only) {
        _cleanup_free_ pid_t *pids = new(pid_t, s->n_targets);
        int r, result = 0;

        if (!pids)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_targets; i++)
                pids[i] = target_pid(s->targets + i);

        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                const char *other = pids[i] > 0 ? find_other(s, pids, pids[i]) : NULL;

                if (!t->selected || (pids[i] > 0 && was_done(s, pids, i)) || (pids[i] == 0 && running_only))
                        continue;
                if (pids[i] == 0) {
                        fprintf(stderr, "Driver %s for [%s] does not run\n", t->section->driver,
                                        t->section->name);
                        r = -ESRCH;
                } else if (other && number != SIGHUP) {
                        fprintf(stderr, "[%s] is not stopped alone: process %d serves %s as well\n",
                                        t->section->name, (int) pids[i], other);
                        r = -EBUSY;
                } else
                        r = number == 0 ? stop_one(t, pids[i]) : signal_one(t, pids[i], number);
                if (r < 0)
                        result = r;
        }
        return result;
}

int processes_stop(Control *c, const Selection *s, bool running_only) {
        return test_only(c, s, "stop", false) ? 0 : each_process(s, 0, running_only);
}

int processes_signal(Control *c, const Selection *s, int number) {
        return test_only(c, s, number == SIGHUP ? "reload" : "end", false) ? 0
                : each_process(s, number, false);
}
