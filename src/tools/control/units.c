/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "control.h"
#include "string-util.h"

/* Of one that was not begun. */
#define NO_JOB SIZE_MAX

/* One that cannot be asked for is down; -ETIMEDOUT when there is no answer. */
static int is_down(Control *c, const char *unit) {
        _cleanup_free_ char *state = NULL;
        int r = systemd_state(c->systemd, unit, &state);

        if (r == -ETIMEDOUT)
                return r;
        return r < 0 || streq(state, "inactive") || streq(state, "failed");
}

/* What does not stop holds its device, and the power is about to go. */
static void kill_late(Control *c, const Selection *s, const size_t *jobs) {
        for (size_t i = 0; i < s->n_targets; i++) {
                if (jobs[i] == NO_JOB || systemd_result(c->systemd, jobs[i]))
                        continue;
                fprintf(stderr, "%s does not stop, and is killed.\n", s->targets[i].unit);
                if (systemd_kill(c->systemd, s->targets[i].unit) < 0)
                        return;
        }
        (void) systemd_wait(c->systemd);
}

/* One process serves all devices of a group. */
static void tell_others(const Control *c, const Selection *s, const Target *t) {
        _cleanup_free_ char *others = NULL;

        if (!t->grouped || c->quiet)
                return;
        others = selection_names(s, t->unit, false);
        if (!isempty(others))
                fprintf(stderr, "%s serves %s as well.\n", t->unit, others);
}

static int refuse(Control *c, const Target *t, int r) {
        if (r == -ENOENT) {
                complain_driver(t->section);
                return r;
        }
        if (r == -ERFKILL) {
                fprintf(stderr, "%s is masked: systemctl unmask %s lets it start.\n", t->unit, t->unit);
                return r;
        }
        return control_complain(r, t->unit, systemd_failure(c->systemd));
}

static int tell_result(const Target *t, const char *result) {
        if (!result) {
                fprintf(stderr, "%s: it takes too long; systemctl status %s tells more\n", t->unit, t->unit);
                return -ETIMEDOUT;
        }
        if (streq(result, "done") || streq(result, "skipped"))
                return 0;
        if (streq(result, "dependency") && ups_section_is_plugged(t->section))
                fprintf(stderr, "[%s] is not plugged in, or cannot be opened; journalctl --unit=%s tells "
                                "more\n", t->section->name, t->unit);
        else
                fprintf(stderr, "Driver %s for [%s]: %s; journalctl --unit=%s tells why\n",
                                t->section->driver, t->section->name, result, t->unit);
        return -EIO;
}

/* Begins the method for each selected unit that is as wanted, once, waits for all, and tells what came of
 * it. */
static int run_jobs(Control *c, const Selection *s, const char *method, bool running_only) {
        _cleanup_free_ size_t *jobs = new(size_t, s->n_targets);
        int r, result = 0;

        if (!jobs)
                return -ENOMEM;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;

                jobs[i] = NO_JOB;
                if (!selection_is_first(s, i))
                        continue;
                r = running_only ? is_down(c, strempty(t->unit)) : 0;
                /* Nor would it answer about the others. */
                if (r < 0)
                        return control_complain(r, "systemd", NULL);
                if (r > 0)
                        continue;
                r = t->unit ? systemd_begin(c->systemd, method, t->unit) : -ENOENT;
                if (r >= 0)
                        jobs[i] = (size_t) r;
                else
                        result = refuse(c, t, r);
                /* The others would be refused as well. */
                if (r == -EACCES || r == -EPERM)
                        return r;
        }

        if (systemd_wait(c->systemd) == -ETIMEDOUT && c->hurry)
                kill_late(c, s, jobs);
        for (size_t i = 0; i < s->n_targets; i++) {
                r = jobs[i] == NO_JOB ? 0 : tell_result(s->targets + i, systemd_result(c->systemd, jobs[i]));
                if (r < 0)
                        result = r;
        }
        return result;
}

/* 1: so is it. */
static int test_only(const Control *c, const Selection *s, const char *what, const char *option) {
        if (!c->test)
                return 0;
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                _cleanup_free_ char *names = NULL;

                if (!selection_is_first(s, i))
                        continue;
                names = selection_names(s, t->unit, true);
                fprintf(stderr, "systemctl %s %s%s (%s)\n", what, option, t->unit ?: "?", strempty(names));
        }
        return 1;
}

/*** Start ***/

/* A section that was written since may need what only the generator can say: whose files its driver may
 * read. */
static void reread_for_new(Control *c, const Selection *s) {
        for (size_t i = 0; i < s->n_targets; i++) {
                _cleanup_free_ char *path = NULL;
                const Target *t = s->targets + i;

                if (t->selected && t->unit && systemd_get(c->systemd, t->unit, &path) == -ENOENT) {
                        (void) systemd_reread(c->systemd);
                        return;
                }
        }
}

int units_start(Control *c, const Selection *s) {
        if (test_only(c, s, "start", ""))
                return 0;
        for (size_t i = 0; i < s->n_targets; i++)
                if (selection_is_first(s, i))
                        tell_others(c, s, s->targets + i);
        reread_for_new(c, s);
        return run_jobs(c, s, "StartUnit", false);
}

/*** Stop ***/

/* Those who are served by the same process were not named. */
static int check_others(const Selection *s) {
        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;
                _cleanup_free_ char *others = NULL;

                if (!t->grouped || !t->selected || !t->unit)
                        continue;
                others = selection_names(s, t->unit, false);
                if (isempty(others))
                        continue;
                fprintf(stderr, "[%s] is not stopped alone: %s serves %s as well.\n"
                                "Take the section out of ups.conf and reload, or stop all of them: "
                                "systemctl stop %s\n",
                                t->section->name, t->unit, others, t->unit);
                return -EBUSY;
        }
        return 0;
}

static int tell_down(Control *c, const Selection *s) {
        int r = 0;

        for (size_t i = 0; i < s->n_targets; i++) {
                const Target *t = s->targets + i;

                if (!t->selected || is_down(c, strempty(t->unit)) <= 0)
                        continue;
                fprintf(stderr, "Driver %s for [%s] does not run\n", t->section->driver, t->section->name);
                r = -ESRCH;
        }
        return r;
}

int units_stop(Control *c, const Selection *s, bool running_only) {
        int down, r;

        r = check_others(s);
        if (r < 0)
                return r;
        if (test_only(c, s, "stop", ""))
                return 0;

        down = running_only ? 0 : tell_down(c, s);
        r = run_jobs(c, s, "StopUnit", true);
        return r < 0 ? r : down;
}

int units_order(Control *c, const Selection *s, DriverOrder order) {
        int down, r;

        if (test_only(c, s, order == DRIVER_EXIT ? "restart" : "reload", ""))
                return 0;
        for (size_t i = 0; i < s->n_targets; i++)
                if (selection_is_first(s, i))
                        tell_others(c, s, s->targets + i);
        down = tell_down(c, s);
        r = run_jobs(c, s, order == DRIVER_EXIT ? "RestartUnit" : "ReloadUnit", true);
        return r < 0 ? r : down;
}
