/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "switch-off.h"

#include <inttypes.h>
#include <math.h>

#include "log.h"
#include "messages.h"
#include "record.h"
#include "string-util.h"
#include "time-util.h"

#define DELAY "ups.delay.shutdown"
#define OFF "shutdown.return"
#define STAY "shutdown.stop"

/* What the stop of a machine may take beyond what was measured, without the locks that delay it. */
#define MARGIN_USEC (60 * USEC_PER_SEC)

/* What has not been answered yet; it outlives the monitor if need be. */
typedef struct Sending {
        Monitor *monitor;
        void (*done)(Monitor *m);
        unsigned n_waiting;
} Sending;

/* The part of one device, by its name: the supplies may be others by the time of the answer. */
typedef struct Order {
        Sending *sending;
        char *device;
} Order;

/*** Words ***/

static void say(Monitor *m, int level, const char *device, const char *text) {
        (void) log_full(level, 0, &(LogContext) { .message_id = MESSAGE_ARMED_STR, .device = device },
                        "%s", text);
        _cleanup_free_ char *event = strjoin(device, ": ", text);
        record_event(m, event ?: text);
}

static void say_not_told(Monitor *m, const char *device, const char *why) {
        _cleanup_free_ char *text = strjoin("not switched off: ", why);

        say(m, LOG_ERR, device, text ?: "not switched off");
}

/*** Whether ***/

/* The time to stop as measured has no locks of others in it, which may hold it for as long as logind lets
 * them. */
static uint64_t needed_seconds(const Monitor *m) {
        uint64_t usec = usec_add(monitor_shutdown_time_usec(m), MARGIN_USEC);

        return (usec_add(usec, m->inhibit_delay_max_usec) + USEC_PER_SEC - 1) / USEC_PER_SEC;
}

static int refuse(char **ret_why, char *why) {
        *ret_why = why;
        return -EOPNOTSUPP;
}

int switch_off_check(const Monitor *m, const Supply *s, char **ret_why) {
        const MirrorDevice *d = mirror_find(m->mirror, s->device);
        const Model *model = d ? mirror_device_model(d) : NULL;
        uint64_t seconds = needed_seconds(m);
        _cleanup_free_ char *text = strprintf("%" PRIu64, seconds);

        *ret_why = NULL;
        if (!text)
                return -ENOMEM;
        if (!model || !model_find_command(model, OFF))
                return refuse(ret_why, strdup(model ? "it has no command " OFF : "it is not there"));

        const Variable *v = model_find(model, DELAY);
        double now = model_get_number(model, DELAY);
        if (!isnan(now) && now >= (double) seconds)
                return 0;
        if (v && (v->flags & VARIABLE_WRITABLE) && variable_check_value(v, text) == VALUE_OK)
                return 1;
        if (isnan(now))
                return refuse(ret_why, strprintf("its delay is not known and cannot be set to the %s s that "
                                                 "are needed: it would cut the power of a machine that runs",
                                                 text));
        return refuse(ret_why, strprintf("its delay is %g s, and cannot be set to the %s s that are needed: "
                                         "it would cut the power of a machine that runs",
                                         now, text));
}

/*** Telling ***/

static Order *order_free(Order *o) {
        if (!o)
                return NULL;

        free(o->device);
        free(o);
        return NULL;
}

static void sending_unref(Sending *s) {
        Monitor *m = s->monitor;
        void (*done)(Monitor *m) = s->done;

        if (--s->n_waiting > 0)
                return;
        free(s);
        if (done)
                done(m);
}

static void order_end(Order *o) {
        Sending *s = o->sending;

        order_free(o);
        sending_unref(s);
}

static void order_fail(Order *o, const char *why) {
        Supply *s = monitor_find(o->sending->monitor, o->device);

        if (s)
                s->off = OFF_NONE;
        say_not_told(o->sending->monitor, o->device, why);
        order_end(o);
}

static void on_sent(void *userdata, int r, const char *message) {
        Order *o = userdata;

        /* Without an answer it may well have been taken. */
        if (r >= 0 || r == -ETIMEDOUT || r == -ENODEV) {
                if (r < 0)
                        say(o->sending->monitor, LOG_WARNING, o->device, "no answer to " OFF);
                order_end(o);
        } else
                order_fail(o, message ?: strerror(-r));
}

