/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "power-off.h"

#include "core-variables.h"
#include "daemon.h"
#include "device-internal.h"
#include "string-util.h"
#include "supervisor.h"
#include "time-util.h"

/* The name that the hook power_off() has among sdcommands. */
#define HOOK_NAME "shutdown.default"

/* How long it takes by hand, for each device. */
#define DEVICE_USEC (20 * USEC_PER_SEC)

/* Of that, the last part is kept for the look at the mains: so much, or a third if that is less. */
#define LOOK_USEC (4 * USEC_PER_SEC)

/* A line may be disturbed once; one that is dead stays so. */
#define ATTEMPTS 2

/* There is no time for the pauses that spare a device in everyday life, nor to wait long for one that
 * hangs. */
#define RETRY_USEC (250 * USEC_PER_MSEC)
#define POLL_USEC USEC_PER_SEC
#define GRACE_USEC USEC_PER_SEC /* or an eighth of the time */

/* A device that is started for a few commands, and stopped again. */
typedef struct Session {
        sd_event *event;
        DeviceConfig *config;
        Supervisor *supervisor;
        char *const *commands; /* n_commands 0: a mere look */
        size_t n_commands, next;
        uint64_t end_usec;
        unsigned n_failures;
        bool heard, on_line;
        bool lost;     /* the device was, while a command was under way; it is about to be said once more */
        bool repeated; /* the command has waited for the device to be opened anew */
        bool over;
        int result;
} Session;

