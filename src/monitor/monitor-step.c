/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>

#include "armed.h"
#include "gateway-link.h"
#include "log.h"
#include "login.h"
#include "memory.h"
#include "messages.h"
#include "monitor.h"
#include "monitor-bus.h"
#include "notice-log.h"
#include "policy.h"
#include "power-off.h"
#include "record.h"
#include "remark.h"
#include "sequence.h"
#include "string-util.h"
#include "time-util.h"
#include "units.h"

/* Data are believed for so many poll periods, but at least for this time, or for DEADTIME if that is
 * less. */
#define POLLS_MAX 3U
#define AGE_MIN_USEC (15 * USEC_PER_SEC)

void monitor_say(Monitor *m, NotifyType t, const Supply *s, const char *matter) {
        const char *message = m->conf->notify_messages[t] ?: notify_type_message(t);
        /* A message about the machine has its matter where one about a device has the name of that. */
        _cleanup_free_ char *text = notify_message_format(message, s ? s->system : matter, s ? matter
                        : NULL);
        const Notice *n;

        if (!text || notice_log_add(m->notices, t, s ? s->device : "", text, now_usec(CLOCK_REALTIME),
                        &n) < 0) {
                log_oom();
                return;
        }

        if (m->conf->notify_flags[t] & NOTIFY_TO_SYSLOG)
                (void) log_full(notice_level(t), 0,
                                &(LogContext) {
                                        .message_id = notice_message_id(t),
                                        .device = s ? s->device : NULL,
                                },
                                "%s", text);
        record_event(m, text);
        monitor_bus_notice(m->object, n);
}

/*** Notices about devices ***/

typedef struct Saying {
        Monitor *monitor;
        const Supply *supply;
} Saying;

static void on_notice(void *userdata, NotifyType t, const char *matter, unsigned n_suppressed) {
        const Saying *s = userdata;

        if (n_suppressed > 0)
                (void) log_full(LOG_INFO, 0, &(LogContext) { .device = s->supply->device },
                                "%s was held back, as it came too often", notify_type_to_string(t));
        monitor_say(s->monitor, t, s->supply, matter);
}

static void say_news(Monitor *m, size_t i, uint64_t now) {
        Supply *s = m->supplies[i];
        bool contact = s->reading.contact == CONTACT_FRESH;
        /* What we are about to set is said at once, ahead of all that comes of it. */
        bool forced = s->reading.forced || decision_forced(m->decision, i) ||
                      (contact && (s->reading.status & STATUS_FSD));
        NoticeInput in = {
                .now_usec = now,
                .contact = contact,
                .heard_usec = s->reading.heard_usec,
                .status = (contact ? s->reading.status : 0) | (forced ? STATUS_FSD : 0) |
                          (contact && s->eco ? STATUS_ECO : 0),
                .alarms = s->alarms,
                .others = s->others,
                .grace_usec = m->conf->dead_time_usec,
                .replace_battery_warn_usec = m->conf->replace_battery_warn_usec,
                .no_comm_warn_usec = m->conf->no_comm_warn_usec,
        };

        /* That drivers end before us is no news once the system stops. */
        if (!contact && (m->external || power_off_is_begun(m->power_off)))
                return;
        notice_step(&s->notices, &in, on_notice, &(Saying) { m, s });
}

/*** The step ***/

static void look(Monitor *m, uint64_t now) {
        uint64_t max_age = MAX(POLLS_MAX * monitor_poll_usec(m),
                        MIN(m->conf->dead_time_usec, AGE_MIN_USEC));

        for (size_t i = 0; i < m->n_supplies; i++)
                supply_look(m->supplies[i], mirror_find(m->mirror, m->supplies[i]->device), max_age, now);
        armed_follow_nodes(m);
}

static DecisionPolicy make_policy(const Monitor *m) {
        const UpsmonConf *c = m->conf;
        double delay;

        DecisionPolicy p = {
                .min_supplies = monitor_min_supplies(m),
                .on_battery_delay_usec = c->on_battery_delay_usec,
                .lost_policy = c->lost_policy,
                .dead_time_usec = c->dead_time_usec,
                .host_sync_usec = c->host_sync_usec,
                .lease_max_usec = c->lease_max_usec,
                .final_delay_usec = c->final_delay_usec,
                .off_duration_usec = c->off_duration_usec,
                .over_duration_usec = c->over_duration_usec,
                .low_battery_duration_usec = c->low_battery_duration_usec,
                .mains_stable_usec = c->mains_stable_usec,
                .shutdown_time_usec = monitor_shutdown_time_usec(m),
                .alarm_critical = c->alarm_critical,
        };
        if (policy_table_get(m->policy, "", RULE_ON_BATTERY_DELAY, &delay))
                p.on_battery_delay_usec = (uint64_t) (delay * USEC_PER_SEC);
        return p;
}

