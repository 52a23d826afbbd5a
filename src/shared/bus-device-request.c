/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus-device-internal.h"
#include "bus-error.h"
#include "bus-names.h"
#include "log.h"
#include "messages.h"
#include "string-util.h"

struct BusRequest {
        BusDevice *device; /* NULL once the device is off the bus */
        sd_bus_message *message;
        BusAuth *auth; /* while the gate considers it */
        RequestType type;
        char *name;
        char *argument; /* new value of a variable; argument of a command, or NULL */
};

static BusRequest *request_free(BusRequest *q) {
        if (!q)
                return NULL;

        if (q->device)
                for (size_t i = 0; i < q->device->n_requests; i++)
                        if (q->device->requests[i] == q) {
                                q->device->requests[i] = q->device->requests[--q->device->n_requests];
                                break;
                        }

        bus_auth_free(q->auth);
        sd_bus_message_unref(q->message);
        free(q->name);
        free(q->argument);
        free(q);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(BusRequest *, request_free);

static const char *verdict_text(int r) {
        switch (-r) {
        case EOPNOTSUPP:
                return "The device has no such variable or command.";
        case EROFS:
                return "The variable cannot be written.";
        case EINVAL:
                return "The value is not one the device can take.";
        case EMSGSIZE:
                return "The value is too long.";
        case ESTALE:
                return "The device does not answer at present.";
        case ENODEV:
                return "The device is not there.";
        case EBUSY:
                return "The device is busy.";
        case EACCES:
                return "Not allowed.";
        case ETIMEDOUT:
                return "The device did not answer in time.";
        case EPIPE:
                return "The device refused it.";
        case EREMOTEIO:
                return "The device took it, but has another value.";
        default:
                return "The device failed.";
        }
}

/* An answer that cannot be sent has lost its reader: there is nobody to tell. */
static void request_reply(BusRequest *q, int r, const char *text) {
        _cleanup_free_ char *clean = NULL;

        if (r >= 0) {
                (void) sd_bus_reply_method_return(q->message, NULL);
                return;
        }

        if (text)
                clean = bus_text_copy(text);
        (void) sd_bus_reply_method_errorf(q->message, bus_error_from_errno(r), "%s",
                        clean ?: verdict_text(r));
}

void bus_request_done(BusRequest *request, int r, const char *message) {
        if (!request)
                return;

        if (request->device)
                request_reply(request, r, message);
        request_free(request);
}

void bus_device_drop_requests(BusDevice *d) {
        while (d->n_requests > 0) {
                BusRequest *q = d->requests[--d->n_requests];

                request_reply(q, -ENODEV, NULL);
                q->device = NULL;

                if (q->auth)
                        request_free(q);
                else
                        /* The owner of the device still holds it and will end it. */
                        q->message = sd_bus_message_unref(q->message);
        }
}

static LogContext request_context(const BusRequest *q, const char *message_id) {
        return (LogContext) {
                .message_id = message_id,
                .device = q->device->info.name,
                .driver = q->device->info.driver,
                .transport = q->device->info.transport,
                .peer = sd_bus_message_get_sender(q->message),
        };
}

/* What goes to a device is printable ASCII: anything else could end its line, or start another. */
static bool text_is_plain(const char *s) {
        for (; *s; s++)
                if (*s < ' ' || *s > '~')
                        return false;
        return true;
}

static int check_argument(const char *argument) {
        if (!argument)
                return 0;
        if (strlen(argument) > VARIABLE_VALUE_MAX)
                return -EMSGSIZE;

        return text_is_plain(argument) ? 0 : -EINVAL;
}

static int check_value(const Variable *v, const char *value) {
        switch (variable_check_value(v, value)) {
        case VALUE_OK:
                return check_argument(value);
        case VALUE_READ_ONLY:
                return -EROFS;
        case VALUE_TOO_LONG:
                return -EMSGSIZE;
        case VALUE_INVALID:
                return -EINVAL;
        case VALUE_NOT_SETTABLE:
                return -EOPNOTSUPP;
        }

        return -EINVAL;
}

/* The name as the model spells it, or NULL. */
static const char *request_target(const BusDevice *d, RequestType type, const char *name) {
        const Variable *v;

        if (type == REQUEST_RUN)
                return model_find_command(d->model, name);

        v = model_find(d->model, name);
        return v ? v->name : NULL;
}

/* All checks but the gate: the model may have changed while that was asked. */
static int request_check(const BusRequest *q) {
        const Model *model = q->device->model;

        if (model_freshness(model) == FRESHNESS_ABSENT)
                return -ENODEV;
        if (!request_target(q->device, q->type, q->name))
                return -EOPNOTSUPP;
        if (model_freshness(model) == FRESHNESS_STALE)
                return -ESTALE;

        return q->type == REQUEST_RUN ? check_argument(q->argument) :
                check_value(model_find(model, q->name), q->argument);
}

static void request_hand_over(BusRequest *q) {
        BusDevice *d = q->device;

        if (q->type == REQUEST_SET) {
                LogContext context = request_context(q, MESSAGE_VARIABLE_SET_STR);

                log_full(LOG_NOTICE, 0, &context, "%s sets %s to \"%s\".", strempty(context.peer), q->name,
                                q->argument);
                d->ops->set(d->userdata, q, q->name, q->argument);
        } else {
                LogContext context = request_context(q, MESSAGE_COMMAND_RUN_STR);

                log_full(LOG_NOTICE, 0, &context, "%s runs %s%s%s%s.", strempty(context.peer), q->name,
                                q->argument ? " with \"" : "", strempty(q->argument),
                                q->argument ? "\"" : "");
                d->ops->run(d->userdata, q, q->name, q->argument);
        }
}

/* A verdict of the checks, which the device did not hear of. */
static void request_refuse(BusRequest *q, int r) {
        _cleanup_free_ char *what = strjoin(q->type == REQUEST_SET ? "Set" : "Run", "(", q->name, ")");
        LogContext context = request_context(q, NULL);

        bus_gate_log_refusal(q->device->gate, &context, r, strempty(what), verdict_text(r));
        bus_request_done(q, r, NULL);
}

static void on_auth(void *userdata, int r, uid_t uid, const sd_bus_error *error) {
        BusRequest *q = userdata;

        q->auth = NULL;

        if (r < 0) {
                (void) sd_bus_reply_method_error(q->message, error);
                request_free(q);
                return;
        }

        r = request_check(q);
        if (r < 0)
                request_refuse(q, r);
        else
                request_hand_over(q);
}

static int request_new(BusDevice *d, sd_bus_message *m, RequestType type, const char *name,
                const char *argument, BusRequest **ret) {
        _cleanup_(request_freep) BusRequest *q = new0(BusRequest, 1);

        if (!q || !GREEDY_REALLOC(d->requests, d->n_requests_allocated, d->n_requests + 1))
                return -ENOMEM;

        q->message = sd_bus_message_ref(m);
        q->type = type;
        q->name = strdup(name);
        if (!q->name || (argument && !(q->argument = strdup(argument))))
                return -ENOMEM;

        q->device = d;
        d->requests[d->n_requests++] = q;
        *ret = TAKE_PTR(q);
        return 0;
}

int bus_request_begin(BusDevice *d, sd_bus_message *m, RequestType type, const char *name,
                const char *argument, sd_bus_error *reterr) {
        const char *target = request_target(d, type, name), *action;
        _cleanup_(request_freep) BusRequest *q = NULL;
        int r;

        if (!target)
                return sd_bus_error_set(reterr, BUS_ERROR_NOT_SUPPORTED, verdict_text(-EOPNOTSUPP));

        r = request_new(d, m, type, target, argument, &q);
        if (r < 0)
                return r;

        action = type == REQUEST_SET ? bus_auth_action_for_variable(q->name) :
                bus_auth_action_for_command(q->name);
        r = bus_auth_check(d->gate, m, action, (const char *const[]) {
                        "device", d->info.name, type == REQUEST_SET ? "variable" : "command", q->name, NULL,
                }, on_auth, q, &q->auth);
        if (r < 0)
                return r;

        TAKE_PTR(q);
        return 1;
}
