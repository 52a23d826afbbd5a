/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sched-lone.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "command.h"
#include "log.h"
#include "runner.h"
#include "sched-socket.h"
#include "string-util.h"
#include "time-util.h"

#define RUN_USEC (60 * USEC_PER_SEC)
#define KILL_USEC (5 * USEC_PER_SEC)
/* How long the process with the timers stays without any, and how often it looks. */
#define IDLE_USEC (15 * USEC_PER_SEC)
#define TICK_USEC USEC_PER_SEC
#define LOCK_TRIES 100U
#define LOCK_PAUSE_USEC (50 * USEC_PER_MSEC)

/* The process that has the timers. */
typedef struct Lone {
        sd_event *event;
        Sched *sched;
        SchedSocket *socket;
        Runner *runner;
        sd_event_source *tick;
        const char *lock_path;
        uint64_t busy_usec; /* when it last had something to do */
} Lone;

/* Opens the lock, which must be a file of our own: its directory may be anybody's. */
static int open_lock(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0))
                return -EPERM;
        return TAKE_FD(fd);
}

/*** Scripts ***/

static void lone_run(void *userdata, const char *script, const char *argument, char **environment,
                bool urgent) {
        Lone *l = userdata;
        _cleanup_(runner_job_freep) RunnerJob *j = new0(RunnerJob, 1);
        int r;

        if (!j) {
                strv_free(environment);
                log_oom();
                return;
        }
        j->environment = environment;
        j->urgent = urgent;
        j->what = strdup(script);
        r = j->what ? command_line(script, argument, &j->argv) : -ENOMEM;
        if (r >= 0)
                r = runner_add(l->runner, TAKE_PTR(j));
        if (r < 0)
                log_error_errno(r, "Cannot run CMDSCRIPT: %m");
}

static const SchedOps sched_ops = { .run = lone_run };
static const RunnerOps runner_ops = {};

/* EXECUTE is done by the process of the notice, which waits for it. */
static int execute(const char *script, const char *argument, const TimerEvent *event) {
        _cleanup_strv_free_ char **argv = NULL, **environment = NULL;
        int status, r;
        pid_t pid;

        r = command_line(script, argument, &argv);
        if (r >= 0)
                r = command_environment(event, &environment);
        if (r >= 0)
                r = runner_spawn(argv, environment, &pid);
        if (r < 0)
                return log_error_errno(r, "Cannot run CMDSCRIPT: %m");

        if (waitpid(pid, &status, 0) < 0)
                return -errno;
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
                log_info("exec_cmd(%s %s) returned %d", script, argument, WEXITSTATUS(status));
        else if (WIFSIGNALED(status))
                log_warning("exec_cmd(%s %s) terminated with signal %d", script, argument, WTERMSIG(status));
        return 0;
}

/*** The process with the timers ***/

static int on_tick(sd_event_source *s, uint64_t usec, void *userdata) {
        Lone *l = userdata;
        _cleanup_close_ int lock = -EBADF;

        if (timers_count(sched_timers(l->sched)) > 0 || runner_busy(l->runner) ||
            sched_socket_busy(l->socket))
                l->busy_usec = now_usec(CLOCK_MONOTONIC);
        else if (now_usec(CLOCK_MONOTONIC) - l->busy_usec >= IDLE_USEC) {
                /* Whoever holds the lock is about to connect. */
                lock = open_lock(l->lock_path);
                if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) >= 0) {
                        l->socket = sched_socket_free(l->socket);
                        return sd_event_exit(l->event, 0);
                }
        }
        (void) sd_event_source_set_time_relative(s, TICK_USEC);
        return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int lone_init(Lone *l, const char *pipe_path) {
        static const RunnerLimits limits = { RUN_USEC, KILL_USEC, KILL_USEC };
        sigset_t set;
        int r;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);

        l->busy_usec = now_usec(CLOCK_MONOTONIC);
        r = sd_event_new(&l->event);
        if (r >= 0)
                r = sd_event_add_signal(l->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = runner_new(l->event, &limits, &runner_ops, l, &l->runner);
        if (r >= 0)
                r = sched_new(l->event, &sched_ops, l, &l->sched);
        if (r >= 0)
                r = sched_reload(l->sched);
        if (r >= 0)
                r = sched_socket_new(l->event, pipe_path, l->sched, &l->socket);
        if (r >= 0)
                r = sd_event_add_time_relative(l->event, &l->tick, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick,
                                l);
        return r;
}

static void lone_done(Lone *l) {
        sched_socket_free(l->socket);
        sd_event_source_disable_unref(l->tick);
        sched_free(l->sched);
        runner_free(l->runner);
        sd_event_unref(l->event);
}

/* Runs in the child. ready is closed when it listens, or cannot. */
static _Noreturn void exec_lone(const UpsschedConf *conf, int ready) {
        Lone l = { .lock_path = conf->lock };
        int r, null;

        (void) setsid();
        null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null >= 0)
                for (int fd = 0; fd < 3; fd++)
                        (void) dup2(null, fd);

        r = lone_init(&l, conf->pipe);
        safe_close(null);
        safe_close(ready);
        if (r >= 0)
                r = sd_event_loop(l.event);
        lone_done(&l);
        _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* Returns when the process listens. It holds no lock and none of our descriptors. */
