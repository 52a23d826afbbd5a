/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "armed.h"

#include "call.h"
#include "container.h"
#include "file.h"
#include "log.h"
#include "messages.h"
#include "parse-util.h"
#include "record.h"
#include "string-util.h"
#include "switch-off.h"
#include "time-util.h"

#define FLAG_FILE "armed"

/* What another host serves is that host's to switch off. */
bool supply_is_ours_to_switch(const Supply *s) {
        return s->policy.primary && !supply_is_link(s) && !isempty(s->driver);
}

bool supply_wants_power_off(const Monitor *m, size_t i) {
        const Supply *s = m->supplies[i];

        return supply_is_ours_to_switch(s) &&
               (s->policy.power_value > 0 ||
                decision_supply_view(m->decision, i).state == SUPPLY_CRITICAL);
}

/*** The flag ***/

static int32_t order_of(const Monitor *m, const UpsSection *section) {
        const UpsOption *o = section ? ups_conf_option(m->ups_conf, section, "sdorder") : NULL;
        int64_t order;

        return o && o->value && parse_int64(o->value, -1, INT32_MAX, &order) >= 0 ? (int32_t) order : 0;
}

/* The nodes are as the driver says. One that has never got that far may be told by its port. */
static void set_nodes(ArmedDevice *d, const Supply *s, const UpsSection *section) {
        d->n_nodes = 0;
        STRV_FOREACH(node, s->nodes)
                (void) armed_device_add_node(d, *node);
        if (!s->nodes && section && startswith(section->port, "/dev/"))
                (void) armed_device_add_node(d, section->port);
}

static int add_device(const Monitor *m, ArmedFlag *f, const Supply *s) {
        const UpsSection *section = ups_conf_find(m->ups_conf, s->device);
        ArmedDevice *d;

        int r = armed_flag_add(f, order_of(m, section), section ? section->driver : s->driver,
                        section ? section->name : s->device, &d);
        if (r < 0)
                return r;
        set_nodes(d, s, section);
        return 0;
}

static int fill(const Monitor *m, ArmedFlag *f) {
        int r = armed_flag_init(f, m->boot_id, now_usec(CLOCK_BOOTTIME), m->power_off_wait_sec);
        if (r < 0)
                return r;

        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];

                if (!supply_wants_power_off(m, i) || supply_is_remote(s))
                        continue;
                r = add_device(m, f, s);
                if (r < 0)
                        log_warning_errno(r, "[%s] will not switch off behind us: %m", s->device);
        }
        return 0;
}

static int write_flag(const Monitor *m, const ArmedFlag *f) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FLAG_FILE);
        _cleanup_free_ char *text = malloc(ARMED_FLAG_SIZE_MAX + 1);
        size_t n;

        if (!path)
                return -ENOENT;
        if (!text)
                return -ENOMEM;
        int r = armed_flag_format(f, text, ARMED_FLAG_SIZE_MAX + 1, &n);
        if (r < 0)
                return r;
        return file_write_atomic(path, text, n, 0644);
}

static void arm_local(Monitor *m) {
        _cleanup_free_ ArmedFlag *f = new0(ArmedFlag, 1);

        if (!f || fill(m, f) < 0) {
                log_error("Cannot make the flag for the late power-off");
                return;
        }
        if (f->n_devices == 0) {
                armed_remove(m);
                record_event(m, "No device of this machine is to cut the power");
                return;
        }

        int r = write_flag(m, f);
        if (r < 0) {
                log_error_errno(r, "Cannot write the flag of the late power-off, no UPS cuts the power: %m");
                return;
        }
        m->flag_inherited = m->flag_dirty = false;
        record_event(m, "The late power-off is armed");
        (void) log_full(LOG_NOTICE, 0, &(LogContext) { .message_id = MESSAGE_ARMED_STR },
                        "Once this machine is down, %zu devices cut the power", f->n_devices);
        free(m->flag);
        m->flag = TAKE_PTR(f);
}

static bool same_nodes(const ArmedDevice *a, const ArmedDevice *b) {
        if (a->n_nodes != b->n_nodes)
                return false;
        for (size_t i = 0; i < a->n_nodes; i++)
                if (!streq(a->nodes[i], b->nodes[i]))
                        return false;
        return true;
}

/* Whether the supply, if it is the device's, is elsewhere now. */
static bool follow_nodes(ArmedDevice *d, const Supply *s) {
        ArmedDevice before = *d;

        if (!s->nodes || !strcaseeq(s->device, d->name))
                return false;
        set_nodes(d, s, NULL);
        return !same_nodes(&before, d);
}

void armed_follow_nodes(Monitor *m) {
        bool changed = false;
        int r;

        for (size_t k = 0; m->flag && k < m->flag->n_devices; k++)
                for (size_t i = 0; i < m->n_supplies; i++)
                        if (follow_nodes(&m->flag->devices[k], m->supplies[i]))
                                changed = true;
        /* What could not be written is tried again at each step, and complained of once. */
        if (!changed && !m->flag_dirty)
                return;

        r = write_flag(m, m->flag);
        if (r >= 0)
                log_notice("The late power-off follows a device to where it is now");
        else if (changed)
                log_error_errno(r, "Cannot write the flag of the late power-off anew: %m");
        m->flag_dirty = r < 0;
}

