/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "armed.h"

#include <math.h>

#include "armed-flag.h"
#include "file.h"
#include "log.h"
#include "messages.h"
#include "parse-util.h"
#include "record.h"
#include "string-util.h"
#include "time-util.h"

#define FLAG_FILE "armed"

/* A device that is told early has to wait for the machine to stop, and for so long more. */
#define OFF_MARGIN_USEC (60 * USEC_PER_SEC)

/* Commands to devices of the network that have not been answered; it outlives the monitor if need be. */
typedef struct Sending {
        Monitor *monitor;
        void (*done)(Monitor *m);
        unsigned n_waiting, n_ref;
} Sending;

bool machine_is_container(void) {
        return access("/run/systemd/container", F_OK) >= 0 ||
               access("/run/host/container-manager", F_OK) >= 0;
}

bool supply_wants_power_off(const Monitor *m, size_t i) {
        const Supply *s = m->supplies[i];

        /* What another host serves is that host's to switch off. */
        if (!s->policy.primary || supply_is_link(s) || isempty(s->driver))
                return false;
        return s->policy.power_value > 0 || decision_supply_view(m->decision, i).state == SUPPLY_CRITICAL;
}

/*** The flag ***/

static int32_t order_of(const Monitor *m, const UpsSection *section) {
        const UpsOption *o = section ? ups_conf_option(m->ups_conf, section, "sdorder") : NULL;
        int64_t order;

        return o && o->value && parse_int64(o->value, -1, INT32_MAX, &order) >= 0 ? (int32_t) order : 0;
}

static int add_device(const Monitor *m, ArmedFlag *f, const Supply *s) {
        const UpsSection *section = ups_conf_find(m->ups_conf, s->device);
        ArmedDevice *d;

        int r = armed_flag_add(f, order_of(m, section), section ? section->driver : s->driver,
                        section ? section->name : s->device, &d);
        if (r < 0)
                return r;
        if (section && startswith(section->port, "/dev/"))
                (void) armed_device_add_node(d, section->port);
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
        record_event(m, "The late power-off is armed");
        (void) log_full(LOG_NOTICE, 0, &(LogContext) { .message_id = MESSAGE_ARMED_STR },
                        "Once this machine is down, %zu devices cut the power", f->n_devices);
}

void armed_remove(Monitor *m) {
        _cleanup_free_ char *path = monitor_runtime_path(m, FLAG_FILE);

        if (path && unlink(path) < 0 && errno != ENOENT)
                log_error_errno(errno, "Cannot remove %s: %m", path);
}

/*** Devices that cannot wait for the end ***/

static Sending *sending_unref(Sending *s) {
        if (s && --s->n_ref == 0)
                free(s);
        return NULL;
}

static void on_sent(void *userdata, int r, const char *message) {
        Sending *s = userdata;

        if (r < 0)
                log_warning_errno(r, "A device did not take its delayed power-off: %s",
                                message ?: strerror(-r));
        if (--s->n_waiting == 0 && s->done)
                s->done(s->monitor);
        sending_unref(s);
}

static void on_delay_set(void *userdata, int r, const char *message) {
        if (r < 0)
                log_warning_errno(r, "A device did not take the delay of its power-off: %s",
                                message ?: strerror(-r));
}

/* The delay is sent ahead of the command: a device gets its writes in order. */
static void raise_delay(Monitor *m, MirrorDevice *d) {
        const Variable *v = model_find(mirror_device_model(d), "ups.delay.shutdown");
        uint64_t seconds = usec_add(monitor_shutdown_time_usec(m), OFF_MARGIN_USEC) / USEC_PER_SEC;
        _cleanup_free_ char *text = strprintf("%" PRIu64, seconds);
        double now = model_get_number(mirror_device_model(d), "ups.delay.shutdown");

        if (!text || !v || !(v->flags & VARIABLE_WRITABLE) || (!isnan(now) && now >= (double) seconds))
                return;
        (void) mirror_device_set(d, "ups.delay.shutdown", text, on_delay_set, NULL);
}

static void send_off(Monitor *m, const Supply *s, Sending *sending) {
        MirrorDevice *d = mirror_find(m->mirror, s->device);

        if (!d || !model_find_command(mirror_device_model(d), "shutdown.return")) {
                log_warning("[%s]: cannot be switched off: %s", s->device,
                                d ? "it has no command shutdown.return" : "it is not there");
                return;
        }

        raise_delay(m, d);
        sending->n_ref++;
        sending->n_waiting++;
        int r = mirror_device_run(d, "shutdown.return", NULL, on_sent, sending);
        if (r < 0) {
                sending->n_waiting--;
                sending_unref(sending);
                log_warning_errno(r, "[%s]: cannot be switched off: %m", s->device);
                return;
        }
        _cleanup_free_ char *text = strjoin("Delayed power-off sent to ", s->device);
        record_event(m, text ?: "Delayed power-off sent");
}

static int send_all(Monitor *m, bool remote_only, bool critical_only, void (*done)(Monitor *m)) {
        Sending *sending = new0(Sending, 1);

        if (!sending)
                return log_oom();
        *sending = (Sending) { .monitor = m, .done = done, .n_ref = 1 };
        for (size_t i = 0; i < m->n_supplies; i++) {
                SupplyState state = decision_supply_view(m->decision, i).state;

                if (!supply_wants_power_off(m, i) || (remote_only && !supply_is_remote(m->supplies[i])) ||
                    (critical_only && state != SUPPLY_CRITICAL && state != SUPPLY_LOW))
                        continue;
                send_off(m, m->supplies[i], sending);
        }

        bool waits = sending->n_waiting > 0;
        sending_unref(sending);
        return waits;
}

int armed_set(Monitor *m, void (*done)(Monitor *m)) {
        if (machine_is_container()) {
                log_info("This is a container: its UPS is left to its host");
                return 0;
        }

        arm_local(m);
        return send_all(m, true, false, done) > 0;
}

int armed_send_for_hibernation(Monitor *m, void (*done)(Monitor *m)) {
        if (machine_is_container() || !monitor_in_trouble(m))
                return 0;

        return send_all(m, false, true, done) > 0;
}