static void session_end(Session *s, int r) {
        if (s->over)
                return;

        s->over = true;
        s->result = r;
        (void) sd_event_exit(s->event, r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* A hook from now on may take one of so many parts of the time that is left. The others are for those behind
 * it. */
static void limit_hooks(Session *s, size_t parts) {
        uint64_t usec = usec_sub(s->end_usec, now_usec(CLOCK_MONOTONIC)) / parts;
        SupervisorTimes *t = supervisor_times(s->supervisor);

        t->start_timeout_usec = t->hook_timeout_usec = usec;
        t->patience_max_usec = 0;
}

static void send_next(Session *s);

static void on_done(void *userdata, int r, const char *message) {
        Session *s = userdata;
        const char *name = s->commands[s->next];
        bool lost;

        /* The supervisor answers what is open when it ends. */
        if (s->over)
                return;
        if (r >= 0) {
                (void) log_of(s->config, LOG_NOTICE, 0, "%s was accepted.", name);
                session_end(s, 0);
                return;
        }

        lost = model_freshness(supervisor_model(s->supervisor)) != FRESHNESS_FRESH;
        /* One that waited when the device was lost has not been sent. */
        if (lost && r != -ETIMEDOUT && !s->repeated)
                s->repeated = true;
        else {
                (void) log_of(s->config, LOG_WARNING, 0, "%s did not work: %s", name,
                                message ?: strerror(-r));
                s->next++;
                s->repeated = false;
        }

        if (s->next >= s->n_commands)
                session_end(s, r);
        else if (!lost)
                send_next(s);
        else {
                /* The supervisor opens the device anew, and then it goes on. */
                s->lost = true;
                s->heard = false;
                s->n_failures = 0;
                limit_hooks(s, s->n_commands - s->next + 1);
        }
}

static void send_next(Session *s) {
        Request *q = request_new(REQUEST_COMMAND, s->commands[s->next], NULL, on_done, s);

        if (!q) {
                session_end(s, -ENOMEM);
                return;
        }

        limit_hooks(s, s->n_commands - s->next);
        supervisor_request(s->supervisor, q);
}

static void on_changed(void *userdata, const Change *change) {
}

/* The device was opened and read, or could not be. */
static void on_outcome(void *userdata, int r) {
        Session *s = userdata;
        const Model *m = supervisor_model(s->supervisor);
        bool known = s->lost;

        s->lost = false;
        if (s->over || s->heard)
                return;
        if (r < 0) {
                if (supervisor_is_gone(s->supervisor) || (!known && ++s->n_failures >= ATTEMPTS))
                        session_end(s, r);
                return;
        }

        s->heard = true;
        s->on_line = model_has_status(m, "OL") && !model_has_status(m, "OB");
        if (s->n_commands > 0)
                send_next(s);
        else
                session_end(s, 0);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        session_end(userdata, -ETIMEDOUT);
        return 0;
}

static int session_loop(Session *s, WorkerGroup *workers) {
        static const SupervisorOps ops = { on_changed, on_outcome };
        _cleanup_(supervisor_freep) Supervisor *supervisor = NULL;
        SupervisorTimes *t;
        int r;

        r = sd_event_add_time(s->event, NULL, CLOCK_MONOTONIC, s->end_usec, 0, on_timeout, s);
        if (r < 0)
                return r;
        r = supervisor_new(s->event, workers, s->config, &ops, s, &supervisor);
        if (r < 0)
                return r;
        s->supervisor = supervisor;

        t = supervisor_times(supervisor);
        t->poll_usec = MIN(t->poll_usec, POLL_USEC);
        t->retry_min_usec = t->retry_max_usec = RETRY_USEC;
        limit_hooks(s, s->n_commands + 1);

        r = supervisor_start(supervisor);
        if (r < 0)
                return r;
        r = sd_event_loop(s->event);
        s->over = true;
        return r < 0 ? r : s->result;
}

/* For something that is to be over by then. */
static int loop_new(uint64_t end_usec, sd_event **ret_event, WorkerGroup **ret_workers) {
        uint64_t left = usec_sub(end_usec, now_usec(CLOCK_MONOTONIC));
        int r;

        r = daemon_event_new(ret_event);
        if (r < 0)
                return r;
        r = worker_group_new(*ret_event, ret_workers);
        if (r < 0)
                return r;
        worker_group_set_grace(*ret_workers, MIN(left / 8, GRACE_USEC));
        return 0;
}

/* Tries commands until one is accepted. Returns 0 then, else the error of the last one. Without commands
 * the device is read. */
static int run_commands(DeviceConfig *config, char *const *commands, size_t n, uint64_t end_usec,
                bool *ret_on_line) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(worker_group_freep) WorkerGroup *workers = NULL;
        Session s = { .config = config, .commands = commands, .n_commands = n, .result = -EINTR };
        int r;

        r = loop_new(end_usec, &event, &workers);
        if (r < 0)
                return r;

        s.event = event;
        s.end_usec = end_usec;
        r = session_loop(&s, workers);
        if (ret_on_line)
                *ret_on_line = r >= 0 && s.on_line;
        return r;
}

/* The hook power_off() while it runs, on a thread that can be left to itself. */
typedef struct HookRun {
        sd_event *event;
        Device *device; /* the worker's */
        char *why;
        int result;
} HookRun;

static void hook_end(HookRun *h, int r) {
        h->result = r;
        (void) sd_event_exit(h->event, r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void on_hook_done(void *userdata, int r, Update *u) {
        HookRun *h = userdata;

        update_free(u);
        h->why = TAKE_PTR(h->device->explanation);
        hook_end(h, r);
}

static int on_hook_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        hook_end(userdata, -ETIMEDOUT);
        return 0;
}

static int hook_loop(HookRun *h, WorkerGroup *workers, DeviceConfig *config, uint64_t end_usec) {
        _cleanup_(device_freep) Device *d = NULL;
        Job job = { .type = JOB_POWER_OFF };
        Worker *worker;
        int r;

        r = sd_event_add_time(h->event, NULL, CLOCK_MONOTONIC, end_usec, 0, on_hook_timeout, h);
        if (r < 0)
                return r;
        r = device_new(config, NULL, NULL, &d);
        if (r < 0)
                return r;
        d->end_usec = end_usec;
        r = worker_new(workers, d, on_hook_done, h, &worker);
        if (r < 0)
                return r;
        h->device = TAKE_PTR(d);

        worker_post(worker, &job);
        r = sd_event_loop(h->event);
        return r < 0 ? r : h->result;
}

static int run_hook(DeviceConfig *config, uint64_t end_usec) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(worker_group_freep) WorkerGroup *workers = NULL;
        HookRun h = { .result = -EINTR };
        int r;

        r = loop_new(end_usec, &event, &workers);
        if (r >= 0) {
                h.event = event;
                r = hook_loop(&h, workers, config, end_usec);
        }
        if (r < 0)
                (void) log_of(config, LOG_ERR, r, "Cannot cut the load: %s", h.why ?: strerror(-r));
        free(h.why);
        return MIN(r, 0);
}

/* What is to be tried for the device, in order. */
static int choose_commands(const DeviceConfig *config, char ***ret) {
        const Driver *driver = config->driver;
        const char *given = device_config_given(config, "sdcommands");

        if (!isempty(given))
                return strv_split(given, ", \t", ret);
        if (driver->power_off)
                return strv_extend(ret, HOOK_NAME);
        if (config->transport != TRANSPORT_USB && config->transport != TRANSPORT_SERIAL)
                return 0;

        return strv_split(driver->power_off_commands ?: "shutdown.return shutdown.stayoff", " ", ret);
}

static size_t count_until_hook(char *const *commands) {
        size_t n = 0;

        while (commands[n] && !strcaseeq(commands[n], HOOK_NAME))
                n++;
        return n;
}

/* Goes through the commands. The hook wants a device that is not started, the others one that is. */
static int try_commands(DeviceConfig *config, char *const *commands, uint64_t end_usec) {
        int r = -EOPNOTSUPP;

        while (*commands && r < 0) {
                size_t n = count_until_hook(commands), step = MAX(n, (size_t) 1);
                uint64_t now = now_usec(CLOCK_MONOTONIC);
                uint64_t stage_end = now + usec_sub(end_usec, now) * step / strv_length(commands);

                if (n > 0)
                        r = run_commands(config, commands, n, stage_end, NULL);
                else if (config->driver->power_off)
                        r = run_hook(config, stage_end);
                commands += step;
        }

        return r;
}

static int power_off_one(DeviceConfig *config, uint64_t end_usec) {
        _cleanup_strv_free_ char **commands = NULL;
        uint64_t now = now_usec(CLOCK_MONOTONIC);
        uint64_t look_usec = MIN(usec_sub(end_usec, now) / 3, LOOK_USEC);
        bool on_line = false;
        int r;

        r = choose_commands(config, &commands);
        if (r < 0)
                return log_oom();

        if (commands)
                r = try_commands(config, commands, usec_sub(end_usec, look_usec));
        else
                r = log_of(config, LOG_ERR, EOPNOTSUPP,
                                "%s cuts no load by itself; sdcommands= in ups.conf can say how.",
                                config->driver->name);
        if (r >= 0)
                return log_of(config, LOG_NOTICE, 0, "Told to cut the load.");

        /* What was seen before is old by now, and the mains may have come or gone. */
        (void) run_commands(config, NULL, 0, now_usec(CLOCK_MONOTONIC) + look_usec, &on_line);
        (void) log_of(config, LOG_ERR, r, "The load is not cut%s: %s",
                        on_line ? ", and there are mains" : "",
                        r == -EPIPE ? "the device refused it" : strerror(-r));
        return on_line ? POWER_OFF_ON_LINE : r;
}

static int compare_order(const void *a, const void *b) {
        int64_t x = device_config_integer(*(DeviceConfig *const *) a, "sdorder");
        int64_t y = device_config_integer(*(DeviceConfig *const *) b, "sdorder");

        return (x > y) - (x < y);
}

int power_off_devices(DeviceConfig *const *configs, size_t n, bool named, uint64_t limit_usec) {
        _cleanup_free_ DeviceConfig **sorted = new0(DeviceConfig *, n);
        uint64_t end_usec = usec_add(now_usec(CLOCK_MONOTONIC), limit_usec ?: n * DEVICE_USEC);
        int result = 0, r;

        if (!sorted)
                return log_oom();

        memcpy(sorted, configs, n * sizeof(DeviceConfig *));
        qsort(sorted, n, sizeof(DeviceConfig *), compare_order);

        for (size_t i = 0; i < n; i++) {
                uint64_t now = now_usec(CLOCK_MONOTONIC);

                if (!named && device_config_integer(sorted[i], "sdorder") < 0)
                        continue;
                sorted[i]->powering_off = true;
                r = power_off_one(sorted[i], now + usec_sub(end_usec, now) / (n - i));
                if (r < 0 || result == 0)
                        result = r;
        }

        return result;
}
