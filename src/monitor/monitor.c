/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "monitor.h"

#include <inttypes.h>

#include "armed-flag.h"
#include "armed.h"
#include "file-writer.h"
#include "file.h"
#include "gateway-link.h"
#include "log.h"
#include "login.h"
#include "memory.h"
#include "messages.h"
#include "monitor-bus.h"
#include "notice-log.h"
#include "policy.h"
#include "power-off.h"
#include "record.h"
#include "sequence.h"
#include "string-util.h"
#include "time-util.h"
#include "units.h"

/* How long a service manager is kept waiting for a bus that does not come. */
#define READY_TIMEOUT_USEC (5 * USEC_PER_SEC)

#define TICK_MIN_USEC (500 * USEC_PER_MSEC)
#define TICK_MAX_USEC (60 * USEC_PER_SEC)

/* The machine slept when CLOCK_BOOTTIME runs ahead by this. */
#define SLEEP_MIN_USEC (15 * USEC_PER_SEC)

/*** Words ***/

char *monitor_runtime_path(const Monitor *m, const char *name) {
        return m->runtime_directory ? strjoin(m->runtime_directory, "/", name) : NULL;
}

char *monitor_state_path(const Monitor *m, const char *name) {
        return m->state_directory ? strjoin(m->state_directory, "/", name) : NULL;
}

Supply *monitor_find(const Monitor *m, const char *device) {
        for (size_t i = 0; i < m->n_supplies; i++)
                if (strcaseeq(m->supplies[i]->device, device))
                        return m->supplies[i];
        return NULL;
}

uint64_t monitor_shutdown_time_usec(const Monitor *m) {
        uint64_t measured = history_stop_usec(m->history);

        return measured > 0 ? measured : SHUTDOWN_TIME_ASSUMED_USEC;
}

uint64_t monitor_sequence_usec(const Monitor *m) {
        return usec_add(m->conf->host_sync_usec, m->conf->final_delay_usec);
}

uint64_t monitor_wait_usec(const Monitor *m) {
        uint64_t lease = 0;

        for (size_t i = 0; i < m->n_supplies; i++)
                if (m->supplies[i]->policy.primary)
                        lease = MAX(lease, m->supplies[i]->lease_usec);
        return MAX(m->conf->host_sync_usec, MIN(lease, m->conf->lease_max_usec));
}

bool monitor_in_trouble(const Monitor *m) {
        return m->decision && decision_state(m->decision) != HOST_ONLINE;
}

uint64_t monitor_poll_usec(const Monitor *m) {
        uint64_t usec = monitor_in_trouble(m) ? m->conf->poll_alert_usec : m->conf->poll_usec;

        return CLAMP(usec, TICK_MIN_USEC, TICK_MAX_USEC);
}

/*** Steps ***/

void monitor_kick(Monitor *m) {
        if (m->step)
                (void) sd_event_source_set_enabled(m->step, SD_EVENT_ONESHOT);
}

/*** Readiness ***/

#define STARTED_FILE "started"

bool monitor_is_early(const Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, STARTED_FILE);

        return path && access(path, F_OK) < 0;
}

/* From now on a monitor that starts is not the first one after the boot. */
static void leave_mark(const Monitor *m) {
        _cleanup_free_ char *path = monitor_is_early(m) ? monitor_runtime_path(m, STARTED_FILE) : NULL;
        int r = path ? file_write_atomic(path, "", 0, 0644) : 0;

        if (r < 0)
                log_warning_errno(r, "Cannot write %s: %m", path);
}

static void become_ready(Monitor *m) {
        if (m->ready)
                return;

        m->ready = true;
        m->ready_timeout = sd_event_source_disable_unref(m->ready_timeout);
        leave_mark(m);
        monitor_step(m, REQUEST_NONE);
        units_follow(m->units, m->shown.state);
        gateway_link_refresh(m->gateway); /* whose FSDs are of no use any more is known from here on */
        daemon_notify("READY=1");
        monitor_notify_status(m);
}

static int on_ready_timeout(sd_event_source *es, uint64_t usec, void *userdata) {
        Monitor *m = userdata;

        log_warning(m->bus ? "Not all drivers answer, going on"
                        : "The bus is not there yet, going on without");
        become_ready(m);
        return 0;
}

static int on_step(sd_event_source *es, void *userdata) {
        Monitor *m = userdata;

        /* Who shuts down and who has to be waited for belongs to the first decision. */
        if (m->ready)
                monitor_step(m, REQUEST_NONE);
        else if (m->synced && gateway_link_is_settled(m->gateway))
                become_ready(m);
        return 0;
}

static int on_wakeup(sd_event_source *es, uint64_t usec, void *userdata) {
        return on_step(es, userdata);
}

/*** Devices ***/

static void on_device_changed(void *userdata, MirrorDevice *d, const Change *change) {
        Monitor *m = userdata;

        if (!change && !monitor_find(m, mirror_device_name(d)) && monitor_wants_implied(m, d)) {
                int r = monitor_make_supplies(m, false);

                if (r < 0)
                        log_error_errno(r, "Cannot watch %s: %m", mirror_device_name(d));
                gateway_link_refresh(m->gateway);
        }
        monitor_kick(m);
}

