/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notify.h"

#include <inttypes.h>

#include "command.h"
#include "conf-reading.h"
#include "daemon.h"
#include "log.h"
#include "memory.h"
#include "notice-feed.h"
#include "runner.h"
#include "sched-socket.h"
#include "string-util.h"
#include "time-util.h"
#include "upsmon-conf.h"

#define EXEC_LIMIT_USEC (60 * USEC_PER_SEC)
#define WALL_LIMIT_USEC (5 * USEC_PER_SEC)
#define KILL_USEC (5 * USEC_PER_SEC)
#define URGENT_USEC (5 * USEC_PER_SEC)
/* For so long timers of a former process wait for the monitor: it may know why they are to be cancelled. */
#define HOLD_USEC (5 * USEC_PER_SEC)
#define DRAIN_USEC (10 * USEC_PER_SEC)
/* When nothing is known of what was told before, what is older than this is history. */
#define NEWS_USEC (5 * 60 * USEC_PER_SEC)

/* One of the two ways on which notices go out, in order and independent of the other. */
typedef struct Lane {
        Notify *notify;
        Runner *runner;
        NoticeMark taken; /* the last notice that went in */
        NoticeMark *done; /* the last one that came out: what is remembered */
        uint64_t serial, serial_done;
        void (*tell)(Notify *n, NotifyType type, const TimerEvent *event, const RunnerTag *tag);
        NotifyFlags flag;
        bool synced; /* was told all notices once */
} Lane;

struct Notify {
        sd_event *event;
        BusLink *link;
        NoticeFeed *feed;
        UpsmonConf *conf;
        Sched *sched;
        SchedSocket *socket;
        Lane wall, exec;
        Memory memory;
        char *memory_path;
        sd_event_source *save, *hold;
        sd_event_source *drain; /* the end of our patience; set when we are to end */
};

/*** Lanes ***/

static void notify_changed(Notify *n) {
        if (n->memory_path)
                (void) sd_event_source_set_enabled(n->save, SD_EVENT_ONESHOT);
}

static void on_started(void *userdata, const RunnerTag *tag) {
        Lane *l = userdata;

        /* An urgent job may come before its turn; then those that it overtook say nothing new. */
        if (tag->serial <= l->serial_done)
                return;

        l->serial_done = tag->serial;
        *l->done = (NoticeMark) { tag->number, tag->time_usec };
        notify_changed(l->notify);
}

static void on_idle(void *userdata) {
        Lane *l = userdata;
        Notify *n = l->notify;

        if (n->drain && !runner_busy(n->wall.runner) && !runner_busy(n->exec.runner))
                (void) sd_event_exit(n->event, 0);
}

static const RunnerOps runner_ops = { .started = on_started, .idle = on_idle };

/* Takes argv and environment, on failure too. */
static void lane_add(Lane *l, char **argv, char **environment, const char *input, bool urgent,
                const RunnerTag *tag) {
        _cleanup_(runner_job_freep) RunnerJob *j = new0(RunnerJob, 1);

        if (!j) {
                strv_free(argv);
                strv_free(environment);
                log_oom();
                return;
        }
        j->argv = argv;
        j->environment = environment;
        j->urgent = urgent;
        j->tag = *tag;
        j->what = argv ? strv_join(argv, " ") : NULL;
        j->input = input ? strjoin(input, "\n") : NULL;
        if (!j->what || (input && !j->input)) {
                log_oom();
                return;
        }

        int r = runner_add(l->runner, TAKE_PTR(j));
        if (r < 0 && r != -ENOBUFS)
                log_error_errno(r, "Cannot run a program: %m");
}

static void tell_wall(Notify *n, NotifyType type, const TimerEvent *event, const RunnerTag *tag) {
        char **argv = NULL;

        if (strv_extend(&argv, "wall") < 0)
                log_oom();
        else
                lane_add(&n->wall, argv, NULL, event->message, notify_type_is_urgent(type), tag);
}

static void tell_exec(Notify *n, NotifyType type, const TimerEvent *event, const RunnerTag *tag) {
        char **environment = NULL, **argv = NULL;
        int r;

        if (!n->conf->notify_command)
                return;
        if (command_is_upssched(n->conf->notify_command)) {
                sched_notice(n->sched, type, event);
                return;
        }

        r = command_line(n->conf->notify_command, event->message, &argv);
        if (r >= 0)
                r = command_environment(event, &environment);
        if (r < 0) {
                strv_free(argv);
                log_error_errno(r, "Cannot make the command line of NOTIFYCMD: %m");
                return;
        }
        lane_add(&n->exec, argv, environment, NULL, notify_type_is_urgent(type), tag);
}

