/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "power-off.h"

#include "core-variables.h"
#include "daemon.h"
#include "string-util.h"
#include "supervisor.h"
#include "time-util.h"

/* The name that the hook power_off() has among sdcommands. */
#define HOOK_NAME "shutdown.default"

/* A device is opened, read and told within this. The caller at the end of a shutdown waits for 25 s. */
#define COMMAND_USEC (20 * USEC_PER_SEC)
#define LOOK_USEC (4 * USEC_PER_SEC)

/* A line may be disturbed once; one that is dead stays so. */
#define ATTEMPTS 2

/* A device that is started for a few commands, and stopped again. */
typedef struct Session {
        sd_event *event;
        DeviceConfig *config;
        Supervisor *supervisor;
        char *const *commands; /* n_commands 0: a mere look */
        size_t n_commands, next;
        unsigned n_failures;
        bool heard, on_line;
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

static void send_next(Session *s);

static void on_done(void *userdata, int r, const char *message) {
        Session *s = userdata;
        const char *name = s->commands[s->next];

        /* The supervisor answers what is open when it ends. */
        if (s->over)
                return;
        if (r >= 0) {
                (void) log_of(s->config, LOG_NOTICE, 0, "%s was accepted.", name);
                session_end(s, 0);
                return;
        }

        (void) log_of(s->config, LOG_WARNING, 0, "%s did not work: %s", name, message ?: strerror(-r));
        if (++s->next < s->n_commands)
                send_next(s);
        else
                session_end(s, r);
}

static void send_next(Session *s) {
        Request *q = request_new(REQUEST_COMMAND, s->commands[s->next], NULL, on_done, s);

        if (q)
                supervisor_request(s->supervisor, q);
        else
                session_end(s, -ENOMEM);
}

static void on_changed(void *userdata, const Change *change) {
}

/* The device was opened and read, or could not be. */
static void on_outcome(void *userdata, int r) {
        Session *s = userdata;
        const Model *m = supervisor_model(s->supervisor);

        if (s->over || s->heard)
                return;
        if (r < 0) {
                if (++s->n_failures >= ATTEMPTS)
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

static int session_loop(Session *s, WorkerGroup *workers, uint64_t limit_usec) {
        static const SupervisorOps ops = { on_changed, on_outcome };
        _cleanup_(supervisor_freep) Supervisor *supervisor = NULL;
        int r;

        r = sd_event_add_time_relative(s->event, NULL, CLOCK_MONOTONIC, limit_usec, 0, on_timeout, s);
        if (r < 0)
                return r;
        r = supervisor_new(s->event, workers, s->config, &ops, s, &supervisor);
        if (r < 0)
                return r;
        s->supervisor = supervisor;
        r = supervisor_start(supervisor);
        if (r < 0)
                return r;
        r = sd_event_loop(s->event);
        return r < 0 ? r : s->result;
}

/* Tries commands until one is accepted. Returns 0 then, else the error of the last one. */
static int run_commands(DeviceConfig *config, char *const *commands, size_t n, bool *ret_on_line) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(worker_group_freep) WorkerGroup *workers = NULL;
        Session s = { .config = config, .commands = commands, .n_commands = n, .result = -EINTR };
        int r;

        r = daemon_event_new(&event);
        if (r < 0)
                return r;
        r = worker_group_new(event, &workers);
        if (r < 0)
                return r;

        s.event = event;
        r = session_loop(&s, workers, n > 0 ? COMMAND_USEC : LOOK_USEC);
        *ret_on_line = s.on_line;
        return r;
}

static int run_hook(DeviceConfig *config) {
        const Driver *driver = config->driver;
        _cleanup_(device_freep) Device *d = NULL;
        int r;

        r = device_new(config, NULL, NULL, &d);
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot prepare the device: %m");
        r = driver->probe ? driver->probe(d) : 0;
        if (r < 0)
                return log_of(config, LOG_ERR, r, "No device at %s: %m", config->port);
        r = driver->power_off(d);
        if (r < 0)
                return log_of(config, LOG_ERR, r, "Cannot cut the load: %m");
        return 0;
}

/* What is to be tried for the device, in order. */
static int choose_commands(const DeviceConfig *config, char ***ret) {
        const Driver *driver = config->driver;
        const char *given = device_config_given(config, "sdcommands");
        int r;

        if (!isempty(given))
                return strv_split(given, ", \t", ret);
        if (driver->power_off)
                return strv_extend(ret, HOOK_NAME);
        if (driver->transport != TRANSPORT_USB && driver->transport != TRANSPORT_SERIAL)
                return 0;

        r = strv_extend(ret, "shutdown.return");
        return r < 0 ? r : strv_extend(ret, "shutdown.stayoff");
}

static size_t count_until_hook(char *const *commands) {
        size_t n = 0;

        while (commands[n] && !strcaseeq(commands[n], HOOK_NAME))
                n++;
        return n;
}

/* Goes through the commands. The hook wants a device that is not started, the others one that is. */
static int try_commands(DeviceConfig *config, char *const *commands, bool *on_line) {
        int r = -EOPNOTSUPP;

        while (*commands && r < 0) {
                size_t n = count_until_hook(commands);

                if (n == 0 && config->driver->power_off)
                        r = run_hook(config);
                if (n > 0)
                        r = run_commands(config, commands, n, on_line);
                commands += MAX(n, (size_t) 1);
        }

        return r;
}

static int power_off_one(DeviceConfig *config) {
        _cleanup_strv_free_ char **commands = NULL;
        bool on_line = false;
        int r;

        r = choose_commands(config, &commands);
        if (r < 0)
                return log_oom();
        if (!commands)
                return log_of(config, LOG_ERR, EOPNOTSUPP,
                                "%s cuts no load by itself; sdcommands= in ups.conf can say how.",
                                config->driver->name);

        r = try_commands(config, commands, &on_line);
        if (r >= 0)
                return log_of(config, LOG_NOTICE, 0, "Told to cut the load.");

        if (!on_line)
                (void) run_commands(config, NULL, 0, &on_line);
        (void) log_of(config, LOG_ERR, r, "The load is not cut%s: %m",
                        on_line ? ", and there are mains" : "");
        return on_line ? POWER_OFF_ON_LINE : r;
}

static int compare_order(const void *a, const void *b) {
        int64_t x = device_config_integer(*(DeviceConfig *const *) a, "sdorder");
        int64_t y = device_config_integer(*(DeviceConfig *const *) b, "sdorder");

        return (x > y) - (x < y);
}

int power_off_devices(DeviceConfig *const *configs, size_t n) {
        _cleanup_free_ DeviceConfig **sorted = new0(DeviceConfig *, n);
        int result = 0, r;

        if (!sorted)
                return log_oom();

        memcpy(sorted, configs, n * sizeof(DeviceConfig *));
        qsort(sorted, n, sizeof(DeviceConfig *), compare_order);

        for (size_t i = 0; i < n; i++) {
                /* A device named on its own is meant, whatever its place in the order. */
                if (n > 1 && device_config_integer(sorted[i], "sdorder") < 0)
                        continue;
                r = power_off_one(sorted[i]);
                if (r < 0 || result == 0)
                        result = r;
        }

        return result;
}
