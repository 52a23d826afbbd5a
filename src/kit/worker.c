/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "string-util.h"
#include "time-util.h"

#define INTERRUPT_SIGNAL SIGUSR1
#define INTERRUPT_INTERVAL_USEC (50 * USEC_PER_MSEC)
#define GRACE_USEC (5 * USEC_PER_SEC)
#define EXIT_GRACE_USEC USEC_PER_SEC

struct WorkerGroup {
        sd_event *event;
        sd_event_source *timer; /* interrupts the released, again and again */
        Worker **workers;
        size_t n_workers, n_allocated;
        uint64_t grace_usec;
};

/* Shared between the loop and the thread, each of which holds a reference; the last one frees it. */
struct Worker {
        atomic_uint n_ref;
        int fd; /* eventfd: something below changed */

        pthread_mutex_t mutex; /* for the block that follows */
        pthread_cond_t cond;
        Job job;
        int result;
        bool posted, finished; /* a job waits for the thread, its outcome waits for the loop */
        bool in_hook;          /* to be interrupted; stop() is not */
        bool cancelled, ended;

        Device *device; /* the thread's */

        /* The loop's. */
        char *name; /* of the device */
        WorkerGroup *group;
        pthread_t thread;
        sd_event_source *source;
        WorkerDone done;
        WorkerGone gone;
        void *userdata;
        uint64_t released_usec; /* 0: in use */
};

static Worker *worker_unref(Worker *w) {
        if (!w || atomic_fetch_sub(&w->n_ref, 1) != 1)
                return NULL;

        job_done(&w->job);
        free(w->name);
        safe_close(w->fd);
        (void) pthread_cond_destroy(&w->cond);
        (void) pthread_mutex_destroy(&w->mutex);
        free(w);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Worker *, worker_unref);

static void worker_tell_loop(Worker *w) {
        (void) eventfd_write(w->fd, 1);
}

/*** The thread ***/

/* Waits for a job and runs it. False when the worker was released. */
static bool worker_step(Worker *w, bool *started) {
        Job job;
        int r;

        (void) pthread_mutex_lock(&w->mutex);
        while (!w->posted && !w->cancelled)
                (void) pthread_cond_wait(&w->cond, &w->mutex);
        if (w->cancelled) {
                (void) pthread_mutex_unlock(&w->mutex);
                return false;
        }
        job = w->job;
        w->job = (Job) {};
        w->posted = false;
        w->in_hook = true;
        (void) pthread_mutex_unlock(&w->mutex);

        if (job.type == JOB_START)
                *started = true;
        r = job_run(&job, w->device);

        (void) pthread_mutex_lock(&w->mutex);
        w->in_hook = false;
        w->finished = true;
        w->job = job;
        w->result = r;
        (void) pthread_mutex_unlock(&w->mutex);
        worker_tell_loop(w);
        return true;
}

static void *worker_main(void *argument) {
        Worker *w = argument;
        const Driver *driver = w->device->config->driver;
        bool started = false;

        while (worker_step(w, &started))
                ;

        if (started && driver->stop)
                driver->stop(w->device);
        w->device = device_free(w->device);

        (void) pthread_mutex_lock(&w->mutex);
        w->ended = true;
        (void) pthread_mutex_unlock(&w->mutex);
        worker_tell_loop(w);
        worker_unref(w);
        return NULL;
}

/*** The loop ***/

static void on_interrupt(int sig) {
}

static void worker_cancel(Worker *w) {
        (void) pthread_mutex_lock(&w->mutex);
        w->cancelled = true;
        atomic_store(&w->device->cancelled, true); /* the thread keeps it until cancelled is seen */
        (void) pthread_cond_signal(&w->cond);
        (void) pthread_mutex_unlock(&w->mutex);
}

/* Interrupts the hook of a released worker. Has to be repeated, as the signal may come just before a
 * system call. Returns whether the thread is over. */
static bool worker_interrupt(Worker *w) {
        bool ended;

        (void) pthread_mutex_lock(&w->mutex);
        ended = w->ended;
        if (w->in_hook && !ended)
                (void) pthread_kill(w->thread, INTERRUPT_SIGNAL);
        (void) pthread_mutex_unlock(&w->mutex);
        return ended;
}

/* Takes the worker out of its group and drops the loop's reference. */
static void worker_forget(Worker *w, bool ended) {
        WorkerGroup *g = w->group;

        for (size_t i = 0; i < g->n_workers; i++)
                if (g->workers[i] == w) {
                        g->workers[i] = g->workers[--g->n_workers];
                        break;
                }

        w->source = sd_event_source_disable_unref(w->source);
        if (ended)
                (void) pthread_join(w->thread, NULL);
        else
                (void) pthread_detach(w->thread);
        if (w->gone)
                w->gone(w->userdata);
        worker_unref(w);
}

static int on_event(sd_event_source *s, int fd, uint32_t revents, void *userdata) {
        Worker *w = userdata;
        eventfd_t value;
        Update *u;
        int r;

        (void) eventfd_read(fd, &value);

        if (w->released_usec > 0) {
                if (worker_interrupt(w))
                        worker_forget(w, true);
                return 0;
        }

        (void) pthread_mutex_lock(&w->mutex);
        if (!w->finished) {
                (void) pthread_mutex_unlock(&w->mutex);
                return 0;
        }
        w->finished = false;
        r = w->result;
        u = TAKE_PTR(w->job.update);
        job_done(&w->job);
        (void) pthread_mutex_unlock(&w->mutex);

        w->done(w->userdata, r, u);
        return 0;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata) {
        WorkerGroup *g = userdata;
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        bool again = false;

        for (size_t i = g->n_workers; i-- > 0;) {
                Worker *w = g->workers[i];
                bool ended;

                if (w->released_usec == 0)
                        continue;

                ended = worker_interrupt(w);
                if (ended || now >= usec_add(w->released_usec, g->grace_usec))
                        worker_forget(w, ended);
                else
                        again = true;
        }

        if (again) {
                (void) sd_event_source_set_time_relative(s, INTERRUPT_INTERVAL_USEC);
                (void) sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
        }
        return 0;
}