/* What upssched.conf has run goes the way of NOTIFYCMD. It says nothing of how far notices were told. */
static void on_sched_run(void *userdata, const char *script, const char *argument, char **environment,
                bool urgent) {
        Notify *n = userdata;
        char **argv = NULL;

        int r = command_line(script, argument, &argv);
        if (r < 0) {
                strv_free(environment);
                log_error_errno(r, "Cannot make the command line of CMDSCRIPT: %m");
                return;
        }
        lane_add(&n->exec, argv, environment, NULL, urgent, &(RunnerTag) {});
}

static void on_sched_changed(void *userdata) {
        notify_changed(userdata);
}

static const SchedOps sched_ops = { .run = on_sched_run, .changed = on_sched_changed };

/*** Notices ***/

/* A device by the name that scripts know, that of the MONITOR line. */
static char *system_name(const UpsmonConf *conf, const char *device) {
        const UpsmonSupply *s = isempty(device) ? NULL : upsmon_conf_find(conf, device);

        if (isempty(device))
                return strdup("");
        if (s)
                return strdup(s->system);
        return strchr(device, '@') ? strdup(device) : strjoin(device, "@localhost");
}

static void lane_tell(Lane *l, const Notice *notice) {
        Notify *n = l->notify;
        NotifyType type = notify_type_from_string(notice->type);
        _cleanup_free_ char *system = system_name(n->conf, notice->device);
        RunnerTag tag = { ++l->serial, notice->number, notice->time_usec };

        l->taken = (NoticeMark) { notice->number, notice->time_usec };
        if (!system)
                log_oom();
        else if (type < 0)
                log_debug("The monitor says something of type %s, which is unknown here", notice->type);
        else if (n->conf->notify_flags[type] & l->flag) {
                TimerEvent event = { notify_type_to_string(type), system, notice->text };
                l->tell(n, type, &event, &tag);
        }

        /* Whether something was queued for it or not: it is told as soon as all that waits has begun. */
        if (!runner_retag_last(l->runner, &tag))
                on_started(l, &tag);
}

static void lane_take(Lane *l, const Notice *notices, size_t n, bool all) {
        uint64_t now = now_usec(CLOCK_REALTIME);
        bool unknown = !l->synced && l->taken.number == 0;

        for (size_t i = all ? notices_first_new(notices, n, &l->taken) : 0; i < n; i++)
                if (unknown && notices[i].time_usec < usec_sub(now, NEWS_USEC))
                        log_debug("Notice %" PRIu64 " is history", notices[i].number);
                else
                        lane_tell(l, notices + i);
        l->synced = true;
}

static void on_notices(void *userdata, const Notice *notices, size_t count, bool all) {
        Notify *n = userdata;

        lane_take(&n->wall, notices, count, all);
        lane_take(&n->exec, notices, count, all);
        if (all)
                sched_hold(n->sched, false);
}

static void on_present(void *userdata, bool present) {
        daemon_notify(present ? "STATUS=Telling what the monitor says" : "STATUS=Waiting for the monitor");
}

static const NoticeFeedOps feed_ops = { .notices = on_notices, .present = on_present };

/*** Bus ***/

static int on_connected(void *userdata, sd_bus *bus) {
        Notify *n = userdata;

        return notice_feed_new(bus, &feed_ops, n, &n->feed);
}

static void on_lost(void *userdata) {
        Notify *n = userdata;

        n->feed = notice_feed_free(n->feed);
        on_present(n, false);
}

static const BusLinkOps link_ops = { .connected = on_connected, .lost = on_lost };

/*** Life ***/

static int on_save(sd_event_source *s, void *userdata) {
        Notify *n = userdata;

        int r = memory_save(n->memory_path, &n->memory, sched_timers(n->sched));
        if (r < 0)
                log_warning_errno(r, "Cannot write %s: %m", n->memory_path);
        return 0;
}

/* What is not taken leaves in force what was; at the start there are the defaults. */
static int notify_load(Notify *n, bool first) {
        ConfReading f = { .name = "upsmon.conf", .first = first, .existed = n->conf->exists };
        _cleanup_(upsmon_conf_freep) UpsmonConf *conf = NULL;

        int r = upsmon_conf_load(conf_reading_report, &f, &conf);
        if (conf_reading_accept(&f, r, conf && conf->exists)) {
                upsmon_conf_free(n->conf);
                n->conf = TAKE_PTR(conf);
                log_debug("Read the configuration");
        } else
                r = r < 0 ? r : -EBADMSG;

        if (sched_conf(n->sched) ||
            (n->conf->notify_command && command_is_upssched(n->conf->notify_command)))
                (void) sched_reload(n->sched);
        return r;
}

static int load_defaults(Notify *n) {
        _cleanup_(conf_freep) Conf *nothing = NULL;

        int r = conf_parse("", "", 0, NULL, NULL, &nothing);
        return r < 0 ? r : upsmon_conf_from_lines(nothing, NULL, NULL, &n->conf);
}