static void send_off(Order *o, Supply *s) {
        Monitor *m = o->sending->monitor;
        MirrorDevice *d = mirror_find(m->mirror, o->device);

        int r = d ? mirror_device_run(d, OFF, NULL, on_sent, o) : -ENODEV;
        if (r < 0) {
                order_fail(o, strerror(-r));
                return;
        }
        s->off = OFF_SENT;
        say(m, LOG_NOTICE, o->device, "told to switch off after a while");
}

/* Only a device that has taken the delay is told to count it down. */
static void on_delay_set(void *userdata, int r, const char *message) {
        Order *o = userdata;
        Monitor *m = o->sending->monitor;
        Supply *s = monitor_find(m, o->device);

        if (r < 0)
                order_fail(o, message ?: strerror(-r));
        else if (!s || s->off == OFF_NONE || m->stopping)
                order_end(o); /* called off in the meantime */
        else
                send_off(o, s);
}

static int prepare(Order *o, Supply *s) {
        Monitor *m = o->sending->monitor;
        MirrorDevice *d = mirror_find(m->mirror, o->device);
        _cleanup_free_ char *text = strprintf("%" PRIu64, needed_seconds(m));

        int r = !text ? -ENOMEM : d ? mirror_device_set(d, DELAY, text, on_delay_set, o) : -ENODEV;
        if (r >= 0 && s->off == OFF_NONE)
                s->off = OFF_PREPARED;
        return r;
}

static void tell(Sending *sending, Supply *s) {
        _cleanup_free_ char *why = NULL;
        Order *o;

        int r = switch_off_check(sending->monitor, s, &why);
        if (r < 0) {
                say_not_told(sending->monitor, s->device, why ?: strerror(-r));
                return;
        }
        o = new0(Order, 1);
        if (!o || !(o->device = strdup(s->device))) {
                order_free(o);
                say_not_told(sending->monitor, s->device, strerror(ENOMEM));
                return;
        }

        o->sending = sending;
        sending->n_waiting++;
        if (r == 0) {
                send_off(o, s);
                return;
        }
        r = prepare(o, s);
        if (r < 0)
                order_fail(o, strerror(-r));
}

int switch_off(Monitor *m, bool (*wanted)(const Monitor *m, size_t i), void (*done)(Monitor *m)) {
        Sending *sending = new0(Sending, 1);

        if (!sending)
                return log_oom();
        *sending = (Sending) { .monitor = m, .n_waiting = 1 };
        for (size_t i = 0; i < m->n_supplies; i++)
                if (wanted(m, i))
                        tell(sending, m->supplies[i]);

        bool waits = sending->n_waiting > 1;
        if (waits)
                sending->done = done;
        sending_unref(sending);
        return waits;
}

/*** Taking it back ***/

static void on_taken_back(void *userdata, int r, const char *message) {
        _cleanup_free_ char *device = userdata;

        if (r < 0)
                (void) log_full(LOG_ERR, r,
                                &(LogContext) { .message_id = MESSAGE_ARMED_STR, .device = device },
                                "It may switch off all the same, " STAY " failed: %s",
                                message ?: strerror(-r));
}

static bool can_stay(const Monitor *m, const Supply *s) {
        const MirrorDevice *d = mirror_find(m->mirror, s->device);

        return d && model_find_command(mirror_device_model(d), STAY);
}

static void have_stay(Monitor *m, const Supply *s) {
        char *device = strdup(s->device);
        int r;

        if (!can_stay(m, s)) {
                say(m, LOG_ERR, s->device,
                                "there is no command " STAY " to take the power-off back: it goes off");
                free(device);
                return;
        }
        r = device ? mirror_device_run(mirror_find(m->mirror, s->device), STAY, NULL, on_taken_back, device)
                   : -ENOMEM;
        if (r < 0) {
                on_taken_back(device, r, NULL);
                return;
        }
        say(m, LOG_NOTICE, s->device, "told to stay on");
}

void switch_off_take_back(Monitor *m) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                Supply *s = m->supplies[i];

                if (s->off == OFF_SENT)
                        have_stay(m, s);
                s->off = OFF_NONE;
        }
}

int switch_off_list_final(const Monitor *m, char ***names) {
        for (size_t i = 0; i < m->n_supplies; i++) {
                const Supply *s = m->supplies[i];
                int r = s->off == OFF_SENT && !can_stay(m, s) ? strv_extend(names, s->device) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

void switch_off_forget(Monitor *m) {
        for (size_t i = 0; i < m->n_supplies; i++)
                if (!decision_forced(m->decision, i))
                        m->supplies[i]->off = OFF_NONE;
}
