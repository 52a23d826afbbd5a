/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "supervisor.h"

#include "core-variables.h"
#include "device-news.h"
#include "errno-util.h"
#include "string-util.h"
#include "time-util.h"
#include "timer.h"

#define WAIT_FOR_THREAD_USEC (100 * USEC_PER_MSEC)

typedef enum State {
        STATE_DOWN,     /* closed; the timer opens it */
        STATE_STARTING, /* start() runs */
        STATE_UP,       /* open; the timer polls it */
        STATE_STOPPING, /* closed for us, but its thread is not over yet */
} State;

struct Supervisor {
        sd_event *event;
        WorkerGroup *workers;
        DeviceConfig *config;
        const SupervisorOps *ops;
        void *userdata;
        SupervisorTimes times;

        Model *model;
        CoreCopies copies;

        State state;
        Device *device; /* of the present session; with a worker, it is the worker's */
        Worker *worker; /* also while it ends, in STATE_STOPPING */
        bool restart_due;

        /* What start() found out. The first poll adds to it, and then it takes the place of what was known
         * before: until then old data, marked stale, are better than none. */
        Update *opening;
        Job job; /* the hook that runs, if busy; a worker has its update */
        bool busy;
        int result;      /* of a hook on the loop that is over */
        Request *request; /* that the job serves */
        bool answering;   /* its asker is told, and may have more to ask */
        RequestQueue queue;

        sd_event_source *timer;    /* next start or poll */
        sd_event_source *deadline; /* of the hook that runs */
        sd_event_source *finish;   /* handles a hook's outcome outside of the hook */

        uint64_t polled_usec;      /* when the last poll began */
        uint64_t polled_full_usec; /* when the last good full one began; 0: one is due */
        uint64_t wanted_usec;      /* when the driver wants the next one at the latest */
        uint64_t retry_usec;
        int64_t failures; /* polls in a row */
        bool first_poll; /* of a session */
        bool settled;
        DeviceNews news;
};

static const Driver *supervisor_driver(const Supervisor *s) {
        return s->config->driver;
}

/*** The model ***/

static const char *supervisor_state_name(const Supervisor *s) {
        if (s->state == STATE_UP)
                return "quiet";
        return s->settled ? "reconnect.trying" : "init.starting";
}

/* Applies a batch and tells the world. Takes u over. */
static int supervisor_apply(Supervisor *s, Update *u) {
        _cleanup_(update_freep) Update *owned = u;
        _cleanup_(change_freep) Change *change = NULL;
        int r;

        if (!owned)
                return -ENOMEM;

        core_variables_follow(&s->copies, s->config, s->model, owned);
        core_variables_state(owned, supervisor_state_name(s));

        r = model_apply(s->model, owned, &change);
        if (r < 0)
                return r;

        if (!change_is_empty(change))
                s->ops->changed(s->userdata, change);
        return 0;
}

/* What a failure makes of the data: a device that is gone has none, one that fails has old ones, and one
 * that was never seen is as good as absent. */
static void supervisor_degrade(Supervisor *s, int error) {
        bool absent = errno_is_device_gone(error) || model_freshness(s->model) == FRESHNESS_ABSENT;
        Update *u = update_new();
        int r;

        if (u && absent && model_freshness(s->model) != FRESHNESS_ABSENT)
                (void) update_replace(u, "driver.");
        if (u)
                (void) update_freshness(u, absent ? FRESHNESS_ABSENT : FRESHNESS_STALE);

        r = supervisor_apply(s, u);
        if (r < 0)
                (void) log_of(s->config, LOG_ERR, r, "Cannot mark the device as failed: %m");
        news_freshness(&s->news, s->config, s->model, error);
}

static void supervisor_settle(Supervisor *s, int r) {
        s->settled = true;
        s->ops->outcome(s->userdata, r);
}

/*** Timers ***/

