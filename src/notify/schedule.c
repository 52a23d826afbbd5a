/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schedule.h"

#include <inttypes.h>

#include "command.h"
#include "conf-reading.h"
#include "log.h"
#include "string-util.h"
#include "time-util.h"

#define ACCURACY_USEC (50 * USEC_PER_MSEC)

struct Sched {
        sd_event *event;
        sd_event_source *timer;
        UpsschedConf *conf;
        Timers *timers;
        const SchedOps *ops;
        void *userdata;
        bool held;
};

bool notify_type_is_urgent(NotifyType type) {
        return type == NOTIFY_FSD || type == NOTIFY_SHUTDOWN || type == NOTIFY_SHUTDOWN_HOSTSYNC;
}

static bool is_urgent(const char *type) {
        return type && notify_type_is_urgent(notify_type_from_string(type));
}

/* environment is taken. */
static void sched_run(Sched *s, const char *argument, char **environment, bool urgent) {
        if (!s->conf || isempty(s->conf->command_script)) {
                log_error("upssched.conf names no CMDSCRIPT, which was to be told \"%s\"", argument);
                strv_free(environment);
                return;
        }
        s->ops->run(s->userdata, s->conf->command_script, argument, environment, urgent);
}

static void sched_execute(Sched *s, const char *argument, const TimerEvent *event) {
        char **environment = NULL;

        if (command_environment(event, &environment) < 0) {
                log_oom();
                return;
        }
        sched_run(s, argument, environment, is_urgent(event->type));
}

static void sched_arm(Sched *s) {
        uint64_t due = s->held ? UINT64_MAX : timers_due(s->timers);

        if (due != UINT64_MAX)
                (void) sd_event_source_set_time(s->timer, due);
        (void) sd_event_source_set_enabled(s->timer, due != UINT64_MAX ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void sched_changed(Sched *s) {
        sched_arm(s);
        if (s->ops->changed)
                s->ops->changed(s->userdata);
}

static int on_timer(sd_event_source *es, uint64_t usec, void *userdata) {
        Sched *s = userdata;

        for (;;) {
                _cleanup_(timer_freep) Timer *t = timers_take_due(s->timers, now_usec(CLOCK_BOOTTIME));
                char **environment = NULL;

                if (!t)
                        break;
                log_info("Timer %s has run down", t->name);
                if (command_timer_environment(t, &environment) < 0)
                        log_oom();
                else
                        sched_run(s, t->name, environment, false);
        }
        sched_changed(s);
        return 0;
}

static void sched_start(Sched *s, const char *name, uint64_t delay_usec, bool shared,
                const TimerEvent *event) {
        uint64_t due = usec_add(now_usec(CLOCK_BOOTTIME), delay_usec);
        int r = timers_start(s->timers, name, due, shared, event);

        if (r == -E2BIG)
                log_warning("There are %u timers already, not starting %s", TIMERS_MAX, name);
        else if (r < 0)
                log_oom();
        else if (r > 0)
                log_info("Timer %s started, it takes %" PRIu64 " s", name, delay_usec / USEC_PER_SEC);
        if (r >= 0)
                sched_changed(s);
}

static void sched_cancel(Sched *s, const char *name, bool matched, const char *command,
                const TimerEvent *event) {
        size_t n = matched ? timers_cancel_matched(s->timers, name, event->system)
                           : timers_cancel(s->timers, name);

        if (n > 0) {
                log_info("Timer %s cancelled", name);
                sched_changed(s);
        } else if (!isempty(command))
                sched_execute(s, command, event);
}

void sched_act(Sched *s, UpsschedAction action, const char *name, uint64_t delay_usec, const char *command,
                const TimerEvent *event) {
        switch (action) {
        case UPSSCHED_START_TIMER:
        case UPSSCHED_START_TIMER_SHARED:
                sched_start(s, name, delay_usec, action == UPSSCHED_START_TIMER_SHARED, event);
                break;
        case UPSSCHED_CANCEL_TIMER:
        case UPSSCHED_CANCEL_TIMER_MATCHED:
                sched_cancel(s, name, action == UPSSCHED_CANCEL_TIMER_MATCHED, command, event);
                break;
        case UPSSCHED_EXECUTE:
                sched_execute(s, name, event);
                break;
        default:
                break;
        }
}

void sched_notice(Sched *s, NotifyType type, const TimerEvent *event) {
        for (size_t i = 0; s->conf && i < s->conf->n_rules; i++) {
                const UpsschedRule *rule = s->conf->rules + i;

                if (upssched_rule_matches(rule, type, strempty(event->system)))
                        sched_act(s, rule->action, rule->name, rule->delay_usec, rule->command, event);
        }
}

int sched_reload(Sched *s) {
        ConfReading f = { .name = "upssched.conf", .first = !s->conf,
                        .existed = s->conf && s->conf->exists };
        _cleanup_(upssched_conf_freep) UpsschedConf *new = NULL;

        int r = upssched_conf_load(conf_reading_report, &f, &new);
        if (!conf_reading_accept(&f, r, new && new->exists))
                return r < 0 ? r : -EBADMSG;

        upssched_conf_free(s->conf);
        s->conf = TAKE_PTR(new);
        return 0;
}

int sched_restore(Sched *s, Timer *timer) {
        int r;

        if (timer->due_usec < now_usec(CLOCK_BOOTTIME))
                log_info("Timer %s ran down while nobody was here", timer->name);
        r = timers_restore(s->timers, timer);
        sched_arm(s);
        return r;
}

void sched_hold(Sched *s, bool hold) {
        s->held = hold;
        sched_arm(s);
}

const UpsschedConf *sched_conf(const Sched *s) {
        return s->conf;
}

const Timers *sched_timers(const Sched *s) {
        return s->timers;
}

int sched_new(sd_event *event, const SchedOps *ops, void *userdata, Sched **ret) {
        _cleanup_(sched_freep) Sched *s = new0(Sched, 1);
        int r;

        if (!s)
                return -ENOMEM;

        s->event = sd_event_ref(event);
        s->ops = ops;
        s->userdata = userdata;
        s->timers = timers_new();
        if (!s->timers)
                return -ENOMEM;

        r = sd_event_add_time(event, &s->timer, CLOCK_BOOTTIME, UINT64_MAX, ACCURACY_USEC, on_timer, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

Sched *sched_free(Sched *s) {
        if (!s)
                return NULL;

        sd_event_source_disable_unref(s->timer);
        upssched_conf_free(s->conf);
        timers_free(s->timers);
        sd_event_unref(s->event);
        free(s);
        return NULL;
}
