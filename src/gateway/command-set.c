/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "log.h"
#include "messages.h"
#include "nut-protocol.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"

/* A write on its way to a device. */
typedef struct Write {
        Gateway *gateway;
        char *device, *what, *peer;
        const char *message_id;
        char id[TRACKING_ID_LENGTH + 1]; /* "" when it is not tracked */
} Write;

static Write *write_free(Write *w) {
        if (!w)
                return NULL;

        free(w->device);
        free(w->what);
        free(w->peer);
        free(w);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Write *, write_free);

static int write_new(const Request *q, const Device *d, const char *message_id, Write **ret) {
        _cleanup_(write_freep) Write *w = new0(Write, 1);

        if (!w)
                return -ENOMEM;
        w->gateway = q->gateway;
        w->message_id = message_id;
        w->device = strdup(d->name);
        w->peer = session_peer(q->session);
        if (!w->device || !w->peer)
                return -ENOMEM;

        if (q->session->tracking) {
                int r = tracking_add(q->gateway->tracking, q->session->username,
                                now_usec(CLOCK_BOOTTIME), w->id);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(w);
        return 0;
}

static void write_done(void *userdata, int r, const char *message) {
        _cleanup_(write_freep) Write *w = userdata;

        if (w->id[0])
                tracking_finish(w->gateway->tracking, w->id, r);
        if (r < 0)
                (void) log_full(LOG_WARNING, r,
                                &(LogContext) {
                                        .message_id = w->message_id,
                                        .device = w->device,
                                        .peer = w->peer,
                                },
                                "UPS [%s] did not %s for %s: %s", w->device, w->what, w->peer,
                                isempty(message) ? strerror(-r) : message);
}

/* The write is on its way: says so in the log and to the client. */
static void answer_sent(const Request *q, const char *id) {
        if (id[0])
                buffer_add(q->out, "OK TRACKING ", id, "\n");
        else
                buffer_add(q->out, "OK\n");
}

static bool request_may_set(const Request *q) {
        const User *u = request_user(q);

        return u && (u->rights & USER_SET);
}

static const char *token_from_verdict(ValueVerdict v) {
        switch (v) {
        case VALUE_OK:
                return NULL;
        case VALUE_READ_ONLY:
                return "READONLY";
        case VALUE_TOO_LONG:
                return "TOO-LONG";
        case VALUE_INVALID:
                return "INVALID-VALUE";
        case VALUE_NOT_SETTABLE:
                break;
        }
        return "SET-FAILED";
}

static int send_value(const Request *q, Device *d, const Variable *v, const char *value) {
        _cleanup_(write_freep) Write *w = NULL;
        char id[sizeof(w->id)];

        int r = write_new(q, d, MESSAGE_VARIABLE_SET_STR, &w);
        if (r < 0)
                return r;
        w->what = strjoin("set ", v->name);
        if (!w->what)
                return -ENOMEM;
        memcpy(id, w->id, sizeof(id));

        (void) log_full(LOG_INFO, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_VARIABLE_SET_STR,
                                .device = d->name,
                                .peer = w->peer,
                        },
                        "Set variable: %s set %s on %s to %s (tracking ID: %s)", w->peer, v->name, d->name,
                        value, id[0] ? id : "disabled");

        r = q->gateway->device_ops->set(d, v->name, value, write_done, w);
        if (r < 0) {
                write_done(TAKE_PTR(w), r, NULL);
                return r;
        }

        TAKE_PTR(w); /* write_done() has it, or had it */
        answer_sent(q, id);
        return 0;
}

static void set_variable(const Request *q) {
        const char *value = request_arg(q, 3);

        if (request_n_args(q) < 4) {
                request_error(q, "INVALID-ARGUMENT");
                return;
        }

        Device *d = request_live_device(q, request_arg(q, 1));
        if (!d)
                return;
        if (!request_may_set(q)) {
                request_denied(q, d, "set a variable");
                return;
        }

        const Variable *v = model_find(d->model, request_arg(q, 2));
        if (!v) {
                request_error(q, "VAR-NOT-SUPPORTED");
                return;
        }

        const char *token = token_from_verdict(variable_check_value(v, value));
        if (token) {
                request_error(q, token);
                return;
        }

        int r = send_value(q, d, v, value);
        if (r < 0)
                request_error(q, nut_error_from_errno(r, true));
}

static void set_tracking(const Request *q) {
        const char *word = request_arg(q, 1);

        if (!word || (!strcaseeq(word, "ON") && !strcaseeq(word, "OFF"))) {
                request_error(q, "INVALID-ARGUMENT");
                return;
        }
        if (!request_user(q)) {
                request_denied(q, NULL, "follow writes");
                return;
        }

        q->session->tracking = strcaseeq(word, "ON");
        state_save_session(q->gateway->state, q->session, q->fd);
        buffer_add(q->out, "OK\n");
}

static void command_set(const Request *q) {
        const char *kind = request_arg(q, 0);

        if (kind && strcaseeq(kind, "VAR"))
                set_variable(q);
        else if (kind && strcaseeq(kind, "TRACKING"))
                set_tracking(q);
        else
                request_error(q, "INVALID-ARGUMENT");
}

static int send_command(const Request *q, Device *d, const char *command, const char *argument) {
        _cleanup_(write_freep) Write *w = NULL;
        char id[sizeof(w->id)];

        int r = write_new(q, d, MESSAGE_COMMAND_RUN_STR, &w);
        if (r < 0)
                return r;
        w->what = strjoin("run ", command);
        if (!w->what)
                return -ENOMEM;
        memcpy(id, w->id, sizeof(id));

        (void) log_full(LOG_INFO, 0,
                        &(LogContext) {
                                .message_id = MESSAGE_COMMAND_RUN_STR,
                                .device = d->name,
                                .peer = w->peer,
                        },
                        "Instant command: %s did %s%s%s on %s (tracking ID: %s)", w->peer, command,
                        argument ? " with value " : "", strempty(argument), d->name,
                        id[0] ? id : "disabled");

        r = q->gateway->device_ops->run(d, command, argument, write_done, w);
        if (r < 0) {
                write_done(TAKE_PTR(w), r, NULL);
                return r;
        }

        TAKE_PTR(w); /* write_done() has it, or had it */
        answer_sent(q, id);
        return 0;
}

static void command_instcmd(const Request *q) {
        Device *d = request_live_device(q, request_arg(q, 0));
        if (!d)
                return;

        const char *command = model_find_command(d->model, request_arg(q, 1));
        if (!command) {
                request_error(q, "CMD-NOT-SUPPORTED");
                return;
        }

        const User *u = request_user(q);
        if (!u || !user_may_run(u, command)) {
                request_denied(q, d, "run a command");
                return;
        }

        int r = send_command(q, d, command, request_arg(q, 2));
        if (r < 0)
                request_error(q, nut_error_from_errno(r, false));
}

const Command write_commands[] = {
        { "SET",     0, SIZE_MAX, .handler = command_set, .credentials = true },
        { "INSTCMD", 2, 3,        .handler = command_instcmd, .credentials = true },
        {},
};
