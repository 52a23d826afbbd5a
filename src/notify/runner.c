/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runner.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "log.h"
#include "string-util.h"
#include "time-util.h"

/* A program that runs. */
typedef struct Process {
        Runner *runner;
        struct Process *next;
        pid_t pid;
        sd_event_source *child, *timer;
        char *what;
        bool asked; /* to end */
} Process;

struct Runner {
        sd_event *event;
        RunnerLimits limits;
        const RunnerOps *ops;
        void *userdata;
        RunnerJob *queue[RUNNER_QUEUE_MAX]; /* the first is next */
        size_t n_queue;
        Process *processes;
        size_t n_processes;
        sd_event_source *urgent;
        sd_event_source *next; /* starts what can be started, outside of the caller's call */
        size_t n_dropped;
};

RunnerJob *runner_job_free(RunnerJob *j) {
        if (!j)
                return NULL;

        strv_free(j->argv);
        strv_free(j->environment);
        free(j->input);
        free(j->what);
        free(j);
        return NULL;
}

/*** One process ***/

static Process *process_free(Process *p) {
        if (!p)
                return NULL;

        for (Process **i = &p->runner->processes; *i; i = &(*i)->next)
                if (*i == p) {
                        *i = p->next;
                        p->runner->n_processes--;
                        break;
                }

        sd_event_source_disable_unref(p->child);
        sd_event_source_disable_unref(p->timer);
        if (p->pid > 0) {
                (void) kill(-p->pid, SIGKILL);
                (void) waitpid(p->pid, NULL, 0);
        }
        free(p->what);
        free(p);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Process *, process_free);

static void log_end(const Process *p, const siginfo_t *si) {
        if (si->si_code == CLD_EXITED && si->si_status == 0)
                log_debug("%s ended", p->what);
        else if (si->si_code == CLD_EXITED)
                log_warning("%s ended with status %d", p->what, si->si_status);
        else
                log_warning("%s was ended by signal %d", p->what, si->si_status);
}

static int on_child(sd_event_source *s, const siginfo_t *si, void *userdata) {
        Process *p = userdata;
        Runner *r = p->runner;

        log_end(p, si);
        p->pid = 0; /* what it left behind in the background is meant to be there */
        process_free(p);
        return sd_event_source_set_enabled(r->next, SD_EVENT_ONESHOT);
}

static int on_process_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        Process *p = userdata;

        if (p->asked)
                log_warning("%s does not end, killing it", p->what);
        else
                log_warning("%s takes longer than %" PRIu64 " s, ending it", p->what,
                                p->runner->limits.run_usec / USEC_PER_SEC);

        (void) kill(-p->pid, p->asked ? SIGKILL : SIGTERM);
        if (p->asked)
                return 0;

        p->asked = true;
        (void) sd_event_source_set_time_relative(s, p->runner->limits.kill_usec);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* A file rather than a pipe: the reader may be slow, or not read at all. */
static int make_input(const char *text, int *ret) {
        _cleanup_close_ int fd = -EBADF;
        size_t n = text ? strlen(text) : 0;

        fd = text ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (n > 0 && write(fd, text, n) != (ssize_t) n)
                return -EIO;
        if (n > 0 && lseek(fd, 0, SEEK_SET) < 0)
                return -errno;

        *ret = TAKE_FD(fd);
        return 0;
}

static int set_attributes(posix_spawnattr_t *a) {
        sigset_t none, all;
        int r;

        sigemptyset(&none);
        sigfillset(&all);
        r = posix_spawnattr_setsigmask(a, &none);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(a, &all);
        if (r == 0)
                r = posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                POSIX_SPAWN_SETSID);
        return -r;
}

typedef struct Spawn {
        char *const *argv, *const *environment;
        posix_spawn_file_actions_t actions;
} Spawn;

