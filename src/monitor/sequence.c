/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sequence.h"

#include "armed.h"
#include "gateway-link.h"
#include "log.h"
#include "login.h"
#include "messages.h"
#include "monitor-bus.h"
#include "power-off.h"
#include "record.h"
#include "string-util.h"
#include "switch-off.h"

struct Sequence {
        Monitor *monitor;
        Actions queued, running;
        sd_event_source *deadline;
        bool pumping;
};

static void pump(Sequence *s);

static void done(Sequence *s, Actions action) {
        if (s->running != action)
                return;

        s->running = 0;
        (void) sd_event_source_set_enabled(s->deadline, SD_EVENT_OFF);
        if (!s->pumping)
                pump(s);
}

/*** The actions. 1: done() follows, 0: done ***/

static void on_cleared(void *userdata, unsigned n_failed) {
        done(((Monitor *) userdata)->sequence, ACTION_CLEAR_FORCED);
}

static int clear_forced(Monitor *m) {
        record_event(m, "Forced shutdown taken back");
        return gateway_clear(m, m->gateway, on_cleared);
}

static int disarm(Monitor *m) {
        armed_remove(m);
        if (!(m->sequence->queued & ACTION_CANCELLED))
                switch_off_forget(m);
        power_off_stop(m->power_off);
        return 0;
}

static void on_forced(void *userdata, unsigned n_failed) {
        done(((Monitor *) userdata)->sequence, ACTION_SET_FORCED);
}

static int set_forced(Monitor *m) {
        record_decision(m);
        record_event(m, "Forced shutdown: all machines on these supplies are told");
        if (!m->gateway)
                log_warning("The bus is away: nobody can be told of the shutdown");
        return gateway_force(m, m->gateway, m->reason, on_forced);
}

static int tell_waiting(Monitor *m) {
        record_event(m, "Waiting for the others to go down");
        monitor_say(m, NOTIFY_SHUTDOWN_HOSTSYNC, NULL, NULL);
        return 0;
}

static int tell(Monitor *m) {
        (void) log_full(LOG_CRIT, 0, &(LogContext) { .message_id = MESSAGE_SHUTDOWN_STR },
                        "Executing automatic power-fail shutdown: %s", strempty(m->reason));
        monitor_say(m, NOTIFY_SHUTDOWN, NULL, NULL);
        return 0;
}

static int record(Monitor *m) {
        record_decision(m);
        record_event(m, "This machine shuts down");
        record_save(m);
        return 0;
}

static void on_armed(Monitor *m) {
        done(m->sequence, ACTION_ARM);
}

static int arm(Monitor *m) {
        int r = armed_set(m, on_armed);

        record_save(m);
        return r;
}

static void on_switched_off(Monitor *m) {
        done(m->sequence, ACTION_SWITCH_OFF);
}

static int stay(Monitor *m) {
        int r = armed_switch_off(m, on_switched_off);

        record_save(m);
        return r;
}

static int power_off(Monitor *m) {
        power_off_start(m->power_off);
        return 0;
}

static int release(Monitor *m) {
        if (decision_state(m->decision) == HOST_POWERING_OFF)
                record_request(m);
        login_release(m);
        monitor_bus_finished(m->object);
        return 0;
}

static int cancelled(Monitor *m) {
        (void) log_full(LOG_NOTICE, 0, &(LogContext) { .message_id = MESSAGE_SHUTDOWN_CANCELLED_STR },
                        "The shutdown is called off%s%s", isempty(m->administrator_reason) ? "" : ": ",
                        strempty(m->administrator_reason));
        record_event(m, "Called off");
        switch_off_take_back(m);
        record_outcome(m, OUTCOME_CANCELLED);
        (void) free_and_strdup(&m->administrator_reason, NULL);
        return 0;
}

static const struct {
        Actions action;
        const char *name;
        int (*run)(Monitor *m);
} table[] = {
        { ACTION_CLEAR_FORCED, "taking back the forced shutdown", clear_forced },
        { ACTION_DISARM,       "disarming",                       disarm       },
        { ACTION_SET_FORCED,   "telling the others",              set_forced   },
        { ACTION_TELL_WAITING, "saying that we wait",             tell_waiting },
        { ACTION_TELL,         "saying that we go down",          tell         },
        { ACTION_RECORD,       "recording",                       record       },
        { ACTION_ARM,          "arming the late power-off",       arm          },
        { ACTION_SWITCH_OFF,   "switching off",                   stay         },
        { ACTION_POWER_OFF,    "powering off",                    power_off    },
        { ACTION_RELEASE,      "letting the shutdown go on",      release      },
        { ACTION_CANCELLED,    "saying that it is called off",    cancelled    },
};

/* What makes what pointless that has not been done yet. */
static Actions undone_by(Actions a) {
        Actions undone = 0;

        if (a & ACTION_CLEAR_FORCED)
                undone |= ACTION_SET_FORCED | ACTION_TELL_WAITING | ACTION_SWITCH_OFF;
        if (a & ACTION_SET_FORCED)
                undone |= ACTION_CLEAR_FORCED;
        if (a & ACTION_DISARM)
                undone |= ACTION_TELL | ACTION_ARM | ACTION_POWER_OFF;
        if (a & ACTION_ARM)
                undone |= ACTION_DISARM;
        return undone;
}

/*** The queue ***/

static int on_deadline(sd_event_source *es, uint64_t usec, void *userdata) {
        Sequence *s = userdata;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (table[i].action == s->running) {
                        log_warning("No answer in time, going on: %s", table[i].name);
                        record_event(s->monitor, "No answer in time, going on");
                }
        s->running = 0;
        pump(s);
        return 0;
}

static void start(Sequence *s, size_t i) {
        s->queued &= ~table[i].action;
        s->running = table[i].action;
        if (table[i].run(s->monitor) <= 0) {
                s->running = 0;
                return;
        }
        if (s->running == table[i].action &&
            (sd_event_source_set_time_relative(s->deadline, STEP_TIMEOUT_USEC) < 0 ||
             sd_event_source_set_enabled(s->deadline, SD_EVENT_ONESHOT) < 0))
                s->running = 0;
}

static void pump(Sequence *s) {
        if (s->monitor->stopping)
                return;

        s->pumping = true;
        for (size_t i = 0; i < ELEMENTSOF(table) && s->running == 0;)
                if (s->queued & table[i].action) {
                        start(s, i);
                        i = 0;
                } else
                        i++;
        s->pumping = false;

        /* Who waits for us to be done waits no longer than we have something to do. */
        if (sequence_is_idle(s) && decision_state(s->monitor->decision) == HOST_POWERING_OFF)
                monitor_bus_finished(s->monitor->object);
}

void sequence_add(Sequence *s, Actions actions) {
        s->queued = (s->queued & ~undone_by(actions)) | actions;
        if (!s->pumping)
                pump(s);
}

bool sequence_is_idle(const Sequence *s) {
        return s->queued == 0 && s->running == 0;
}

/*** Life ***/

int sequence_new(Monitor *m, Sequence **ret) {
        _cleanup_(sequence_freep) Sequence *s = new0(Sequence, 1);

        if (!s)
                return -ENOMEM;
        s->monitor = m;

        int r = sd_event_add_time_relative(m->event, &s->deadline, CLOCK_BOOTTIME, 0, 0, on_deadline, s);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(s->deadline, "sequence");
        r = sd_event_source_set_enabled(s->deadline, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

Sequence *sequence_free(Sequence *s) {
        if (!s)
                return NULL;

        sd_event_source_disable_unref(s->deadline);
        free(s);
        return NULL;
}
