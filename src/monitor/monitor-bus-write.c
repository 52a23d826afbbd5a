/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "bus-names.h"
#include "file-writer.h"
#include "log.h"
#include "messages.h"
#include "monitor-bus-internal.h"
#include "policy.h"
#include "power-off.h"
#include "rehearsal.h"
#include "sequence.h"
#include "string-util.h"
#include "switch-off.h"
#include "time-util.h"

/* What an administrator says goes into messages and files. */
#define REASON_LENGTH_MAX 200U

/* Whoever waits for the end of a shutdown is answered by then, come what may. */
#define FINISH_MARGIN_USEC (30 * USEC_PER_SEC)

/*** Policy ***/

static int save_policy(const Monitor *m, const PolicyTable *t) {
        _cleanup_free_ char *text = NULL;

        int r = policy_table_format(t, &text);
        return r < 0 ? r : file_writer_write(m->policy_file, text);
}

/* All or nothing: what cannot be kept is not in force either. */
static int change_policy(Monitor *m, const char *device, PolicyRule rule, double value) {
        double before = NAN;

        if (!policy_table_get(m->policy, device, rule, &before))
                before = NAN;
        int r = policy_table_set(m->policy, device, rule, value);
        if (r < 0)
                return r;
        r = save_policy(m, m->policy);
        if (r < 0) {
                (void) policy_table_set(m->policy, device, rule, before);
                /* A disk that comes back is not to get what was refused. */
                if (r == -ETIMEDOUT)
                        (void) save_policy(m, m->policy);
                return r;
        }
        monitor_apply_policy(m);
        return 0;
}

static int carry_out_policy(Call *c, const char *who, sd_bus_error *error) {
        Monitor *m = c->bus->monitor;
        const char *device, *rule;
        double value;

        int r = sd_bus_message_read(c->message, "ssd", &device, &rule, &value);
        if (r < 0)
                return r;
        if (!isempty(device) && !monitor_find(m, device))
                return sd_bus_error_setf(error, BUS_ERROR_ABSENT, "\"%s\" is not watched", device);

        r = change_policy(m, device, policy_rule_from_string(rule), value);
        if (r == -EINVAL || r == -E2BIG)
                return sd_bus_error_setf(error, BUS_ERROR_INVALID_VALUE, "Not possible for the rule \"%s\"",
                                rule);
        if (r < 0)
                return sd_bus_error_setf(error, BUS_ERROR_FAILED, "The rule cannot be kept: %s",
                                strerror(-r));

        (void) log_full(LOG_NOTICE, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_POLICY_SET_STR,
                                .device = isempty(device) ? NULL : device,
                                .peer = who,
                        },
                        isnan(value) ? "%s took back the rule %s" : "%s set the rule %s to %g", who,
                        policy_rule_to_string(policy_rule_from_string(rule)), value);
        return 0;
}

/*** Shutdown ***/

static int keep_reason(Call *c, const char *who) {
        Monitor *m = c->bus->monitor;
        const char *reason;

        int r = sd_bus_message_read(c->message, "s", &reason);
        if (r < 0)
                return r;
        char *text = isempty(reason) ? strprintf("by %s", who)
                                     : strprintf("%.*s (by %s)", (int) REASON_LENGTH_MAX, reason, who);
        if (!text)
                return -ENOMEM;
        free(m->administrator_reason);
        m->administrator_reason = text;
        return 0;
}

static int carry_out_force(Call *c, const char *who, sd_bus_error *error) {
        Monitor *m = c->bus->monitor;

        int r = keep_reason(c, who);
        if (r < 0)
                return r;
        (void) log_full(LOG_NOTICE, 0,
                        &(LogContext) { .message_id = MESSAGE_SHUTDOWN_FORCED_STR, .peer = who },
                        "Shutdown forced: %s", m->administrator_reason);
        monitor_step(m, REQUEST_FORCE);
        return 0;
}

static int carry_out_cancel(Call *c, const char *who, char ***ret_final, sd_bus_error *error) {
        Monitor *m = c->bus->monitor;

        if (decision_state(m->decision) < HOST_WAITING)
                return sd_bus_error_setf(error, BUS_ERROR_FAILED, "No shutdown is under way");
        if (decision_cancellation(m->decision) == CANCELLATION_NONE)
                return sd_bus_error_setf(error, BUS_ERROR_FAILED,
                                "It is too late: the machine is powering off already");
        int r = keep_reason(c, who);
        if (r < 0)
                return r;
        r = switch_off_list_final(m, ret_final);
        if (r < 0)
                return r;
        monitor_step(m, REQUEST_CANCEL);
        return 0;
}

/*** Asking who may ***/

static void answer_cancel(Call *c, char **final) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        int r = sd_bus_message_new_method_return(c->message, &reply);
        if (r >= 0)
                r = sd_bus_message_append_strv(reply, final);
        if (r >= 0)
                r = sd_bus_message_send(reply);
        if (r < 0)
                log_debug("Cannot answer: %s", strerror(-r));
        call_free(c);
}

