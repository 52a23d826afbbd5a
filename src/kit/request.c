/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "request.h"

#include "string-util.h"

Request *request_new(
                RequestType type, const char *name, const char *value, RequestDone done, void *userdata) {
        Request *q = new0(Request, 1);

        if (!q)
                return NULL;

        *q = (Request) { type, strdup(name), value ? strdup(value) : NULL, done, userdata };
        if (!q->name || (value && !q->value)) {
                free(q->name);
                free(q->value);
                free(q);
                return NULL;
        }

        return q;
}

Request *request_done(Request *q, int r, const char *message) {
        q->done(q->userdata, r, message);
        free(q->name);
        free(q->value);
        free(q);
        return NULL;
}

int request_queue_push(RequestQueue *queue, Request *q) {
        if (queue->n >= REQUEST_QUEUE_MAX)
                return -EBUSY;

        queue->items[queue->n++] = q;
        return 0;
}

Request *request_queue_pop(RequestQueue *queue) {
        Request *q;

        if (queue->n == 0)
                return NULL;

        q = queue->items[0];
        queue->n--;
        memmove(queue->items, queue->items + 1, queue->n * sizeof(queue->items[0]));
        return q;
}

static int check_freshness(const Model *m) {
        switch (model_freshness(m)) {
        case FRESHNESS_FRESH:
                return 0;
        case FRESHNESS_STALE:
                return -ESTALE;
        default:
                return -ENODEV;
        }
}

static int check_variable(const Variable *v, const char *value) {
        switch (variable_check_value(v, value)) {
        case VALUE_OK:
                return 0;
        case VALUE_READ_ONLY:
                return -EROFS;
        case VALUE_TOO_LONG:
                return -EMSGSIZE;
        case VALUE_NOT_SETTABLE:
                return -EIO;
        default:
                return -EINVAL;
        }
}

int request_check(const Request *q, const Driver *driver, const Model *m) {
        const Variable *v;
        int r;

        r = check_freshness(m);
        if (r < 0)
                return r;

        if (q->type == REQUEST_COMMAND)
                return driver->command && model_find_command(m, q->name) ? 0 : -EOPNOTSUPP;

        v = model_find(m, q->name);
        return driver->set && v ? check_variable(v, strempty(q->value)) : -EOPNOTSUPP;
}

const char *request_name(const Request *q, const Model *m) {
        const Variable *v;

        if (q->type == REQUEST_COMMAND)
                return model_find_command(m, q->name) ?: q->name;

        v = model_find(m, q->name);
        return v ? v->name : q->name;
}