static int spawn_with(const Spawn *s, char *const *argv, pid_t *ret) {
        posix_spawnattr_t attributes;
        int r;

        r = posix_spawnattr_init(&attributes);
        if (r != 0)
                return -r;

        r = set_attributes(&attributes);
        if (r >= 0)
                r = -posix_spawnp(ret, argv[0], &s->actions, &attributes, argv, s->environment ?: environ);
        (void) posix_spawnattr_destroy(&attributes);
        return r;
}

static int spawn_by_shell(const Spawn *s, pid_t *ret) {
        _cleanup_free_ char **argv = new0(char *, strv_length(s->argv) + 2);
        char shell[] = "/bin/sh";

        if (!argv)
                return -ENOMEM;

        argv[0] = shell;
        memcpy(argv + 1, s->argv, strv_length(s->argv) * sizeof(char *));
        return spawn_with(s, argv, ret);
}

static int spawn(char *const *argv, char *const *environment, const char *text, pid_t *ret) {
        Spawn s = { .argv = argv, .environment = environment };
        _cleanup_close_ int input = -EBADF;
        int r;

        r = make_input(text, &input);
        if (r < 0)
                return r;
        r = -posix_spawn_file_actions_init(&s.actions);
        if (r < 0)
                return r;

        r = -posix_spawn_file_actions_adddup2(&s.actions, input, STDIN_FILENO);
        if (r >= 0)
                r = spawn_with(&s, argv, ret);
        if (r == -ENOEXEC)
                r = spawn_by_shell(&s, ret);
        (void) posix_spawn_file_actions_destroy(&s.actions);
        return r;
}

int runner_spawn(char *const *argv, char *const *environment, pid_t *ret) {
        return spawn(argv, environment, NULL, ret);
}

static int job_start(Runner *r, RunnerJob *j) {
        _cleanup_(process_freep) Process *p = new0(Process, 1);
        pid_t pid;
        int k;

        if (!p)
                return -ENOMEM;

        p->runner = r;
        p->next = r->processes;
        r->processes = p;
        r->n_processes++;
        p->what = TAKE_PTR(j->what);

        k = spawn(j->argv, j->environment, j->input, &pid);
        if (k < 0)
                return log_error_errno(k, "Cannot run %s: %m", strempty(p->what));

        p->pid = pid;
        log_debug("Running %s", p->what);
        k = sd_event_add_child(r->event, &p->child, p->pid, WEXITED, on_child, p);
        if (k >= 0)
                k = sd_event_add_time_relative(r->event, &p->timer, CLOCK_MONOTONIC, r->limits.run_usec, 0,
                                on_process_timer, p);
        if (k < 0)
                return log_error_errno(k, "Cannot watch over %s: %m", p->what);

        TAKE_PTR(p);
        return 0;
}

/*** The queue ***/

static RunnerJob *queue_take(Runner *r, size_t i) {
        RunnerJob *j = r->queue[i];

        memmove(r->queue + i, r->queue + i + 1, (r->n_queue - i - 1) * sizeof(*r->queue));
        r->n_queue--;
        return j;
}

static void runner_start(Runner *r, size_t i) {
        _cleanup_(runner_job_freep) RunnerJob *j = queue_take(r, i);
        RunnerTag tag = j->tag;

        (void) job_start(r, j);
        if (r->ops->started)
                r->ops->started(r->userdata, &tag);
}

static size_t find_urgent(const Runner *r) {
        for (size_t i = 0; i < r->n_queue; i++)
                if (r->queue[i]->urgent)
                        return i;
        return SIZE_MAX;
}

/* Starts the clock of an urgent job when it begins to wait, and stops it when none waits. */
static int runner_arm_urgent(Runner *r) {
        int enabled = SD_EVENT_OFF, k;

        if (find_urgent(r) == SIZE_MAX)
                return sd_event_source_set_enabled(r->urgent, SD_EVENT_OFF);

        k = sd_event_source_get_enabled(r->urgent, &enabled);
        if (k < 0 || enabled != SD_EVENT_OFF)
                return k;
        k = sd_event_source_set_time_relative(r->urgent, r->limits.urgent_usec);
        return k < 0 ? k : sd_event_source_set_enabled(r->urgent, SD_EVENT_ONESHOT);
}

