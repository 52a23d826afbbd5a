/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor-internal.h"

#include <fcntl.h>

#include "device-internal.h"
#include "errno-util.h"
#include "kept-node.h"
#include "string-util.h"
#include "time-util.h"
#include "timer.h"

#define WAIT_FOR_THREAD_USEC (100 * USEC_PER_MSEC)

/*** Timers ***/

static void schedule_poll(Supervisor *s) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        uint64_t since = usec_sub(now, s->spread ? s->begun_usec : s->polled_usec);
        uint64_t usec = supervisor_times_until_poll(&s->times, since, s->spread);

        (void) timer_arm(s->timer, s->written ? 0 : MIN(usec, usec_sub(s->wanted_usec, now)));
        s->spread = false;
}

static void schedule_start(Supervisor *s) {
        (void) timer_arm(s->timer, supervisor_times_until_start(&s->times, &s->retry_usec));
}

/*** Sessions ***/

static void session_end(Supervisor *s, int error);
static void job_finish(Supervisor *s, int r, Update *u);

static void on_worker_done(void *userdata, int r, Update *u) {
        job_finish(userdata, r, u);
}

void supervisor_begin(Supervisor *s, Job *job) {
        int r;

        job->update = job->type == JOB_POLL && s->opening ? TAKE_PTR(s->opening) : update_new();
        s->busy = true;
        s->job = (Job) { .type = job->type, .what = job->what };
        watch_silence(&s->watch);
        supervisor_set_deadline(s);

        if (!job->update) {
                job_done(job);
                supervisor_complete(s, -ENOMEM);
                return;
        }
        if (job->type == JOB_START)
                /* What an earlier session knew of the device may be another device's. */
                (void) update_replace(job->update, "driver.");

        if (s->worker) {
                worker_post(s->worker, job);
                return;
        }

        s->job = *job;
        *job = (Job) {};
        r = job_run(&s->job, s->device);
        if (r != DEVICE_PENDING)
                supervisor_complete(s, r);
}

static bool poll_is_due(const Supervisor *s) {
        uint64_t due = MIN(usec_add(s->polled_usec, s->times.poll_usec), s->wanted_usec);

        return now_usec(CLOCK_MONOTONIC) >= due;
}

static void poll_begin(Supervisor *s) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        PollSet what = POLL_QUICK;

        if (s->polled_full_usec == 0 || now >= s->polled_full_usec + s->times.full_poll_usec)
                what |= POLL_FULL;

        s->polled_usec = now;
        s->wanted_usec = USEC_INFINITY;
        s->written = false;
        supervisor_begin(s, &(Job) { .type = JOB_POLL, .what = what });
}

static void event_begin(Supervisor *s) {
        watch_heard(&s->watch);
        supervisor_begin(s, &(Job) { .type = JOB_EVENT });
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Supervisor *s = userdata;

        if (s->state == STATE_UP && !s->busy)
                event_begin(s);
        return 0;
}

/* Has what the driver wants to watch watched. */
static void follow_watch(Supervisor *s) {
        int fd = s->config->driver->event ? s->device->watch_fd : -1, r;

        r = watch_follow(&s->watch, s->event, fd, on_input, s);
        if (r < 0)
                (void) log_of(s->config, LOG_WARNING, r, "Cannot wait for what the device says: %m");
}

/* Begins what is next to do with an open device. What it says by itself comes first, but not twice in a row
 * when others wait. Polls and writes take turns: data are fresh only as long as they are read. */
static void session_next(Supervisor *s) {
        if (s->busy)
                return;

        follow_watch(s);
        if (s->last_job != JOB_EVENT && watch_is_ready(&s->watch))
                event_begin(s);
        else if (!s->polled_last && poll_is_due(s))
                poll_begin(s);
        else if (!supervisor_serve(s)) {
                if (s->last_job == JOB_EVENT && poll_is_due(s))
                        poll_begin(s);
                else
                        schedule_poll(s);
        }
}