static void on_authorized(void *userdata, int r, uid_t uid, const sd_bus_error *refusal) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_strv_free_ char **final = NULL;
        _cleanup_free_ char *who = NULL;
        Call *c = userdata;

        c->auth = NULL; /* it ends with this call */
        if (r < 0) {
                call_answer(c, r, refusal);
                return;
        }

        (void) sd_bus_message_rewind(c->message, true);
        who = strprintf("uid %u@bus", (unsigned) uid);
        if (!who)
                r = -ENOMEM;
        else if (c->kind == CALL_POLICY)
                r = carry_out_policy(c, who, &error);
        else if (c->kind == CALL_FORCE)
                r = carry_out_force(c, who, &error);
        else
                r = carry_out_cancel(c, who, &final, &error);
        if (r >= 0 && c->kind == CALL_CANCEL)
                answer_cancel(c, final);
        else
                call_answer(c, r, &error);
}

static int ask(MonitorBus *b, CallKind kind, sd_bus_message *m, const char *action, const char *device,
                sd_bus_error *error) {
        const char *details[] = { device ? "device" : NULL, device, NULL };
        Call *c;

        int r = call_new(b, kind, m, error, &c);
        if (r < 0)
                return r;
        r = bus_auth_check(b->monitor->gate, m, action, details, on_authorized, c, &c->auth);
        if (r < 0) {
                call_free(c);
                return r;
        }
        return 1;
}

int method_set_policy(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *device;

        int r = sd_bus_message_read(m, "s", &device);
        return r < 0 ? r : ask(userdata, CALL_POLICY, m, POLKIT_CONFIGURE, isempty(device) ? NULL : device,
                        error);
}

int method_force(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return ask(userdata, CALL_FORCE, m, POLKIT_FORCE_SHUTDOWN, NULL, error);
}

int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return ask(userdata, CALL_CANCEL, m, POLKIT_CANCEL_SHUTDOWN, NULL, error);
}

/*** Finishing ***/

void monitor_bus_finished(MonitorBus *b) {
        for (Call *c = b ? b->calls : NULL, *next; c; c = next) {
                next = c->next;
                if (c->waiting)
                        call_answer(c, 0, NULL);
        }
}

static int on_finish_timeout(sd_event_source *es, uint64_t usec, void *userdata) {
        log_warning("The shutdown is not ready in time, letting it go on");
        call_answer(userdata, 0, NULL);
        return 0;
}

static void finish(Call *c) {
        Monitor *m = c->bus->monitor;
        uint64_t usec = usec_add(usec_add(monitor_wait_usec(m), m->conf->final_delay_usec),
                        FINISH_MARGIN_USEC);
        int r = sd_event_add_time_relative(m->event, &c->timer, CLOCK_BOOTTIME, usec, 0, on_finish_timeout,
                        c);
        if (r < 0) {
                call_answer(c, r, NULL);
                return;
        }

        c->waiting = true;
        if (decision_state(m->decision) != HOST_POWERING_OFF)
                monitor_step(m, REQUEST_EXTERNAL);
        else if (sequence_is_idle(m->sequence))
                monitor_bus_finished(c->bus);
}

static int on_finisher(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Call *c = userdata;
        uint32_t uid;
        bool known = !sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "u", &uid) >= 0;

        if (known && (uid == 0 || uid == geteuid())) {
                finish(c);
                return 0;
        }

        _cleanup_(sd_bus_error_free) sd_bus_error refusal = SD_BUS_ERROR_NULL;
        bus_gate_log_refusal(c->bus->monitor->gate,
                        &(LogContext) {
                                .message_id = MESSAGE_ACCESS_DENIED_STR,
                                .peer = sd_bus_message_get_sender(c->message),
                        },
                        -EACCES, "FinishShutdown", "it is for root only");
        (void) sd_bus_error_set_const(&refusal, SD_BUS_ERROR_ACCESS_DENIED, "This is for root only");
        call_answer(c, -EACCES, &refusal);
        return 0;
}

int method_finish(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Call *c;

        int r = call_new(userdata, CALL_FINISH, m, error, &c);
        if (r < 0)
                return r;
        r = sd_bus_call_method_async(c->bus->bus, &c->slot, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus",
                        "org.freedesktop.DBus", "GetConnectionUnixUser", on_finisher, c, "s",
                        sd_bus_message_get_sender(m));
        if (r < 0) {
                call_free(c);
                return r;
        }
        return 1;
}

/*** Rehearsing ***/

static int send_steps(const Call *c, const RehearsalStep *steps, size_t n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        int r = sd_bus_message_new_method_return(c->message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && i < n; i++) {
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
                if (r >= 0)
                        r = append_entry(reply, "name", "s", steps[i].name);
                if (r >= 0)
                        r = append_entry(reply, "ok", "b", (int) steps[i].ok);
                if (r >= 0)
                        r = append_entry(reply, "time", "t", steps[i].time_usec);
                if (r >= 0)
                        r = append_entry(reply, "text", "s", strempty(steps[i].text));
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}

static void on_rehearsed(void *userdata, const RehearsalStep *steps, size_t n) {
        Call *c = userdata;

        int r = send_steps(c, steps, n);
        if (r < 0)
                call_answer(c, r, NULL);
        else
                call_free(c);
}

int method_rehearse(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Rehearsal *rehearsal;
        Call *c;

        int r = call_new(userdata, CALL_REHEARSE, m, error, &c);
        if (r < 0)
                return r;
        r = rehearsal_new(c->bus->monitor, on_rehearsed, c, &rehearsal);
        if (r < 0) {
                call_free(c);
                return r;
        }
        c->state = rehearsal;
        return 1;
}