int worker_group_new(sd_event *event, WorkerGroup **ret) {
        /* No SA_RESTART: system calls are to end with EINTR. */
        const struct sigaction action = { .sa_handler = on_interrupt };
        _cleanup_(worker_group_freep) WorkerGroup *g = new0(WorkerGroup, 1);
        int r;

        if (!g)
                return -ENOMEM;

        g->event = sd_event_ref(event);
        g->grace_usec = GRACE_USEC;
        if (sigaction(INTERRUPT_SIGNAL, &action, NULL) < 0)
                return -errno;

        r = sd_event_add_time_relative(event, &g->timer, CLOCK_MONOTONIC, 0, 0, on_timer, g);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(g->timer, "worker-interrupt");
        r = sd_event_source_set_enabled(g->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(g);
        return 0;
}

/* Waits until a thread has something to tell, or a short time has passed. */
static void group_wait(const WorkerGroup *g) {
        _cleanup_free_ struct pollfd *fds = new0(struct pollfd, g->n_workers);

        for (size_t i = 0; fds && i < g->n_workers; i++)
                fds[i] = (struct pollfd) { g->workers[i]->fd, POLLIN, 0 };
        (void) poll(fds, fds ? g->n_workers : 0, 10);
}

WorkerGroup *worker_group_free(WorkerGroup *g) {
        uint64_t deadline;

        if (!g)
                return NULL;

        for (size_t i = 0; i < g->n_workers; i++)
                (void) worker_release(g->workers[i], NULL, NULL);

        deadline = usec_add(now_usec(CLOCK_MONOTONIC), MIN(EXIT_GRACE_USEC, g->grace_usec));
        while (g->n_workers > 0) {
                bool late = now_usec(CLOCK_MONOTONIC) >= deadline;

                for (size_t i = g->n_workers; i-- > 0;) {
                        Worker *w = g->workers[i];
                        bool ended = worker_interrupt(w);

                        if (ended || late)
                                worker_forget(w, ended);
                }
                if (g->n_workers > 0)
                        group_wait(g);
        }

        sd_event_source_disable_unref(g->timer);
        sd_event_unref(g->event);
        free(g->workers);
        free(g);
        return NULL;
}

void worker_group_set_grace(WorkerGroup *g, uint64_t usec) {
        g->grace_usec = usec;
}

size_t worker_group_n_workers(const WorkerGroup *g) {
        return g->n_workers;
}

bool worker_group_holds(const WorkerGroup *g, const char *device_name) {
        for (size_t i = 0; i < g->n_workers; i++)
                if (g->workers[i]->released_usec != 0 && strcaseeq(g->workers[i]->name, device_name))
                        return true;

        return false;
}

/* Signals are the loop's affair; threads take only the interruption. */
static int start_thread(Worker *w) {
        sigset_t all, before;
        int r;

        sigfillset(&all);
        sigdelset(&all, INTERRUPT_SIGNAL);
        r = pthread_sigmask(SIG_SETMASK, &all, &before);
        if (r > 0)
                return -r;

        atomic_fetch_add(&w->n_ref, 1);
        r = pthread_create(&w->thread, NULL, worker_main, w);
        if (r > 0)
                worker_unref(w);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -r;
}

int worker_new(WorkerGroup *g, Device *device, WorkerDone done, void *userdata, Worker **ret) {
        _cleanup_(worker_unrefp) Worker *w = new0(Worker, 1);
        int r;

        if (!w)
                return -ENOMEM;

        atomic_init(&w->n_ref, 1);
        (void) pthread_mutex_init(&w->mutex, NULL);
        (void) pthread_cond_init(&w->cond, NULL);
        w->group = g;
        w->done = done;
        w->userdata = userdata;
        w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (w->fd < 0)
                return -errno;
        w->name = strdup(device_name(device));
        if (!w->name)
                return -ENOMEM;
        if (!GREEDY_REALLOC(g->workers, g->n_allocated, g->n_workers + 1))
                return -ENOMEM;

        r = sd_event_add_io(g->event, &w->source, w->fd, EPOLLIN, on_event, w);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(w->source, "worker");

        w->device = device;
        r = start_thread(w);
        if (r < 0) {
                w->source = sd_event_source_disable_unref(w->source);
                return r;
        }

        g->workers[g->n_workers++] = w;
        *ret = TAKE_PTR(w);
        return 0;
}

void worker_post(Worker *w, Job *job) {
        (void) pthread_mutex_lock(&w->mutex);
        w->job = *job;
        w->posted = true;
        (void) pthread_cond_signal(&w->cond);
        (void) pthread_mutex_unlock(&w->mutex);

        *job = (Job) {};
}

Worker *worker_release(Worker *w, WorkerGone gone, void *userdata) {
        if (!w)
                return NULL;

        w->gone = gone;
        w->userdata = userdata;
        if (w->released_usec > 0)
                return NULL;

        w->released_usec = now_usec(CLOCK_MONOTONIC);
        worker_cancel(w);
        (void) worker_interrupt(w);
        (void) sd_event_source_set_time_relative(w->group->timer, INTERRUPT_INTERVAL_USEC);
        (void) sd_event_source_set_enabled(w->group->timer, SD_EVENT_ONESHOT);
        return NULL;
}