static int session_open(Supervisor *s) {
        const Driver *driver = s->config->driver;
        _cleanup_(device_freep) Device *d = NULL;
        int r;

        if (driver->io == IO_LOOP)
                r = device_new(s->config, s->event, s, &d);
        else
                r = device_new(s->config, NULL, NULL, &d);
        if (r < 0)
                return r;

        if (driver->io == IO_BLOCKING && s->memo) {
                r = free_and_strdup(&d->memo, s->memo);
                if (r < 0)
                        return r;
        }

        if (s->kept_fd >= 0)
                d->kept_fd = fcntl(s->kept_fd, F_DUPFD_CLOEXEC, 3);

        d->retry = s->news.told == FRESHNESS_ABSENT;
        d->restart = s->started;
        s->started = true;

        if (driver->io == IO_BLOCKING) {
                r = worker_new(s->workers, d, on_worker_done, s, &s->worker);
                if (r < 0)
                        return r;
        }

        s->device = TAKE_PTR(d);
        return 0;
}

static void session_begin(Supervisor *s) {
        int r;

        /* After a change of its section the thread of the old one may not be over yet, and two of them must
         * not talk to the device. */
        if (s->workers && worker_group_holds(s->workers, s->config->name)) {
                (void) timer_arm(s->timer, WAIT_FOR_THREAD_USEC);
                return;
        }

        r = session_open(s);
        if (r < 0) {
                supervisor_degrade(s, r);
                schedule_start(s);
                supervisor_settle(s, r);
                return;
        }

        s->state = STATE_STARTING;
        s->first_poll = s->spread = true;
        s->begun_usec = now_usec(CLOCK_MONOTONIC);
        s->written = false;
        s->polled_full_usec = s->longest_usec = 0;
        s->failures = 0;
        supervisor_begin(s, &(Job) { .type = JOB_START });
}

static void on_worker_gone(void *userdata) {
        Supervisor *s = userdata;

        s->worker = NULL;
        s->state = STATE_DOWN;
        if (s->restart_due)
                (void) timer_arm(s->timer, 0);
        s->restart_due = false;
}

/* Stops the device. The session's hook, if one runs, is over after this as far as we are concerned. */
static void session_close(Supervisor *s) {
        const Driver *driver = s->config->driver;

        timer_disarm(s->timer);
        timer_disarm(s->deadline);
        timer_disarm(s->finish);
        watch_done(&s->watch);
        s->busy = false;
        s->state = STATE_DOWN;

        if (s->worker) {
                s->state = STATE_STOPPING;
                s->device = NULL;
                (void) worker_release(s->worker, on_worker_gone, s);
        } else if (s->device) {
                if (driver->stop)
                        driver->stop(s->device);
                s->device = device_free(s->device);
        }

        job_done(&s->job);
        s->opening = update_free(s->opening);
}

/* Closes the device because of an error and opens it again later, if that can be. */
static void session_end(Supervisor *s, int error) {
        Request *running = TAKE_PTR(s->request);

        session_close(s);
        s->settled = true;
        /* That it cannot be opened does not mean that it is away, and then nobody would bring it back. */
        s->gone = s->handed_over && errno_is_device_gone(error) && nodes_are_gone();
        /* What is found to be gone may have been something else on the line. */
        if (s->kept_fd >= 0 && kept_node_is_gone(s->kept_fd))
                supervisor_forget_node(s);
        supervisor_degrade(s, error);
        if (running)
                (void) request_done(running, error, NULL);
        supervisor_refuse(s, errno_is_device_gone(error) ? -ENODEV : -ESTALE);
        if (!s->gone)
                schedule_start(s);
        supervisor_settle(s, error);
}

/*** Outcomes ***/

static void poll_failed(Supervisor *s, int r) {
        s->failures++;

        /* Before the first good poll the device is not open yet, for all that anybody has seen of it. */
        if (s->first_poll || errno_is_device_gone(r) ||
            s->failures >= device_config_integer(s->config, "maxretry")) {
                session_end(s, r);
                return;
        }

        supervisor_degrade(s, r);
        /* Is it the device, or was it this once? */
        supervisor_poll_within(s, s->times.poll_usec / 4);
        supervisor_settle(s, r);
        session_next(s);
}

static void poll_succeeded(Supervisor *s, PollSet what) {
        bool first = !s->settled;

        if (what & POLL_FULL)
                s->polled_full_usec = s->polled_usec;
        s->longest_usec = MAX(s->longest_usec, now_usec(CLOCK_MONOTONIC) - s->job_usec);
        s->first_poll = false;
        s->failures = 0;
        s->retry_usec = s->times.retry_min_usec;
        news_freshness(&s->news, s->config, s->model, 0);
        if (first)
                news_ignore_lb(s->config, s->model);
        supervisor_settle(s, 0);
        session_next(s);
}