static void on_device_removed(void *userdata, MirrorDevice *d) {
        Monitor *m = userdata;
        Supply *s = monitor_find(m, mirror_device_name(d));

        if (s)
                s->need_sec = 0;
        monitor_kick(m);
}

static void on_synced(void *userdata) {
        Monitor *m = userdata;

        m->synced = true;
        gateway_link_refresh(m->gateway);
        monitor_kick(m);
}

static const MirrorOps mirror_ops = {
        .device_changed = on_device_changed,
        .device_removed = on_device_removed,
        .synced = on_synced,
};

/*** Bus ***/

static void let_go_of_bus(Monitor *m) {
        m->flag_call = sd_bus_slot_unref(m->flag_call);
        m->object = monitor_bus_free(m->object);
        m->gateway = gateway_link_free(m->gateway);
        m->login = login_free(m->login);
        m->units = units_free(m->units);
        m->bus = NULL;
}

static int take_bus(Monitor *m) {
        int r = monitor_bus_new(m, &m->object);
        if (r < 0)
                return r;
        r = gateway_link_new(m, &m->gateway);
        if (r < 0)
                return r;
        r = login_new(m, &m->login);
        if (r < 0)
                return r;
        r = units_new(m, &m->units);
        if (r < 0)
                return r;
        return mirror_attach(m->mirror, m->bus);
}

static int on_bus_connected(void *userdata, sd_bus *bus) {
        Monitor *m = userdata;

        m->bus = bus;
        int r = take_bus(m);
        if (r < 0) {
                let_go_of_bus(m);
                return r;
        }
        if (m->ready)
                units_follow(m->units, m->shown.state);
        armed_follow(m);
        return 0;
}

static void on_bus_lost(void *userdata) {
        Monitor *m = userdata;

        power_off_bus_lost(m->power_off);
        let_go_of_bus(m);
        mirror_detach(m->mirror);
}

static const BusLinkOps link_ops = { .connected = on_bus_connected, .lost = on_bus_lost };

/*** Time ***/

uint64_t monitor_slept_usec(void) {
        uint64_t awake = now_usec(CLOCK_MONOTONIC);

        return usec_sub(now_usec(CLOCK_BOOTTIME), awake);
}

static void watch_for_sleep(Monitor *m) {
        uint64_t slept = monitor_slept_usec();
        uint64_t more = usec_sub(slept, m->slept_usec);
        char buf[32];

        m->slept_usec = slept;
        if (more < SLEEP_MIN_USEC)
                return;
        m->resumed = true;
        monitor_say(m, NOTIFY_SUSPEND_TIMEJUMP_UNEXPECTED, NULL, format_duration(buf, sizeof(buf), more));
}

static int on_tick(sd_event_source *es, uint64_t usec, void *userdata) {
        Monitor *m = userdata;

        watch_for_sleep(m);
        mirror_ping(m->mirror);
        monitor_kick(m);
        login_follow_locks(m->login);
        login_look_after_released(m->login);
        units_follow(m->units, m->shown.state);
        armed_follow(m);

        int r = sd_event_source_set_time_relative(es, monitor_poll_usec(m));
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(es, SD_EVENT_ONESHOT);
}

/*** Life ***/

static int on_reload(sd_event_source *es, const struct signalfd_siginfo *si, void *userdata) {
        Monitor *m = userdata;

        daemon_notify_reloading();
        int taken = monitor_read_configuration(m, false);
        int r = taken < 0 ? taken : monitor_make_supplies(m, true);
        if (r < 0)
                log_error_errno(r, "Cannot reload: %m");
        else if (taken == 0)
                log_error("Not reloaded in full: see above which file is not taken; there all stays as "
                                "it was");
        gateway_link_refresh(m->gateway);
        login_refresh(m->login);
        if (r >= 0 && taken > 0)
                log_info("Configuration reloaded");
        monitor_step(m, REQUEST_NONE);
        daemon_notify("READY=1");
        monitor_notify_status(m);
        return 0;
}

static int add_timers(Monitor *m) {
        int r = sd_event_add_time_relative(m->event, &m->tick, CLOCK_BOOTTIME, monitor_poll_usec(m),
                        50 * USEC_PER_MSEC, on_tick, m);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(m->tick, "tick");

        r = sd_event_add_defer(m->event, &m->step, on_step, m);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(m->step, "step");

        r = sd_event_add_time(m->event, &m->wakeup, CLOCK_BOOTTIME, UINT64_MAX, USEC_PER_MSEC, on_wakeup, m);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(m->wakeup, "wakeup");

        r = sd_event_add_time_relative(m->event, &m->ready_timeout, CLOCK_MONOTONIC, READY_TIMEOUT_USEC, 0,
                        on_ready_timeout, m);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(m->ready_timeout, "ready");
        return daemon_on_reload(m->event, on_reload, m);
}