static Actions decide(Monitor *m, Request request, uint64_t now) {
        _cleanup_free_ SupplyReading *readings = new0(SupplyReading, m->n_supplies);
        _cleanup_free_ SupplyPolicy *policies = new0(SupplyPolicy, m->n_supplies);
        DecisionInput in = { .now_usec = now, .readings = readings, .request = request,
                        .resumed = m->resumed };
        DecisionPolicy policy = make_policy(m);

        if (!readings || !policies) {
                log_oom();
                return 0;
        }
        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];

                readings[i] = s->reading;
                policies[i] = s->policy;
                policies[i].irrevocable = supply_is_link(s);
                if (s->policy.primary) {
                        in.secondaries += s->n_logins;
                        in.lease_usec = MAX(in.lease_usec, s->lease_usec);
                }
        }

        m->resumed = false;
        return decision_step(m->decision, &policy, policies, &in);
}

static const char *status_text(HostState s) {
        static const char *const texts[_HOST_STATE_MAX] = {
                [HOST_ONLINE]       = "On line power",
                [HOST_ON_BATTERY]   = "On battery",
                [HOST_LOW_BATTERY]  = "A supply has come to its end, the others will do",
                [HOST_WAITING]      = "Shutting down: waiting for other machines",
                [HOST_FINAL_DELAY]  = "Shutting down: final delay",
                [HOST_POWERING_OFF] = "Shutting down: powering off",
        };

        return texts[s];
}

void monitor_notify_status(const Monitor *m) {
        _cleanup_free_ char *text = strprintf("STATUS=%s, watching %zu devices%s%s",
                        status_text(m->shown.state),
                        m->n_supplies, m->remarks ? ". " : "", m->remarks ? m->remarks[0] : "");

        if (text)
                daemon_notify(text);
}

static void on_state_changed(Monitor *m, HostState before) {
        HostState now = m->shown.state;

        (void) log_full(now > before ? LOG_WARNING : LOG_NOTICE, 0,
                        &(LogContext) { .message_id = MESSAGE_MONITOR_STATE_STR }, "%s%s%s",
                        status_text(now), m->reason ? ": " : "", strempty(m->reason));
        record_event(m, status_text(now));
        monitor_notify_status(m);
        units_follow(m->units, now);
        login_follow_locks(m->login);
        /* Drivers are asked more often from now on: what they said last must not be too old at once. */
        if (before == HOST_ONLINE && m->tick)
                (void) sd_event_source_set_time_relative(m->tick, 0);
}

/* The sentence has values in it, which are those of when it was decided. */
static void renew_reason(Monitor *m, Cause before) {
        Cause now = decision_cause(m->decision);

        if (now != before || (now != CAUSE_NONE && !m->reason)) {
                free(m->reason);
                m->reason = monitor_reason(m);
        }
}

static void show(Monitor *m) {
        Shown before = m->shown;

        renew_reason(m, before.cause);
        m->shown = (Shown) {
                .state = decision_state(m->decision),
                .cause = decision_cause(m->decision),
                .cancellation = decision_cancellation(m->decision),
                .deadline_usec = decision_deadline_usec(m->decision),
                .power_value = decision_power_value(m->decision),
                .min_supplies = make_policy(m).min_supplies,
                .shutdown_time_usec = monitor_shutdown_time_usec(m),
                .delay_too_short = before.delay_too_short,
                .remarks = before.remarks,
        };
        if (m->shown.state != before.state)
                on_state_changed(m, before.state);
        remarks_renew(m);
        monitor_bus_changed(m->object, &before);
}

static void set_wakeup(Monitor *m) {
        uint64_t usec = decision_wakeup_usec(m->decision);

        if (usec == USEC_INFINITY || m->stopping) {
                (void) sd_event_source_set_enabled(m->wakeup, SD_EVENT_OFF);
                return;
        }
        if (sd_event_source_set_time(m->wakeup, usec) < 0 ||
            sd_event_source_set_enabled(m->wakeup, SD_EVENT_ONESHOT) < 0)
                log_error("Cannot set the timer of the shutdown");
}

void monitor_step(Monitor *m, Request request) {
        uint64_t now = now_usec(CLOCK_BOOTTIME);

        if (!m->decision || m->stopping)
                return;
        look(m, now);
        Actions actions = decide(m, request, now);
        show(m);
        for (size_t i = 0; i < m->n_supplies; i++)
                say_news(m, i, now);
        gateway_tell_need(m);
        memory_save(m);
        set_wakeup(m);
        if (actions != 0)
                sequence_add(m->sequence, actions);
}