static void request_finished(Supervisor *s, int r, const char *message) {
        Request *q = TAKE_PTR(s->request);

        s->answering = true;
        (void) request_done(q, r, r < 0 ? message : NULL);
        s->answering = false;
        if (r >= 0) {
                /* What the write changed is to be seen soon, whichever poll reads it. */
                s->polled_full_usec = 0;
                s->written = true;
        }
        session_next(s);
}

static void store_node(Supervisor *s) {
        s->unstored = errno_is_transient(kept_node_store(s->config->name, s->kept_fd));
}

static void learn_node(Supervisor *s, const Device *d) {
        int fd = fcntl(d->kept_fd, F_DUPFD_CLOEXEC, 3);

        if (fd < 0)
                return;
        safe_close(s->kept_fd);
        s->kept_fd = fd;
        store_node(s);
}

/* Learns what the driver said of the device in the hook that is over. */
static void learn_place(Supervisor *s, JobType type, int r) {
        const Device *d = s->device;

        s->handed_over = atomic_load(&d->handed_over);
        if (type == JOB_START && r >= 0 && d->nodes && s->ops->placed)
                s->ops->placed(s->userdata, d->nodes, d->native_path);
        if (type == JOB_START && d->keeps)
                learn_node(s, d);
        else if (s->unstored)
                store_node(s);
        if (type == JOB_START && d->memo && !streq_ptr(s->memo, d->memo)) {
                (void) device_memo_save(s->config, d->memo);
                (void) free_and_strdup(&s->memo, d->memo);
        }
}

/* A hook has ended. Takes u over. */
static void job_finish(Supervisor *s, int r, Update *u) {
        _cleanup_free_ char *explanation = TAKE_PTR(s->device->explanation);
        JobType type = s->job.type;
        PollSet what = s->job.what;

        timer_disarm(s->deadline);
        s->busy = false;
        s->last_job = type;
        if (type != JOB_EVENT)
                s->polled_last = type == JOB_POLL;
        job_done(&s->job);
        learn_place(s, type, r);
        if (r < 0 && explanation && type != JOB_SET && type != JOB_COMMAND)
                news_reason(&s->news, s->config, explanation);

        if (r >= 0) {
                if (type == JOB_START) {
                        s->state = STATE_UP;
                        s->opening = TAKE_PTR(u);
                } else {
                        if (type == JOB_POLL)
                                (void) update_freshness(u, FRESHNESS_FRESH);
                        r = supervisor_apply(s, TAKE_PTR(u));
                }
        }
        update_free(u);

        switch (type) {
        case JOB_START:
                if (r < 0)
                        session_end(s, r);
                else
                        poll_begin(s);
                break;

        case JOB_POLL:
                if (r < 0)
                        poll_failed(s, r);
                else
                        poll_succeeded(s, what);
                break;

        case JOB_EVENT:
                if (r < 0)
                        poll_failed(s, r);
                else
                        session_next(s);
                break;

        case JOB_SET:
        case JOB_COMMAND:
                request_finished(s, r, explanation);
                break;

        case JOB_POWER_OFF:
                break;
        }
}

static int on_finish(sd_event_source *source, void *userdata) {
        Supervisor *s = userdata;

        job_finish(s, s->result, TAKE_PTR(s->job.update));
        return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        if (!supervisor_is_overdue(s))
                return 0;

        news_hung(s->config, s->job.type);
        session_end(s, -ETIMEDOUT);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        if (s->state == STATE_DOWN)
                session_begin(s);
        else if (s->state == STATE_STOPPING)
                s->restart_due = true;
        else if (s->state == STATE_UP && !s->busy)
                poll_begin(s);
        return 0;
}

/*** The outside ***/