void armed_remove(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FLAG_FILE);

        m->flag_inherited = m->flag_dirty = false;
        free(m->flag);
        m->flag = NULL;
        if (path && unlink(path) < 0 && errno != ENOENT)
                log_error_errno(errno, "Cannot remove %s: %m", path);
}

/*** A flag that was there before us ***/

void armed_inherit(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FLAG_FILE), *text = NULL;
        _cleanup_free_ ArmedFlag *f = new0(ArmedFlag, 1);
        size_t n;

        if (f && path && file_read(path, ARMED_FLAG_SIZE_MAX, &text, &n) >= 0 &&
            armed_flag_parse(text, n, f) >= 0 &&
            armed_flag_is_current(f, m->boot_id, now_usec(CLOCK_BOOTTIME))) {
                m->flag_inherited = true;
                free(m->flag);
                m->flag = TAKE_PTR(f);
        } else
                armed_remove(m);
}

/* Nobody there to power off is as good as a no, unless he was there and went with the rest of the system.
 * Without an answer, the next tick asks again. */
static bool is_definite(const Monitor *monitor, sd_bus_message *m) {
        const char *name = call_error_name(m);

        return !name || (!monitor->flag_confirmed && (streq(name, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
                                                      streq(name, SD_BUS_ERROR_NAME_HAS_NO_OWNER)));
}

static void keep(Monitor *m) {
        if (!m->flag_confirmed)
                log_notice("The late power-off stays armed: the system is going down");
        m->flag_confirmed = true;
}

static int on_jobs(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *unit, *type, *state, *job, *object;
        Monitor *monitor = userdata;
        uint32_t id;

        monitor->flag_call = sd_bus_slot_unref(monitor->flag_call);
        if (!monitor->flag_inherited || !is_definite(monitor, m))
                return 0;
        if (!call_error_name(m) && sd_bus_message_enter_container(m, 'a', "(usssoo)") >= 0)
                while (sd_bus_message_read(m, "(usssoo)", &id, &unit, &type, &state, &job, &object) > 0)
                        if (streq(type, "start") &&
                            (streq(unit, "poweroff.target") || streq(unit, "halt.target"))) {
                                keep(monitor);
                                return 0;
                        }
        log_info("A flag of the late power-off is left over: nobody powers this machine off");
        armed_remove(monitor);
        return 0;
}

static int on_preparing(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Monitor *monitor = userdata;
        int preparing = false;

        monitor->flag_call = sd_bus_slot_unref(monitor->flag_call);
        if (!monitor->flag_inherited)
                return 0;
        if (!call_error_name(m) && sd_bus_message_read(m, "v", "b", &preparing) >= 0 && preparing) {
                keep(monitor);
                return 0;
        }
        (void) call_method(monitor->bus, &monitor->flag_call, PEER_SYSTEMD, "ListJobs", STEP_TIMEOUT_USEC,
                        on_jobs, monitor, NULL);
        return 0;
}

void armed_follow(Monitor *m) {
        if (!m->flag_inherited || m->flag_call)
                return;

        (void) call_get(m->bus, &m->flag_call, PEER_LOGIN, "PreparingForShutdown", STEP_TIMEOUT_USEC,
                        on_preparing, m);
}

void armed_let_go(Monitor *m) {
        if (m->flag_inherited)
                armed_remove(m);
}

/*** What is told early ***/

static bool is_for_power_off(const Monitor *m, size_t i) {
        return supply_wants_power_off(m, i) && supply_is_remote(m->supplies[i]);
}

/* One that counts down already is not to begin anew because of another one. */
static bool is_for_staying(const Monitor *m, size_t i) {
        const Supply *s = m->supplies[i];

        return supply_is_ours_to_switch(s) && decision_forced(m->decision, i) && s->off == OFF_NONE;
}

static bool is_for_hibernation(const Monitor *m, size_t i) {
        SupplyState state = decision_supply_view(m->decision, i).state;

        return supply_wants_power_off(m, i) && (state == SUPPLY_CRITICAL || state == SUPPLY_LOW);
}

int armed_set(Monitor *m, void (*done)(Monitor *m)) {
        if (machine_is_container("")) {
                log_info("This is a container: its UPS is left to its host");
                return 0;
        }

        arm_local(m);
        return switch_off(m, is_for_power_off, done) > 0;
}

int armed_switch_off(Monitor *m, void (*done)(Monitor *m)) {
        return machine_is_container("") ? 0 : switch_off(m, is_for_staying, done) > 0;
}

int armed_send_for_hibernation(Monitor *m, void (*done)(Monitor *m)) {
        if (machine_is_container("") || !monitor_in_trouble(m))
                return 0;

        return switch_off(m, is_for_hibernation, done) > 0;
}