static int on_urgent(sd_event_source *s, uint64_t usec, void *userdata) {
        Runner *r = userdata;
        size_t i;

        while ((i = find_urgent(r)) != SIZE_MAX && r->n_processes < RUNNER_PARALLEL_MAX) {
                log_warning("%s does not wait any longer for what runs", r->queue[i]->what);
                runner_start(r, i);
        }
        return runner_arm_urgent(r);
}

static int on_next(sd_event_source *s, void *userdata) {
        Runner *r = userdata;

        /* One that cannot be started must not hold up the rest. */
        while (r->n_processes == 0 && r->n_queue > 0)
                runner_start(r, 0);
        if (r->n_processes == 0 && r->ops->idle)
                r->ops->idle(r->userdata);
        return runner_arm_urgent(r);
}

/* Makes room for a job; false if it is not worth it. */
static bool runner_make_room(Runner *r, const RunnerJob *job) {
        size_t victim = SIZE_MAX;

        for (size_t i = 0; job->urgent && i < r->n_queue && victim == SIZE_MAX; i++)
                if (!r->queue[i]->urgent)
                        victim = i;

        r->n_dropped++;
        log_warning("More than %u programs wait to be run, dropping %s (%zu dropped so far)",
                        RUNNER_QUEUE_MAX, victim == SIZE_MAX ? job->what : r->queue[victim]->what,
                        r->n_dropped);
        if (victim == SIZE_MAX)
                return false;

        runner_job_free(queue_take(r, victim));
        return true;
}

int runner_add(Runner *r, RunnerJob *job) {
        _cleanup_(runner_job_freep) RunnerJob *owned = job;
        int k;

        if (r->n_queue >= RUNNER_QUEUE_MAX && !runner_make_room(r, owned))
                return -ENOBUFS;

        r->queue[r->n_queue++] = TAKE_PTR(owned);
        k = runner_arm_urgent(r);
        return k < 0 ? k : sd_event_source_set_enabled(r->next, SD_EVENT_ONESHOT);
}

bool runner_retag_last(Runner *r, const RunnerTag *tag) {
        if (r->n_queue == 0)
                return false;

        r->queue[r->n_queue - 1]->tag = *tag;
        return true;
}

bool runner_busy(const Runner *r) {
        return r->n_queue > 0 || r->n_processes > 0;
}

int runner_new(sd_event *event, const RunnerLimits *limits, const RunnerOps *ops, void *userdata,
                Runner **ret) {
        _cleanup_(runner_freep) Runner *r = new0(Runner, 1);
        int k;

        if (!r)
                return -ENOMEM;

        r->event = sd_event_ref(event);
        r->limits = *limits;
        r->ops = ops;
        r->userdata = userdata;

        k = sd_event_add_time_relative(event, &r->urgent, CLOCK_MONOTONIC, 0, 0, on_urgent, r);
        if (k >= 0)
                k = sd_event_source_set_enabled(r->urgent, SD_EVENT_OFF);
        if (k >= 0)
                k = sd_event_add_defer(event, &r->next, on_next, r);
        if (k >= 0)
                k = sd_event_source_set_enabled(r->next, SD_EVENT_OFF);
        if (k < 0)
                return k;

        *ret = TAKE_PTR(r);
        return 0;
}

Runner *runner_free(Runner *r) {
        if (!r)
                return NULL;

        while (r->processes)
                process_free(r->processes);
        while (r->n_queue > 0)
                runner_job_free(queue_take(r, r->n_queue - 1));
        sd_event_source_disable_unref(r->urgent);
        sd_event_source_disable_unref(r->next);
        sd_event_unref(r->event);
        free(r);
        return NULL;
}