static int add_timer(
                Supervisor *s, const char *name, sd_event_time_handler_t handler, sd_event_source **ret) {
        int r;

        r = sd_event_add_time_relative(s->event, ret, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC, handler, s);
        if (r < 0)
                return r;

        (void) sd_event_source_set_description(*ret, name);
        return sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

static int supervisor_add_sources(Supervisor *s) {
        int r;

        r = add_timer(s, "device-timer", on_timer, &s->timer);
        if (r < 0)
                return r;
        r = add_timer(s, "device-deadline", on_deadline, &s->deadline);
        if (r < 0)
                return r;
        r = sd_event_add_defer(s->event, &s->finish, on_finish, s);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(s->finish, "device-finish");
        return sd_event_source_set_enabled(s->finish, SD_EVENT_OFF);
}

int supervisor_new(sd_event *event, WorkerGroup *workers, DeviceConfig *config, const SupervisorOps *ops,
                void *userdata, Supervisor **ret) {
        _cleanup_(supervisor_freep) Supervisor *s = new0(Supervisor, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->workers = workers;
        s->config = device_config_ref(config);
        s->ops = ops;
        s->userdata = userdata;
        s->times = supervisor_times_from_config(config);
        s->news = (DeviceNews) DEVICE_NEWS_INIT;
        s->wanted_usec = USEC_INFINITY;
        s->kept_fd = -EBADF;
        s->model = model_new();
        if (!s->model)
                return -ENOMEM;

        r = core_variables_prepare(s->model, config);
        if (r < 0)
                return r;
        r = supervisor_add_sources(s);
        if (r < 0)
                return r;
        r = supervisor_apply(s, update_new());
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Supervisor *supervisor_free(Supervisor *s) {
        if (!s)
                return NULL;

        if (s->timer && s->deadline && s->finish)
                session_close(s);
        (void) worker_release(s->worker, NULL, NULL);
        if (s->request)
                s->request = request_done(s->request, -ENODEV, NULL);
        supervisor_refuse(s, -ENODEV);

        sd_event_source_disable_unref(s->timer);
        sd_event_source_disable_unref(s->deadline);
        sd_event_source_disable_unref(s->finish);
        shared_memory_unref(s->shared);
        model_free(s->model);
        free(s->memo);
        safe_close(s->kept_fd);
        news_done(&s->news);
        device_config_unref(s->config);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}

SupervisorTimes *supervisor_times(Supervisor *s) {
        return &s->times;
}

int supervisor_start(Supervisor *s) {
        s->retry_usec = s->times.retry_min_usec;
        return timer_arm(s->timer, s->times.begin_usec);
}

const Model *supervisor_model(const Supervisor *s) {
        return s->model;
}

const DeviceConfig *supervisor_config(const Supervisor *s) {
        return s->config;
}

bool supervisor_is_settled(const Supervisor *s) {
        return s->settled;
}

bool supervisor_is_gone(const Supervisor *s) {
        return s->gone;
}

void supervisor_explain(Supervisor *s, const char *text) {
        if (s->busy && s->device && (s->job.type == JOB_SET || s->job.type == JOB_COMMAND)) {
                (void) free_and_strdup(&s->device->explanation, text);
                return;
        }
        news_reason(&s->news, s->config, text);
}

const char *supervisor_memo(const Supervisor *s) {
        return s->memo;
}

int supervisor_set_memo(Supervisor *s, const char *text) {
        return free_and_strdup(&s->memo, text);
}

void supervisor_set_node(Supervisor *s, int fd) {
        safe_close(s->kept_fd);
        s->kept_fd = fd;
}

int supervisor_take_node(Supervisor *s) {
        s->unstored = false;
        return TAKE_FD(s->kept_fd);
}

void supervisor_forget_node(Supervisor *s) {
        if (s->kept_fd < 0)
                return;
        kept_node_forget(s->config->name);
        s->kept_fd = safe_close(s->kept_fd);
        s->unstored = false;
}

void supervisor_poll_within(Supervisor *s, uint64_t usec) {
        s->wanted_usec = MIN(s->wanted_usec, usec_add(now_usec(CLOCK_MONOTONIC), usec));
        if (s->state == STATE_UP && !s->busy)
                schedule_poll(s);
}

void supervisor_complete(Supervisor *s, int r) {
        int enabled = SD_EVENT_OFF;

        (void) sd_event_source_get_enabled(s->finish, &enabled);
        if (!s->busy || enabled != SD_EVENT_OFF)
                return;

        s->result = MIN(r, 0);
        (void) sd_event_source_set_enabled(s->finish, SD_EVENT_ONESHOT);
}