static int find_boot_id(Monitor *m) {
        _cleanup_free_ char *text = NULL;
        size_t n;

        int r = file_read("/proc/sys/kernel/random/boot_id", 128, &text, &n);
        return r < 0 ? r : armed_flag_boot_id(text, m->boot_id);
}

/* Directories that systemd made for us; without one, such as when started by hand, what would be there is
 * not. */
static int find_directories(Monitor *m) {
        const char *runtime = getenv("RUNTIME_DIRECTORY"), *state = getenv("STATE_DIRECTORY");

        if (!runtime || !state)
                log_warning("$RUNTIME_DIRECTORY and $STATE_DIRECTORY are not both set: "
                            "no late power-off, no history");
        int r = free_and_strdup(&m->runtime_directory, isempty(runtime) ? NULL : runtime);
        return r < 0 ? r : free_and_strdup(&m->state_directory, isempty(state) ? NULL : state);
}

static int load_policy(Monitor *m) {
        _cleanup_free_ char *path = monitor_state_path(m, "policy");
        _cleanup_(conf_freep) Conf *c = NULL;

        if (path && conf_load(path, conf_report_log, NULL, &c) >= 0)
                return policy_table_from_lines(c, conf_report_log, NULL, &m->policy);
        m->policy = policy_table_new();
        return m->policy ? 0 : -ENOMEM;
}

static int make_files(Monitor *m) {
        _cleanup_free_ char *history = monitor_state_path(m, "history");
        _cleanup_free_ char *policy = monitor_state_path(m, "policy");

        int r = file_writer_new(history, 0644, &m->history_file);
        return r < 0 ? r : file_writer_new(policy, 0644, &m->policy_file);
}

static int make_parts(Monitor *m) {
        m->notices = notice_log_new();
        m->history = history_new();
        if (!m->notices || !m->history)
                return -ENOMEM;

        int r = make_files(m);
        if (r < 0)
                return r;
        r = load_policy(m);
        if (r < 0)
                return r;
        record_load(m);
        r = sequence_new(m, &m->sequence);
        if (r < 0)
                return r;
        r = power_off_new(m, &m->power_off);
        if (r < 0)
                return r;
        r = bus_gate_new(&m->gate);
        if (r < 0)
                return r;
        return mirror_new(&mirror_ops, m, &m->mirror);
}

static int start(Monitor *m) {
        int r = find_boot_id(m);
        if (r < 0)
                return r;
        r = find_directories(m);
        if (r < 0)
                return r;
        r = make_parts(m);
        if (r < 0)
                return r;
        r = monitor_read_configuration(m, true);
        if (r < 0)
                return r;
        r = memory_load(m);
        if (r < 0)
                return r;

        armed_inherit(m);
        power_off_stop(m->power_off);
        r = monitor_make_supplies(m, false);
        if (r < 0)
                return r;
        r = add_timers(m);
        if (r < 0)
                return r;
        return bus_link_new(m->event, &link_ops, m, &m->link);
}

int monitor_new(sd_event *event, Monitor **ret) {
        _cleanup_(monitor_freep) Monitor *m = new0(Monitor, 1);

        if (!m)
                return log_oom();
        m->event = sd_event_ref(event);
        for (LockKind k = 0; k < _LOCK_MAX; k++)
                m->lock_fds[k] = -EBADF;
        m->shown.deadline_usec = USEC_INFINITY;
        m->slept_usec = monitor_slept_usec();

        int r = start(m);
        if (r < 0)
                return log_error_errno(r, "Cannot start: %m");
        *ret = TAKE_PTR(m);
        return 0;
}

static void free_sources(Monitor *m) {
        sd_event_source **sources[] = { &m->tick, &m->step, &m->wakeup, &m->ready_timeout };

        for (size_t i = 0; i < ELEMENTSOF(sources); i++)
                *sources[i] = sd_event_source_disable_unref(*sources[i]);
}

Monitor *monitor_free(Monitor *m) {
        if (!m)
                return NULL;

        m->stopping = true;
        free_sources(m);
        m->link = bus_link_free(m->link);
        m->mirror = mirror_free(m->mirror);
        power_off_free(m->power_off);
        sequence_free(m->sequence);
        for (size_t i = 0; i < m->n_supplies; i++)
                supply_free(m->supplies[i]);
        free(m->supplies);
        decision_free(m->decision);
        notice_log_free(m->notices);
        history_free(m->history);
        policy_table_free(m->policy);
        file_writer_free(m->history_file);
        file_writer_free(m->policy_file);
        memory_free(m->memory);
        upsmon_conf_free(m->conf);
        ups_conf_free(m->ups_conf);
        free(m->flag);
        bus_gate_free(m->gate);
        for (LockKind k = 0; k < _LOCK_MAX; k++)
                safe_close(m->lock_fds[k]);
        free(m->reason);
        strv_free(m->remarks);
        free(m->conf_remark);
        free(m->administrator_reason);
        free(m->runtime_directory);
        free(m->state_directory);
        sd_event_unref(m->event);
        free(m);
        return NULL;
}