static int start_process(const UpsschedConf *conf, int lock) {
        int pipe_fds[2];
        char c;

        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return -errno;

        pid_t pid = fork();
        if (pid == 0) {
                safe_close(lock);
                safe_close(pipe_fds[0]);
                exec_lone(conf, pipe_fds[1]);
        }
        int r = pid < 0 ? -errno : 0;
        safe_close(pipe_fds[1]);
        if (r >= 0)
                while (read(pipe_fds[0], &c, 1) < 0 && errno == EINTR)
                        ;
        safe_close(pipe_fds[0]);
        return r;
}

static int take_lock(const char *path) {
        _cleanup_close_ int fd = open_lock(path);

        if (fd < 0)
                return fd;
        for (unsigned i = 0; i < LOCK_TRIES; i++) {
                if (flock(fd, LOCK_EX | LOCK_NB) >= 0)
                        return TAKE_FD(fd);
                (void) usleep(LOCK_PAUSE_USEC);
        }
        return -ETIMEDOUT;
}

/* Connects, starting the process first if there is none and start says so. The lock is held until the
 * request is made, so that the process does not end meanwhile. */
static int send_request(const UpsschedConf *conf, const SchedRequest *request, bool start) {
        _cleanup_close_ int lock = -EBADF, fd = -EBADF;
        _cleanup_free_ char *why = NULL;
        int r = 0;

        lock = take_lock(conf->lock);
        if (lock < 0)
                return log_error_errno(lock, "Cannot take the lock %s: %m", conf->lock);

        fd = sched_connect(conf->pipe, false);
        if (fd == -EPERM)
                return log_error_errno(fd, "Somebody else listens at %s", conf->pipe);
        if (fd < 0 && !start)
                return 0;
        if (fd < 0) {
                r = start_process(conf, lock);
                fd = r < 0 ? r : sched_connect(conf->pipe, false);
        }
        if (fd < 0)
                return log_error_errno(fd, "Cannot start the process that has the timers, at %s: %m",
                                conf->pipe);

        r = sched_call(fd, request, NULL, &why);
        return r < 0 ? log_error_errno(r, "Cannot start or cancel a timer: %s", why ?: strerror(-r)) : 0;
}

/*** Notices ***/

static int rule_run(const UpsschedConf *conf, const UpsschedRule *rule, const TimerEvent *event) {
        static const SchedVerb verbs[] = {
                [UPSSCHED_START_TIMER]          = SCHED_START,
                [UPSSCHED_START_TIMER_SHARED]   = SCHED_START_SHARED,
                [UPSSCHED_CANCEL_TIMER]         = SCHED_CANCEL,
                [UPSSCHED_CANCEL_TIMER_MATCHED] = SCHED_CANCEL_MATCHED,
        };

        if (rule->action == UPSSCHED_EXECUTE)
                return execute(conf->command_script, rule->name, event);

        SchedRequest request = {
                .verb = verbs[rule->action],
                .name = rule->name,
                .command = rule->command,
                .delay_usec = rule->delay_usec,
                .event = *event,
        };
        bool start = rule->action == UPSSCHED_START_TIMER || rule->action == UPSSCHED_START_TIMER_SHARED;

        return send_request(conf, &request, start || rule->command);
}

/* NUT's own words, on both ways, as there may be no terminal. */
static int check_conf(const UpsschedConf *conf) {
        const char *missing = !conf->command_script ? "CMDSCRIPT" : !conf->pipe ? "PIPEFN" :
                        !conf->lock ? "LOCKFN" : NULL;

        if (conf->n_rules == 0 || !missing)
                return 0;
        printf("%s must be set before any ATs in the config file!\n", missing);
        return log_full(LOG_ERR, EINVAL, NULL, "%s must be set before any ATs in the config file!", missing);
}

static int complain_missing(void) {
        _cleanup_free_ char *path = conf_path("upssched.conf");

        return log_full(LOG_ERR, ENOENT, NULL, "Can't open %s: %m", strempty(path));
}

int sched_lone_notice(const TimerEvent *event) {
        _cleanup_(upssched_conf_freep) UpsschedConf *conf = NULL;
        NotifyType type = notify_type_from_string(event->type);
        int result = 0, r;

        r = upssched_conf_load(conf_report_log, NULL, &conf);
        if (r >= 0 && !conf->exists)
                r = complain_missing();
        if (r >= 0)
                r = check_conf(conf);
        if (r < 0)
                return r;

        for (size_t i = 0; i < conf->n_rules; i++) {
                if (!upssched_rule_matches(conf->rules + i, type, event->system))
                        continue;
                r = rule_run(conf, conf->rules + i, event);
                if (r < 0)
                        result = r;
        }
        return result;
}

int sched_lone_connect(void) {
        _cleanup_(upssched_conf_freep) UpsschedConf *conf = NULL;
        int r;

        r = upssched_conf_load(NULL, NULL, &conf);
        if (r < 0)
                return r;
        return conf->pipe ? sched_connect(conf->pipe, false) : -ENOENT;
}
