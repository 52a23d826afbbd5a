/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "power-off.h"

#include "bus-peer.h"
#include "call.h"
#include "file.h"
#include "log.h"
#include "messages.h"
#include "record.h"
#include "string-util.h"
#include "time-util.h"

/* How long the last way may take before we say that nothing helps. */
#define LAST_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* How long a command may take; and how long after its end, or after a job was taken, the system may be up
 * before it is looked whether it stops. */
#define COMMAND_TIMEOUT_USEC (10 * 60 * USEC_PER_SEC)
#define EFFECT_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* For how long logind lets others delay a shutdown, when it has not said so. */
#define INHIBIT_DELAY_ASSUMED_USEC (120 * USEC_PER_SEC)

/* logind's flag for PowerOffWithFlags(): whatever locks are held. From version 257 on. */
#define FLAG_SKIP_INHIBITORS UINT64_C(16)

#define COMMAND_UNIT "busbar-shutdowncmd.service"

typedef enum Way {
        WAY_COMMAND, /* SHUTDOWNCMD, as a unit */
        WAY_LOGIN,
        WAY_LOGIN_FORCED,
        WAY_SYSTEMD,
        WAY_FILE,
        _WAY_MAX,
} Way;

static const char *const ways[_WAY_MAX] = {
        [WAY_COMMAND]      = "starting busbar-shutdowncmd.service",
        [WAY_LOGIN]        = "asking logind",
        [WAY_LOGIN_FORCED] = "asking logind, whatever inhibits it",
        [WAY_SYSTEMD]      = "starting poweroff.target",
        [WAY_FILE]         = "having busbar-poweroff-now.path act",
};

struct PowerOff {
        Monitor *monitor;
        sd_event_source *timer;
        BusPeer *manager; /* while job is there */
        sd_bus_slot *slot, *state, *job, *subscription, *flag;
        Way way;
        bool active, begun, accepted;
        bool seen_by_login; /* logind has announced it */
        bool stopping;      /* the service manager has said that it is at it */
};

static void try_way(PowerOff *p);

static void drop_slots(PowerOff *p) {
        p->slot = sd_bus_slot_unref(p->slot);
        p->state = sd_bus_slot_unref(p->state);
        p->job = sd_bus_slot_unref(p->job);
        p->subscription = sd_bus_slot_unref(p->subscription);
        p->flag = sd_bus_slot_unref(p->flag);
        p->manager = bus_peer_free(p->manager);
}

static void next_way(PowerOff *p) {
        p->slot = sd_bus_slot_unref(p->slot);
        p->accepted = false;
        if (++p->way < _WAY_MAX) {
                try_way(p);
                return;
        }

        Monitor *m = p->monitor;
        log_error("Nothing that was tried powers this machine off");
        power_off_stop(p);
        monitor_step(m, REQUEST_FAILED);
}

static void wait_for_it(PowerOff *p, uint64_t usec) {
        if (sd_event_source_set_time_relative(p->timer, usec) < 0 ||
            sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT) < 0)
                log_warning("Cannot wait for the power-off");
}

/* What began need not end well: a command may think that it did its work, a job be cancelled. */
static void without_effect(PowerOff *p) {
        log_error("%s had no effect: the system does not stop", ways[p->way]);
        p->begun = p->seen_by_login = false;
        next_way(p);
}

static int on_system_state(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        PowerOff *p = userdata;
        const char *state = "";

        p->state = sd_bus_slot_unref(p->state);
        if (!p->active)
                return 0;

        p->stopping = !call_error_name(m) && sd_bus_message_read(m, "v", "s", &state) >= 0 &&
                      streq(state, "stopping");
        if (p->stopping)
                wait_for_it(p, EFFECT_TIMEOUT_USEC);
        else
                without_effect(p);
        return 0;
}

/* In a system that stops the bus may go before we do. */
static void look_whether_it_stops(PowerOff *p) {
        if (call_get(p->monitor->bus, &p->state, PEER_SYSTEMD, "SystemState", STEP_TIMEOUT_USEC,
                            on_system_state, p) >= 0)
                return;

        if (p->stopping)
                wait_for_it(p, EFFECT_TIMEOUT_USEC);
        else
                without_effect(p);
}