static int on_reload(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        daemon_notify_reloading();
        if (notify_load(userdata, false) < 0)
                log_warning("Going on with the former configuration");
        daemon_notify("READY=1");
        return 0;
}

static int on_drain_timeout(sd_event_source *s, uint64_t usec, void *userdata) {
        Notify *n = userdata;

        log_warning("Ending although programs still run or wait");
        return sd_event_exit(n->event, 0);
}

static int on_end(sd_event_source *s, const struct signalfd_siginfo *si, void *userdata) {
        Notify *n = userdata;

        daemon_notify("STOPPING=1");
        if (n->drain || (!runner_busy(n->wall.runner) && !runner_busy(n->exec.runner)))
                return sd_event_exit(n->event, 0);

        return sd_event_add_time_relative(n->event, &n->drain, CLOCK_MONOTONIC, DRAIN_USEC, 0,
                        on_drain_timeout, n);
}

static int on_hold(sd_event_source *s, uint64_t usec, void *userdata) {
        Notify *n = userdata;

        sched_hold(n->sched, false);
        return 0;
}

static int lane_init(Notify *n, Lane *l, uint64_t limit_usec) {
        RunnerLimits limits = { limit_usec, KILL_USEC, URGENT_USEC };

        l->notify = n;
        return runner_new(n->event, &limits, &runner_ops, l, &l->runner);
}

static int notify_init_directory(Notify *n, const char *directory) {
        _cleanup_free_ char *socket = strjoin(directory, "/upssched");
        int r;

        n->memory_path = strjoin(directory, "/memory");
        if (!socket || !n->memory_path)
                return -ENOMEM;

        sched_hold(n->sched, true);
        r = sd_event_add_time_relative(n->event, &n->hold, CLOCK_MONOTONIC, HOLD_USEC, 0, on_hold, n);
        if (r >= 0)
                r = memory_load(n->memory_path, &n->memory, n->sched);
        if (r == -ENOMEM)
                return r;
        n->wall.taken = n->memory.wall;
        n->exec.taken = n->memory.exec;

        r = sched_socket_new(n->event, socket, n->sched, &n->socket);
        if (r < 0)
                log_warning_errno(r, "Cannot listen at %s, the program upssched will not find us: %m",
                                socket);
        return 0;
}

static int notify_init(Notify *n, const char *directory) {
        int r;

        r = sched_new(n->event, &sched_ops, n, &n->sched);
        if (r >= 0)
                r = lane_init(n, &n->wall, WALL_LIMIT_USEC);
        if (r >= 0)
                r = lane_init(n, &n->exec, EXEC_LIMIT_USEC);
        if (r >= 0)
                r = sd_event_add_defer(n->event, &n->save, on_save, n);
        if (r >= 0)
                r = sd_event_source_set_enabled(n->save, SD_EVENT_OFF);
        if (r >= 0)
                r = load_defaults(n);
        if (r < 0)
                return r;

        if (notify_load(n, true) < 0)
                log_warning("Going on with the defaults");
        if (directory)
                r = notify_init_directory(n, directory);
        if (r >= 0)
                r = daemon_on_reload(n->event, on_reload, n);
        if (r >= 0)
                r = sd_event_add_signal(n->event, NULL, SIGTERM, on_end, n);
        if (r >= 0)
                r = sd_event_add_signal(n->event, NULL, SIGINT, on_end, n);
        return r;
}

int notify_new(sd_event *event, const char *directory, Notify **ret) {
        _cleanup_(notify_freep) Notify *n = new0(Notify, 1);
        int r;

        if (!n)
                return -ENOMEM;

        n->event = sd_event_ref(event);
        n->wall.done = &n->memory.wall;
        n->wall.tell = tell_wall;
        n->wall.flag = NOTIFY_TO_WALL;
        n->exec.done = &n->memory.exec;
        n->exec.tell = tell_exec;
        n->exec.flag = NOTIFY_TO_EXEC;
        r = notify_init(n, directory);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(n);
        return 0;
}

int notify_run(Notify *n) {
        int r;

        daemon_notify("READY=1\nSTATUS=Waiting for the monitor");
        r = bus_link_new(n->event, &link_ops, n, &n->link);
        return r < 0 ? r : sd_event_loop(n->event);
}

Notify *notify_free(Notify *n) {
        if (!n)
                return NULL;

        n->link = bus_link_free(n->link);
        n->feed = notice_feed_free(n->feed);
        n->socket = sched_socket_free(n->socket);
        if (n->memory_path && n->sched)
                (void) on_save(NULL, n);
        sd_event_source_disable_unref(n->save);
        sd_event_source_disable_unref(n->hold);
        sd_event_source_disable_unref(n->drain);
        n->sched = sched_free(n->sched);
        runner_free(n->wall.runner);
        runner_free(n->exec.runner);
        upsmon_conf_free(n->conf);
        free(n->memory_path);
        sd_event_unref(n->event);
        free(n);
        return NULL;
}