static void schedule_poll(Supervisor *s) {
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        uint64_t usec = supervisor_times_until_poll(&s->times, usec_sub(now, s->polled_usec), s->first_poll);

        (void) timer_arm(s->timer, MIN(usec, usec_sub(s->wanted_usec, now)));
        s->first_poll = false;
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

/* Calls a hook, or has the worker call it. The job's update is made here. */
static void job_begin(Supervisor *s, Job *job) {
        int r;

        job->update = job->type == JOB_POLL && s->opening ? TAKE_PTR(s->opening) : update_new();
        s->busy = true;
        s->job = (Job) { .type = job->type, .what = job->what };
        (void) timer_arm(s->deadline,
                        job->type == JOB_START ? s->times.start_timeout_usec : s->times.hook_timeout_usec);

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
        job_begin(s, &(Job) { .type = JOB_POLL, .what = what });
}

static void request_begin(Supervisor *s, Request *q) {
        _cleanup_free_ char *name = strdup(request_name(q, s->model));
        _cleanup_free_ char *argument = q->value ? strdup(q->value) : NULL;

        if (!name || (q->value && !argument)) {
                (void) request_done(q, -ENOMEM, NULL);
                return;
        }

        s->request = q;
        job_begin(s, &(Job) {
                .type = q->type == REQUEST_SET ? JOB_SET : JOB_COMMAND,
                .name = TAKE_PTR(name),
                .argument = TAKE_PTR(argument),
        });
}

/* Begins the next request, if any. */
static bool serve_queue(Supervisor *s) {
        Request *q;
        int r;

        while (!s->busy && (q = request_queue_pop(&s->queue))) {
                /* Again, as the device may have changed while the request waited. */
                r = request_check(q, supervisor_driver(s), s->model);
                if (r < 0)
                        (void) request_done(q, r, NULL);
                else
                        request_begin(s, q);
        }

        return s->busy;
}

static void refuse_requests(Supervisor *s, int r) {
        Request *q;

        while ((q = request_queue_pop(&s->queue)))
                (void) request_done(q, r, NULL);
}

static int session_open(Supervisor *s) {
        const Driver *driver = supervisor_driver(s);
        _cleanup_(device_freep) Device *d = NULL;
        int r;

        if (driver->io == IO_LOOP)
                r = device_new(s->config, s->event, s, &d);
        else
                r = device_new(s->config, NULL, NULL, &d);
        if (r < 0)
                return r;

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
        s->first_poll = true;
        s->polled_full_usec = 0;
        s->failures = 0;
        job_begin(s, &(Job) { .type = JOB_START });
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
        const Driver *driver = supervisor_driver(s);

        timer_disarm(s->timer);
        timer_disarm(s->deadline);
        timer_disarm(s->finish);
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

/* Closes the device because of an error and opens it again later. */
static void session_end(Supervisor *s, int error) {
        Request *running = TAKE_PTR(s->request);

        session_close(s);
        s->settled = true;
        supervisor_degrade(s, error);
        if (running)
                (void) request_done(running, error, NULL);
        refuse_requests(s, errno_is_device_gone(error) ? -ENODEV : -ESTALE);
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
        supervisor_settle(s, r);
        if (!serve_queue(s))
                schedule_poll(s);
}

static void poll_succeeded(Supervisor *s, PollSet what) {
        bool first = !s->settled;

        if (what & POLL_FULL)
                s->polled_full_usec = s->polled_usec;
        s->failures = 0;
        s->retry_usec = s->times.retry_min_usec;
        news_freshness(&s->news, s->config, s->model, 0);
        if (first)
                news_ignore_lb(s->config, s->model);
        supervisor_settle(s, 0);
        if (!serve_queue(s))
                schedule_poll(s);
}

static void request_finished(Supervisor *s, int r) {
        Request *q = TAKE_PTR(s->request);

        s->answering = true;
        (void) request_done(q, r, NULL);
        s->answering = false;
        if (r >= 0)
                /* What the write changed is to be seen soon, whichever poll reads it. */
                s->polled_full_usec = 0;

        /* However many writes wait: data are fresh only as long as they are read. */
        if (poll_is_due(s))
                poll_begin(s);
        else if (serve_queue(s))
                return;
        else if (r >= 0)
                (void) timer_arm(s->timer, 0);
        else
                schedule_poll(s);
}

/* A hook has ended. Takes u over. */
static void job_finish(Supervisor *s, int r, Update *u) {
        JobType type = s->job.type;
        PollSet what = s->job.what;

        timer_disarm(s->deadline);
        s->busy = false;
        job_done(&s->job);

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

        case JOB_SET:
        case JOB_COMMAND:
                request_finished(s, r);
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
        refuse_requests(s, -ENODEV);

        sd_event_source_disable_unref(s->timer);
        sd_event_source_disable_unref(s->deadline);
        sd_event_source_disable_unref(s->finish);
        model_free(s->model);
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
        return timer_arm(s->timer, 0);
}

void supervisor_request(Supervisor *s, Request *q) {
        int r;

        r = request_check(q, supervisor_driver(s), s->model);
        if (r >= 0)
                r = request_queue_push(&s->queue, q);
        if (r < 0) {
                (void) request_done(q, r, NULL);
                return;
        }

        /* While an answer is given it only waits: a poll may come first. */
        if (s->state == STATE_UP && !s->busy && !s->answering)
                (void) serve_queue(s);
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

void supervisor_publish(Supervisor *s, Update *u) {
        int r;

        r = supervisor_apply(s, u);
        if (r < 0)
                (void) log_of(s->config, LOG_ERR, r, "Cannot take over what the device told: %m");
        else
                news_freshness(&s->news, s->config, s->model, ENODATA);
}