static int on_timer(sd_event_source *es, uint64_t usec, void *userdata) {
        PowerOff *p = userdata;

        if (!p->active)
                return 0;
        if (p->begun) {
                look_whether_it_stops(p);
                return 0;
        }
        log_warning(p->accepted ? "The shutdown does not begin after %s" : "No answer after %s",
                        ways[p->way]);
        next_way(p);
        return 0;
}

static void begin(PowerOff *p) {
        if (p->begun)
                return;

        p->begun = true;
        (void) sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
        record_event(p->monitor, "The system stops");
        log_notice("The system shuts down");
}

/* To be believed, logind has to say that it begins. What systemd takes as a job it does. */
static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        PowerOff *p = userdata;

        p->slot = sd_bus_slot_unref(p->slot);
        if (call_error_name(m)) {
                log_warning("%s: refused: %s", ways[p->way], call_failure(m));
                next_way(p);
                return 0;
        }

        p->accepted = true;
        if (p->way == WAY_COMMAND || p->way == WAY_SYSTEMD) {
                begin(p);
                wait_for_it(p, p->way == WAY_COMMAND ? COMMAND_TIMEOUT_USEC : EFFECT_TIMEOUT_USEC);
        } else if (!p->seen_by_login)
                wait_for_it(p, STEP_TIMEOUT_USEC);
        return 0;
}

/* The end of the command's unit. When it failed, could not even be run, or ended well and without effect, it
 * does not keep the machine up. */
static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *object, *unit, *result;
        PowerOff *p = userdata;
        uint32_t id;

        if (!bus_peer_sent(p->manager, m) ||
            sd_bus_message_read(m, "uoss", &id, &object, &unit, &result) < 0 || !streq(unit, COMMAND_UNIT) ||
            !p->active || p->way != WAY_COMMAND || p->seen_by_login)
                return 0;
        if (streq(result, "done")) {
                wait_for_it(p, EFFECT_TIMEOUT_USEC);
                return 0;
        }

        log_error("The shutdown command failed (%s: %s)", unit, result);
        p->begun = false;
        next_way(p);
        return 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return 0;
}

/* Without it, a command that fails is not noticed. */
static void watch_command(PowerOff *p) {
        sd_bus *bus = p->monitor->bus;
        Peer peer = PEER_SYSTEMD;

        p->job = sd_bus_slot_unref(p->job);
        p->manager = bus_peer_free(p->manager);
        if (!bus || bus_peer_new(bus, peer.name, NULL, NULL, &p->manager) < 0)
                return;
        (void) sd_bus_match_signal_async(bus, &p->job, peer.name, peer.path, peer.interface, "JobRemoved",
                        on_job_removed, NULL, p);
        (void) call_method(bus, &p->subscription, peer, "Subscribe", STEP_TIMEOUT_USEC, on_subscribed, p,
                        NULL);
}

static int write_file(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, POWER_OFF_NOW_FILE);

        return path ? file_write_atomic(path, "", 0, 0644) : -ENOENT;
}

static int ask(PowerOff *p) {
        sd_bus *bus = p->monitor->bus;

        switch (p->way) {
        case WAY_COMMAND:
                /* Not irreversibly: the command may well be one that starts poweroff.target. */
                watch_command(p);
                return call_method(bus, &p->slot, PEER_SYSTEMD, "StartUnit", STEP_TIMEOUT_USEC, on_answer, p,
                                "ss", COMMAND_UNIT, "replace");
        case WAY_LOGIN:
                return call_method(bus, &p->slot, PEER_LOGIN, "PowerOff", STEP_TIMEOUT_USEC, on_answer, p,
                                "b",
                                false);
        case WAY_LOGIN_FORCED:
                return call_method(bus, &p->slot, PEER_LOGIN, "PowerOffWithFlags", STEP_TIMEOUT_USEC,
                                on_answer, p, "t", FLAG_SKIP_INHIBITORS);
        case WAY_SYSTEMD:
                return call_method(bus, &p->slot, PEER_SYSTEMD, "StartUnit", STEP_TIMEOUT_USEC, on_answer, p,
                                "ss",
                                "poweroff.target", "replace-irreversibly");
        default:
                return write_file(p->monitor);
        }
}

