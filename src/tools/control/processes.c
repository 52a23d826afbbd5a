/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>

#include "account.h"
#include "background.h"
#include "driver-link.h"
#include "parse-util.h"
#include "string-util.h"
#include "time-util.h"

#define STOP_USEC (15 * USEC_PER_SEC)
#define HURRY_USEC (3 * USEC_PER_SEC)

/* As NUT has them. */
#define START_DELAY_SEC 75
#define RETRY_DELAY_SEC 5
#define SECONDS_MAX 86400

/* Who serves a device. 1 if somebody does, 0 if nobody, a negative errno if that is nobody to deal with,
 * which is said of selected ones. */
static int target_find(const Control *c, const Selection *s, const Target *t, DriverPeer *ret) {
        DriverPeer p;
        int r = driver_peer_find(t->socket, &p);

        if (r == -ENOENT || r == -ECONNREFUSED)
                return 0;
        if (r < 0 && !t->selected)
                return r;
        if (r == -ETIMEDOUT)
                fprintf(stderr, "%s: whoever serves it hangs, and takes no more connections\n", t->socket);
        else if (r < 0)
                return control_complain(r, t->socket, NULL);
        if (r < 0)
                return r;
        if (!account_is_trusted(c, s, t->section, p.uid) || !account_is_trusted(c, s, t->section, p.owner) ||
            p.pid == 1 || p.pid == getpid()) {
                fprintf(stderr, "%s is no driver's: process %d of user %u serves it, and is left alone\n",
                                t->socket, (int) p.pid, (unsigned) p.uid);
                driver_peer_done(&p);
                return -EBADMSG;
        }
        *ret = p;
        return 1;
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
        RunUser user;
        int r;

        r = account_find(c, s, t->section, &user);
        if (r < 0)
                return r;
        r = driver_command_init(c, t->section, NULL, &d);
        if (r == -EINVAL)
                complain_driver(t->section);
        if (r < 0)
                return r;
        if (access(d.program, X_OK) < 0) {
                complain_driver(t->section);
                driver_command_done(&d);
                return -ENOENT;
        }
        r = background_start(d.argv, wait ? delay : 0, account_become, &user, NULL);
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

/* There is one already. */
static int tell_running(const Target *t, pid_t pid) {
        Probe p;
        bool responsive;

        if (driver_probe(t->socket, &p) < 0)
                return -ENOMEM;
        responsive = p.responsive;
        probe_done(&p);
        fprintf(stderr, "Driver %s for [%s] runs already, as process %d\n", t->section->driver,
                        t->section->name, (int) pid);
        if (responsive)
                return 0;
        fprintf(stderr, "It does not answer; upsdrvctl stop %s ends it\n", t->section->name);
        return -EBUSY;
}

int processes_start(Control *c, const Selection *s) {
        int r, result = 0;

        if (test_only(c, s, NULL, true))
                return 0;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                DriverPeer peer;

                if (!t->selected)
                        continue;
                r = target_find(c, s, t, &peer);
                if (r > 0) {
                        r = tell_running(t, peer.pid);
                        driver_peer_done(&peer);
                } else if (r == 0)
                        r = start_one(c, s, t);
                if (r < 0)
                        result = r;
        }
        return result;
}

/*** Stop ***/

typedef struct Peers {
        DriverPeer *list; /* for each target; pid: 0 for nobody, negative for one to leave alone */
        size_t n;
        size_t *chosen; /* numbers of those that are to be stopped */
        int *processes, *results;
        size_t n_chosen;
} Peers;

static void peers_done(Peers *p) {
        for (size_t i = 0; i < p->n; i++)
                if (p->list[i].pid > 0)
                        driver_peer_done(p->list + i);
        free(p->list);
        free(p->chosen);
        free(p->processes);
        free(p->results);
}

static int peers_init(const Control *c, const Selection *s, Peers *p) {
        p->list = new0(DriverPeer, s->n_targets);
        p->chosen = new(size_t, s->n_targets);
        p->processes = new(int, s->n_targets);
        p->results = new(int, s->n_targets);
        if (!p->list || !p->chosen || !p->processes || !p->results)
                return -ENOMEM;
        for (; p->n < s->n_targets; p->n++)
                if (target_find(c, s, s->targets + p->n, p->list + p->n) < 0)
                        p->list[p->n].pid = -1;
        return 0;
}

/* Whether somebody who is not selected is served by the process; his name. */
static const char *find_other(const Selection *s, const Peers *p, pid_t pid) {
        for (size_t i = 0; i < s->n_targets; i++)
                if (!s->targets[i].selected && p->list[i].pid == pid)
                        return s->targets[i].section->name;
        return NULL;
}

static bool was_done(const Selection *s, const Peers *p, size_t i) {
        for (size_t k = 0; k < i; k++)
                if (s->targets[k].selected && p->list[k].pid == p->list[i].pid)
                        return true;
        return false;
}

/* number: 0 to stop, with all others that are. */
static int order_one(const Selection *s, Peers *p, size_t i, int number) {
        const DriverPeer *peer = p->list + i;
        const Target *t = s->targets + i;
        const char *other = find_other(s, p, peer->pid);

        if (was_done(s, p, i))
                return 0;
        if (other && number != SIGHUP) {
                fprintf(stderr, "[%s] is not stopped alone: process %d serves %s as well\n",
                                t->section->name, (int) peer->pid, other);
                return -EBUSY;
        }
        if (number == 0) {
                p->processes[p->n_chosen] = peer->process;
                p->chosen[p->n_chosen++] = i;
                return 0;
        }
        if (pidfd_send_signal(peer->process, number, NULL, 0) < 0)
                return control_complain(-errno, t->section->name, NULL);
        return 0;
}

static int stop_chosen(const Control *c, const Selection *s, Peers *p) {
        int result = 0;

        background_stop(p->processes, p->n_chosen, c->hurry ? HURRY_USEC : STOP_USEC, p->results);
        for (size_t k = 0; k < p->n_chosen; k++) {
                const UpsSection *section = s->targets[p->chosen[k]].section;

                if (p->results[k] < 0)
                        result = control_complain(p->results[k], section->name, NULL);
                else if (p->results[k] > 0)
                        fprintf(stderr, "Driver %s for [%s] did not end, and was killed\n",
                                        section->driver, section->name);
        }
        return result;
}

static int each_process(const Control *c, const Selection *s, int number, bool running_only) {
        _cleanup_(peers_done) Peers p = {};
        int r, result = 0;

        r = peers_init(c, s, &p);
        if (r < 0)
                return r;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;

                if (!t->selected)
                        continue;
                if (p.list[i].pid > 0)
                        r = order_one(s, &p, i, number);
                else if (p.list[i].pid < 0)
                        r = -ESRCH;
                else if (running_only)
                        r = 0;
                else {
                        fprintf(stderr, "Driver %s for [%s] does not run\n", t->section->driver,
                                        t->section->name);
                        r = -ESRCH;
                }
                if (r < 0)
                        result = r;
        }
        r = stop_chosen(c, s, &p);
        return r < 0 ? r : result;
}

int processes_stop(Control *c, const Selection *s, bool running_only) {
        return test_only(c, s, "stop", false) ? 0 : each_process(c, s, 0, running_only);
}

int processes_signal(Control *c, const Selection *s, int number) {
        return test_only(c, s, number == SIGHUP ? "reload" : "end", false) ? 0
                : each_process(c, s, number, false);
}
