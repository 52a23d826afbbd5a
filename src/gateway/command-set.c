/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "log.h"
#include "log-limit.h"
#include "messages.h"
#include "nut-protocol.h"
#include "state.h"
#include "string-util.h"
#include "time-util.h"
#include "view.h"

/* Writes that a session may have open; with more than that, or with MIRROR_WRITES_MAX of all sessions at the
 * device, it is not listened to until one has ended. */
#define WRITES_PER_SESSION_MAX 512U

/* A write on its way to a device. */
struct Write {
        Gateway *gateway;
        uint64_t session; /* its sequence; it may be gone when the device answers */
        const Device *target; /* only to be compared: it may be gone, too */
        char *device, *what, *peer;
        const char *message_id;
        char id[TRACKING_ID_LENGTH + 1]; /* "" when it is not tracked */
        bool logged; /* one of too many is not, nor is how it ends */
        Write *next, *previous;
};

/* What is to be written. */
typedef struct WriteOp {
        int (*send)(Device *d, const char *name, const char *value, MirrorReply reply, void *userdata);
        const char *verb, *message_id;
        const char *name, *value; /* value may be NULL */
} WriteOp;

static Write *write_free(Write *w) {
        if (!w)
                return NULL;

        if (w->previous)
                w->previous->next = w->next;
        else if (w->gateway->writes == w)
                w->gateway->writes = w->next;
        if (w->next)
                w->next->previous = w->previous;
        free(w->device);
        free(w->what);
        free(w->peer);
        free(w);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Write *, write_free);

static int write_new(const Request *q, const Device *d, const WriteOp *op, Write **ret) {
        _cleanup_(write_freep) Write *w = new0(Write, 1);

        if (!w)
                return -ENOMEM;
        w->gateway = q->gateway;
        w->session = q->session->sequence;
        w->target = d;
        w->message_id = op->message_id;
        w->logged = !q->session->host ||
                log_limit_allow(&q->session->host->writes, LOG_WRITES, q->session->address);
        w->device = strdup(d->name);
        w->what = strjoin(op->verb, " ", op->name);
        w->peer = session_peer(q->session);
        if (!w->device || !w->what || !w->peer)
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

static void write_open(Write *w) {
        w->next = w->gateway->writes;
        if (w->next)
                w->next->previous = w;
        w->gateway->writes = w;
}

static bool session_has_room(const Request *q) {
        unsigned n = 0;

        for (const Write *w = q->gateway->writes; w; w = w->next)
                n += w->session == q->session->sequence;
        return n < WRITES_PER_SESSION_MAX;
}

/* Devices are slow: more than this from all clients does not come to an end in any useful time, so that
 * further ones wait with their clients. */
static bool device_has_room(const Request *q, const Device *d) {
        unsigned n = 0;

        for (const Write *w = q->gateway->writes; w; w = w->next)
                n += w->target == d;
        return n < MIRROR_WRITES_MAX;
}

static void write_done(void *userdata, int r, const char *message) {
        _cleanup_(write_freep) Write *w = userdata;

        gateway_room(w->gateway);

        if (w->id[0])
                tracking_finish(w->gateway->tracking, w->id, r);
        if (r < 0 && w->logged)
                (void) log_full(LOG_WARNING, r,
                                &(LogContext) {
                                        .message_id = w->message_id,
                                        .device = w->device,
                                        .peer = w->peer,
                                },
                                "UPS [%s]: %s of %s failed: %s", w->device, w->what, w->peer,
                                isempty(message) ? strerror(-r) : message);
}

static void log_write(const Write *w, const WriteOp *op) {
        const LogContext context = {
                .message_id = w->message_id,
                .device = w->device,
                .peer = w->peer,
        };
        const char *id = w->id[0] ? w->id : "disabled";

        if (!w->logged)
                return;
        if (streq(op->verb, "set"))
                (void) log_full(LOG_INFO, 0, &context,
                                "Set variable: %s set %s on %s to %s (tracking ID: %s)", w->peer,
                                op->name, w->device, op->value, id);
        else
                (void) log_full(LOG_INFO, 0, &context,
                                "Instant command: %s did %s%s%s on %s (tracking ID: %s)", w->peer,
                                op->name, op->value ? " with value " : "", strempty(op->value), w->device,
                                id);
}

/* Sends the write on its way and says so in the log and to the client. When it has to wait the request is
 * marked, and nothing said. */
static int write_send(const Request *q, Device *d, const WriteOp *op) {
        _cleanup_(write_freep) Write *w = NULL;
        char id[sizeof(w->id)];
        bool has_room = session_has_room(q) && device_has_room(q, d);

        if (!has_room && q->verified) {
                q->session->wants_room = true;
                return 0;
        }

        int r = write_new(q, d, op, &w);
        if (r < 0)
                return r;
        if (!has_room) {
                write_done(TAKE_PTR(w), -EBUSY, "too many earlier requests are still open");
                return -EBUSY;
        }

        log_write(w, op);
        memcpy(id, w->id, sizeof(id));
        write_open(w);
        r = op->send(d, op->name, op->value, write_done, w);
        if (r < 0) {
                write_done(TAKE_PTR(w), r, NULL);
                return r;
        }

        TAKE_PTR(w); /* write_done() has it, or had it */
        if (id[0])
                buffer_add(q->out, "OK TRACKING ", id, "\n");
        else
                buffer_add(q->out, "OK\n");
        return 0;
}

static bool request_may_set(const Request *q, const Device *d) {
        const User *u = request_user_of(q, d);

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

static void set_variable(const Request *q) {
        const char *value = request_arg(q, 3);

        if (request_n_args(q) < 4) {
                request_error(q, "INVALID-ARGUMENT");
                return;
        }

        Device *d = request_live_device(q, request_arg(q, 1));
        if (!d)
                return;
        if (!request_may_set(q, d)) {
                request_denied(q, d, "set a variable");
                return;
        }

        const Variable *v = view_find_variable(d, request_arg(q, 2));
        if (!v) {
                request_error(q, "VAR-NOT-SUPPORTED");
                return;
        }

        const char *token = token_from_verdict(variable_check_value(v, value));
        if (token) {
                request_error(q, token);
                return;
        }

        const WriteOp op = {
                .send = q->gateway->device_ops->set,
                .verb = "set",
                .message_id = MESSAGE_VARIABLE_SET_STR,
                .name = v->name,
                .value = value,
        };
        int r = write_send(q, d, &op);
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

static void command_instcmd(const Request *q) {
        Device *d = request_live_device(q, request_arg(q, 0));
        if (!d)
                return;

        const char *command = view_find_command(d, request_arg(q, 1));
        if (!command) {
                request_error(q, "CMD-NOT-SUPPORTED");
                return;
        }

        const User *u = request_user_of(q, d);
        if (!u || !user_may_run(u, command)) {
                request_denied(q, d, "run a command");
                return;
        }

        const WriteOp op = {
                .send = q->gateway->device_ops->run,
                .verb = "run",
                .message_id = MESSAGE_COMMAND_RUN_STR,
                .name = command,
                .value = request_arg(q, 2),
        };
        int r = write_send(q, d, &op);
        if (r < 0)
                request_error(q, nut_error_from_errno(r, false));
}

const Command write_commands[] = {
        { "SET",     0, SIZE_MAX, .handler = command_set, .credentials = true },
        { "INSTCMD", 2, 3,        .handler = command_instcmd, .credentials = true },
        {},
};