static void try_way(PowerOff *p) {
        record_event(p->monitor, ways[p->way]);
        (void) log_full(LOG_NOTICE, 0, &(LogContext) { .message_id = MESSAGE_POWERING_OFF_STR },
                        "Powering off: %s", ways[p->way]);

        int r = ask(p);
        if (r < 0) {
                log_warning_errno(r, "%s: %m", ways[p->way]);
                next_way(p);
                return;
        }
        wait_for_it(p, p->way == WAY_FILE ? LAST_TIMEOUT_USEC : STEP_TIMEOUT_USEC + USEC_PER_SEC);
}

static int on_flag_written(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        if (call_error_name(m))
                log_error("POWERDOWNFLAG is not written: %s", call_failure(m));
        return 0;
}

/* Without a command the unit does no more than that. It is asked first, and nobody waits for it. */
static void write_flag(PowerOff *p) {
        int r = call_method(p->monitor->bus, &p->flag, PEER_SYSTEMD, "StartUnit", STEP_TIMEOUT_USEC,
                        on_flag_written, p, "ss", COMMAND_UNIT, "replace");

        if (r < 0)
                log_error_errno(r, "POWERDOWNFLAG is not written: %m");
}

void power_off_start(PowerOff *p) {
        const UpsmonConf *conf = p->monitor->conf;

        if (p->active)
                return;
        p->active = true;
        p->begun = p->accepted = p->seen_by_login = p->stopping = false;
        p->way = conf->shutdown_command ? WAY_COMMAND : WAY_LOGIN;
        record_request(p->monitor);
        if (conf->power_down_flag && !conf->shutdown_command)
                write_flag(p);
        try_way(p);
}

/* From the announcement on: others may delay it as long as logind lets them, and then the system stops. */
static uint64_t announced_usec(const Monitor *m) {
        uint64_t delay = m->inhibit_delay_max_usec;

        if (delay == 0)
                delay = INHIBIT_DELAY_ASSUMED_USEC;

        return usec_add(usec_add(monitor_shutdown_time_usec(m), delay), EFFECT_TIMEOUT_USEC);
}

void power_off_begun(PowerOff *p) {
        p->seen_by_login = true;
        p->state = sd_bus_slot_unref(p->state);
        begin(p);
        wait_for_it(p, announced_usec(p->monitor));
}

void power_off_bus_lost(PowerOff *p) {
        if (!p)
                return;

        /* The answer that does not come any more is one that is late. */
        drop_slots(p);
        if (p->active && !p->begun && p->way != WAY_FILE)
                wait_for_it(p, STEP_TIMEOUT_USEC);
        else if (p->active && p->begun && !p->seen_by_login)
                wait_for_it(p, EFFECT_TIMEOUT_USEC); /* the end of the command cannot be seen any more */
}

void power_off_stop(PowerOff *p) {
        if (!p)
                return;

        p->active = p->begun = p->accepted = false;
        drop_slots(p);
        (void) sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
        _cleanup_free_ char *path = monitor_runtime_path(p->monitor, POWER_OFF_NOW_FILE);
        if (path)
                (void) unlink(path);
}

bool power_off_is_active(const PowerOff *p) {
        return p && p->active;
}

bool power_off_is_begun(const PowerOff *p) {
        return p && p->begun;
}

int power_off_new(Monitor *m, PowerOff **ret) {
        _cleanup_(power_off_freep) PowerOff *p = new0(PowerOff, 1);

        if (!p)
                return -ENOMEM;
        p->monitor = m;

        int r = sd_event_add_time_relative(m->event, &p->timer, CLOCK_BOOTTIME, 0, 0, on_timer, p);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(p->timer, "power-off");
        r = sd_event_source_set_enabled(p->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

PowerOff *power_off_free(PowerOff *p) {
        if (!p)
                return NULL;

        drop_slots(p);
        sd_event_source_disable_unref(p->timer);
        free(p);
        return NULL;
}
